//! The scheduler: enqueues tasks at their times. Any number may run; an advisory lock lets one at
//! a time fire, in the transaction that also moves the schedule on, so no firing is doubled.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::soniq::Soniq;
use crate::task::TaskSpec;

/// Firings of one schedule that `catch_up = "all"` makes up for at once, at most.
const CATCH_UP_LIMIT: i64 = 1000;

/// With `catch_up = "none"`, a firing that is later than this was missed.
const ON_TIME: chrono::Duration = chrono::Duration::seconds(60);

/// How long a scheduler sleeps at most: a schedule added meanwhile is seen by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// A schedule as it is stored.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RecurringJob {
    /// Its id.
    pub id: Uuid,
    /// Wire name of the task.
    pub job_name: String,
    /// `interval` or `cron`.
    pub schedule_type: String,
    /// Seconds, or a 5-field cron expression.
    pub schedule_value: String,
    /// IANA name.
    pub timezone: String,
    /// `one`, `all` or `none`.
    pub catch_up: String,
    /// Where its jobs go.
    pub queue: String,
    /// Of its jobs.
    pub priority: i32,
    /// Of its jobs.
    pub args: Value,
    /// `active` or `paused`.
    pub status: String,
    /// When it last fired.
    pub last_run: Option<DateTime<Utc>>,
    /// When it fires next.
    pub next_run: Option<DateTime<Utc>>,
    /// How many jobs it has enqueued.
    pub run_count: i32,
    /// The last of them.
    pub last_job_id: Option<Uuid>,
}

/// One job that a schedule enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Firing {
    /// Wire name of the task.
    pub job_name: String,
    /// The job.
    pub job_id: Uuid,
    /// The time that it stands for.
    pub due: DateTime<Utc>,
}

/// What reconciling contracts with stored schedules changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleChange {
    /// Stored for the first time.
    Added(String),
    /// Stored anew, since the contract changed.
    Changed(String),
}

/// Enqueues tasks at their times.
#[derive(Debug, Clone)]
pub struct Scheduler {
    soniq: Soniq,
    tasks: Vec<&'static TaskSpec>,
}

impl Scheduler {
    /// A scheduler of whatever schedules are stored.
    pub fn new(soniq: &Soniq) -> Self {
        Scheduler {
            soniq: soniq.clone(),
            tasks: Vec::new(),
        }
    }

    /// Also stores the schedules of these tasks' contracts, at its start.
    #[must_use]
    pub fn tasks(mut self, tasks: impl IntoIterator<Item = &'static TaskSpec>) -> Self {
        self.tasks.extend(tasks);
        self
    }

    /// Stores the contracts' schedules: new ones are added, changed ones replaced, a paused one
    /// stays paused.
    ///
    /// # Errors
    /// [`Error::Schedule`] for an expression that cannot be read, or what the database says.
    pub async fn reconcile(&self) -> Result<Vec<ScheduleChange>, Error> {
        let settings = self.soniq.settings();
        let defaults = ScheduleDefaults {
            priority: settings.priority,
            max_attempts: settings.default_max_attempts(),
        };
        self.soniq
            .backend()
            .reconcile_schedules(&self.tasks, defaults)
            .await
    }

    /// Enqueues what is due now, once; `None` when another scheduler is at it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tick(&self) -> Result<Option<Vec<Firing>>, Error> {
        let producer = &self.soniq.settings().producer_id;
        self.soniq.backend().fire_schedules(producer).await
    }

    /// Runs until `shutdown` completes. A database that cannot be reached is tried again.
    ///
    /// # Errors
    /// A schema that does not fit, or a contract's schedule that cannot be read, at the start.
    pub async fn run_until(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        self.soniq.check_schema().await?;
        for change in self.reconcile().await? {
            match change {
                ScheduleChange::Added(name) => tracing::info!(task = name, "schedule added"),
                ScheduleChange::Changed(name) => tracing::info!(task = name, "schedule changed"),
            }
        }
        tracing::info!("scheduler started");
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let sleep = match self.step().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::error!(%error, "the scheduler could not fire; trying again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    async fn step(&self) -> Result<Duration, Error> {
        for firing in self.tick().await?.unwrap_or_default() {
            tracing::info!(task = firing.job_name, job = %firing.job_id, "schedule fired");
        }
        let next = self.soniq.backend().next_firing().await?;
        // Not a spin: while another scheduler fires, what is due stays due for a moment.
        Ok(next
            .unwrap_or(LONGEST_SLEEP)
            .clamp(Duration::from_millis(20), LONGEST_SLEEP))
    }
}

/// When a schedule fires: the rule, apart from where it is stored.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Every(Duration),
    Cron(Box<cronexpr::Crontab>),
}

/// Firings that are due, and when the schedule goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) firings: Vec<DateTime<Utc>>,
    pub(crate) next: DateTime<Utc>,
}

impl Rule {
    /// Reads a stored schedule; the reason why not, in words.
    pub(crate) fn parse(kind: &str, value: &str, timezone: &str) -> Result<Self, String> {
        match kind {
            "interval" => value
                .trim()
                .parse::<f64>()
                .ok()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .filter(|every| *every >= Duration::from_millis(1))
                .map(Rule::Every)
                .ok_or_else(|| format!("{value:?} is no number of seconds above 0")),
            "cron" => {
                TimeZone::get(timezone)
                    .map_err(|_| format!("{timezone:?} is no IANA time zone"))?;
                cronexpr::parse_crontab(&format!("{value} {timezone}"))
                    .map(|crontab| Rule::Cron(Box::new(crontab)))
                    .map_err(|error| format!("{value:?} is no 5-field cron expression: {error}"))
            }
            other => Err(format!("{other:?} is neither interval nor cron")),
        }
    }

