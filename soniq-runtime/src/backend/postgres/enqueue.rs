//! Writes new jobs: in the caller's own transaction, or on a connection of ours.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connect::failed;
use super::times::seconds;
use crate::args_hash::args_hash;
use crate::enqueue::{Due, Enqueued, Enqueuer, NewJob};
use crate::error::Error;
use crate::settings::Settings;
use crate::soniq::process_settings;

const INSERT: &str = include_str!("sql/insert.sql");
const INSERT_MANY: &str = include_str!("sql/insert_many.sql");
const JOB_EXISTS: &str = include_str!("sql/job_exists.sql");
const TWIN: &str = include_str!("sql/twin.sql");

/// How often an enqueue that collides with a twin looks and tries again: the twin may be newer
/// than the statement's snapshot, or be claimed between the two statements.
const TRIES: u32 = 10;

/// A job as the columns want it.
struct Row {
    id: Uuid,
    name: String,
    args: Value,
    args_hash: Option<String>,
    queue: String,
    priority: i32,
    max_attempts: i32,
    unique: bool,
    dedup_key: Option<String>,
    due_at: Option<DateTime<Utc>>,
    /// Seconds.
    delay: Option<f64>,
    meta: Option<Value>,
}

impl Row {
    fn new(job: NewJob, settings: &Settings) -> Self {
        let (due_at, delay) = match job.due {
            None => (None, None),
            Some(Due::At(time)) => (Some(time), None),
            Some(Due::After(delay)) => (None, Some(seconds(delay))),
        };
        Row {
            id: job.id,
            args_hash: job.unique.then(|| args_hash(&job.args)),
            name: job.name,
            args: job.args,
            queue: job.queue.unwrap_or_else(|| "default".to_owned()),
            priority: job.priority.unwrap_or(settings.priority),
            max_attempts: job
                .max_attempts
                .unwrap_or_else(|| settings.default_max_attempts()),
            unique: job.unique,
            dedup_key: job.dedup_key,
            due_at,
            delay,
            meta: job
                .fingerprint
                .map(|fingerprint| json!({ "fingerprint": fingerprint })),
        }
    }

    fn has_key(&self) -> bool {
        self.unique || self.dedup_key.is_some()
    }
}

/// Writes one job: one round trip unless it meets a queued twin.
pub(crate) async fn insert(
    client: &impl GenericClient,
    job: NewJob,
    settings: &Settings,
) -> Result<Enqueued, Error> {
    let row = Row::new(job, settings);
    insert_row(client, &row, &settings.producer_id).await
}

async fn insert_row(
    client: &impl GenericClient,
    row: &Row,
    producer_id: &str,
) -> Result<Enqueued, Error> {
    for _ in 0..TRIES {
        let inserted = client
            .query_typed_opt(
                INSERT,
                &[
                    (&row.id, Type::UUID),
                    (&row.name, Type::TEXT),
                    (&row.args, Type::JSONB),
                    (&row.args_hash, Type::TEXT),
                    (&row.queue, Type::TEXT),
                    (&row.priority, Type::INT4),
                    (&row.max_attempts, Type::INT4),
                    (&row.unique, Type::BOOL),
                    (&row.dedup_key, Type::TEXT),
                    (&row.due_at, Type::TIMESTAMPTZ),
                    (&row.delay, Type::FLOAT8),
                    (&producer_id, Type::TEXT),
                    (&row.meta, Type::JSONB),
                ],
            )
            .await
            .map_err(failed("enqueueing"))?;
        if inserted.is_some() {
            return Ok(Enqueued::new(row.id, false));
        }
        if let Some(twin) = find_twin(client, row).await? {
            return Ok(Enqueued::new(twin, true));
        }
        if exists(client, row.id).await? {
            return Err(id_taken(row));
        }
    }
    Err(Error::Contended {
        task: row.name.clone(),
        tries: TRIES,
    })
}

async fn find_twin(client: &impl GenericClient, row: &Row) -> Result<Option<Uuid>, Error> {
    if !row.has_key() {
        return Ok(None);
    }
    let twin = client
        .query_typed_opt(
            TWIN,
            &[
                (&row.dedup_key, Type::TEXT),
                (&row.name, Type::TEXT),
                (&row.args_hash, Type::TEXT),
            ],
        )
        .await
        .map_err(failed("enqueueing"))?;
    Ok(twin.map(|twin| twin.get(0)))
}

