//! What something cost: time, the server's log, commits, dead rows, processors.

use std::fs;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::Client;

use crate::Failure;

/// Measures between its start and its end.
#[derive(Debug)]
pub struct Meter<'a> {
    client: &'a Client,
    server: u32,
    before: Counters,
    started: Instant,
}

/// What [`Meter::end`] found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// Seconds on the wall.
    pub seconds: f64,
    /// Bytes of the server's log.
    pub wal_bytes: i64,
    /// Transactions committed in this database.
    pub commits: i64,
    /// Row versions that were updated or deleted, each a dead row to vacuum.
    pub dead_rows: i64,
    /// Seconds of processors that the server used.
    pub server_cpu: f64,
    /// Seconds of processors that this program used.
    pub own_cpu: f64,
}

#[derive(Debug, Clone, Copy)]
struct Counters {
    wal_bytes: i64,
    commits: i64,
    dead_rows: i64,
    server_cpu: f64,
    own_cpu: f64,
}

const COUNTERS: &str = "
    SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
           d.xact_commit,
           (SELECT coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables)
    FROM pg_stat_database AS d
    WHERE d.datname = current_database()";

impl<'a> Meter<'a> {
    /// Starts measuring, on a connection to the database that is measured. `server` is the process
    /// id of the server.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn start(client: &'a Client, server: u32) -> Result<Self, Failure> {
        let before = Counters::now(client, server).await?;
        Ok(Meter {
            client,
            server,
            before,
            started: Instant::now(),
        })
    }

    /// Ends measuring. `sessions` are the connections that were measured: they end here, since one
    /// that idles keeps its counters to itself for a while.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn end(self, sessions: impl Sized) -> Result<Cost, Failure> {
        let elapsed = self.started.elapsed();
        let seconds = elapsed.as_secs_f64();
        drop(sessions);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after = Counters::now(self.client, self.server).await?;
        Ok(Cost {
            seconds,
            wal_bytes: after.wal_bytes - self.before.wal_bytes,
            commits: after.commits - self.before.commits,
            dead_rows: after.dead_rows - self.before.dead_rows,
            server_cpu: after.server_cpu - self.before.server_cpu,
            own_cpu: after.own_cpu - self.before.own_cpu,
        })
    }
}

impl Counters {
    async fn now(client: &Client, server: u32) -> Result<Self, Failure> {
        let row = client.query_one(COUNTERS, &[]).await?;
        Ok(Counters {
            wal_bytes: row.get(0),
            commits: row.get(1),
            dead_rows: row.get(2),
            server_cpu: cpu_with_children(server),
            own_cpu: own_cpu(),
        })
    }
}

/// What this process has used of all cores, in seconds.
pub fn own_cpu() -> f64 {
    stat("self").map_or(0.0, |stat| stat.own)
}

/// What all processes have used, in seconds, that this one started and that have ended.
pub fn ended_children_cpu() -> f64 {
    stat("self").map_or(0.0, |stat| stat.ended_children)
}

/// Memory of this process now and at most so far, in KiB.
pub fn memory() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Of a process, of its children that run and of those that have ended, in seconds.
fn cpu_with_children(pid: u32) -> f64 {
    let Some(parent) = stat(&pid.to_string()) else {
        return 0.0;
    };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = processes.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.parse::<u32>().ok()?;
        stat(&name).filter(|stat| stat.parent == pid)
    });
    parent.own + parent.ended_children + children.map(|child| child.own).sum::<f64>()
}

struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

/// Where `/proc` tells; in steps of 10 ms.
fn stat(process: &str) -> Option<Stat> {
    const TICKS_A_SECOND: f64 = 100.0;
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The fields after the program's name, which ends with the last parenthesis.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(11)? + ticks(12)?) / TICKS_A_SECOND,
        ended_children: (ticks(13)? + ticks(14)?) / TICKS_A_SECOND,
    })
}
