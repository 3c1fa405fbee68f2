//! Schedules as they are stored, whichever table they are in.

use rusqlite::{Connection, Row};
use serde_json::Value;

use super::super::failure::Failure;
use super::super::jobs::time;
use super::super::values::{Id, Json};
use crate::scheduler::Rule;
use crate::schedules::RecurringJob;

const LIST: &str = include_str!("../sql/list_schedules.sql");

/// A schedule and where it is.
#[derive(Debug)]
pub(super) struct Stored {
    /// An interval, or cron in UTC.
    pub(super) plain: bool,
    pub(super) schedule: RecurringJob,
}

impl Stored {
    pub(super) fn is_active(&self) -> bool {
        self.schedule.status == "active"
    }
}

/// All, or those of one task.
pub(crate) fn list(
    connection: &Connection,
    task: Option<&str>,
) -> Result<Vec<RecurringJob>, Failure> {
    let found = find(connection, task)?;
    Ok(found.into_iter().map(|stored| stored.schedule).collect())
}

pub(super) fn find(connection: &Connection, task: Option<&str>) -> Result<Vec<Stored>, Failure> {
    let mut statement = connection.prepare_cached(LIST)?;
    let rows = statement.query_map([task], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let owners: Option<Json> = row.get("owners")?;
    let owners = owners.map_or(Value::Null, |Json(owners)| owners);
    let mut schedule = RecurringJob {
        id: row.get::<_, Id>("id")?.0,
        job_name: row.get("job_name")?,
        schedule_type: row.get("schedule_type")?,
        schedule_value: row.get("schedule_value")?,
        timezone: row.get("timezone")?,
        catch_up: row.get("catch_up")?,
        queue: row.get("queue")?,
        priority: row.get("priority")?,
        max_attempts: row.get("max_attempts")?,
        unique_job: row.get("unique_job")?,
        args: row.get("job_kwargs").map_or(Value::Null, |Json(args)| args),
        status: row.get("status")?,
        created_at: time(row, "created_at")?,
        last_run: time(row, "last_run")?,
        next_run: time(row, "next_run")?,
        run_count: row.get("run_count")?,
        last_job_id: row.get::<_, Option<Id>>("last_job_id")?.map(|Id(id)| id),
        owners: serde_json::from_value(owners).unwrap_or_default(),
        orphaned_at: time(row, "orphaned_at")?,
        problem: None,
    };
    schedule.problem = Rule::of(&schedule).err();
    Ok(Stored {
        plain: row.get("plain")?,
        schedule,
    })
}