    /// The first firing after `time`.
    pub(crate) fn next_after(&self, time: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
        match self {
            Rule::Every(every) => chrono::Duration::from_std(*every)
                .ok()
                .and_then(|every| time.checked_add_signed(every))
                .ok_or_else(|| "the interval is too long".to_owned()),
            Rule::Cron(crontab) => {
                let after = Timestamp::from_microsecond(time.timestamp_micros())
                    .map_err(|error| error.to_string())?;
                let next = crontab
                    .find_next(after)
                    .map_err(|error| format!("it never fires again: {error}"))?;
                DateTime::from_timestamp_micros(next.timestamp().as_microsecond())
                    .ok_or_else(|| "it never fires again".to_owned())
            }
        }
    }

    /// What fires at `now` of a schedule whose next firing was `planned`, as `catch_up` says.
    pub(crate) fn due(
        &self,
        planned: DateTime<Utc>,
        now: DateTime<Utc>,
        catch_up: &str,
    ) -> Result<Due, String> {
        let (mut missed, next) = match self {
            Rule::Every(every) => Self::missed_intervals(*every, planned, now),
            Rule::Cron(_) => self.missed_crons(planned, now)?,
        };
        let firings = match catch_up {
            "all" => missed,
            "none" => {
                missed.retain(|firing| now - *firing < ON_TIME);
                missed.split_off(missed.len().saturating_sub(1))
            }
            _ => missed.split_off(missed.len().saturating_sub(1)),
        };
        Ok(Due { firings, next })
    }

    /// Intervals keep their phase, without a walk through a long outage.
    fn missed_intervals(
        every: Duration,
        planned: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
        let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
        let behind = (now - planned)
            .num_microseconds()
            .unwrap_or(i64::MAX)
            .max(0)
            / every;
        let at = |index: i64| planned + chrono::Duration::microseconds(index.saturating_mul(every));
        let first = (behind + 1 - CATCH_UP_LIMIT).max(0);
        ((first..=behind).map(at).collect(), at(behind + 1))
    }

    fn missed_crons(
        &self,
        planned: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(Vec<DateTime<Utc>>, DateTime<Utc>), String> {
        let mut missed = std::collections::VecDeque::from([planned]);
        let mut next = self.next_after(planned)?;
        while next <= now {
            missed.push_back(next);
            if missed.len() > usize::try_from(CATCH_UP_LIMIT).unwrap_or(usize::MAX) {
                missed.pop_front();
            }
            next = self.next_after(next)?;
        }
        Ok((missed.into(), next))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn cron_is_read_in_its_time_zone() {
        let rule = Rule::parse("cron", "0 3 1 * *", "Europe/Berlin").unwrap();
        let next = rule.next_after(time("2026-07-02T00:00:00Z")).unwrap();
        assert_eq!(next, time("2026-08-01T01:00:00Z"));
        let next = rule.next_after(time("2026-11-23T00:00:00Z")).unwrap();
        assert_eq!(next, time("2026-12-01T02:00:00Z"));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (kind, value, zone) in [
            ("cron", "0 3 1 *", "UTC"),
            ("cron", "61 * * * *", "UTC"),
            ("cron", "* * * * *", "Europe/Berlim"),
            ("interval", "0", "UTC"),
            ("interval", "soon", "UTC"),
            ("lunar", "1", "UTC"),
        ] {
            let reason = Rule::parse(kind, value, zone).unwrap_err();
            assert!(!reason.is_empty());
        }
    }

    #[test]
    fn catch_up_says_what_an_outage_leaves() {
        let rule = Rule::parse("cron", "0 * * * *", "UTC").unwrap();
        let planned = time("2026-11-23T01:00:00Z");
        let now = time("2026-11-23T04:30:00Z");
        let due = |catch_up| rule.due(planned, now, catch_up).unwrap();
        assert_eq!(due("one").firings, [time("2026-11-23T04:00:00Z")]);
        assert_eq!(due("all").firings.len(), 4);
        assert!(due("none").firings.is_empty());
        for catch_up in ["one", "all", "none"] {
            assert_eq!(due(catch_up).next, time("2026-11-23T05:00:00Z"));
            // On time is not an outage.
            let due = rule
                .due(planned, time("2026-11-23T01:00:02Z"), catch_up)
                .unwrap();
            assert_eq!(due.firings, [planned]);
        }
        // One missed firing is missed, even with no other after it.
        let late = rule
            .due(planned, time("2026-11-23T01:50:00Z"), "none")
            .unwrap();
        assert!(late.firings.is_empty());
    }

    #[test]
    fn an_interval_keeps_its_phase_over_a_long_outage() {
        let rule = Rule::parse("interval", "0.5", "UTC").unwrap();
        let planned = time("2020-01-01T00:00:00.250Z");
        let now = time("2026-11-23T00:00:00Z");
        let due = rule.due(planned, now, "one").unwrap();
        assert_eq!(due.firings, [time("2026-11-22T23:59:59.750Z")]);
        assert_eq!(due.next, time("2026-11-23T00:00:00.250Z"));
        assert_eq!(rule.due(planned, now, "all").unwrap().firings.len(), 1000);
    }
}
