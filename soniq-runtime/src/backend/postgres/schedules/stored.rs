//! Schedules as they are stored, whichever table they are in.

use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};

use super::super::connect::failed;
use super::super::times::time;
use crate::error::Error;
use crate::scheduler::Rule;
use crate::schedules::RecurringJob;

const LIST: &str = include_str!("../sql/list_schedules.sql");

/// A schedule and where it is.
#[derive(Debug)]
pub(super) struct Stored {
    /// In the table that every Soniq reads.
    pub(super) plain: bool,
    pub(super) schedule: RecurringJob,
}

pub(crate) async fn list(
    client: &impl GenericClient,
    task: Option<&str>,
) -> Result<Vec<RecurringJob>, Error> {
    let stored = find(client, task)
        .await
        .map_err(failed("listing schedules"))?;
    Ok(stored.into_iter().map(|stored| stored.schedule).collect())
}

/// All, or those of one task.
pub(super) async fn find(
    client: &impl GenericClient,
    task: Option<&str>,
) -> Result<Vec<Stored>, tokio_postgres::Error> {
    let rows = client.query_typed(LIST, &[(&task, Type::TEXT)]).await?;
    Ok(rows.iter().map(read).collect())
}

/// The rule and the arguments of a schedule's row; the reason, where either cannot be read.
pub(super) fn rule_and_args(row: &Row) -> Result<(Rule, Value), String> {
    let rule = Rule::parse(
        row.get("schedule_type"),
        row.get("schedule_value"),
        row.get("timezone"),
    )?;
    let args: Value = row
        .try_get("job_kwargs")
        .map_err(|error| format!("its args cannot be read: {error}"))?;
    Rule::fires_with(&args)?;
    Ok((rule, args))
}

fn read(row: &Row) -> Stored {
    let schedule = RecurringJob {
        id: row.get("id"),
        job_name: row.get("job_name"),
        schedule_type: row.get("schedule_type"),
        schedule_value: row.get("schedule_value"),
        timezone: row.get("timezone"),
        catch_up: row.get("catch_up"),
        queue: row.get("queue"),
        priority: row.get("priority"),
        max_attempts: row.get("max_attempts"),
        unique_job: row.get("unique_job"),
        args: row.try_get("job_kwargs").unwrap_or(Value::Null),
        status: row.get("status"),
        created_at: time(row, "created_at"),
        last_run: time(row, "last_run"),
        next_run: time(row, "next_run"),
        run_count: row.get("run_count"),
        last_job_id: row.get("last_job_id"),
        owners: row.get("owners"),
        orphaned_at: time(row, "orphaned_at"),
        problem: rule_and_args(row).err(),
    };
    Stored {
        plain: row.get::<_, &str>("source") == "soniq_recurring_jobs",
        schedule,
    }
}