async fn exists(client: &impl GenericClient, id: Uuid) -> Result<bool, Error> {
    let row = client
        .query_typed_one(JOB_EXISTS, &[(&id, Type::UUID)])
        .await
        .map_err(failed("enqueueing"))?;
    Ok(row.get(0))
}

fn id_taken(row: &Row) -> Error {
    Error::IdTaken {
        task: row.name.clone(),
        id: row.id,
    }
}

/// Writes many jobs in one statement; those that meet a queued twin are looked up one by one.
pub(crate) async fn insert_many(
    client: &impl GenericClient,
    jobs: Vec<NewJob>,
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = jobs
        .into_iter()
        .map(|job| Row::new(job, settings))
        .collect();
    let mut ids = HashSet::with_capacity(rows.len());
    if let Some(row) = rows.iter().find(|row| !ids.insert(row.id)) {
        return Err(id_taken(row));
    }
    macro_rules! column {
        ($of:expr) => {
            &rows.iter().map($of).collect::<Vec<_>>()
        };
    }
    let inserted = client
        .query_typed(
            INSERT_MANY,
            &[
                (column!(|row| row.id), Type::UUID_ARRAY),
                (column!(|row| &row.name), Type::TEXT_ARRAY),
                (column!(|row| &row.args), Type::JSONB_ARRAY),
                (column!(|row| row.args_hash.as_deref()), Type::TEXT_ARRAY),
                (column!(|row| &row.queue), Type::TEXT_ARRAY),
                (column!(|row| row.priority), Type::INT4_ARRAY),
                (column!(|row| row.max_attempts), Type::INT4_ARRAY),
                (column!(|row| row.unique), Type::BOOL_ARRAY),
                (column!(|row| row.dedup_key.as_deref()), Type::TEXT_ARRAY),
                (column!(|row| row.due_at), Type::TIMESTAMPTZ_ARRAY),
                (column!(|row| row.delay), Type::FLOAT8_ARRAY),
                (&settings.producer_id, Type::TEXT),
                (column!(|row| row.meta.as_ref()), Type::JSONB_ARRAY),
            ],
        )
        .await
        .map_err(failed("enqueueing"))?;
    let written: HashSet<Uuid> = inserted.iter().map(|row| row.get(0)).collect();
    let mut answers = Vec::with_capacity(rows.len());
    for row in &rows {
        answers.push(if written.contains(&row.id) {
            Enqueued::new(row.id, false)
        } else {
            match find_twin(client, row).await? {
                Some(twin) => Enqueued::new(twin, true),
                None => insert_row(client, row, &settings.producer_id).await?,
            }
        });
    }
    Ok(answers)
}

/// [`insert_many`] on a connection of ours: a batch with keys may take several statements, so it
/// gets a transaction of its own.
pub(crate) async fn insert_all_or_none(
    client: &mut deadpool_postgres::Client,
    jobs: Vec<NewJob>,
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    if !jobs.iter().any(|job| job.unique || job.dedup_key.is_some()) {
        return insert_many(&***client, jobs, settings).await;
    }
    let transaction = client.transaction().await.map_err(failed("enqueueing"))?;
    let answers = insert_many(&*transaction, jobs, settings).await?;
    transaction.commit().await.map_err(failed("enqueueing"))?;
    Ok(answers)
}

macro_rules! enqueuer {
    ($($target:ty),+ $(,)?) => {$(
        /// The job exists if and only if what this connection is part of commits.
        impl Enqueuer for $target {
            async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
                insert(self, job, process_settings()?).await
            }

            async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
                insert_many(self, jobs, process_settings()?).await
            }
        }
    )+};
}

enqueuer!(&tokio_postgres::Client, &tokio_postgres::Transaction<'_>,);

/// The job exists as soon as the call returns.
impl Enqueuer for &deadpool_postgres::Client {
    async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
        let client: &tokio_postgres::Client = self;
        client.insert(job).await
    }

    async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
        let client: &tokio_postgres::Client = self;
        client.insert_many(jobs).await
    }
}

/// The job exists if and only if this transaction commits.
impl Enqueuer for &deadpool_postgres::Transaction<'_> {
    async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
        let transaction: &tokio_postgres::Transaction<'_> = self;
        transaction.insert(job).await
    }

    async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
        let transaction: &tokio_postgres::Transaction<'_> = self;
        transaction.insert_many(jobs).await
    }
}
