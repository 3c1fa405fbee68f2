//! Makes the stored schedules what the contracts say, and marks those that they have no more.

use rusqlite::{ToSql, params};
use uuid::Uuid;

use super::super::failure::Failure;
use super::super::file::Change;
use super::super::values::{Id, Json, Time, list};
use super::operate::{delete, disown};
use super::stored::{self, Stored};
use crate::backend::ScheduleDefaults;
use crate::scheduler::{Contracts, ScheduleChange, Wanted};

const INSERT_RECURRING: &str = include_str!("../sql/insert_recurring_job.sql");
const INSERT_SCHEDULE: &str = include_str!("../sql/insert_schedule.sql");
const OWN: &str = include_str!("../sql/own_schedule.sql");
const DROP: &str = include_str!("../sql/drop_schedules.sql");

pub(crate) fn reconcile(
    change: &Change<'_>,
    contracts: &[Contracts],
    defaults: ScheduleDefaults,
) -> Result<Vec<ScheduleChange>, Failure> {
    let mut changes = Vec::new();
    for contracts in contracts {
        let wanted = contracts.wanted(defaults)?;
        for wanted in &wanted {
            changes.extend(store(change, wanted, contracts.owner.as_deref())?);
        }
        if let Some(owner) = &contracts.owner {
            let names: Vec<&str> = wanted.iter().map(|wanted| wanted.task).collect();
            changes.extend(orphans(change, owner, &names)?);
        }
    }
    Ok(changes)
}

/// Marks what `owner` had and has no more; those of them that nobody has.
fn orphans(
    change: &Change<'_>,
    owner: &str,
    names: &[&str],
) -> Result<Vec<ScheduleChange>, Failure> {
    disown(change)?;
    let mut statement = change.prepare_cached(DROP)?;
    let dropped = statement.query_map(params![owner, list(names), change.now], |row| row.get(0))?;
    let dropped: Vec<Uuid> = dropped
        .map(|id| id.map(|Id(id)| id))
        .collect::<Result<_, _>>()?;
    let found = stored::find(change, None)?;
    Ok(found
        .into_iter()
        .map(|stored| stored.schedule)
        .filter(|schedule| dropped.contains(&schedule.id) && schedule.orphaned_at.is_some())
        .map(|schedule| ScheduleChange::Orphaned(schedule.job_name))
        .collect())
}

/// Has `wanted` stored.
fn store(
    change: &Change<'_>,
    wanted: &Wanted,
    owner: Option<&str>,
) -> Result<Option<ScheduleChange>, Failure> {
    let found = stored::find(change, Some(wanted.task))?;
    let name = wanted.task.to_owned();
    let (id, done) = match found.as_slice() {
        [same] if wanted.is(&same.schedule) && same.plain == wanted.is_plain() => {
            (same.schedule.id, None)
        }
        [] => (
            insert(change, wanted, None)?,
            Some(ScheduleChange::Added(name)),
        ),
        [first, ..] => {
            delete(change, wanted.task)?;
            let id = insert(change, wanted, Some(first))?;
            (id, Some(ScheduleChange::Changed(name)))
        }
    };
    if let Some(owner) = owner {
        change.execute(OWN, params![Id(id), owner])?;
    }
    Ok(done)
}

/// Writes the row; its id.
fn insert(
    change: &Change<'_>,
    wanted: &Wanted,
    replaced: Option<&Stored>,
) -> Result<Uuid, Failure> {
    let row = wanted.in_place_of(replaced.map(|stored| &stored.schedule), change.now.0)?;
    let values = params![
        Id(row.id),
        row.job_name,
        row.schedule_type,
        row.schedule_value,
        row.priority,
        row.queue,
        row.max_attempts,
        Json(row.args),
        row.unique_job,
        row.next_run.map(Time),
        row.status,
        row.created_at.map(Time),
        row.last_run.map(Time),
        row.run_count,
        row.last_job_id.map(Id),
        change.now,
    ];
    if wanted.is_plain() {
        change.execute(INSERT_RECURRING, values)?;
    } else {
        let more: [&dyn ToSql; 2] = [&row.timezone, &row.catch_up];
        let values: Vec<&dyn ToSql> = values.iter().copied().chain(more).collect();
        change.execute(INSERT_SCHEDULE, values.as_slice())?;
    }
    Ok(row.id)
}
