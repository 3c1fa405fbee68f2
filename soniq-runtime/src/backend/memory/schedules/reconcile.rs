//! Makes the stored schedules what the contracts say, and marks those that they have no more.

use std::collections::BTreeMap;

use super::super::state::State;
use super::Schedule;
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::scheduler::{Contracts, ScheduleChange, Wanted};

pub(crate) fn reconcile(
    state: &mut State,
    contracts: &[Contracts],
    defaults: ScheduleDefaults,
) -> Result<Vec<ScheduleChange>, Error> {
    let mut changes = Vec::new();
    for contracts in contracts {
        let wanted = contracts.wanted(defaults)?;
        for wanted in &wanted {
            changes.extend(store(state, wanted, contracts.owner.as_deref())?);
        }
        if let Some(owner) = &contracts.owner {
            let names: Vec<&str> = wanted.iter().map(|wanted| wanted.task).collect();
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
        let stored = wanted.in_place_of(found.map(|found| &found.stored), state.now())?;
        let owners = found.map_or_else(BTreeMap::new, |found| found.owners.clone());
        let schedule = Schedule { stored, owners };
        state.schedules.insert(name.clone(), schedule);
    }
    if let (Some(owner), Some(own)) = (owner, state.schedules.get_mut(&name)) {
        own.owners.insert(owner.to_owned(), None);
    }
    Ok(change)
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
