//! Keeps a worker's session: beats, reconnects, and registers afresh when others took the worker
//! for dead.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use crate::backend::{Backend, Phase, Signal, Wake, WorkerRow, WorkerSession};
use crate::error::Error;
use crate::retry::random_fraction;

/// Under which identity the worker may claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// Claims are written under this id.
    Registered(Uuid),
    /// The row is gone and every claim under it is lost; it is about to register as `next`.
    Lost { next: Uuid },
}

impl Identity {
    /// The id that its row has, or is about to have.
    pub(super) fn id(self) -> Uuid {
        match self {
            Identity::Registered(id) | Identity::Lost { next: id } => id,
        }
    }
}

/// A beat that takes this many intervals has failed.
const PATIENCE: u32 = 4;

/// Beats in an interval while a worker may have died.
const HASTE: u32 = 4;

/// What the keeper needs to open a session.
pub(super) struct Keeper {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) row: WorkerRow,
    pub(super) wake: Wake,
    /// Sent after each reconnection, be it the same: notifications may have been missed meanwhile.
    pub(super) identity: watch::Sender<Identity>,
    /// Told by the worker.
    pub(super) phase: watch::Receiver<Phase>,
}

impl Keeper {
    /// Beats until dropped.
    pub(super) async fn run(mut self, mut session: Box<dyn WorkerSession>) {
        let interval = self.row.heartbeat_interval;
        let mut pause = interval;
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                Ok(()) = self.phase.changed() => {}
            }
            let phase = *self.phase.borrow_and_update();
            let patience = (interval * PATIENCE).max(Duration::from_secs(20));
            pause = interval;
            match tokio::time::timeout(patience, session.beat(phase)).await {
                Ok(Ok(beat)) if beat.row_gone => {
                    tracing::warn!(
                        worker = %self.row.id,
                        "this worker was taken for dead; its claims are lost, registering afresh"
                    );
                    self.row.id = Uuid::now_v7();
                    let next = self.row.id;
                    self.identity.send_replace(Identity::Lost { next });
                    drop(session);
                    session = self.reopen(true).await;
                    self.identity
                        .send_replace(Identity::Registered(self.row.id));
                }
                Ok(Ok(beat)) => {
                    for job in beat.called_off {
                        (self.wake)(Signal::CalledOff(job));
                    }
                    if beat.suspects {
                        pause = interval / HASTE;
                    }
                    if beat.rescued > 0 {
                        tracing::warn!(jobs = beat.rescued, "rescued jobs of a dead worker");
                    }
                }
                failed => {
                    let reason = match failed {
                        Ok(Err(error)) => error.to_string(),
                        _ => "no answer".to_owned(),
                    };
                    tracing::warn!(reason, "heartbeat failed; reconnecting");
                    drop(session);
                    session = self.reopen(false).await;
                    self.identity
                        .send_replace(Identity::Registered(self.row.id));
                }
            }
        }
    }

    async fn reopen(&self, afresh: bool) -> Box<dyn WorkerSession> {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.open(afresh).await {
                Ok(session) => return session,
                Err(error) => {
                    tracing::warn!(%error, "no session with the database; trying again");
                    tokio::time::sleep(wait.mul_f64(0.5 + random_fraction() / 2.0)).await;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
            }
        }
    }

    async fn open(&self, afresh: bool) -> Result<Box<dyn WorkerSession>, Error> {
        let (row, wake) = (self.row.clone(), Arc::clone(&self.wake));
        if afresh {
            self.backend.open_session(row, wake).await
        } else {
            self.backend.resume_session(row, wake).await
        }
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;
    use crate::backend::{Answer, Beat};

    /// Suspects somebody at its second beat, and notes when it beats.
    struct Noting(Arc<Mutex<Vec<Instant>>>);

    impl WorkerSession for Noting {
        fn beat(&mut self, _phase: Phase) -> Answer<'_, Beat> {
            let mut beats = self.0.lock().unwrap();
            beats.push(Instant::now());
            let suspects = beats.len() == 2;
            Box::pin(async move {
                Ok(Beat {
                    suspects,
                    ..Beat::default()
                })
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_beat_comes_sooner_while_somebody_may_have_died() {
        let id = Uuid::now_v7();
        let (_phase, phase) = watch::channel(Phase::Running);
        let keeper = Keeper {
            backend: Arc::clone(crate::testing::memory().backend()),
            row: WorkerRow {
                id,
                hostname: "here".to_owned(),
                queues: Vec::new(),
                concurrency: 1,
                heartbeat_interval: Duration::from_secs(8),
                heartbeat_timeout: Duration::from_secs(300),
                tasks: Vec::new(),
                default_max_attempts: 1,
            },
            wake: Arc::new(|_| {}),
            identity: watch::channel(Identity::Registered(id)).0,
            phase,
        };
        let (began, beats) = (Instant::now(), Arc::default());
        let running = keeper.run(Box::new(Noting(Arc::clone(&beats))));
        let _ = tokio::time::timeout(Duration::from_secs(30), running).await;
        let at = |beat: &Instant| beat.duration_since(began).as_secs();
        let beats: Vec<u64> = beats.lock().unwrap().iter().map(at).collect();
        assert_eq!(beats, [8, 16, 18, 26]);
    }
}
