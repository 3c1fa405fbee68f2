//! The store on Postgres. Statements are in `sql/`, one a file; each module here runs a few.
//!
//! Every statement goes out typed and in one round trip, and unnamed, so that it works behind a pooler in
//! transaction mode too. Where there is none, a worker prepares what it repeats (`repeated.rs`).

mod adapters;
mod claim;
mod claim_limited;
mod complete_in;
mod connect;
mod doctor;
mod ends;
mod enqueue;
mod executor;
mod far_looks;
mod finish;
mod lock;
#[cfg(all(test, feature = "testing"))]
mod machine;
mod maintenance;
mod migrate;
mod operate;
mod queues;
mod register;
mod release;
mod repeated;
mod rescue;
mod rows;
mod schedules;
mod session;
mod sleep;
mod standing;
mod times;
mod tls;
mod unknown;
mod url;
mod waits;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_postgres::Transaction;
use uuid::Uuid;

use self::connect::Connections;
use self::far_looks::FarLooks;
use self::session::Sessions;
use crate::backend::{
    Answer, Backend, ClaimScope, ClaimedJob, Fence, Finish, Finished, Maintained, Peek,
    ScheduleDefaults, Wake, WorkerRow, WorkerSession,
};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};
use crate::doctor::Finding;
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

/// Most connections of a handle's callers: an enqueue may wait for a key that somebody's transaction
/// holds, and keeps its connection meanwhile.
const CALLERS: usize = 16;

/// Most connections of a handle's workers and scheduler, apart from each worker's session. Callers
/// that wait leave them alone, or no job would run whose end the callers wait for.
const WORKERS: usize = 8;

/// A Soniq database on Postgres.
#[derive(Debug)]
pub(crate) struct Postgres {
    callers: Connections,
    workers: Arc<Connections>,
    far_looks: FarLooks,
    sessions: Sessions,
    settings: Arc<Settings>,
}

impl Postgres {
    /// Reads the URLs; connects to nothing yet.
    pub(crate) fn new(url: &str, settings: Arc<Settings>) -> Result<Self, Error> {
        let workers = Arc::new(Connections::new(url, WORKERS)?);
        Ok(Postgres {
            callers: Connections::with_plans(url, CALLERS, workers.plans().of_calls())?,
            sessions: Sessions::new(settings.session_url.as_deref(), Arc::clone(&workers))?,
            workers,
            far_looks: FarLooks::default(),
            settings,
        })
    }

    /// Runs an operator's statement in a transaction that waits for no lock for long.
    async fn operate<A, T>(
        &self,
        doing: &'static str,
        about: &A,
        statement: impl for<'a> Fn(&'a Transaction<'_>, &'a A) -> Answer<'a, T>,
    ) -> Result<T, Error> {
        waits::bounded(&self.callers, waits::OPERATOR, doing, about, statement).await
    }
}

