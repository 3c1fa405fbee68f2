//! What goes wrong, at random.

use std::fmt;
use std::time::{Duration, Instant};

use crate::fleet::{Fleet, signal};

/// How often each fault was inflicted.
#[derive(Debug, Default)]
pub(crate) struct Told {
    kills: usize,
    stops: usize,
    restarts: usize,
    crashes: usize,
    failovers: usize,
    terminated: u64,
    cut: usize,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "faults: {} processes killed, {} stopped for a while, {} backends terminated, {} connections cut, \
             the server restarted {} times, crashed {} times and was taken over from by a standby {} times",
            self.kills,
            self.stops,
            self.terminated,
            self.cut,
            self.restarts,
            self.crashes,
            self.failovers
        )
    }
}

const TERMINATE: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3";

/// Inflicts faults for so long. Only a `long` run has failovers: a standby costs as much as many of the
/// others.
pub(crate) async fn inflict(fleet: &mut Fleet, time: Duration, long: bool) -> Told {
    let kinds = if long { 21 } else { 20 };
    let mut told = Told::default();
    let end = Instant::now() + time;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(200..1500))).await;
        inflict_one(fleet, &mut told, fastrand::u8(..kinds)).await;
        fleet.tend(Instant::now()).await;
    }
    told
}

async fn inflict_one(fleet: &mut Fleet, told: &mut Told, kind: u8) {
    let member = fastrand::usize(..fleet.members.len());
    match kind {
        0..8 => {
            told.kills += 1;
            fleet.members[member].child.start_kill().unwrap();
        }
        8..12 => {
            told.stops += 1;
            let member = &mut fleet.members[member];
            signal(&member.child, "STOP").await;
            let long = Duration::from_millis(fastrand::u64(500..12_000));
            member.stopped_until = Some(Instant::now() + long);
        }
        12..15 => {
            let terminated = fleet.client().await.execute(TERMINATE, &[]).await.unwrap();
            told.terminated += terminated;
        }
        15..18 => told.cut += fleet.proxy.cut(0.5),
        18 => {
            told.restarts += 1;
            tokio::task::block_in_place(|| fleet.cluster.restart()).unwrap();
        }
        19 => {
            told.crashes += 1;
            tokio::task::block_in_place(|| fleet.cluster.crash()).unwrap();
        }
        _ => {
            told.failovers += 1;
            fleet.cluster.fail_over().await.unwrap();
        }
    }
}
