//! The store in memory, for tests: the same transitions as on Postgres, in this process, with a clock
//! that tests move. Nothing of it outlives its handles.
//!
//! Invariant: a transition is one call of [`Store::with`], which holds the lock for all of it; no code
//! of a user runs under that lock. Workers are told what happened once it is given up.
//!
//! There is one process and one lock, so what Postgres needs patience for never happens: no row is
//! locked by somebody else, and no key is held by an open transaction.

mod backstage;
mod claim;
mod claim_limited;
mod clock;
mod enqueue;
mod fault;
mod finish;
#[cfg(test)]
mod machine;
mod maintenance;
mod names;
mod operate;
mod rescue;
mod rows;
mod schedules;
mod session;
mod state;
mod stats;
mod unknown;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use self::fault::Fault;
use self::state::State;
use crate::backend::{
    Answer, Backend, ClaimScope, ClaimedJob, Fence, Finish, Finished, Maintained, Peek,
    ScheduleDefaults, Wake, WorkerRow, WorkerSession,
};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};
use crate::enqueue::{Enqueued, NewJob};
use crate::error::Error;
use crate::fleet::Fleet;
use crate::jobs::{Job, JobFilter};
use crate::migrations::MigrationStatus;
use crate::rows::{Census, Reader};
use crate::scheduler::{Contracts, Fired, ScheduleChange};
use crate::schedules::RecurringJob;
use crate::settings::Settings;
use crate::stats::Stats;

/// A handle on a store in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    store: Arc<Store>,
    settings: Arc<Settings>,
}

/// What handles of one name share.
struct Store {
    /// As its URL has it.
    name: String,
    state: Mutex<State>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Store {
    fn new(name: &str) -> Self {
        Store {
            name: format!("memory:{name}"),
            state: Mutex::new(State::new()),
        }
    }

    /// One transition: nobody sees it half done.
    fn with<T>(&self, transition: impl FnOnce(&mut State) -> T) -> T {
        // No code that can panic runs under the lock.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = transition(&mut state);
        let (news, listeners) = state.take_news();
        drop(state);
        for wake in listeners {
            for news in &news {
                wake(news.signal());
            }
        }
        answer
    }
}

impl Memory {
    /// The store of this name, which lives as long as a handle on it does; without a name a store of
    /// its own.
    pub(crate) fn open(name: &str, settings: Arc<Settings>) -> Self {
        let store = names::find_or_make(name);
        Memory { store, settings }
    }

    /// Moves the clock ahead. Workers whose sessions are open beat meanwhile; all are told to look
    /// for what is due by now.
    pub(crate) fn advance(&self, by: Duration) {
        self.store.with(|state| {
            state.clock.advance(by);
            let now = state.now();
            for worker in state.workers.values_mut() {
                if worker.session.is_some() {
                    worker.last_heartbeat = now;
                }
            }
            let queues: Vec<String> = state
                .workers
                .values()
                .flat_map(|worker| worker.row.queues.clone())
                .collect();
            for queue in queues {
                state.tell_due(&queue);
            }
        });
    }

    /// Has the clock stand still until the guard is dropped.
    pub(crate) fn hold_clock(&self) -> HeldClock {
        self.store.with(|state| state.clock.hold());
        HeldClock(Arc::clone(&self.store))
    }

    /// Has the next of these fail.
    pub(crate) fn fail_next(&self, fault: Fault) {
        self.store.with(|state| state.faults.plan(fault));
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        transition: impl FnOnce(&mut State) -> T + Send + 'a,
    ) -> Answer<'a, T> {
        self.result(|state| Ok(transition(state)))
    }

    fn result<'a, T: Send + 'a>(
        &'a self,
        transition: impl FnOnce(&mut State) -> Result<T, Error> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move {
            // Nothing here ever waits: whoever polls in a loop must let others run all the same.
            tokio::task::consume_budget().await;
            self.store.with(transition)
        })
    }
}

