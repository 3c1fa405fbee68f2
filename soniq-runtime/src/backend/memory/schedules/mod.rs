//! Stored schedules: kept as the contracts say, fired when due, operated by hand.

mod fire;
mod operate;
mod reconcile;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub(super) use self::fire::{fire, next_firing};
pub(super) use self::operate::{pause, remove, resume};
pub(super) use self::reconcile::reconcile;
use super::state::State;
use crate::scheduler::Rule;
use crate::schedules::RecurringJob;

/// A schedule and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// Its owners are told beside it.
    pub(super) stored: RecurringJob,
    /// Who has it, or had it until a time.
    pub(super) owners: BTreeMap<String, Option<DateTime<Utc>>>,
}

impl Schedule {
    fn is_active(&self) -> bool {
        self.stored.status == "active"
    }

    /// As an operator sees it.
    fn shown(&self) -> RecurringJob {
        let names = |current: bool| {
            let owners = self.owners.iter();
            let owners = owners.filter(|(_, dropped)| !current || dropped.is_none());
            owners.map(|(owner, _)| owner.clone()).collect::<Vec<_>>()
        };
        let current = names(true);
        let is_orphan = current.is_empty();
        RecurringJob {
            orphaned_at: self
                .owners
                .values()
                .flatten()
                .max()
                .copied()
                .filter(|_| is_orphan),
            owners: if is_orphan { names(false) } else { current },
            problem: Rule::of(&self.stored).err(),
            ..self.stored.clone()
        }
    }
}

/// What a scheduler without time zones and catch-up policies understands.
pub(super) fn is_plain(schedule: &RecurringJob) -> bool {
    schedule.timezone == "UTC" && schedule.catch_up == "one"
}

/// All, or that of one task.
pub(super) fn list(state: &State, task: Option<&str>) -> Vec<RecurringJob> {
    let schedules = state.schedules.values();
    let schedules = schedules.filter(|own| task.is_none_or(|task| own.stored.job_name == task));
    schedules.map(Schedule::shown).collect()
}
