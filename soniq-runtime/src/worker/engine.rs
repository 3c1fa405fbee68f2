//! The worker's loop: claims when there is room, starts what it has claimed.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::buffer::Buffer;
use super::claim::{Asked, Asking, Claimed, Room};
use super::complete::Finisher;
use super::heartbeat::Identity;
use super::prefetch::Prefetch;
use super::running::{Ran, Running};
use super::sleep::Sleep;
use super::solo::Solo;
use super::{HandlerTable, Until, limits, run};
use crate::backend::{Backend, ClaimScope, ClaimedJob, Fence, Finish};
use crate::error::Error;
use crate::retry::random_fraction;
use crate::settings::Settings;

/// A worker that never runs dry still looks this often for a job that must run alone.
const PEEK_INTERVAL: Duration = Duration::from_secs(1);

/// How often a worker compares what the table says it has with what it knows of, beside once
/// after each claim whose answer did not come.
const AUDIT_INTERVAL: Duration = Duration::from_secs(60);

/// Longest wait after a failed claim.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

pub(super) struct Engine {
    backend: Arc<dyn Backend>,
    settings: Arc<Settings>,
    handlers: Arc<HandlerTable>,
    scope: ClaimScope,
    finisher: Finisher,
    identities: watch::Receiver<Identity>,
    woken: Arc<Notify>,
    /// Jobs that were called off, whoever runs them.
    called_off: mpsc::UnboundedReceiver<Uuid>,

    buffer: Buffer,
    running: Running,
    asking: Asking,
    solo: Solo,
    prefetch: Prefetch,
    sleep: Sleep,
    /// There may be due jobs that this worker has not claimed.
    hungry: bool,
    next_look: Instant,
    /// A claim found jobs, and by when at the latest to ask what comes after them.
    peek_by: Option<Instant>,
    next_audit: Instant,
    /// The wait after the last failure, until something succeeds.
    backoff: Option<Duration>,
    /// Who has the first choice in the next claim.
    limited_first: bool,
    /// For a run that ends by itself.
    quiet: Quiet,
    /// Asks for nothing before all that it claimed has ended and is written.
    stepwise: bool,
    ended: u64,
}

/// Whether a claim that finds nothing means that there is nothing: only when it was made while
/// nothing ran and every end was written, since an end may put its job back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quiet {
    No,
    WhenAsked,
    FoundNothing,
}

