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
    for Contracts { owner, tasks } in contracts {
        let mut names = Vec::new();
        for task in tasks {
            let Some(schedule) = &task.schedule else {
                continue;
            };
            names.push(task.name);
            let wanted = Wanted::of_contract(task, schedule, defaults)?;
            changes.extend(store(change, &wanted, owner.as_deref())?);
        }
        if let Some(owner) = owner {
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

/// Writes the row. What it replaces keeps its history and its pause.
fn insert(
    change: &Change<'_>,
    wanted: &Wanted,
    replaced: Option<&Stored>,
) -> Result<Uuid, Failure> {
    let replaced = replaced.map(|stored| &stored.schedule);
    let next = Time(wanted.next_run(replaced, change.now.0)?);
    let id = replaced.map_or_else(Uuid::now_v7, |old| old.id);
    let row = params![
        Id(id),
        wanted.task,
        wanted.kind,
        wanted.value,
        wanted.priority,
        wanted.queue,
        wanted.max_attempts,
        Json(wanted.args.clone()),
        wanted.unique,
        next,
        replaced.map_or("active", |old| &old.status),
        replaced.and_then(|old| old.created_at).map(Time),
        replaced.and_then(|old| old.last_run).map(Time),
        replaced.map_or(0, |old| old.run_count),
        replaced.and_then(|old| old.last_job_id).map(Id),
        change.now,
    ];
    if wanted.is_plain() {
        change.execute(INSERT_RECURRING, row)?;
    } else {
        let more: [&dyn ToSql; 2] = [&wanted.timezone, &wanted.catch_up];
        let row: Vec<&dyn ToSql> = row.iter().copied().chain(more).collect();
        change.execute(INSERT_SCHEDULE, row.as_slice())?;
    }
    Ok(id)
}
