//! What an operator does with a schedule.

use rusqlite::params;

use super::super::failure::Failure;
use super::super::file::Change;
use super::super::values::{Id, Time};
use super::stored;
use crate::scheduler::next_regular;

const PAUSE: [&str; 2] = [
    "UPDATE soniq_recurring_jobs SET status = 'paused', updated_at = ?2 WHERE id = ?1",
    "UPDATE soniq_schedules SET status = 'paused', updated_at = ?2 WHERE id = ?1",
];
const RESUME: [&str; 2] = [
    include_str!("../sql/resume_recurring_job.sql"),
    include_str!("../sql/resume_schedule.sql"),
];
const DELETE: [&str; 2] = [
    "DELETE FROM soniq_recurring_jobs WHERE job_name = ?1",
    "DELETE FROM soniq_schedules WHERE job_name = ?1",
];
const DISOWN: &str = include_str!("../sql/disown_schedules.sql");

/// Whether it was active; `None` where there is no schedule of this task.
pub(crate) fn pause(change: &Change<'_>, task: &str) -> Result<Option<bool>, Failure> {
    let found = stored::find(change, Some(task))?;
    let mut paused = false;
    for stored in found.iter().filter(|stored| stored.is_active()) {
        paused = true;
        for statement in PAUSE {
            change.execute(statement, params![Id(stored.schedule.id), change.now])?;
        }
    }
    Ok((!found.is_empty()).then_some(paused))
}

/// Whether it was paused; `None` where there is no schedule of this task.
pub(crate) fn resume(change: &Change<'_>, task: &str) -> Result<Option<bool>, Failure> {
    let found = stored::find(change, Some(task))?;
    let mut resumed = false;
    for stored in found.iter().filter(|stored| !stored.is_active()) {
        resumed = true;
        let next = next_regular(&stored.schedule, change.now.0).map(Time);
        for statement in RESUME {
            let id = Id(stored.schedule.id);
            change.execute(statement, params![id, next, change.now])?;
        }
    }
    Ok((!found.is_empty()).then_some(resumed))
}

/// Whether it was there.
pub(crate) fn remove(change: &Change<'_>, task: &str) -> Result<bool, Failure> {
    let removed = delete(change, task)?;
    disown(change)?;
    Ok(removed)
}

pub(super) fn delete(change: &Change<'_>, task: &str) -> Result<bool, Failure> {
    let mut rows = 0;
    for statement in DELETE {
        rows += change.execute(statement, [task])?;
    }
    Ok(rows > 0)
}

/// Forgets what is said of schedules that are no more.
pub(super) fn disown(change: &Change<'_>) -> Result<(), Failure> {
    change.execute(DISOWN, [])?;
    Ok(())
}