/// The clock stands still for as long as this lives.
#[must_use]
#[derive(Debug)]
pub(crate) struct HeldClock(Arc<Store>);

impl Drop for HeldClock {
    fn drop(&mut self) {
        self.0.with(|state| state.clock.release());
    }
}

/// In `hostname:pid` of a worker.
fn pid() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(i32::MAX)
}

/// It is always set up, and has no history.
impl Backend for Memory {
    fn setup(&self) -> Answer<'_, Vec<String>> {
        self.answer(move |_| Vec::new())
    }

    fn check_schema(&self) -> Answer<'_, ()> {
        self.answer(move |_| ())
    }

    fn migrations(&self) -> Answer<'_, Vec<MigrationStatus>> {
        self.answer(move |_| Vec::new())
    }

    fn enqueue(&self, jobs: Vec<NewJob>) -> Answer<'_, Vec<Enqueued>> {
        self.result(move |state| enqueue::insert_all_or_none(state, jobs, &self.settings))
    }

    fn open_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        Box::pin(async move { session::open(&self.store, &worker, wake) })
    }

    fn resume_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        Box::pin(async move { Ok(session::resume(&self.store, &worker, wake)) })
    }

    fn unregister(&self, worker: Uuid) -> Answer<'_, ()> {
        self.answer(move |state| drop(state.workers.remove(&worker)))
    }

    fn claim<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, Vec<ClaimedJob>> {
        self.result(move |state| {
            state.faults.strike(Fault::Claim)?;
            Ok(claim::claim(state, scope, limit))
        })
    }

    fn claim_limited<'a>(
        &'a self,
        scope: &'a ClaimScope,
        limit: usize,
    ) -> Answer<'a, Vec<ClaimedJob>> {
        self.result(move |state| {
            state.faults.strike(Fault::Claim)?;
            Ok(claim_limited::claim(state, scope, limit, false))
        })
    }

    fn claim_solo<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Option<ClaimedJob>> {
        self.result(move |state| {
            state.faults.strike(Fault::Claim)?;
            let job = claim::claim_solo(state, scope);
            Ok(job.or_else(|| claim_limited::claim(state, scope, 1, true).pop()))
        })
    }

    fn wake<'a>(&'a self, queues: &'a [String]) -> Answer<'a, ()> {
        self.answer(move |state| {
            for queue in queues {
                state.tell_due(queue);
            }
        })
    }

    fn peek<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Peek> {
        self.answer(move |state| claim::peek(state, scope))
    }

    fn dead_letter_unknown<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, usize> {
        let default_max_attempts = self.settings.default_max_attempts();
        self.answer(move |state| unknown::dead_letter(state, scope, limit, default_max_attempts))
    }

    fn finish<'a>(&'a self, claims: &'a [Finish]) -> Answer<'a, Finished> {
        self.result(move |state| finish::finish(state, claims))
    }

    fn release_unknown<'a>(&'a self, worker: Uuid, known: &'a [Fence]) -> Answer<'a, usize> {
        self.answer(move |state| finish::release_unknown(state, worker, known))
    }

    fn maintain(&self, default_max_attempts: i32) -> Answer<'_, Option<Maintained>> {
        let retention = self.settings.dead_letter_retention;
        self.answer(move |state| {
            Some(maintenance::maintain(
                state,
                default_max_attempts,
                retention,
            ))
        })
    }

    fn list_jobs<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Job>> {
        self.answer(move |state| operate::list_jobs(state, filter))
    }

    fn list_job_ids<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Uuid>> {
        self.answer(move |state| operate::list_job_ids(state, filter))
    }

    fn get_job(&self, id: Uuid) -> Answer<'_, Option<Job>> {
        self.answer(move |state| operate::get_job(state, id))
    }

    fn cancel_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        self.answer(move |state| operate::cancel(state, id, ttl))
    }

    fn call_off_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        self.answer(move |state| operate::call_off(state, id, ttl))
    }

    fn delete_job(&self, id: Uuid) -> Answer<'_, bool> {
        self.answer(move |state| operate::delete_job(state, id))
    }

    fn list_dead_letters<'a>(
        &'a self,
        filter: &'a DeadLetterFilter,
    ) -> Answer<'a, Vec<DeadLetter>> {
        self.answer(move |state| operate::list_dead_letters(state, filter))
    }

    fn list_dead_letter_ids<'a>(&'a self, filter: &'a DeadLetterFilter) -> Answer<'a, Vec<Uuid>> {
        self.answer(move |state| operate::list_dead_letter_ids(state, filter))
    }

    fn get_dead_letter(&self, id: Uuid) -> Answer<'_, Option<DeadLetter>> {
        self.answer(move |state| state.dead_letters.get(&id).cloned())
    }

    fn replay<'a>(&'a self, id: Uuid, producer_id: &'a str) -> Answer<'a, Option<Uuid>> {
        self.answer(move |state| operate::replay(state, id, producer_id))
    }

    fn delete_dead_letter(&self, id: Uuid) -> Answer<'_, bool> {
        self.answer(move |state| state.dead_letters.remove(&id).is_some())
    }

    fn pause_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        self.answer(move |state| state.paused.insert(queue.to_owned()))
    }

    fn resume_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        self.answer(move |state| {
            let was_paused = state.paused.remove(queue);
            if was_paused {
                state.tell_due(queue);
            }
            was_paused
        })
    }

    fn paused_queues(&self) -> Answer<'_, Vec<String>> {
        self.answer(move |state| state.paused.iter().cloned().collect())
    }

    fn stats(&self) -> Answer<'_, Stats> {
        let patience = self.settings.heartbeat_timeout;
        self.answer(move |state| stats::stats(state, patience))
    }

    fn census(&self) -> Answer<'_, Census> {
        self.answer(move |state| rows::census(state, &self.store.name))
    }

    fn read_rows<'a>(&'a self, names: &'a [String], reader: &'a mut dyn Reader) -> Answer<'a, ()> {
        Box::pin(async move {
            let (census, rows) = self.store.with(|state| {
                let census = rows::census(state, &self.store.name);
                (census, rows::of_tasks(state, names))
            });
            // Readers ask judges, which are code of users.
            reader.begin(census);
            for row in rows {
                reader.row(row);
            }
            Ok(())
        })
    }

    fn fleet(&self) -> Answer<'_, Fleet> {
        let patience = self.settings.heartbeat_timeout;
        self.answer(move |state| rows::fleet(state, &self.store.name, patience))
    }

    fn reconcile_schedules<'a>(
        &'a self,
        contracts: &'a [Contracts],
        defaults: ScheduleDefaults,
    ) -> Answer<'a, Vec<ScheduleChange>> {
        self.result(move |state| schedules::reconcile(state, contracts, defaults))
    }

    fn fire_schedules<'a>(&'a self, producer_id: &'a str) -> Answer<'a, Option<Fired>> {
        self.answer(move |state| Some(schedules::fire(state, producer_id)))
    }

    fn list_schedules<'a>(&'a self, task: Option<&'a str>) -> Answer<'a, Vec<RecurringJob>> {
        self.answer(move |state| schedules::list(state, task))
    }

    fn next_firing(&self, after: Option<DateTime<Utc>>) -> Answer<'_, Option<Duration>> {
        self.answer(move |state| schedules::next_firing(state, after))
    }

    fn pause_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        self.answer(move |state| schedules::pause(state, task))
    }

    fn resume_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        self.answer(move |state| schedules::resume(state, task))
    }

    fn remove_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, bool> {
        self.answer(move |state| schedules::remove(state, task))
    }

    fn as_memory(&self) -> Option<&Memory> {
        Some(self)
    }
}
