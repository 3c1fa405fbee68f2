//! What a worker asks the store for, one question at a time.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Unknown;
use super::sleep::Say;
use crate::backend::{Backend, ClaimScope, ClaimedJob, Fence, Peek};
use crate::error::Error;

/// Most jobs without a handler that are dead-lettered at a time: few enough for the database to walk the
/// claims' index for them rather than sort the table.
const UNKNOWN: usize = 100;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asked {
    /// Nothing that comes back with jobs.
    #[default]
    Other,
    /// Jobs of any kind.
    Jobs,
    /// The job that must run alone.
    Solo,
    /// What comes next, and nothing else.
    Next,
}

/// What a claim came back with.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) jobs: Vec<ClaimedJob>,
    /// Fewer jobs than asked for were there.
    pub(super) short: bool,
    pub(super) asked: Asked,
    pub(super) peek: Option<Peek>,
    /// What was said along with it, and whether that has an effect.
    pub(super) said: Option<(Say, bool)>,
}

/// For how many jobs there is room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Those claimed ahead of their time included.
    pub(super) all: usize,
    /// That can start at once: no other job of a limited task is claimed, since it would hold a
    /// slot without using it.
    pub(super) now: usize,
    /// Limited tasks have the first choice, else the others.
    pub(super) limited_first: bool,
}

/// Jobs of both kinds of task. What the first statement claimed is kept when the second fails.
async fn claim_both(
    backend: &dyn Backend,
    scope: &ClaimScope,
    room: Room,
) -> Result<Vec<ClaimedJob>, Error> {
    let mut jobs = Vec::new();
    for limited in [room.limited_first, !room.limited_first] {
        let most = if limited { room.now } else { room.all };
        let room = most.saturating_sub(jobs.len());
        let none_handled = if limited {
            scope.limited.is_empty()
        } else {
            scope.free.is_empty()
        };
        if room == 0 || none_handled {
            continue;
        }
        let claimed = if limited {
            backend.claim_limited(scope, room).await
        } else {
            backend.claim(scope, room).await
        };
        match claimed {
            Ok(claimed) => jobs.extend(claimed),
            Err(error) if jobs.is_empty() => return Err(error),
            Err(error) => tracing::warn!(%error, "claiming failed in part"),
        }
    }
    Ok(jobs)
}

/// What came of it; `None` where it is unknown, or nothing was to be said. Without it jobs are claimed
/// all the same.
async fn announce(backend: &dyn Backend, scope: &ClaimScope, say: Say) -> Option<(Say, bool)> {
    let heard = match say {
        Say::Nothing => return None,
        Say::Asleep => backend.announce_sleep(scope).await,
        Say::Awake => backend.withdraw_sleep(scope.worker).await.map(|()| true),
    };
    match heard {
        Ok(heard) => Some((say, heard)),
        Err(error) => {
            tracing::debug!(%error, "who sleeps is not known");
            None
        }
    }
}

/// Dead-letters jobs that the worker has no handler for; how many. What was claimed is claimed,
/// whatever becomes of this.
async fn clear_unknown(backend: &dyn Backend, scope: &ClaimScope) -> usize {
    match backend.dead_letter_unknown(scope, UNKNOWN).await {
        Ok(jobs) => jobs,
        Err(error) => {
            tracing::warn!(%error, "jobs without a handler stay queued; trying again");
            0
        }
    }
}

/// A question under way. It is polled in place and never dropped: rows that it claims are this
/// worker's, whether or not anybody reads the answer.
#[derive(Default)]
pub(super) struct Asking(Option<BoxFuture<'static, Result<Claimed, Error>>>);

impl Asking {
    pub(super) fn is_under_way(&self) -> bool {
        self.0.is_some()
    }

    /// The answer; pending while nothing was asked.
    pub(super) async fn answer(&mut self) -> Result<Claimed, Error> {
        let answer = match &mut self.0 {
            Some(question) => question.await,
            None => std::future::pending().await,
        };
        self.0 = None;
        answer
    }

    /// Asks for up to `room` jobs, and what comes next if there are none. Jobs that are there start at
    /// once: what comes after them is another question.
    pub(super) fn claim(
        &mut self,
        backend: &Arc<dyn Backend>,
        scope: &ClaimScope,
        room: Room,
        say: Say,
    ) {
        let (backend, scope) = (Arc::clone(backend), scope.clone());
        self.0 = Some(Box::pin(async move {
            // Before the look: what is enqueued after it wakes.
            let said = announce(&*backend, &scope, say).await;
            let jobs = claim_both(&*backend, &scope, room).await?;
            let mut short = jobs.len() < room.all;
            if short && scope.unknown == Unknown::DeadLetter {
                // A full batch is not the last one: the claim after this comes at once.
                short = clear_unknown(&*backend, &scope).await < UNKNOWN;
            }
            let peek = if jobs.is_empty() {
                // Nothing is lost, whatever becomes of this question.
                backend.peek(&scope).await.ok()
            } else {
                None
            };
            Ok(Claimed {
                jobs,
                short,
                asked: Asked::Jobs,
                peek,
                said,
            })
        }));
    }

    /// Only says that the worker looks by itself.
    pub(super) fn withdraw(&mut self, backend: &Arc<dyn Backend>, scope: &ClaimScope) {
        let (backend, scope) = (Arc::clone(backend), scope.clone());
        self.0 = Some(Box::pin(async move {
            Ok(Claimed {
                said: announce(&*backend, &scope, Say::Awake).await,
                ..Claimed::default()
            })
        }));
    }

    /// Asks for the job that must run alone.
    pub(super) fn claim_solo(&mut self, backend: &Arc<dyn Backend>, scope: &ClaimScope) {
        let (backend, scope) = (Arc::clone(backend), scope.clone());
        self.0 = Some(Box::pin(async move {
            let job = backend.claim_solo(&scope).await?;
            Ok(Claimed {
                jobs: job.into_iter().collect(),
                asked: Asked::Solo,
                ..Claimed::default()
            })
        }));
    }

    /// Asks only what comes next.
    pub(super) fn peek(&mut self, backend: &Arc<dyn Backend>, scope: &ClaimScope) {
        let (backend, scope) = (Arc::clone(backend), scope.clone());
        self.0 = Some(Box::pin(async move {
            let peek = backend.peek(&scope).await?;
            Ok(Claimed {
                peek: Some(peek),
                asked: Asked::Next,
                ..Claimed::default()
            })
        }));
    }

    /// Gives back what the table says that this worker has and the worker does not know of: claims
    /// whose answer was lost. Then there may be something to claim.
    pub(super) fn audit(
        &mut self,
        backend: &Arc<dyn Backend>,
        scope: &ClaimScope,
        known: Vec<Fence>,
    ) {
        let (backend, worker) = (Arc::clone(backend), scope.worker);
        self.0 = Some(Box::pin(async move {
            let released = backend.release_unknown(worker, &known).await?;
            if released > 0 {
                tracing::warn!(jobs = released, "gave back claims whose answer was lost");
            }
            Ok(Claimed::default())
        }));
    }
}
