//! The bare database: the least that a queue on these tables does, driven by hand.

use std::time::Instant;

use futures_util::future::try_join_all;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::cost::Meter;
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size};

const INSERT: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
    VALUES ($1, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4)";

const INSERT_AND_NOTIFY: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
    VALUES ($1, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4)
    RETURNING pg_notify('soniq_new_job', queue)";

const INSERT_MANY: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
    SELECT id, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4 FROM unnest($1::uuid[]) AS id";

const CLAIM: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM soniq_jobs WHERE status = 'queued'
        ORDER BY coalesce(priority, 100), coalesce(scheduled_at, created_at, '-infinity'), id
        LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE soniq_jobs AS job
    SET status = 'processing', attempts = attempts + 1, worker_id = $2, claim_id = 1, updated_at = now()
    FROM due WHERE job.id = due.id
    RETURNING job.id, job.args";

const INSERT_MANY_AND_NOTIFY: &str = "
    WITH inserted AS (
        INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
        SELECT id, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4 FROM unnest($1::uuid[]) AS id
        RETURNING queue
    )
    SELECT pg_notify('soniq_new_job', queue) FROM inserted GROUP BY queue";

const COMPLETE: &str = "
    UPDATE soniq_jobs
    SET status = 'done', result = 'null', expires_at = now() + interval '5 minutes',
        worker_id = NULL, claim_id = NULL, updated_at = now()
    WHERE id = ANY ($1)";

const DELETE: &str = "DELETE FROM soniq_jobs WHERE id = ANY ($1)";

/// Batches of the cycle of claim and completion.
pub const BATCHES: [u32; 4] = [1, 10, 100, 1000];

/// Writers of the single inserts.
pub const WRITERS: [u32; 3] = [1, 16, 32];

/// The name of the figure of single inserts.
pub fn insert_name(writers: u32, notify: bool) -> String {
    format!("insert, {writers} writers{}", notifying(notify))
}

/// The name of the figure of inserts of many.
pub const INSERT_MANY_NAME: &str = "insert, 1000 in a statement";

/// The name of the figure of a cycle.
pub fn cycle_name(batch: u32, kept: bool) -> String {
    let end = if kept { "update" } else { "delete" };
    format!("claim and {end}, {batch} a batch")
}

fn notifying(notify: bool) -> &'static str {
    if notify { ", NOTIFY in each" } else { "" }
}

/// Measures all of it.
///
/// # Errors
/// The server refuses.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for writers in WRITERS {
        for notify in [false, true] {
            figures.push(insert(server, size, writers, notify).await?.announced());
        }
    }
    for notify in [false, true] {
        figures.push(insert_many(server, size, notify).await?.announced());
    }
    for batch in BATCHES {
        for kept in [true, false] {
            figures.push(cycle(server, size, batch, kept).await?.announced());
        }
    }
    Ok(figures)
}

/// Measures only what this project is compared with.
///
/// # Errors
/// As for [`measure`].
pub async fn compared(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for writers in WRITERS {
        figures.push(insert(server, size, writers, false).await?.announced());
    }
    figures.push(insert_many(server, size, false).await?.announced());
    for kept in [true, false] {
        figures.push(cycle(server, size, 1000, kept).await?.announced());
    }
    Ok(figures)
}

async fn insert(
    server: &Server,
    size: Size,
    writers: u32,
    notify: bool,
) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let listener = connect(database.url()).await?;
    listener.batch_execute("LISTEN soniq_new_job").await?;
    let mut clients = Vec::new();
    for _ in 0..writers {
        clients.push(connect(database.url()).await?);
    }
    let statement = if notify { INSERT_AND_NOTIFY } else { INSERT };
    let meter = Meter::start(&observer, server.pid()?).await?;
    let deadline = size.deadline();
    let writing = clients.iter().map(|client| async move {
        let statement = client.prepare(statement).await?;
        let mut written = 0;
        while Instant::now() < deadline {
            client.execute(&statement, &[&Uuid::now_v7()]).await?;
            written += 1;
        }
        Ok::<u32, tokio_postgres::Error>(written)
    });
    let written = try_join_all(writing).await?.iter().sum();
    let cost = meter.end(clients).await?;
    Ok(Figure::rate(insert_name(writers, notify), written, cost))
}

async fn insert_many(server: &Server, size: Size, notify: bool) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let (observer, client) = (
        connect(database.url()).await?,
        connect(database.url()).await?,
    );
    let statement = if notify {
        INSERT_MANY_AND_NOTIFY
    } else {
        INSERT_MANY
    };
    let meter = Meter::start(&observer, server.pid()?).await?;
    let statement = client.prepare(statement).await?;
    let deadline = size.deadline();
    let mut written = 0;
    while Instant::now() < deadline {
        client.execute(&statement, &[&thousand()]).await?;
        written += 1000;
    }
    let cost = meter.end(client).await?;
    let name = format!("{INSERT_MANY_NAME}{}", notifying(notify));
    Ok(Figure::rate(name, written, cost))
}

fn thousand() -> Vec<Uuid> {
    (0..1000).map(|_| Uuid::now_v7()).collect()
}

/// Inserts so many jobs, a thousand at a time.
async fn fill(client: &Client, jobs: u32) -> Result<(), Failure> {
    let statement = client.prepare(INSERT_MANY).await?;
    for _ in 0..jobs / 1000 {
        client.execute(&statement, &[&thousand()]).await?;
    }
    Ok(())
}

async fn cycle(server: &Server, size: Size, batch: u32, kept: bool) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let (observer, client) = (
        connect(database.url()).await?,
        connect(database.url()).await?,
    );
    let jobs = size.of(100_000).min(batch * 10_000);
    fill(&client, jobs).await?;
    // Each by itself: a vacuum does not run inside a transaction.
    for statement in ["VACUUM ANALYZE soniq_jobs", "CHECKPOINT"] {
        client.batch_execute(statement).await?;
    }
    let claim = client.prepare(CLAIM).await?;
    let end = client.prepare(if kept { COMPLETE } else { DELETE }).await?;
    let worker = Uuid::now_v7();
    let meter = Meter::start(&observer, server.pid()?).await?;
    let deadline = size.deadline();
    let mut ended = 0;
    while Instant::now() < deadline {
        let most = i64::from(batch);
        let parameters: [&(dyn ToSql + Sync); 2] = [&most, &worker];
        let rows = client.query(&claim, &parameters).await?;
        if rows.is_empty() {
            break;
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
        client.execute(&end, &[&ids]).await?;
        ended += ids.len();
    }
    let cost = meter.end(client).await?;
    Ok(Figure::rate(
        cycle_name(batch, kept),
        u32::try_from(ended)?,
        cost,
    ))
}
