//! Writes new jobs: in the caller's own transaction, or on a connection of ours.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::connect::failed;
use super::executor::{Executor, Parameter, Statement};
use super::times::seconds;
use crate::args_hash::args_hash;
use crate::enqueue::{Due, Enqueued, NewJob};
use crate::error::Error;
use crate::settings::Settings;

pub(super) const ENQUEUEING: &str = "enqueueing";

const INSERT: Statement = Statement {
    is_call: true,
    ..enqueueing(include_str!("sql/insert.sql"))
};
const INSERT_ALIKE: Statement = enqueueing(include_str!("sql/insert_alike.sql"));
const INSERT_MANY: Statement = enqueueing(include_str!("sql/insert_many.sql"));
const JOB_EXISTS: Statement = enqueueing(include_str!("sql/job_exists.sql"));
const TWIN: Statement = enqueueing(include_str!("sql/twin.sql"));

const fn enqueueing(sql: &'static str) -> Statement {
    Statement {
        doing: ENQUEUEING,
        sql,
        is_call: false,
    }
}

/// How often an enqueue that collides with a twin looks and tries again: the twin may be newer
/// than the statement's snapshot, or be claimed between the two statements.
const TRIES: u32 = 10;

/// A job as the columns want it.
struct Row<'a> {
    job: &'a NewJob,
    args_hash: Option<String>,
    queue: &'a str,
    priority: i32,
    max_attempts: i32,
    due_at: Option<DateTime<Utc>>,
    /// Seconds.
    delay: Option<f64>,
    meta: Option<Value>,
}

impl<'a> Row<'a> {
    fn new(job: &'a NewJob, settings: &Settings) -> Self {
        let (due_at, delay) = match job.due {
            None => (None, None),
            Some(Due::At(time)) => (Some(time), None),
            Some(Due::After(delay)) => (None, Some(seconds(delay))),
        };
        Row {
            job,
            args_hash: job.unique.then(|| args_hash(&job.args)),
            queue: job.queue.as_deref().unwrap_or("default"),
            priority: job.priority.unwrap_or(settings.priority),
            max_attempts: job
                .max_attempts
                .unwrap_or_else(|| settings.default_max_attempts()),
            due_at,
            delay,
            meta: job
                .fingerprint
                .as_deref()
                .map(|fingerprint| json!({ "fingerprint": fingerprint })),
        }
    }

    fn has_key(&self) -> bool {
        self.job.unique || self.job.dedup_key.is_some()
    }
}

/// Writes one job: one round trip unless it meets a queued twin.
pub(super) async fn insert(
    mut db: impl Executor,
    job: NewJob,
    settings: &Settings,
) -> Result<Enqueued, Error> {
    let row = Row::new(&job, settings);
    insert_row(&mut db, &row, &settings.producer_id).await
}

async fn insert_row(
    db: &mut impl Executor,
    row: &Row<'_>,
    producer_id: &str,
) -> Result<Enqueued, Error> {
    let job = row.job;
    let parameters = [
        Parameter::Uuid(Some(job.id)),
        Parameter::Text(Some(&job.name)),
        Parameter::Json(Some(&job.args)),
        Parameter::Text(row.args_hash.as_deref()),
        Parameter::Text(Some(row.queue)),
        Parameter::Int(Some(row.priority)),
        Parameter::Int(Some(row.max_attempts)),
        Parameter::Bool(job.unique),
        Parameter::Text(job.dedup_key.as_deref()),
        Parameter::Timestamp(row.due_at),
        Parameter::Float(row.delay),
        Parameter::Text(Some(producer_id)),
        Parameter::Json(row.meta.as_ref()),
        Parameter::Bool(job.is_new()),
    ];
    for _ in 0..TRIES {
        if !db.ids(&INSERT, &parameters).await?.is_empty() {
            return Ok(Enqueued::new(job.id, false));
        }
        if let Some(twin) = find_twin(db, row).await? {
            return Ok(Enqueued::new(twin, true));
        }
        let id = [Parameter::Uuid(Some(job.id))];
        if !db.ids(&JOB_EXISTS, &id).await?.is_empty() {
            return Err(id_taken(job));
        }
    }
    Err(Error::Contended {
        task: job.name.clone(),
        tries: TRIES,
    })
}

async fn find_twin(db: &mut impl Executor, row: &Row<'_>) -> Result<Option<Uuid>, Error> {
    if !row.has_key() {
        return Ok(None);
    }
    let parameters = [
        Parameter::Text(row.job.dedup_key.as_deref()),
        Parameter::Text(Some(&row.job.name)),
        Parameter::Text(row.args_hash.as_deref()),
    ];
    Ok(db.ids(&TWIN, &parameters).await?.first().copied())
}

