//! The store in a SQLite file: for development, and for small services on one machine.
//!
//! The tables are those of Postgres (`schema/`), statements longer than a line are in `sql/`, one a
//! file. What differs: one process writes at a time; workers of other processes poll; nothing is
//! enqueued in a caller's transaction. The clock is this machine's, read once per transaction when it
//! has the write lock.
//!
//! A handle enqueues:
//!
//! ```
//! use soniq_runtime::{Enqueuer, NewJob, Soniq};
//!
//! async fn example(soniq: &Soniq, job: NewJob) -> Result<(), soniq_runtime::Error> {
//!     soniq.insert(job).await.map(drop)
//! }
//! ```
//!
//! A transaction does not, here:
//!
//! ```compile_fail,E0277
//! use soniq_runtime::{Enqueuer, NewJob};
//!
//! async fn example(tx: &rusqlite::Transaction<'_>, job: NewJob) -> Result<(), soniq_runtime::Error> {
//!     Enqueuer::insert(tx, job).await.map(drop)
//! }
//! ```

mod claim;
mod claim_limited;
mod dead_letters;
mod enqueue;
pub(crate) mod failure;
mod file;
mod finish;
mod jobs;
mod liveness;
#[cfg(all(test, feature = "testing"))]
mod machine;
mod maintenance;
mod migrate;
mod queues;
mod register;
mod release;
mod rescue;
mod rows;
mod schedules;
mod session;
mod stats;
#[cfg(test)]
mod tests;
mod unknown;
mod values;
mod wakers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::file::{File, Location};
use crate::backend::{
    Answer, Backend, ClaimScope, ClaimedJob, Fence, Finish, Finished, Maintained, Peek,
    ScheduleDefaults, Wake, WorkerRow, WorkerSession,
};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};
use crate::enqueue::{Enqueued, NewJob};
use crate::fleet::Fleet;
use crate::jobs::{Job, JobFilter};
use crate::migrations::MigrationStatus;
use crate::rows::{Census, Reader};
use crate::scheduler::{Contracts, Fired, ScheduleChange};
use crate::schedules::RecurringJob;
use crate::settings::Settings;
use crate::stats::Stats;

/// How long a call waits while another process writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much longer setting up waits. It is done once and by many at a time, each new file is written
/// to the disk as a whole, and nobody waits for its answer in a request.
const SETTING_UP: u32 = 6;

/// A Soniq database in a file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    file: Arc<File>,
    settings: Arc<Settings>,
}

impl Sqlite {
    /// Opens nothing yet.
    pub(crate) fn new(path: PathBuf, settings: Arc<Settings>) -> Self {
        Self::with_patience(path, settings, PATIENCE)
    }

    fn with_patience(path: PathBuf, settings: Arc<Settings>, patience: Duration) -> Self {
        let location = Location { path, patience };
        Sqlite {
            file: Arc::new(File::new(location, Arc::default())),
            settings,
        }
    }
}

