//! Writes how jobs ended, as many at a time as there are.
//!
//! Batching is natural: while one batch is being written the next gathers, so an idle worker
//! writes each end at once and a busy one writes hundreds in one statement. What has ended is kept
//! until it is written, however long the database is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::backend::{Backend, Finish, Outcome};
use crate::dead_letter::Reason;
use crate::error::Error;
use crate::retry::random_fraction;

/// Most ends in one write.
const BATCH: usize = 1000;

/// Unwritten ends beyond which a worker starts nothing new.
const BACKLOG: usize = 5000;

/// The door to the writer. The writer ends when the door is closed and everything is written.
pub(super) struct Finisher {
    sender: mpsc::UnboundedSender<Finish>,
    pending: Arc<AtomicUsize>,
    writer: JoinHandle<()>,
}

impl Finisher {
    pub(super) fn start(backend: Arc<dyn Backend>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let pending = Arc::new(AtomicUsize::new(0));
        let writer = tokio::spawn(write_all(backend, receiver, Arc::clone(&pending)));
        Finisher {
            sender,
            pending,
            writer,
        }
    }

    /// A door for one job's task.
    pub(super) fn door(&self) -> Door {
        Door {
            sender: self.sender.clone(),
            pending: Arc::clone(&self.pending),
        }
    }

    /// Whether so much is unwritten that nothing new should start.
    pub(super) fn is_backed_up(&self) -> bool {
        self.pending.load(Ordering::Relaxed) >= BACKLOG
    }

    /// Ends handed over and not written yet.
    pub(super) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// Waits until everything is written, at most `patience`; how many ends were not.
    pub(super) async fn close(self, patience: Duration) -> usize {
        drop(self.sender);
        let mut writer = self.writer;
        if tokio::time::timeout(patience, &mut writer).await.is_err() {
            writer.abort();
        }
        self.pending.load(Ordering::Relaxed)
    }
}

/// Hands ends to the writer.
pub(super) struct Door {
    sender: mpsc::UnboundedSender<Finish>,
    pending: Arc<AtomicUsize>,
}

impl Door {
    pub(super) fn hand_over(&self, finish: Finish) {
        self.pending.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(finish).is_err() {
            self.pending.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

async fn write_all(
    backend: Arc<dyn Backend>,
    mut receiver: mpsc::UnboundedReceiver<Finish>,
    pending: Arc<AtomicUsize>,
) {
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        let count = batch.len();
        write(&*backend, std::mem::take(&mut batch)).await;
        pending.fetch_sub(count, Ordering::Relaxed);
    }
}

async fn write(backend: &dyn Backend, claims: Vec<Finish>) {
    match write_until_settled(backend, &claims).await {
        Ok(()) => {}
        // One row that the database refuses must not hold up the others.
        Err(_) if claims.len() > 1 => {
            for claim in claims {
                write_one(backend, claim).await;
            }
        }
        Err(error) => {
            for claim in claims {
                refused(backend, claim, &error).await;
            }
        }
    }
}

async fn write_one(backend: &dyn Backend, claim: Finish) {
    if let Err(error) = write_until_settled(backend, std::slice::from_ref(&claim)).await {
        refused(backend, claim, &error).await;
    }
}

/// The database will not take this end, now or later: the job is dead-lettered with the reason.
async fn refused(backend: &dyn Backend, claim: Finish, error: &Error) {
    tracing::error!(job = %claim.fence.id, %error, "the end of a job was refused");
    let dead = Finish {
        fence: claim.fence,
        outcome: Outcome::DeadLetter {
            reason: Reason::PermanentFailure,
            error: Some(format!("how it ended could not be written: {error}")),
            max_attempts: claim.fence.attempts.unwrap_or(1),
        },
    };
    if let Err(error) = write_until_settled(backend, &[dead]).await {
        tracing::error!(job = %claim.fence.id, %error, "a job could not be dead-lettered");
    }
}

/// Writes until the database answers; the answer may be a refusal.
async fn write_until_settled(backend: &dyn Backend, claims: &[Finish]) -> Result<(), Error> {
    let mut wait = Duration::from_millis(100);
    loop {
        match backend.finish(claims).await {
            Ok(lost) => {
                for fence in lost {
                    tracing::warn!(
                        job = %fence.id,
                        "claim lost: the job was rescued from this worker, its end is dropped"
                    );
                }
                return Ok(());
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, jobs = claims.len(), "ends not written yet; trying again");
                tokio::time::sleep(wait.mul_f64(0.5 + random_fraction() / 2.0)).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
            Err(error) => return Err(error),
        }
    }
}
