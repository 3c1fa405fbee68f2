//! Writes how jobs ended, as many at a time as there are.
//!
//! Batching is natural: while one batch is being written the next gathers, so an idle worker
//! writes each end at once and a busy one writes hundreds in one statement. What has ended is kept
//! until it is written, however long the database is away.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use crate::backend::{Backend, Fence, Finish, Outcome};
use crate::dead_letter::Reason;
use crate::error::Error;
use crate::retry::random_fraction;

/// Most ends in one write.
const BATCH: usize = 1000;

/// Most bytes of results in one write, about: a message to the server has a limit of its own.
const BATCH_BYTES: usize = 16 << 20;

/// Unwritten ends beyond which a worker starts nothing new.
const BACKLOG: usize = 5000;

/// How long an end whose row somebody else has locked waits to be tried again.
const PARKED: Duration = Duration::from_millis(250);

/// The door to the writer.
pub(super) struct Finisher {
    sender: mpsc::UnboundedSender<Finish>,
    unwritten: Arc<Unwritten>,
    writer: JoinHandle<()>,
}

/// Ends that were handed over and are not written yet.
#[derive(Default)]
struct Unwritten {
    fences: Mutex<HashSet<Fence>>,
    /// Told when there are none.
    none: Notify,
}

impl Unwritten {
    fn with<T>(&self, look: impl FnOnce(&mut HashSet<Fence>) -> T) -> T {
        // No code that can panic runs under the lock.
        look(&mut self.fences.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn remove(&self, fences: &[Fence]) {
        let none = self.with(|unwritten| {
            for fence in fences {
                unwritten.remove(fence);
            }
            unwritten.is_empty()
        });
        if none {
            self.none.notify_waiters();
        }
    }
}

impl Finisher {
    pub(super) fn start(backend: Arc<dyn Backend>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let unwritten = Arc::new(Unwritten::default());
        let writer = tokio::spawn(write_all(backend, receiver, Arc::clone(&unwritten)));
        Finisher {
            sender,
            unwritten,
            writer,
        }
    }

    /// A door for one job's task.
    pub(super) fn door(&self) -> Door {
        Door {
            sender: self.sender.clone(),
            unwritten: Arc::clone(&self.unwritten),
        }
    }

    /// Whether so much is unwritten that nothing new should start.
    pub(super) fn is_backed_up(&self) -> bool {
        self.unwritten.with(|fences| fences.len() >= BACKLOG)
    }

    /// Whether everything is written.
    pub(super) fn is_idle(&self) -> bool {
        self.unwritten.with(|fences| fences.is_empty())
    }

    /// What is not written yet.
    pub(super) fn fences(&self) -> Vec<Fence> {
        self.unwritten
            .with(|fences| fences.iter().copied().collect())
    }

    /// Completes when everything is written.
    pub(super) async fn idle(&self) {
        loop {
            let none = self.unwritten.none.notified();
            if self.is_idle() {
                return;
            }
            none.await;
        }
    }

    /// Waits until everything is written, at most `patience`; how many ends were not.
    pub(super) async fn close(self, patience: Duration) -> usize {
        // A late end finds the writer gone, and its claim is rescued.
        let _ = tokio::time::timeout(patience, self.idle()).await;
        self.writer.abort();
        self.unwritten.with(|fences| fences.len())
    }
}

/// Hands ends to the writer.
pub(super) struct Door {
    sender: mpsc::UnboundedSender<Finish>,
    unwritten: Arc<Unwritten>,
}

impl Door {
    pub(super) fn hand_over(&self, finish: Finish) {
        self.unwritten.with(|fences| fences.insert(finish.fence));
        // The writer is there until the worker has ended.
        let _ = self.sender.send(finish);
    }
}

async fn write_all(
    backend: Arc<dyn Backend>,
    mut receiver: mpsc::UnboundedReceiver<Finish>,
    unwritten: Arc<Unwritten>,
) {
    // Ends whose rows somebody else has locked: they are tried again, and hold up nobody.
    let mut parked: Vec<Finish> = Vec::new();
    let mut gathered = Vec::new();
    loop {
        let next = receiver.recv_many(&mut gathered, BATCH);
        if parked.is_empty() {
            if next.await == 0 {
                return;
            }
        } else if let Ok(0) = tokio::time::timeout(PARKED, next).await {
            // Nothing more will come; what is parked still has to be written.
            tokio::time::sleep(PARKED).await;
        }
        gathered.append(&mut parked);
        let mut rest = std::mem::take(&mut gathered).into_iter().peekable();
        while rest.peek().is_some() {
            let mut bytes = 0;
            let batch: Vec<Finish> = std::iter::from_fn(|| {
                // At least one, however large it is.
                let fits = bytes == 0 || bytes < BATCH_BYTES;
                let finish = rest.next_if(|_| fits)?;
                bytes += weight(&finish);
                Some(finish)
            })
            .collect();
            let mut fences: Vec<Fence> = batch.iter().map(|finish| finish.fence).collect();
            let left = write(&*backend, batch).await;
            fences.retain(|fence| left.iter().all(|finish| finish.fence != *fence));
            parked.extend(left);
            unwritten.remove(&fences);
        }
    }
}

/// About how many bytes an end takes on its way.
fn weight(finish: &Finish) -> usize {
    fn of_value(value: &Value) -> usize {
        match value {
            Value::String(text) => text.len() + 2,
            Value::Array(items) => items.iter().map(of_value).sum::<usize>() + 2,
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| key.len() + 4 + of_value(value);
                members.iter().map(member).sum::<usize>() + 2
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        }
    }
    64 + match &finish.outcome {
        Outcome::Complete { result, .. } => result.as_ref().map_or(0, of_value),
        Outcome::Requeue { error, .. } | Outcome::DeadLetter { error, .. } => {
            error.as_ref().map_or(0, String::len)
        }
    }
}

/// Writes a batch; what somebody else has locked comes back.
async fn write(backend: &dyn Backend, claims: Vec<Finish>) -> Vec<Finish> {
    match write_until_settled(backend, &claims).await {
        Ok(unwritten) if unwritten.is_empty() => Vec::new(),
        Ok(unwritten) => {
            let mut claims = claims;
            claims.retain(|claim| unwritten.contains(&claim.fence));
            claims
        }
        // One row that the database refuses must not hold up the others.
        Err(_) if claims.len() > 1 => {
            let mut left = Vec::new();
            for claim in claims {
                left.extend(write_one(backend, claim).await);
            }
            left
        }
        Err(error) => {
            let mut left = Vec::new();
            for claim in claims {
                left.extend(refused(backend, claim, &error).await);
            }
            left
        }
    }
}

async fn write_one(backend: &dyn Backend, claim: Finish) -> Option<Finish> {
    match write_until_settled(backend, std::slice::from_ref(&claim)).await {
        Ok(unwritten) => (!unwritten.is_empty()).then_some(claim),
        Err(error) => refused(backend, claim, &error).await,
    }
}

/// The database will not take this end, now or later: the job is dead-lettered with the reason.
async fn refused(backend: &dyn Backend, claim: Finish, error: &Error) -> Option<Finish> {
    tracing::error!(job = %claim.fence.id, %error, "the end of a job was refused");
    let dead = Finish {
        outcome: Outcome::DeadLetter {
            reason: Reason::PermanentFailure,
            error: Some(format!("how it ended could not be written: {error}")),
            max_attempts: claim.fence.attempts.unwrap_or(1),
        },
        ..claim
    };
    match write_until_settled(backend, std::slice::from_ref(&dead)).await {
        Ok(unwritten) => (!unwritten.is_empty()).then_some(dead),
        Err(error) => {
            // Nothing that this worker writes about it is taken: the audit gives it back.
            tracing::error!(job = %dead.fence.id, %error, "a job could not be dead-lettered");
            None
        }
    }
}

/// Writes until the database answers; the answer may be a refusal of what a row holds. Any other
/// failure, a database that only reads for a while among them, may be over the next time. What
/// somebody else has locked comes back.
async fn write_until_settled(
    backend: &dyn Backend,
    claims: &[Finish],
) -> Result<Vec<Fence>, Error> {
    let mut wait = Duration::from_millis(100);
    loop {
        match backend.finish(claims).await {
            Ok(finished) => {
                let lost: HashSet<Fence> = finished.lost.into_iter().collect();
                for claim in claims {
                    let lost = lost.contains(&claim.fence);
                    tell(claim, lost, finished.unwritten.contains(&claim.fence));
                }
                wake_for_free_slots(backend, claims, &finished.unwritten).await;
                return Ok(finished.unwritten);
            }
            Err(error) if error.is_refusal() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, jobs = claims.len(), "ends not written yet; trying again");
                tokio::time::sleep(wait.mul_f64(0.5 + random_fraction() / 2.0)).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
        }
    }
}

/// Says what the database answered about one end, where that is news.
fn tell(claim: &Finish, lost: bool, unwritten: bool) {
    let job = claim.fence.id;
    match &claim.own_end {
        Some(own_end) if lost => {
            tracing::debug!(%job, "completed in its handler's transaction");
            own_end.tell(None);
        }
        Some(own_end) if !unwritten => own_end.tell(Some(&claim.outcome)),
        None if lost => tracing::warn!(
            %job,
            "claim lost: the job was rescued from this worker, its end is dropped"
        ),
        _ => {}
    }
}

/// A job of a limited task has ended, and another may start, here or elsewhere. What goes back to
/// the queue wakes its workers by itself.
async fn wake_for_free_slots(backend: &dyn Backend, claims: &[Finish], unwritten: &[Fence]) {
    let mut queues: Vec<String> = claims
        .iter()
        .filter(|claim| !unwritten.contains(&claim.fence))
        .filter_map(|claim| claim.frees_slot_in.clone())
        .collect();
    if queues.is_empty() {
        return;
    }
    queues.sort();
    queues.dedup();
    if let Err(error) = backend.wake(&queues).await {
        tracing::debug!(%error, "workers not woken for a free slot; they poll");
    }
}
