//! The worker's loop: claims when there is room, starts what it has claimed.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::complete::Finisher;
use super::heartbeat::Identity;
use super::prefetch::Prefetch;
use super::{HandlerTable, Until, poll_sleep, run};
use crate::backend::{Backend, ClaimScope, ClaimedJob, Fence, Finish, Peek};
use crate::error::Error;
use crate::retry::random_fraction;
use crate::settings::Settings;

/// A worker that never runs dry still looks this often for a job that must run alone.
const PEEK_INTERVAL: Duration = Duration::from_secs(1);

/// Longest wait after a failed claim.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// What a claim under way comes back with.
struct Claimed {
    jobs: Vec<ClaimedJob>,
    /// Fewer jobs than asked for were there.
    short: bool,
    /// When it was asked, nothing ran and every end was written.
    quiet: bool,
    peek: Option<Peek>,
}

/// What one job's task leaves.
struct Ran {
    fence: Fence,
    took: Duration,
    /// It ran with nothing beside it.
    solo: bool,
}

type Claiming = BoxFuture<'static, Result<Claimed, Error>>;

pub(super) struct Engine {
    backend: Arc<dyn Backend>,
    settings: Arc<Settings>,
    handlers: Arc<HandlerTable>,
    scope: ClaimScope,
    pub(super) finisher: Finisher,
    pub(super) identities: watch::Receiver<Identity>,
    woken: Arc<Notify>,

    /// Claimed and not started, in the order in which they should run.
    buffer: VecDeque<ClaimedJob>,
    running: JoinSet<Ran>,
    /// Stops the handlers that run.
    cancels: HashMap<Fence, CancellationToken>,
    claiming: Option<Claiming>,
    prefetch: Prefetch,
    /// There may be due jobs that this worker has not claimed.
    hungry: bool,
    next_look: Instant,
    next_peek: Instant,
    backoff: Option<Duration>,
    /// A job waits to run alone: nothing is claimed until the worker is empty.
    solo_waits: bool,
    solo_runs: bool,
    /// A claim made in a quiet moment found nothing: what ended since put nothing back.
    dry: bool,
    pub(super) ended: u64,
}

