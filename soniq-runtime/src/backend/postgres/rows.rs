//! Reads what lies there: counts, every row, and who would run it. Each in one read-only
//! transaction, so that all of it is of one moment; no statement of it takes a lock that a writer
//! waits for.

use futures_util::TryStreamExt as _;
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, GenericClient, IsolationLevel, Row, Transaction};

use super::connect::failed;
use super::times::time;
use crate::error::Error;
use crate::fleet::{Fleet, FleetWorker, Registered, Unserved};
use crate::rows::{Census, Moment, Reader, StoredRow, Table, TableRows};

const SNAPSHOT: &str = include_str!("sql/snapshot.sql");
const CENSUS: &str = include_str!("sql/census.sql");
const OPEN_ROWS: &str = include_str!("sql/open_rows.sql");
const FETCH_ROWS: &str = include_str!("sql/fetch_rows.sql");
const FLEET_WORKERS: &str = include_str!("sql/fleet_workers.sql");
const FLEET_TASKS: &str = include_str!("sql/fleet_tasks.sql");
const UNSERVED: &str = include_str!("sql/unserved.sql");

const COUNTING: &str = "counting rows";
const READING: &str = "reading rows";
const LOOKING: &str = "looking for workers";

pub(crate) async fn census(client: &mut Client) -> Result<Census, Error> {
    let transaction = snapshot(client, COUNTING).await?;
    count(&transaction).await
}

/// Reads the rows of `names`, one by one.
pub(crate) async fn read(
    client: &mut Client,
    names: &[String],
    reader: &mut dyn Reader,
) -> Result<(), Error> {
    let transaction = snapshot(client, READING).await?;
    reader.begin(count(&transaction).await?);
    transaction
        .execute_typed(OPEN_ROWS, &[(&names, Type::TEXT_ARRAY)])
        .await
        .map_err(failed(READING))?;
    loop {
        let none: [(&(dyn ToSql + Sync), Type); 0] = [];
        let batch = transaction
            .query_typed_raw(FETCH_ROWS, none)
            .await
            .map_err(failed(READING))?;
        let mut batch = std::pin::pin!(batch);
        let mut is_empty = true;
        while let Some(row) = batch.try_next().await.map_err(failed(READING))? {
            is_empty = false;
            reader.row(stored(&row));
        }
        if is_empty {
            return Ok(());
        }
    }
}

/// `patience` is how many seconds a live worker may have been silent.
pub(crate) async fn fleet(client: &mut Client, patience: f64) -> Result<Fleet, Error> {
    let transaction = snapshot(client, LOOKING).await?;
    let moment = moment(&transaction).await?;
    let parameters: &[(&(dyn ToSql + Sync), Type)] = &[(&patience, Type::FLOAT8)];
    let query = async |statement| {
        transaction
            .query_typed(statement, parameters)
            .await
            .map_err(failed(LOOKING))
    };
    let workers = query(FLEET_WORKERS).await?;
    let tasks = query(FLEET_TASKS).await?;
    let unserved = unserved(&transaction, patience).await?;
    Ok(Fleet::new(
        moment,
        workers.iter().map(worker).collect(),
        tasks.iter().map(registered).collect(),
        unserved,
    ))
}

/// What is queued that no live worker takes, by name and queue.
pub(crate) async fn unserved(
    client: &impl GenericClient,
    patience: f64,
) -> Result<Vec<Unserved>, Error> {
    let rows = client
        .query_typed(UNSERVED, &[(&patience, Type::FLOAT8)])
        .await
        .map_err(failed(LOOKING))?;
    Ok(rows.iter().map(unserved_jobs).collect())
}

async fn snapshot<'a>(
    client: &'a mut Client,
    doing: &'static str,
) -> Result<Transaction<'a>, Error> {
    client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(failed(doing))
}

async fn moment(client: &impl GenericClient) -> Result<Moment, Error> {
    let row = client
        .query_typed_one(SNAPSHOT, &[])
        .await
        .map_err(failed(COUNTING))?;
    Ok(Moment {
        database: row.get("database"),
        taken_at: row.get("taken_at"),
    })
}

async fn count(client: &impl GenericClient) -> Result<Census, Error> {
    let moment = moment(client).await?;
    let rows = client
        .query_typed(CENSUS, &[])
        .await
        .map_err(failed(COUNTING))?;
    let tasks = rows.iter().map(|row| TableRows {
        task: row.get("task"),
        table: table(row),
        count: counted(row, "rows"),
        oldest: time(row, "oldest"),
        newest: time(row, "newest"),
    });
    Ok(Census::new(moment, tasks.collect()))
}

/// A row that a claim could not read is one that would fail.
fn stored(row: &Row) -> StoredRow {
    let args = match time(row, "created_at") {
        None => Err("created_at is no time that can be read".to_owned()),
        Some(_) => row.try_get::<_, Value>("args").map_err(|error| {
            std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
        }),
    };
    StoredRow {
        table: table(row),
        id: row.get("id"),
        task: row.get("job_name"),
        args,
    }
}

fn table(row: &Row) -> Table {
    let name: &str = row.get("source");
    let mut tables = Table::ALL.into_iter();
    tables
        .find(|table| table.as_str() == name)
        .expect("the statements name these tables")
}

/// A count is never negative.
fn counted(row: &Row, column: &str) -> u64 {
    u64::try_from(row.get::<_, i64>(column)).unwrap_or(0)
}

fn worker(row: &Row) -> FleetWorker {
    FleetWorker {
        id: row.get("id"),
        hostname: row.get("hostname"),
        pid: row.get("pid"),
        queues: row.get("queues"),
        release: row.get("version"),
        runtime: row.get("runtime"),
        draining: row.get("draining"),
        last_seen: time(row, "last_heartbeat"),
    }
}

fn registered(row: &Row) -> Registered {
    (row.get("task"), row.get("worker"), row.get("fingerprint"))
}

fn unserved_jobs(row: &Row) -> Unserved {
    Unserved {
        task: row.get("task"),
        queue: row.get("queue"),
        count: counted(row, "jobs"),
        oldest: time(row, "oldest"),
    }
}
