//! Makes the stored schedules what the contracts say, and marks those that they have no more.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::super::state::State;
use super::Schedule;
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::scheduler::{Contracts, ScheduleChange, Wanted};
use crate::schedules::RecurringJob;

pub(crate) fn reconcile(
    state: &mut State,
    contracts: &[Contracts],
    defaults: ScheduleDefaults,
) -> Result<Vec<ScheduleChange>, Error> {
    let mut changes = Vec::new();
    for Contracts { owner, tasks } in contracts {
        let mut names = Vec::new();
        for task in tasks {
            let Some(schedule) = &task.schedule else {
                continue;
            };
            names.push(task.name);
            let wanted = Wanted::of_contract(task, schedule, defaults)?;
            changes.extend(store(state, &wanted, owner.as_deref())?);
        }
        if let Some(owner) = owner {
            changes.extend(orphans(state, owner, &names));
        }
    }
    Ok(changes)
}

fn store(
    state: &mut State,
    wanted: &Wanted,
    owner: Option<&str>,
) -> Result<Option<ScheduleChange>, Error> {
    let name = wanted.task.to_owned();
    let found = state.schedules.get(wanted.task);
    let change = match found {
        Some(same) if wanted.is(&same.stored) => None,
        Some(_) => Some(ScheduleChange::Changed(name.clone())),
        None => Some(ScheduleChange::Added(name.clone())),
    };
    if change.is_some() {
        let stored = stored(state, wanted, found.map(|found| &found.stored))?;
        let owners = found.map_or_else(BTreeMap::new, |found| found.owners.clone());
        let schedule = Schedule { stored, owners };
        state.schedules.insert(name.clone(), schedule);
    }
    if let (Some(owner), Some(own)) = (owner, state.schedules.get_mut(&name)) {
        own.owners.insert(owner.to_owned(), None);
    }
    Ok(change)
}

/// What it replaces keeps its history and its pause.
fn stored(
    state: &State,
    wanted: &Wanted,
    replaced: Option<&RecurringJob>,
) -> Result<RecurringJob, Error> {
    let now = state.now();
    Ok(RecurringJob {
        id: replaced.map_or_else(Uuid::now_v7, |old| old.id),
        job_name: wanted.task.to_owned(),
        schedule_type: wanted.kind.to_owned(),
        schedule_value: wanted.value.clone(),
        timezone: wanted.timezone.to_owned(),
        catch_up: wanted.catch_up.to_owned(),
        queue: wanted.queue.to_owned(),
        priority: wanted.priority,
        max_attempts: wanted.max_attempts,
        unique_job: wanted.unique,
        args: wanted.args.clone(),
        status: replaced.map_or_else(|| "active".to_owned(), |old| old.status.clone()),
        created_at: replaced.map_or(Some(now), |old| old.created_at),
        last_run: replaced.and_then(|old| old.last_run),
        next_run: Some(wanted.next_run(replaced, now)?),
        run_count: replaced.map_or(0, |old| old.run_count),
        last_job_id: replaced.and_then(|old| old.last_job_id),
        owners: Vec::new(),
        orphaned_at: None,
        problem: None,
    })
}

/// Marks what `owner` had and has no more; those of them that nobody has.
fn orphans(state: &mut State, owner: &str, names: &[&str]) -> Vec<ScheduleChange> {
    let now = state.now();
    let mut orphaned = Vec::new();
    for (task, schedule) in &mut state.schedules {
        if names.contains(&task.as_str()) {
            continue;
        }
        match schedule.owners.get_mut(owner) {
            Some(dropped @ None) => *dropped = Some(now),
            _ => continue,
        }
        if schedule.owners.values().all(Option::is_some) {
            orphaned.push(ScheduleChange::Orphaned(task.clone()));
        }
    }
    orphaned
}