impl Engine {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        settings: Arc<Settings>,
        handlers: Arc<HandlerTable>,
        scope: ClaimScope,
        finisher: Finisher,
        identities: watch::Receiver<Identity>,
        woken: Arc<Notify>,
    ) -> Self {
        let now = Instant::now();
        Engine {
            prefetch: Prefetch::new(settings.concurrency),
            backend,
            settings,
            handlers,
            scope,
            finisher,
            identities,
            woken,
            buffer: VecDeque::new(),
            running: JoinSet::new(),
            cancels: HashMap::new(),
            claiming: None,
            hungry: true,
            next_look: now,
            next_peek: now + PEEK_INTERVAL,
            backoff: None,
            solo_waits: false,
            solo_runs: false,
            dry: false,
            ended: 0,
        }
    }

    /// Claims and runs until `shutdown` completes, or until there is nothing to do.
    pub(super) async fn run(&mut self, shutdown: impl Future<Output = ()>, until: Until) {
        let mut shutdown = std::pin::pin!(shutdown);
        let woken = Arc::clone(&self.woken);
        loop {
            self.start_buffered();
            self.claim_if_there_is_room();
            if until == Until::Idle {
                if self.dry {
                    return;
                }
                self.hungry |= self.is_quiet();
            }
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                Ok(()) = self.identities.changed() => self.take_identity(),
                Some(ran) = self.running.join_next(), if !self.running.is_empty() => {
                    self.note(ran);
                }
                claimed = poll_claim(&mut self.claiming), if self.claiming.is_some() => {
                    self.take(claimed);
                }
                () = woken.notified() => self.hungry = true,
                () = tokio::time::sleep_until(self.next_look), if !self.hungry => {
                    self.hungry = true;
                }
                // Ends are still being written: look again soon whether that is over.
                () = tokio::time::sleep(Duration::from_millis(1)),
                    if until == Until::Idle || self.finisher.is_backed_up() => {}
            }
        }
    }

    /// Nothing runs, waits here, or is still to be written.
    fn is_quiet(&self) -> bool {
        self.buffer.is_empty() && self.running.is_empty() && self.finisher.pending() == 0
    }

    fn start_buffered(&mut self) {
        while self.running.len() < self.settings.concurrency
            && !self.solo_runs
            && !self.finisher.is_backed_up()
            && let Some(job) = self.buffer.pop_front()
        {
            self.start(job);
        }
    }

    fn start(&mut self, job: ClaimedJob) {
        let fence = job.fence;
        let solo = job.solo;
        self.solo_runs = solo;
        let cancel = CancellationToken::new();
        self.cancels.insert(fence, cancel.clone());
        let ending = run::run(
            job,
            Arc::clone(&self.handlers),
            Arc::clone(&self.settings),
            cancel,
        );
        let door = self.finisher.door();
        self.running.spawn(async move {
            let started = Instant::now();
            let outcome = ending.await;
            let took = started.elapsed();
            door.hand_over(Finish { fence, outcome });
            Ran { fence, took, solo }
        });
    }

    fn claim_if_there_is_room(&mut self) {
        let registered = *self.identities.borrow() != Identity::Lost;
        if self.claiming.is_some() || !self.hungry || !registered || self.solo_runs {
            return;
        }
        if self.finisher.is_backed_up() {
            return;
        }
        let scope = self.scope.clone();
        let backend = Arc::clone(&self.backend);
        if self.solo_waits {
            if self.running.is_empty() && self.buffer.is_empty() {
                self.solo_waits = false;
                self.claiming = Some(Box::pin(claim_solo(backend, scope)));
            }
            return;
        }
        let ahead = self.prefetch.ahead();
        let free = self.settings.concurrency.saturating_sub(self.running.len());
        // Half empty before it is filled again, so that a busy worker claims in batches.
        if free == 0 && self.buffer.len() * 2 >= ahead.max(1) {
            return;
        }
        let room = (free + ahead).saturating_sub(self.buffer.len());
        if room == 0 {
            return;
        }
        let now = Instant::now();
        let peek_anyway = now >= self.next_peek;
        if peek_anyway {
            self.next_peek = now + PEEK_INTERVAL;
        }
        self.hungry = false;
        let quiet = self.is_quiet();
        self.claiming = Some(Box::pin(async move {
            let claimed = claim(backend, scope, room, peek_anyway).await?;
            Ok(Claimed { quiet, ..claimed })
        }));
    }

    fn take(&mut self, claimed: Result<Claimed, Error>) {
        self.claiming = None;
        let now = Instant::now();
        match claimed {
            Ok(claimed) => {
                self.backoff = None;
                self.dry = claimed.quiet && claimed.jobs.is_empty();
                self.buffer.extend(claimed.jobs);
                self.next_look = now + poll_sleep(self.settings.poll_interval);
                if !claimed.short {
                    self.hungry = true;
                }
                if let Some(peek) = claimed.peek {
                    self.solo_waits = peek.solo;
                    self.hungry |= peek.solo;
                    self.dry &= !peek.solo;
                    if let Some(due) = peek.next_due {
                        // A little late rather than a little early: early finds nothing.
                        self.next_look = self.next_look.min(now + due + Duration::from_millis(1));
                    }
                }
            }
            Err(error) => {
                let wait = self.backoff.unwrap_or(Duration::from_millis(100));
                tracing::warn!(%error, "claiming failed; trying again");
                self.next_look = now + wait.mul_f64(0.5 + random_fraction() / 2.0);
                self.backoff = Some((wait * 2).min(LONGEST_BACKOFF));
                self.hungry = false;
            }
        }
    }

    fn note(&mut self, ran: Result<Ran, tokio::task::JoinError>) {
        // A job's task does not panic and is not aborted while the loop runs.
        let Ok(ran) = ran else { return };
        self.ended += 1;
        self.cancels.remove(&ran.fence);
        self.prefetch.observe(ran.took);
        if ran.solo {
            self.solo_runs = false;
            self.hungry = true;
        }
    }

    /// The worker was taken for dead, or has registered afresh.
    fn take_identity(&mut self) {
        let identity = *self.identities.borrow_and_update();
        let still_ours = identity == Identity::Registered(self.scope.worker);
        if !still_ours {
            self.release_buffered();
            self.cancel_running();
        }
        if let Identity::Registered(worker) = identity {
            self.scope.worker = worker;
            self.hungry = true;
        }
    }

    /// Gives back what was claimed and has not started.
    pub(super) fn release_buffered(&mut self) {
        let door = self.finisher.door();
        for job in self.buffer.drain(..) {
            door.hand_over(Finish {
                fence: job.fence,
                outcome: run::release(job.solo),
            });
        }
    }

    /// Tells every handler that runs to stop.
    pub(super) fn cancel_running(&mut self) {
        for cancel in self.cancels.values() {
            cancel.cancel();
        }
    }

    /// Waits until nothing runs.
    pub(super) async fn wait_for_running(&mut self) {
        while let Some(ran) = self.running.join_next().await {
            self.note(ran);
        }
    }

    /// How many handlers run.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// Waits for a claim that is under way: its rows are this worker's already.
    pub(super) async fn settle_claim(&mut self) {
        if self.claiming.is_some() {
            let claimed = poll_claim(&mut self.claiming).await;
            self.take(claimed);
        }
    }
}

/// Polls the claim under way in place, so that a `select!` that goes another way leaves it be.
async fn poll_claim(claiming: &mut Option<Claiming>) -> Result<Claimed, Error> {
    match claiming {
        Some(claiming) => claiming.await,
        None => std::future::pending().await,
    }
}

async fn claim(
    backend: Arc<dyn Backend>,
    scope: ClaimScope,
    room: usize,
    peek_anyway: bool,
) -> Result<Claimed, Error> {
    let jobs = backend.claim(&scope, room).await?;
    let short = jobs.len() < room;
    let peek = if short || peek_anyway {
        // The jobs are claimed whatever happens to this question.
        backend.peek(&scope).await.ok()
    } else {
        None
    };
    Ok(Claimed {
        jobs,
        short,
        quiet: false,
        peek,
    })
}

async fn claim_solo(backend: Arc<dyn Backend>, scope: ClaimScope) -> Result<Claimed, Error> {
    let job = backend.claim_solo(&scope).await?;
    Ok(Claimed {
        // After a job that ran alone there may be more; after none, the ordinary claim goes on.
        jobs: job.into_iter().collect(),
        short: false,
        quiet: false,
        peek: None,
    })
}