impl Engine {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        settings: Arc<Settings>,
        handlers: Arc<HandlerTable>,
        scope: ClaimScope,
        identities: watch::Receiver<Identity>,
        woken: Arc<Notify>,
        called_off: mpsc::UnboundedReceiver<Uuid>,
    ) -> Self {
        let now = Instant::now();
        Engine {
            finisher: Finisher::start(Arc::clone(&backend)),
            prefetch: Prefetch::new(settings.concurrency),
            backend,
            settings,
            handlers,
            scope,
            identities,
            woken,
            called_off,
            buffer: Buffer::default(),
            running: Running::default(),
            asking: Asking::default(),
            solo: Solo::new(),
            sleep: Sleep::never(),
            hungry: true,
            next_look: now,
            peek_by: None,
            next_audit: now + AUDIT_INTERVAL,
            backoff: None,
            limited_first: false,
            quiet: Quiet::No,
            stepwise: false,
            ended: 0,
        }
    }

    /// Runs one job after the other from now on, each claimed when the one before is written: what a
    /// test has happen is the same each time.
    pub(super) fn step_by_step(&mut self) {
        self.stepwise = true;
        self.prefetch = Prefetch::new(0);
    }

    /// Claims and runs until `shutdown` completes, or until there is nothing to do.
    ///
    /// # Errors
    /// Of a run that ends by itself: a claim that will fail again.
    pub(super) async fn run(
        &mut self,
        shutdown: impl Future<Output = ()>,
        until: Until,
    ) -> Result<(), Error> {
        if until == Until::ToldTo && self.backend.wakes_sleepers_only() {
            self.sleep = Sleep::awake();
        }
        if until == Until::Idle {
            self.scope.trail.be_thorough();
        }
        let mut shutdown = std::pin::pin!(shutdown);
        let woken = Arc::clone(&self.woken);
        loop {
            self.start_buffered();
            self.ask();
            // Ends are still being written, and nothing else will say when that is over.
            let waits_for_writes = !self.asking.is_under_way()
                && self.running.is_empty()
                && !self.finisher.is_idle()
                && (until == Until::Idle || self.finisher.is_backed_up());
            let timer = self.next_timer();
            let timer = async {
                match timer {
                    Some(time) => tokio::time::sleep_until(time).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(()),
                Ok(()) = self.identities.changed() => self.take_identity(),
                // Before the ends of jobs, of which there is always another while short ones run: a
                // question that is not polled is not even sent.
                answer = self.asking.answer() => match answer {
                    Ok(claimed) => self.take(claimed),
                    Err(error) if until == Until::Idle && !error.is_transient() => {
                        return Err(error);
                    }
                    Err(error) => self.back_off(&error),
                },
                Some(job) = self.called_off.recv() => self.call_off(job),
                ran = self.running.next_end() => self.note_ends(&ran),
                () = woken.notified() => self.hungry |= self.backoff.is_none(),
                () = timer => self.look(),
                () = self.finisher.idle(), if waits_for_writes => {}
            }
            if until == Until::Idle {
                if self.quiet == Quiet::FoundNothing {
                    return Ok(());
                }
                self.hungry |= self.backoff.is_none() && self.is_quiet();
            }
        }
    }

    /// When to look at the clocks again. Times that nothing can be done about now are left out, or
    /// the loop would spin on them.
    fn next_timer(&self) -> Option<Instant> {
        let asks = !self.asking.is_under_way() && !self.is_lost();
        let looks = asks && (!self.hungry || self.backoff.is_some());
        let times = [
            self.buffer.stale_at(),
            asks.then_some(self.next_audit),
            self.solo.look_again_at().filter(|_| asks),
            looks.then_some(self.next_look),
        ];
        times.into_iter().flatten().min()
    }

    /// A timer ran out: whose, is seen from the times themselves.
    fn look(&mut self) {
        if Instant::now() >= self.next_look {
            self.hungry = true;
        }
        let short = self.prefetch.are_short(self.buffer.len());
        let stale = self.buffer.take_stale(self.ended, short);
        if !stale.is_empty() {
            self.prefetch.stalled();
            self.release(stale);
        }
    }

    fn start_buffered(&mut self) {
        while self.running.len() < self.settings.concurrency
            && !self.solo.runs()
            && !self.finisher.is_backed_up()
            && let Some(job) = self.buffer.next()
        {
            self.start(job);
        }
    }

    fn start(&mut self, job: ClaimedJob) {
        let fence = job.fence;
        if job.solo {
            self.solo.started();
        }
        let (handlers, settings) = (Arc::clone(&self.handlers), Arc::clone(&self.settings));
        self.running.start(fence, self.finisher.door(), |stop| {
            run::run(job, handlers, settings, stop)
        });
    }

    /// Asks the store for what is wanted most, if anything is and nothing was asked.
    fn ask(&mut self) {
        let lost = self.is_lost();
        let now = Instant::now();
        let waits = self.backoff.is_some() && now < self.next_look;
        let in_step = self.stepwise && !self.is_quiet();
        if self.asking.is_under_way() || lost || waits || in_step {
            return;
        }
        if now >= self.next_audit {
            self.next_audit = now + AUDIT_INTERVAL;
            let known = self.known();
            self.asking.audit(&self.backend, &self.scope, known);
        } else if self.solo.waits() {
            if self.running.is_empty() && self.buffer.is_empty() {
                self.asking.claim_solo(&self.backend, &self.scope);
            } else if self.solo.look_again_at().is_some_and(|time| now >= time) {
                self.asking.peek(&self.backend, &self.scope);
            }
        } else if self.peek_by.is_some_and(|by| !self.hungry || now >= by) && !self.solo.runs() {
            self.peek_by = None;
            self.asking.peek(&self.backend, &self.scope);
        } else if self.hungry && !self.solo.runs() && !self.finisher.is_backed_up() {
            self.claim(now);
        }
    }

    fn claim(&mut self, now: Instant) {
        let ahead = self.prefetch.ahead();
        let free = self.settings.concurrency.saturating_sub(self.running.len());
        // Half empty before it is filled again, so that a busy worker claims in batches.
        let room = (free + ahead).saturating_sub(self.buffer.len());
        if room == 0 || free == 0 && self.buffer.len() * 2 >= ahead.max(1) {
            // Whatever comes has to wait: nobody need say so.
            if self.sleep.is_announced() {
                self.asking.withdraw(&self.backend, &self.scope);
            }
            return;
        }
        self.hungry = false;
        self.quiet = if self.is_quiet() {
            Quiet::WhenAsked
        } else {
            Quiet::No
        };
        let room = Room {
            all: room,
            now: free.saturating_sub(self.buffer.len()),
            limited_first: self.limited_first,
        };
        // Taking turns, neither kind of task starves the other.
        self.limited_first = !self.limited_first;
        let say = self.sleep.say(now);
        self.asking.claim(&self.backend, &self.scope, room, say);
    }

    fn take(&mut self, claimed: Claimed) {
        let now = Instant::now();
        // An audit that succeeds says nothing about claims.
        if matches!(claimed.asked, Asked::Jobs | Asked::Solo) {
            self.backoff = None;
        }
        if claimed.asked == Asked::Solo && claimed.jobs.is_empty() {
            self.solo.missed();
        }
        let soon = if claimed.asked == Asked::Jobs || claimed.said.is_some() {
            self.sleep.looked(now, &claimed)
        } else {
            None
        };
        // A claim that was under way while the worker was taken for dead is not this one's.
        let (ours, lost): (Vec<_>, Vec<_>) = claimed
            .jobs
            .into_iter()
            .partition(|job| job.fence.worker == Some(self.scope.worker));
        self.release(lost);
        let nothing = ours.is_empty();
        for job in &ours {
            self.prefetch.weigh(job.size);
        }
        self.buffer.add(ours, self.ended);
        if claimed.peek.is_some() {
            self.peek_by = None;
        } else if claimed.asked == Asked::Jobs {
            self.peek_by.get_or_insert(now + PEEK_INTERVAL);
        }
        // A peek beside the claims changes nothing about when the next one is due.
        if claimed.asked != Asked::Next || self.solo.waits() {
            if self.backoff.is_none() {
                self.next_look = now + self.poll_sleep();
            }
            self.hungry |= !claimed.short;
        }
        if let Some(soon) = soon {
            self.next_look = self.next_look.min(now + soon);
        }
        if let Some(peek) = claimed.peek {
            self.solo.seen(peek.solo);
            if let Some(due) = peek.next_due {
                // A little late rather than a little early: early finds nothing.
                let due = due.min(self.settings.poll_interval) + Duration::from_millis(1);
                self.next_look = self.next_look.min(now + due);
            }
        }
        if self.quiet == Quiet::WhenAsked && claimed.short {
            let dry = nothing && !self.solo.waits();
            self.quiet = if dry { Quiet::FoundNothing } else { Quiet::No };
        }
    }

    /// How long a worker without news sleeps: the poll interval, spread by a tenth either way.
    fn poll_sleep(&self) -> Duration {
        let spread = 0.9 + random_fraction() / 5.0;
        self.settings.poll_interval.mul_f64(spread)
    }

    fn back_off(&mut self, error: &Error) {
        tracing::warn!(%error, "claiming failed; trying again");
        let now = Instant::now();
        let wait = self.backoff.unwrap_or(Duration::from_millis(100));
        self.backoff = Some((wait * 2).min(LONGEST_BACKOFF));
        self.next_look = now + wait.mul_f64(0.5 + random_fraction() / 2.0);
        // It may have claimed jobs all the same.
        self.next_audit = now;
        self.hungry = true;
        self.quiet = Quiet::No;
    }

    /// A job ended, and perhaps others by now.
    fn note_ends(&mut self, first: &Ran) {
        self.note(first);
        while let Some(ran) = self.running.ended() {
            self.note(&ran);
        }
    }

    fn note(&mut self, ran: &Ran) {
        self.ended += 1;
        self.prefetch.observe(ran.took);
        if self.solo.runs() && self.running.is_empty() {
            self.solo.ended();
            self.hungry = true;
        }
    }

    /// The worker was taken for dead, or has registered afresh.
    fn take_identity(&mut self) {
        let identity = *self.identities.borrow_and_update();
        if identity != Identity::Registered(self.scope.worker) {
            self.release_buffered();
            self.running.cancel_all();
        }
        if let Identity::Registered(worker) = identity {
            self.scope.worker = worker;
            self.sleep.forget();
            self.hungry = true;
        }
    }

    /// The worker was taken for dead and has not registered afresh yet.
    fn is_lost(&self) -> bool {
        matches!(*self.identities.borrow(), Identity::Lost { .. })
    }

    /// Nothing runs, waits here, or is still to be written.
    fn is_quiet(&self) -> bool {
        self.buffer.is_empty() && self.running.is_empty() && self.finisher.is_idle()
    }

    /// Every claim that this worker answers for.
    fn known(&self) -> Vec<Fence> {
        let mut known: Vec<Fence> = self.buffer.fences().chain(self.running.fences()).collect();
        known.extend(self.finisher.fences());
        known
    }

    /// A job was called off, here or elsewhere.
    fn call_off(&mut self, job: Uuid) {
        self.running.call_off(job);
        // Giving it back ends it.
        let waiting = self.buffer.take(job);
        self.release(waiting);
    }

    /// Gives back claims that have not started.
    fn release(&self, jobs: Vec<ClaimedJob>) {
        let door = self.finisher.door();
        for job in jobs {
            door.hand_over(Finish::new(job.fence, limits::release(job.solo)));
        }
    }

    /// Gives back everything that was claimed and has not started.
    pub(super) fn release_buffered(&mut self) {
        let jobs = self.buffer.take_all();
        self.release(jobs);
    }

    /// Waits for a question under way: what it claims is this worker's already.
    pub(super) async fn settle(&mut self) {
        if self.asking.is_under_way()
            && let Ok(claimed) = self.asking.answer().await
        {
            self.take(claimed);
        }
    }

    /// Whether a question is still under way.
    pub(super) fn is_settled(&self) -> bool {
        !self.asking.is_under_way()
    }

    /// Waits until nothing runs and no question is under way; what it claims goes back. Claims that
    /// are lost meanwhile cancel their handlers.
    pub(super) async fn wind_down(&mut self) {
        while self.asking.is_under_way() || !self.running.is_empty() {
            tokio::select! {
                answer = self.asking.answer() => if let Ok(claimed) = answer {
                    self.take(claimed);
                    self.release_buffered();
                },
                ran = self.running.next_end() => self.note_ends(&ran),
                Some(job) = self.called_off.recv() => self.call_off(job),
                Ok(()) = self.identities.changed() => self.take_identity(),
            }
        }
    }

    /// Waits until nothing runs of what was told to stop.
    pub(super) async fn wait_for_running(&mut self) {
        while !self.running.is_empty() {
            tokio::select! {
                ran = self.running.next_end() => self.note_ends(&ran),
                Some(job) = self.called_off.recv() => self.call_off(job),
            }
        }
    }

    /// Tells every handler that runs to stop.
    pub(super) fn cancel_running(&self) {
        self.running.cancel_all();
    }

    /// Whether a handler has left code running that nothing can stop.
    pub(super) fn blocks(&self) -> bool {
        self.running.blocks()
    }

    /// How many handlers run.
    pub(super) fn running(&self) -> usize {
        self.running.len()
    }

    /// The worker's identity now.
    pub(super) fn identity(&self) -> Identity {
        *self.identities.borrow()
    }

    /// Attempts that ended.
    pub(super) fn ended(&self) -> u64 {
        self.ended
    }

    /// Writes what is unwritten, for at most `patience`; how many ends were not written.
    pub(super) async fn close(self, patience: Duration) -> usize {
        self.finisher.close(patience).await
    }
}
