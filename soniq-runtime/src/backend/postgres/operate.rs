//! What operators see and do: jobs, dead letters, counts.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
use super::rows;
use super::times::{seconds, time, time_or_epoch};
use crate::dead_letter::{DeadLetter, DeadLetterFilter};
use crate::error::Error;
use crate::jobs::{Job, JobFilter, Status};
use crate::stats::{QueueStats, Stats, UnhandledStats, WorkerStats};

const LIST_JOBS: &str = include_str!("sql/list_jobs.sql");
const LIST_JOB_IDS: &str = include_str!("sql/list_job_ids.sql");
const GET_JOB: &str = include_str!("sql/get_job.sql");
const CANCEL: &str = include_str!("sql/cancel.sql");
const CALL_OFF: &str = include_str!("sql/call_off.sql");
const DELETE_JOB: &str = include_str!("sql/delete_job.sql");
const LIST_DEAD_LETTERS: &str = include_str!("sql/list_dead_letters.sql");
const LIST_DEAD_LETTER_IDS: &str = include_str!("sql/list_dead_letter_ids.sql");
const GET_DEAD_LETTER: &str = include_str!("sql/get_dead_letter.sql");
const DELETE_DEAD_LETTER: &str = include_str!("sql/delete_dead_letter.sql");
const COUNT_DEAD_LETTERS: &str = include_str!("sql/count_dead_letters.sql");
const REPLAY: &str = include_str!("sql/replay.sql");
const STATS_QUEUES: &str = include_str!("sql/stats_queues.sql");
const STATS_WORKERS: &str = include_str!("sql/stats_workers.sql");

const DEFAULT_LIMIT: u32 = 100;

