//! Reads what lies there: counts, every row, and who would run it. Each in one transaction, so that
//! all of it is of one moment; beside a writer, not in its way.

use std::time::Duration;

use rusqlite::{Connection, Row, params};
use tokio::sync::mpsc;

use super::failure::Failure;
use super::file::{File, Missing, run};
use super::jobs::time;
use super::stats::queue_names;
use super::values::{Id, Json, Time, list};
use crate::error::Error;
use crate::fleet::{Fleet, FleetWorker, Unserved};
use crate::rows::{Census, Moment, Reader, StoredRow, Table, TableRows};

const CENSUS: &str = include_str!("sql/census.sql");
const OPEN_ROWS: &str = include_str!("sql/open_rows.sql");
const FLEET_WORKERS: &str = include_str!("sql/fleet_workers.sql");
const FLEET_TASKS: &str = include_str!("sql/fleet_tasks.sql");
const UNSERVED: &str = include_str!("sql/unserved.sql");

/// Rows read ahead of the one who judges them.
const AHEAD: usize = 1000;

pub(crate) fn census(
    connection: &Connection,
    database: String,
    now: Time,
) -> Result<Census, Failure> {
    let mut statement = connection.prepare(CENSUS)?;
    let tasks = statement.query_map([], |row| {
        Ok(TableRows {
            task: row.get("task")?,
            table: table(row)?,
            count: count(row, "rows")?,
            oldest: time(row, "oldest")?,
            newest: time(row, "newest")?,
        })
    })?;
    let moment = Moment {
        database,
        taken_at: now.0,
    };
    Ok(Census::new(moment, tasks.collect::<Result<_, _>>()?))
}

enum Read {
    Begin(Census),
    Row(StoredRow),
}

/// Reads the rows of `names`, one by one, on a connection of its own: however long it takes, nobody
/// waits for it.
pub(crate) async fn read(
    file: &File,
    names: &[String],
    reader: &mut dyn Reader,
) -> Result<(), Error> {
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    let location = file.location().clone();
    let (database, names) = (file.name(), list(names));
    let reading = run(move || {
        let mut connection = location.open(Missing::Refuse)?;
        let transaction = connection.transaction()?;
        // Who listens no more wants no more.
        let census = census(&transaction, database, Time::now())?;
        if sender.blocking_send(Read::Begin(census)).is_err() {
            return Ok(());
        }
        let mut statement = transaction.prepare(OPEN_ROWS)?;
        let mut rows = statement.query([names])?;
        while let Some(row) = rows.next()? {
            if sender.blocking_send(Read::Row(stored(row)?)).is_err() {
                return Ok(());
            }
        }
        Ok(())
    });
    let judging = async {
        while let Some(read) = receiver.recv().await {
            match read {
                Read::Begin(census) => reader.begin(census),
                Read::Row(row) => reader.row(row),
            }
        }
    };
    let (done, ()) = tokio::join!(reading, judging);
    done.map_err(|failure| failure.told("reading rows", file.path()))
}

/// A row that a claim could not read is one that would fail.
fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRow> {
    Ok(StoredRow {
        table: table(row)?,
        id: row.get::<_, Id>("id")?.0,
        task: row.get("job_name")?,
        args: row
            .get::<_, Json>("args")
            .map(|Json(args)| args)
            .map_err(|error| error.to_string()),
    })
}

/// A count is never negative.
fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

fn table(row: &Row<'_>) -> rusqlite::Result<Table> {
    let name: String = row.get("source")?;
    let mut tables = Table::ALL.into_iter();
    let table = tables.find(|table| table.as_str() == name);
    Ok(table.expect("the statements name these tables"))
}

/// `patience` is how long a live worker may have been silent.
pub(crate) fn fleet(
    connection: &Connection,
    database: String,
    (now, patience): (Time, Duration),
) -> Result<Fleet, Failure> {
    let since = now.minus(patience);
    let mut workers = connection.prepare(FLEET_WORKERS)?;
    let workers = workers.query_map(params![since], |row| {
        Ok(FleetWorker {
            id: row.get::<_, Id>("id")?.0,
            hostname: row.get("hostname")?,
            pid: row.get("pid")?,
            queues: queue_names(row)?,
            release: row.get("version")?,
            runtime: row.get("runtime")?,
            draining: row.get("draining")?,
            last_seen: time(row, "last_heartbeat")?,
        })
    })?;
    let mut tasks = connection.prepare(FLEET_TASKS)?;
    let tasks = tasks.query_map(params![since], |row| {
        let Id(worker) = row.get("worker")?;
        Ok((row.get("task")?, worker, row.get("fingerprint")?))
    })?;
    let moment = Moment {
        database,
        taken_at: now.0,
    };
    Ok(Fleet::new(
        moment,
        workers.collect::<Result<_, _>>()?,
        tasks.collect::<Result<_, _>>()?,
        unserved(connection, now, patience)?,
    ))
}

/// Queued jobs that no live worker takes, by name and queue.
pub(super) fn unserved(
    connection: &Connection,
    now: Time,
    patience: Duration,
) -> Result<Vec<Unserved>, Failure> {
    let mut unserved = connection.prepare_cached(UNSERVED)?;
    let unserved = unserved.query_map(params![now.minus(patience)], |row| {
        Ok(Unserved {
            task: row.get("task")?,
            queue: row.get("queue")?,
            count: count(row, "jobs")?,
            oldest: time(row, "oldest")?,
        })
    })?;
    Ok(unserved.collect::<Result<_, _>>()?)
}
