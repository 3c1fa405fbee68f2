//! A schedule as a contract has it, and how it compares with what is stored.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Contracts, Rule};
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::schedules::RecurringJob;
use crate::task::{CatchUp, ScheduleSpec, TaskSpec, Trigger};

/// A schedule as a contract has it.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) task: &'static str,
    kind: &'static str,
    value: String,
    timezone: &'static str,
    catch_up: &'static str,
    rule: Rule,
    priority: i32,
    queue: &'static str,
    max_attempts: i32,
    unique: bool,
    args: Value,
}

impl Contracts {
    /// The schedules of these tasks.
    ///
    /// # Errors
    /// [`Error::Schedule`] of one that cannot be read.
    pub(crate) fn wanted(&self, defaults: ScheduleDefaults) -> Result<Vec<Wanted>, Error> {
        let scheduled = self.tasks.iter().filter_map(|task| {
            let schedule = task.schedule.as_ref()?;
            Some(Wanted::of_contract(task, schedule, defaults))
        });
        scheduled.collect()
    }
}

impl Wanted {
    fn of_contract(
        task: &TaskSpec,
        schedule: &ScheduleSpec,
        defaults: ScheduleDefaults,
    ) -> Result<Self, Error> {
        let bad = |reason| Error::Schedule {
            task: task.name.to_owned(),
            reason,
        };
        let (kind, value) = match schedule.trigger {
            Trigger::Cron(expression) => ("cron", expression.to_owned()),
            Trigger::Every(every) => ("interval", every.as_secs_f64().to_string()),
        };
        let timezone = schedule.timezone.unwrap_or("UTC");
        Ok(Wanted {
            task: task.name,
            rule: Rule::parse(kind, &value, timezone).map_err(bad)?,
            kind,
            value,
            timezone,
            catch_up: match schedule.catch_up {
                CatchUp::One => "one",
                CatchUp::All => "all",
                CatchUp::None => "none",
            },
            priority: task.priority.map_or(defaults.priority, i32::from),
            queue: task.queue.unwrap_or("default"),
            max_attempts: task.retry.max_attempts.map_or(defaults.max_attempts, |n| {
                i32::try_from(n).unwrap_or(i32::MAX)
            }),
            unique: task.unique,
            args: serde_json::from_str(schedule.args)
                .map_err(|error| bad(format!("its args are no JSON: {error}")))?,
        })
    }

    /// What every Soniq's scheduler understands.
    pub(crate) fn is_plain(&self) -> bool {
        self.timezone == "UTC" && self.catch_up == "one"
    }

    fn fires_as(&self, stored: &RecurringJob) -> bool {
        stored.schedule_type == self.kind
            && stored.schedule_value == self.value
            && stored.timezone == self.timezone
    }

    /// Whether what is stored says the same.
    pub(crate) fn is(&self, stored: &RecurringJob) -> bool {
        self.fires_as(stored)
            && stored.catch_up == self.catch_up
            && stored.priority == self.priority
            && stored.queue == self.queue
            && stored.max_attempts == self.max_attempts
            && stored.unique_job == self.unique
            && stored.args == self.args
    }

    /// The row to store. What it replaces keeps its history and its pause.
    ///
    /// # Errors
    /// [`Error::Schedule`] of one that never fires.
    pub(crate) fn in_place_of(
        &self,
        replaced: Option<&RecurringJob>,
        now: DateTime<Utc>,
    ) -> Result<RecurringJob, Error> {
        Ok(RecurringJob {
            id: replaced.map_or_else(Uuid::now_v7, |old| old.id),
            job_name: self.task.to_owned(),
            schedule_type: self.kind.to_owned(),
            schedule_value: self.value.clone(),
            timezone: self.timezone.to_owned(),
            catch_up: self.catch_up.to_owned(),
            queue: self.queue.to_owned(),
            priority: self.priority,
            max_attempts: self.max_attempts,
            unique_job: self.unique,
            args: self.args.clone(),
            status: replaced.map_or_else(|| "active".to_owned(), |old| old.status.clone()),
            created_at: replaced.and_then(|old| old.created_at).or(Some(now)),
            last_run: replaced.and_then(|old| old.last_run),
            next_run: Some(self.next_run(replaced, now)?),
            run_count: replaced.map_or(0, |old| old.run_count),
            last_job_id: replaced.and_then(|old| old.last_job_id),
            owners: Vec::new(),
            orphaned_at: None,
            problem: None,
        })
    }

    /// When it fires next in place of `replaced`: as that would, unless when it fires is what
    /// changed. A deploy must not lose a firing that an outage has delayed.
    fn next_run(
        &self,
        replaced: Option<&RecurringJob>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Error> {
        let planned = replaced
            .filter(|stored| self.fires_as(stored))
            .and_then(|stored| stored.next_run);
        match planned {
            Some(planned) => Ok(planned),
            None => self.rule.next_after(now).map_err(|reason| Error::Schedule {
                task: self.task.to_owned(),
                reason,
            }),
        }
    }
}