pub(crate) async fn list_jobs(
    client: &impl GenericClient,
    filter: &JobFilter,
) -> Result<Vec<Job>, Error> {
    let status = filter.status.map(Status::as_str);
    let limit = i64::from(filter.limit.unwrap_or(DEFAULT_LIMIT));
    let rows = client
        .query_typed(
            LIST_JOBS,
            &[
                (&filter.job_name, Type::TEXT),
                (&filter.queue, Type::TEXT),
                (&status, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await
        .map_err(failed("listing jobs"))?;
    Ok(rows.iter().map(job).collect())
}

pub(crate) async fn list_job_ids(
    client: &impl GenericClient,
    filter: &JobFilter,
) -> Result<Vec<Uuid>, Error> {
    let status = filter.status.map(Status::as_str);
    let limit = filter.limit.map(i64::from);
    let rows = client
        .query_typed(
            LIST_JOB_IDS,
            &[
                (&filter.job_name, Type::TEXT),
                (&filter.queue, Type::TEXT),
                (&status, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await
        .map_err(failed("listing jobs"))?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(crate) async fn get_job(client: &impl GenericClient, id: Uuid) -> Result<Option<Job>, Error> {
    let row = client
        .query_typed_opt(GET_JOB, &[(&id, Type::UUID)])
        .await
        .map_err(failed("reading a job"))?;
    Ok(row.as_ref().map(job))
}

fn job(row: &Row) -> Job {
    Job {
        id: row.get("id"),
        job_name: row.get("job_name"),
        args: row.try_get("args").unwrap_or(Value::Null),
        // The table's check constraint knows no other text.
        status: row
            .get::<_, &str>("status")
            .parse()
            .unwrap_or(Status::Queued),
        attempts: row.get::<_, Option<i32>>("attempts").unwrap_or(0),
        max_attempts: row.get("max_attempts"),
        queue: row
            .get::<_, Option<String>>("queue")
            .unwrap_or_else(|| "default".to_owned()),
        priority: row.get::<_, Option<i32>>("priority").unwrap_or(100),
        scheduled_at: time(row, "scheduled_at"),
        expires_at: time(row, "expires_at"),
        last_error: row.get("last_error"),
        result: row.try_get("result").unwrap_or(None),
        producer_id: row.get("producer_id"),
        worker_id: row.get("worker_id"),
        dedup_key: row.get("dedup_key"),
        created_at: time(row, "created_at"),
        updated_at: time(row, "updated_at"),
    }
}

pub(crate) async fn cancel(
    client: &impl GenericClient,
    id: Uuid,
    ttl: Duration,
) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(CANCEL, &[(&id, Type::UUID), (&seconds(ttl), Type::FLOAT8)])
        .await
        .map_err(failed("cancelling a job"))?;
    Ok(row.is_some())
}

pub(crate) async fn call_off(
    client: &impl GenericClient,
    id: Uuid,
    ttl: Duration,
) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(
            CALL_OFF,
            &[(&id, Type::UUID), (&seconds(ttl), Type::FLOAT8)],
        )
        .await
        .map_err(failed("calling off a running job"))?;
    Ok(row.is_some())
}

pub(crate) async fn delete_job(client: &impl GenericClient, id: Uuid) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(DELETE_JOB, &[(&id, Type::UUID)])
        .await
        .map_err(failed("deleting a job"))?;
    Ok(row.is_some())
}

pub(crate) async fn list_dead_letters(
    client: &impl GenericClient,
    filter: &DeadLetterFilter,
) -> Result<Vec<DeadLetter>, Error> {
    let limit = i64::from(filter.limit.unwrap_or(DEFAULT_LIMIT));
    let age = filter.older_than.map(seconds);
    let rows = client
        .query_typed(
            LIST_DEAD_LETTERS,
            &[
                (&filter.job_name, Type::TEXT),
                (&filter.queue, Type::TEXT),
                (&filter.reason, Type::TEXT),
                (&limit, Type::INT8),
                (&age, Type::FLOAT8),
            ],
        )
        .await
        .map_err(failed("listing dead letters"))?;
    Ok(rows.iter().map(dead_letter).collect())
}

pub(crate) async fn list_dead_letter_ids(
    client: &impl GenericClient,
    filter: &DeadLetterFilter,
) -> Result<Vec<Uuid>, Error> {
    let limit = filter.limit.map(i64::from);
    let age = filter.older_than.map(seconds);
    let rows = client
        .query_typed(
            LIST_DEAD_LETTER_IDS,
            &[
                (&filter.job_name, Type::TEXT),
                (&filter.queue, Type::TEXT),
                (&filter.reason, Type::TEXT),
                (&limit, Type::INT8),
                (&age, Type::FLOAT8),
            ],
        )
        .await
        .map_err(failed("listing dead letters"))?;
    Ok(rows.iter().map(|row| row.get("id")).collect())
}

pub(crate) async fn get_dead_letter(
    client: &impl GenericClient,
    id: Uuid,
) -> Result<Option<DeadLetter>, Error> {
    let row = client
        .query_typed_opt(GET_DEAD_LETTER, &[(&id, Type::UUID)])
        .await
        .map_err(failed("reading a dead letter"))?;
    Ok(row.as_ref().map(dead_letter))
}

fn dead_letter(row: &Row) -> DeadLetter {
    DeadLetter {
        id: row.get("id"),
        job_name: row.get("job_name"),
        args: row.try_get("args").unwrap_or(Value::Null),
        queue: row.get("queue"),
        priority: row.get("priority"),
        attempts: row.get("attempts"),
        max_attempts: row.get("max_attempts"),
        last_error: row.get("last_error"),
        reason: row.get("dead_letter_reason"),
        created_at: time_or_epoch(row, "original_created_at"),
        dead_lettered_at: time_or_epoch(row, "moved_to_dead_letter_at"),
        resurrection_count: row.get::<_, Option<i32>>("resurrection_count").unwrap_or(0),
        last_resurrection_at: time(row, "last_resurrection_at"),
    }
}

pub(crate) async fn replay(
    client: &impl GenericClient,
    id: Uuid,
    producer_id: &str,
) -> Result<Option<Uuid>, Error> {
    let row = client
        .query_typed_opt(
            REPLAY,
            &[
                (&id, Type::UUID),
                (&Uuid::now_v7(), Type::UUID),
                (&producer_id, Type::TEXT),
            ],
        )
        .await
        .map_err(failed("replaying a dead letter"))?;
    Ok(row.map(|row| row.get(0)))
}

pub(crate) async fn delete_dead_letter(
    client: &impl GenericClient,
    id: Uuid,
) -> Result<bool, Error> {
    let row = client
        .query_typed_opt(DELETE_DEAD_LETTER, &[(&id, Type::UUID)])
        .await
        .map_err(failed("deleting a dead letter"))?;
    Ok(row.is_some())
}

/// `patience` is how many seconds a live worker may have been silent.
pub(crate) async fn stats(client: &impl GenericClient, patience: f64) -> Result<Stats, Error> {
    let doing = "counting";
    let queues = client
        .query_typed(STATS_QUEUES, &[])
        .await
        .map_err(failed(doing))?;
    let workers = client
        .query_typed(STATS_WORKERS, &[])
        .await
        .map_err(failed(doing))?;
    let unhandled = rows::unserved(client, patience).await?;
    let dead_letters = client
        .query_typed_one(COUNT_DEAD_LETTERS, &[])
        .await
        .map_err(failed(doing))?;
    Ok(Stats {
        queues: queues
            .iter()
            .map(|row| QueueStats {
                queue: row.get("queue"),
                paused: row.get("paused"),
                due: row.get("due"),
                scheduled: row.get("scheduled"),
                processing: row.get("processing"),
                done: row.get("done"),
                cancelled: row.get("cancelled"),
                oldest_due_seconds: row.get("oldest_due_seconds"),
            })
            .collect(),
        dead_letters: dead_letters.get(0),
        workers: workers
            .iter()
            .map(|row| WorkerStats {
                id: row.get("id"),
                hostname: row.get("hostname"),
                pid: row.get("pid"),
                queues: row.get("queues"),
                concurrency: row.get("concurrency"),
                status: row.get("status"),
                draining: row.get("draining"),
                started_at: time_or_epoch(row, "started_at"),
                heartbeat_age_seconds: row.get("heartbeat_age_seconds"),
                processing: row.get("processing"),
            })
            .collect(),
        unhandled: unhandled
            .into_iter()
            .map(|jobs| UnhandledStats {
                job_name: jobs.task,
                queue: jobs.queue,
                queued: i64::try_from(jobs.count).unwrap_or(i64::MAX),
            })
            .collect(),
    })
}