fn id_taken(job: &NewJob) -> Error {
    Error::IdTaken {
        task: job.name.clone(),
        id: job.id,
    }
}

/// Writes many jobs in one statement; those that meet a queued twin are looked up one by one.
pub(super) async fn insert_many(
    mut db: impl Executor,
    jobs: Vec<NewJob>,
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    let Some(first) = jobs.first() else {
        return Ok(Vec::new());
    };
    if jobs.iter().all(|job| job.is_new() && alike(job, first)) {
        return insert_alike(&mut db, &jobs, settings).await;
    }
    let mut ids = HashSet::with_capacity(jobs.len());
    if let Some(job) = jobs.iter().find(|job| !ids.insert(job.id)) {
        return Err(id_taken(job));
    }
    let rows: Vec<Row<'_>> = jobs.iter().map(|job| Row::new(job, settings)).collect();
    macro_rules! column {
        ($kind:ident, $of:expr) => {
            Parameter::$kind(rows.iter().map($of).collect())
        };
    }
    let parameters = [
        column!(Uuids, |row| row.job.id),
        column!(Texts, |row| Some(row.job.name.as_str())),
        column!(Jsons, |row| Some(&row.job.args)),
        column!(Texts, |row| row.args_hash.as_deref()),
        column!(Texts, |row| Some(row.queue)),
        column!(Ints, |row| row.priority),
        column!(Ints, |row| row.max_attempts),
        column!(Bools, |row| row.job.unique),
        column!(Texts, |row| row.job.dedup_key.as_deref()),
        column!(Timestamps, |row| row.due_at),
        column!(Floats, |row| row.delay),
        Parameter::Text(Some(&settings.producer_id)),
        column!(Jsons, |row| row.meta.as_ref()),
    ];
    let inserted = db.ids(&INSERT_MANY, &parameters).await?;
    let written: HashSet<Uuid> = inserted.into_iter().collect();
    let mut answers = Vec::with_capacity(rows.len());
    for row in &rows {
        answers.push(if written.contains(&row.job.id) {
            Enqueued::new(row.job.id, false)
        } else {
            match find_twin(&mut db, row).await? {
                Some(twin) => Enqueued::new(twin, true),
                None => insert_row(&mut db, row, &settings.producer_id).await?,
            }
        });
    }
    Ok(answers)
}

/// Whether two jobs differ by nothing but their ids and arguments: those of one call do, mostly.
fn alike(one: &NewJob, other: &NewJob) -> bool {
    one.name == other.name
        && one.queue == other.queue
        && one.priority == other.priority
        && one.max_attempts == other.max_attempts
        && one.due == other.due
        && one.fingerprint == other.fingerprint
}

/// Writes jobs that are [`alike`] and new. What they have in common is sent once.
async fn insert_alike(
    db: &mut impl Executor,
    jobs: &[NewJob],
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    let all = Row::new(&jobs[0], settings);
    let parameters = [
        Parameter::Uuids(jobs.iter().map(|job| job.id).collect()),
        Parameter::Jsons(jobs.iter().map(|job| Some(&job.args)).collect()),
        Parameter::Text(Some(&all.job.name)),
        Parameter::Text(Some(all.queue)),
        Parameter::Int(Some(all.priority)),
        Parameter::Int(Some(all.max_attempts)),
        Parameter::Timestamp(all.due_at),
        Parameter::Float(all.delay),
        Parameter::Text(Some(&settings.producer_id)),
        Parameter::Json(all.meta.as_ref()),
    ];
    db.ids(&INSERT_ALIKE, &parameters).await?;
    let answers = jobs.iter().map(|job| Enqueued::new(job.id, false));
    Ok(answers.collect())
}

/// [`insert_many`] on a connection of ours: a batch with keys may take several statements, so it
/// gets a transaction of its own.
pub(super) async fn insert_all_or_none(
    client: &mut deadpool_postgres::Client,
    jobs: Vec<NewJob>,
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    if !needs_several_statements(&jobs) {
        return insert_many(&***client, jobs, settings).await;
    }
    let transaction = client.transaction().await.map_err(failed(ENQUEUEING))?;
    let answers = insert_many(&*transaction, jobs, settings).await?;
    transaction.commit().await.map_err(failed(ENQUEUEING))?;
    Ok(answers)
}

/// Whether a job may meet a queued twin, which takes a look at what is there.
pub(super) fn needs_several_statements(jobs: &[NewJob]) -> bool {
    jobs.iter().any(|job| job.unique || job.dedup_key.is_some())
}