impl Backend for Sqlite {
    fn setup(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async {
            let doing = "setting up the database";
            // On a connection of its own, which is gone when it is done.
            let mut location = self.file.location().clone();
            location.patience = location.patience.saturating_mul(SETTING_UP);
            let file = File::new(location, Arc::clone(self.file.wakers()));
            file.create(doing).await?;
            file.change(doing, migrate::setup).await
        })
    }

    fn check_schema(&self) -> Answer<'_, ()> {
        Box::pin(
            self.file
                .read("reading the schema's version", |connection, _| {
                    migrate::check(connection)
                }),
        )
    }

    fn migrations(&self) -> Answer<'_, Vec<MigrationStatus>> {
        Box::pin(async {
            if !self.file.path().exists() {
                return Ok(migrate::nothing());
            }
            let doing = "reading the schema's version";
            let history = self
                .file
                .read(doing, |connection, _| migrate::history(connection));
            history.await
        })
    }

    fn enqueue(&self, jobs: Vec<NewJob>) -> Answer<'_, Vec<Enqueued>> {
        let settings = Arc::clone(&self.settings);
        Box::pin(self.file.change("enqueueing", move |change| {
            jobs.into_iter()
                .map(|job| enqueue::insert(change, job, &settings))
                .collect()
        }))
    }

    fn open_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        let file = Arc::clone(&self.file);
        Box::pin(session::open(file, worker, wake, session::Row::Register))
    }

    fn resume_session(&self, worker: WorkerRow, wake: Wake) -> Answer<'_, Box<dyn WorkerSession>> {
        let file = Arc::clone(&self.file);
        Box::pin(session::open(file, worker, wake, session::Row::Resume))
    }

    fn unregister(&self, worker: Uuid) -> Answer<'_, ()> {
        Box::pin(session::unregister(&self.file, worker))
    }

    fn claim<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, Vec<ClaimedJob>> {
        let scope = scope.clone();
        Box::pin(self.file.change("claiming jobs", move |change| {
            claim::claim(change, &scope, limit)
        }))
    }

    fn claim_limited<'a>(
        &'a self,
        scope: &'a ClaimScope,
        limit: usize,
    ) -> Answer<'a, Vec<ClaimedJob>> {
        let scope = scope.clone();
        Box::pin(
            self.file
                .change("claiming jobs of limited tasks", move |change| {
                    claim_limited::claim(change, &scope, limit, false)
                }),
        )
    }

    fn wake<'a>(&'a self, queues: &'a [String]) -> Answer<'a, ()> {
        Box::pin(async move {
            for queue in queues {
                self.file.wakers().due(queue);
            }
            Ok(())
        })
    }

    fn claim_solo<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Option<ClaimedJob>> {
        let scope = scope.clone();
        Box::pin(self.file.change("claiming jobs", move |change| {
            match claim::claim_solo(change, &scope)? {
                None if !scope.limited.is_empty() => {
                    Ok(claim_limited::claim(change, &scope, 1, true)?.pop())
                }
                job => Ok(job),
            }
        }))
    }

    fn peek<'a>(&'a self, scope: &'a ClaimScope) -> Answer<'a, Peek> {
        let scope = scope.clone();
        Box::pin(
            self.file
                .read("looking for due jobs", move |connection, now| {
                    claim::peek(connection, now, &scope)
                }),
        )
    }

    fn dead_letter_unknown<'a>(&'a self, scope: &'a ClaimScope, limit: usize) -> Answer<'a, usize> {
        let scope = scope.clone();
        let default_max_attempts = self.settings.default_max_attempts();
        let doing = "dead-lettering jobs without a handler";
        Box::pin(self.file.change(doing, move |change| {
            unknown::dead_letter(change, &scope, limit, default_max_attempts)
        }))
    }

    fn finish<'a>(&'a self, claims: &'a [Finish]) -> Answer<'a, Finished> {
        let claims = claims.to_vec();
        Box::pin(self.file.change("writing how jobs ended", move |change| {
            finish::finish(change, &claims)
        }))
    }

    fn release_unknown<'a>(&'a self, worker: Uuid, known: &'a [Fence]) -> Answer<'a, usize> {
        let known = known.to_vec();
        Box::pin(self.file.change("looking for lost claims", move |change| {
            release::release_unknown(change, worker, &known)
        }))
    }

    fn maintain(&self, default_max_attempts: i32) -> Answer<'_, Option<Maintained>> {
        let retention = self.settings.dead_letter_retention;
        Box::pin(async move {
            let done = maintenance::maintain(&self.file, default_max_attempts, retention);
            Ok(Some(done.await?))
        })
    }

    fn list_jobs<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Job>> {
        let filter = filter.clone();
        Box::pin(self.file.read("listing jobs", move |connection, _| {
            jobs::list(connection, &filter)
        }))
    }

    fn list_job_ids<'a>(&'a self, filter: &'a JobFilter) -> Answer<'a, Vec<Uuid>> {
        let filter = filter.clone();
        Box::pin(self.file.read("listing jobs", move |connection, _| {
            jobs::list_ids(connection, &filter)
        }))
    }

    fn get_job(&self, id: Uuid) -> Answer<'_, Option<Job>> {
        Box::pin(self.file.read("reading a job", move |connection, _| {
            jobs::get(connection, id)
        }))
    }

    fn cancel_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        Box::pin(self.file.change("cancelling a job", move |change| {
            jobs::cancel(change, id, ttl)
        }))
    }

    fn call_off_job(&self, id: Uuid, ttl: Duration) -> Answer<'_, bool> {
        Box::pin(async move {
            let marked = self
                .file
                .change("calling off a running job", move |change| {
                    jobs::call_off(change, id, ttl)
                });
            let ran = marked.await?;
            if ran {
                self.file.wakers().called_off(id);
            }
            Ok(ran)
        })
    }

    fn delete_job(&self, id: Uuid) -> Answer<'_, bool> {
        Box::pin(
            self.file
                .change("deleting a job", move |change| jobs::delete(change, id)),
        )
    }

    fn list_dead_letters<'a>(
        &'a self,
        filter: &'a DeadLetterFilter,
    ) -> Answer<'a, Vec<DeadLetter>> {
        let filter = filter.clone();
        Box::pin(
            self.file
                .read("listing dead letters", move |connection, now| {
                    dead_letters::list(connection, &filter, now)
                }),
        )
    }

    fn list_dead_letter_ids<'a>(&'a self, filter: &'a DeadLetterFilter) -> Answer<'a, Vec<Uuid>> {
        let filter = filter.clone();
        Box::pin(
            self.file
                .read("listing dead letters", move |connection, now| {
                    dead_letters::list_ids(connection, &filter, now)
                }),
        )
    }

    fn get_dead_letter(&self, id: Uuid) -> Answer<'_, Option<DeadLetter>> {
        Box::pin(
            self.file
                .read("reading a dead letter", move |connection, _| {
                    dead_letters::get(connection, id)
                }),
        )
    }

    fn replay<'a>(&'a self, id: Uuid, producer_id: &'a str) -> Answer<'a, Option<Uuid>> {
        let producer_id = producer_id.to_owned();
        Box::pin(self.file.change("replaying a dead letter", move |change| {
            dead_letters::replay(change, id, &producer_id)
        }))
    }

    fn delete_dead_letter(&self, id: Uuid) -> Answer<'_, bool> {
        Box::pin(self.file.change("deleting a dead letter", move |change| {
            dead_letters::delete(change, id)
        }))
    }

    fn pause_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        let queue = queue.to_owned();
        Box::pin(self.file.change("pausing a queue", move |change| {
            queues::pause(change, &queue)
        }))
    }

    fn resume_queue<'a>(&'a self, queue: &'a str) -> Answer<'a, bool> {
        let queue = queue.to_owned();
        Box::pin(self.file.change("resuming a queue", move |change| {
            queues::resume(change, &queue)
        }))
    }

    fn paused_queues(&self) -> Answer<'_, Vec<String>> {
        Box::pin(self.file.read("listing paused queues", |connection, _| {
            queues::paused(connection)
        }))
    }

    fn stats(&self) -> Answer<'_, Stats> {
        let patience = self.settings.heartbeat_timeout;
        Box::pin(self.file.read("counting", move |connection, now| {
            stats::stats(connection, now, patience)
        }))
    }

    fn census(&self) -> Answer<'_, Census> {
        let name = self.file.name();
        Box::pin(self.file.read("counting rows", move |connection, now| {
            rows::census(connection, name, now)
        }))
    }

    fn read_rows<'a>(&'a self, names: &'a [String], reader: &'a mut dyn Reader) -> Answer<'a, ()> {
        Box::pin(rows::read(&self.file, names, reader))
    }

    fn fleet(&self) -> Answer<'_, Fleet> {
        let (name, patience) = (self.file.name(), self.settings.heartbeat_timeout);
        Box::pin(
            self.file
                .read("looking for workers", move |connection, now| {
                    rows::fleet(connection, name, (now, patience))
                }),
        )
    }

    fn reconcile_schedules<'a>(
        &'a self,
        contracts: &'a [Contracts],
        defaults: ScheduleDefaults,
    ) -> Answer<'a, Vec<ScheduleChange>> {
        let contracts = contracts.to_vec();
        Box::pin(self.file.change("storing schedules", move |change| {
            schedules::reconcile(change, &contracts, defaults)
        }))
    }

    fn fire_schedules<'a>(&'a self, producer_id: &'a str) -> Answer<'a, Option<Fired>> {
        let producer_id = producer_id.to_owned();
        Box::pin(self.file.change("firing schedules", move |change| {
            schedules::fire(change, &producer_id).map(Some)
        }))
    }

    fn list_schedules<'a>(&'a self, task: Option<&'a str>) -> Answer<'a, Vec<RecurringJob>> {
        let task = task.map(str::to_owned);
        Box::pin(self.file.read("listing schedules", move |connection, _| {
            schedules::list(connection, task.as_deref())
        }))
    }

    fn next_firing(&self, after: Option<DateTime<Utc>>) -> Answer<'_, Option<Duration>> {
        let doing = "looking for the next schedule";
        Box::pin(self.file.read(doing, move |connection, now| {
            schedules::next_firing(connection, now, after)
        }))
    }

    fn pause_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        let task = task.to_owned();
        Box::pin(self.file.change("pausing a schedule", move |change| {
            schedules::pause(change, &task)
        }))
    }

    fn resume_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, Option<bool>> {
        let task = task.to_owned();
        Box::pin(self.file.change("resuming a schedule", move |change| {
            schedules::resume(change, &task)
        }))
    }

    fn remove_schedule<'a>(&'a self, task: &'a str) -> Answer<'a, bool> {
        let task = task.to_owned();
        Box::pin(self.file.change("removing a schedule", move |change| {
            schedules::remove(change, &task)
        }))
    }
}