impl Backend for Postgres {
    fn setup(&self) -> Answer<'_, Vec<String>> {
        Box::pin(migrate::setup(&self.callers, waits::SETUP))
    }

    fn check_schema(&self) -> Answer<'_, ()> {
        Box::pin(async { migrate::check(&**self.workers.get().await?).await })
    }

    fn migrations(&self) -> Answer<'_, Vec<MigrationStatus>> {
        Box::pin(async { migrate::history(&**self.callers.get().await?).await })
    }

    fn enqueue(&self, jobs: Vec<NewJob>) -> Answer<'_, Vec<Enqueued>> {
        Box::pin(async move {
            let mut client = self.callers.get().await?;
            let [_] = jobs.as_slice() else {
                return enqueue::insert_all_or_none(&mut client, jobs, &self.settings).await;
            };
            let mut answers = Vec::with_capacity(1);
            for job in jobs {
                let db = self.callers.repeated(&client);
                answers.push(enqueue::insert(&db, job, &self.settings).await?);
            }
            Ok(answers)
        })
    }

    fn open_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        Box::pin(session::open(
            &self.sessions,
            worker,
            wake,
            session::Row::Register,
        ))
    }

    fn resume_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        Box::pin(session::open(
            &self.sessions,
            worker,
            wake,
            session::Row::Resume,
        ))
    }

    fn unregister(&self, worker: Uuid) -> Answer<'_, ()> {
        Box::pin(async move { register::unregister(&**self.workers.get().await?, worker).await })
    }

    fn claim<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, Vec<ClaimedJob>> {
        Box::pin(async move {
            let client = self.workers.get().await?;
            claim::claim(&self.workers.repeated(&client), scope, limit).await
        })
    }

    fn claim_limited<'a>(
        &'a self,
        scope: &'a ClaimScope,
        limit: usize,
    ) -> Answer<'a, Vec<ClaimedJob>> {
        Box::pin(async move {
            let mut client = self.workers.get().await?;
            claim_limited::claim(&mut client, scope, limit, &self.far_looks).await
        })
    }

    fn wakes_sleepers_only(&self) -> bool {
        true
    }

    fn announce_sleep<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, bool> {
        Box::pin(async { sleep::announce(&**self.workers.get().await?, scope).await })
    }

    fn withdraw_sleep(&self, worker: Uuid) -> Answer<'_, ()> {
        Box::pin(async move { sleep::withdraw(&**self.workers.get().await?, worker).await })
    }

    fn claim_solo<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Option<ClaimedJob>> {
        Box::pin(async move {
            let mut client = self.workers.get().await?;
            let job = claim::claim_solo(&**client, scope).await?;
            if job.is_some() || scope.limited.is_empty() {
                return Ok(job);
            }
            claim_limited::claim_solo(&mut client, scope).await
        })
    }

    fn wake<'a>(&'a self, queues: &'a [String]) -> Answer<'a, ()> {
        self.far_looks.freed();
        Box::pin(async move { claim_limited::wake(&**self.workers.get().await?, queues).await })
    }

    fn peek<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Peek> {
        Box::pin(async move {
            let client = self.workers.get().await?;
            let mut peek = claim::peek(&self.workers.repeated(&client), scope).await?;
            let owed = self.far_looks.owed_in(Instant::now());
            peek.next_due = peek.next_due.into_iter().chain(owed).min();
            Ok(peek)
        })
    }

    fn dead_letter_unknown<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, usize> {
        Box::pin(async move {
            let default_max_attempts = self.settings.default_max_attempts();
            let client = self.workers.get().await?;
            unknown::dead_letter(&**client, scope, limit, default_max_attempts).await
        })
    }

    fn finish<'a>(&'a self, claims: &'a [Finish]) -> Answer<'a, Finished> {
        Box::pin(async move {
            let client = self.workers.get().await?;
            finish::finish(&self.workers.repeated(&client), claims).await
        })
    }

    fn release_unknown<'a>(&'a self, worker: Uuid, known: &'a [Fence]) -> Answer<'a, usize> {
        Box::pin(async move {
            release::release_unknown(&**self.workers.get().await?, worker, known).await
        })
    }

    fn maintain(&self, default_max_attempts: i32) -> Answer<'_, Option<Maintained>> {
        Box::pin(async move {
            let retention = self.settings.dead_letter_retention;
            let mut client = self.workers.get().await?;
            maintenance::maintain(&mut client, default_max_attempts, retention).await
        })
    }

    fn list_jobs<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Job>> {
        Box::pin(async move { operate::list_jobs(&**self.callers.get().await?, filter).await })
    }

    fn list_job_ids<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Uuid>> {
        Box::pin(async move { operate::list_job_ids(&**self.callers.get().await?, filter).await })
    }

    fn get_job(&self, id: Uuid) -> Answer<'_, Option<Job>> {
        Box::pin(async move { operate::get_job(&**self.callers.get().await?, id).await })
    }

    fn cancel_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        Box::pin(async move {
            self.operate("cancelling a job", &(id, ttl), |client, (id, ttl)| {
                Box::pin(operate::cancel(client, *id, *ttl))
            })
            .await
        })
    }

    fn call_off_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        Box::pin(async move {
            self.operate(
                "calling off a running job",
                &(id, ttl),
                |client, (id, ttl)| Box::pin(operate::call_off(client, *id, *ttl)),
            )
            .await
        })
    }

    fn delete_job(&self, id: Uuid) -> Answer<'_, bool> {
        Box::pin(async move {
            self.operate("deleting a job", &id, |client, id| {
                Box::pin(operate::delete_job(client, *id))
            })
            .await
        })
    }

    fn list_dead_letters<'a>(
        &'a self,
        filter: &'a DeadLetterFilter,
    ) -> Answer<'a, Vec<DeadLetter>> {
        Box::pin(
            async move { operate::list_dead_letters(&**self.callers.get().await?, filter).await },
        )
    }

    fn list_dead_letter_ids<'a>(&'a self, filter: &'a DeadLetterFilter) -> Answer<'a, Vec<Uuid>> {
        Box::pin(async move {
            operate::list_dead_letter_ids(&**self.callers.get().await?, filter).await
        })
    }

    fn get_dead_letter(&self, id: Uuid) -> Answer<'_, Option<DeadLetter>> {
        Box::pin(async move { operate::get_dead_letter(&**self.callers.get().await?, id).await })
    }

    fn replay<'a>(&'a self, id: Uuid, producer_id: &'a str) -> Answer<'a, Option<Uuid>> {
        Box::pin(async move {
            self.operate(
                "replaying a dead letter",
                &(id, producer_id),
                |client, (id, producer_id)| Box::pin(operate::replay(client, *id, producer_id)),
            )
            .await
        })
    }

    fn delete_dead_letter(&self, id: Uuid) -> Answer<'_, bool> {
        Box::pin(async move {
            self.operate("deleting a dead letter", &id, |client, id| {
                Box::pin(operate::delete_dead_letter(client, *id))
            })
            .await
        })
    }

    fn pause_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            self.operate("pausing a queue", &queue, |client, queue| {
                Box::pin(queues::pause(client, queue))
            })
            .await
        })
    }

    fn resume_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            self.operate("resuming a queue", &queue, |client, queue| {
                Box::pin(queues::resume(client, queue))
            })
            .await
        })
    }

    fn paused_queues(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async move { queues::paused(&**self.callers.get().await?).await })
    }

    fn stats(&self) -> Answer<'_, Stats> {
        let patience = times::seconds(self.settings.heartbeat_timeout);
        Box::pin(async move { operate::stats(&**self.callers.get().await?, patience).await })
    }

    fn census(&self) -> Answer<'_, Census> {
        Box::pin(async { rows::census(&mut *self.callers.get().await?).await })
    }

    fn read_rows<'a>(&'a self, names: &'a [String], reader: &'a mut dyn Reader) -> Answer<'a, ()> {
        Box::pin(async move { rows::read(&mut *self.callers.get().await?, names, reader).await })
    }

    fn fleet(&self) -> Answer<'_, Fleet> {
        let patience = times::seconds(self.settings.heartbeat_timeout);
        Box::pin(async move { rows::fleet(&mut *self.callers.get().await?, patience).await })
    }

    fn diagnose(&self) -> Answer<'_, Vec<Finding>> {
        let patience = self.settings.heartbeat_timeout.as_secs_f64();
        Box::pin(async move {
            let client = self.callers.get().await?;
            doctor::diagnose(&client, &self.sessions, patience).await
        })
    }

    fn reconcile_schedules<'a>(
        &'a self,
        contracts: &'a [Contracts],
        defaults: ScheduleDefaults,
    ) -> Answer<'a, Vec<ScheduleChange>> {
        Box::pin(async move {
            schedules::reconcile(&mut *self.workers.get().await?, contracts, defaults).await
        })
    }

    fn fire_schedules<'a>(&'a self, producer_id: &'a str) -> Answer<'a, Option<Fired>> {
        Box::pin(async move { schedules::fire(&mut *self.workers.get().await?, producer_id).await })
    }

    fn list_schedules<'a>(&'a self, task: Option<&'a str>) -> Answer<'a, Vec<RecurringJob>> {
        Box::pin(async move { schedules::list(&**self.callers.get().await?, task).await })
    }

    fn next_firing(&self, after: Option<DateTime<Utc>>) -> Answer<'_, Option<Duration>> {
        Box::pin(async move { schedules::next_firing(&**self.workers.get().await?, after).await })
    }

    fn pause_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        Box::pin(async move {
            self.operate("pausing a schedule", &task, |client, task| {
                Box::pin(schedules::pause(client, task))
            })
            .await
        })
    }

    fn resume_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        Box::pin(async move {
            self.operate("resuming a schedule", &task, |client, task| {
                Box::pin(schedules::resume(client, task))
            })
            .await
        })
    }

    fn remove_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            self.operate("removing a schedule", &task, |client, task| {
                Box::pin(schedules::remove(client, task))
            })
            .await
        })
    }
}
