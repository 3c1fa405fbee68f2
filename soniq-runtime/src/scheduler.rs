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
const CATCH_UP_LIMIT: usize = 1000;

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
        let most = if catch_up == "all" { CATCH_UP_LIMIT } else { 1 };
        let (mut firings, next) = match self {
            Rule::Every(every) => missed_intervals(*every, planned, now, most)?,
            Rule::Cron(_) => self.missed_crons(planned, now, most)?,
        };
        if catch_up == "none" {
            firings.retain(|firing| now - *firing < ON_TIME);
        }
        Ok(Due { firings, next })
    }

    /// The last `most` firings from `planned` to `now`, without a walk through a long outage: it
    /// looks back from `now`, twice as far each time, until it sees enough.
    fn missed_crons(
        &self,
        planned: DateTime<Utc>,
        now: DateTime<Utc>,
        most: usize,
    ) -> Result<(Vec<DateTime<Utc>>, DateTime<Utc>), String> {
        let next = self.next_after(now.max(planned))?;
        let mut window = chrono::Duration::minutes(1);
        loop {
            let start = (now - window).max(DateTime::UNIX_EPOCH);
            let mut missed = Vec::new();
            // The planned time counts even where the expression has changed since.
            let whole = start <= planned || start == DateTime::UNIX_EPOCH;
            if start <= planned {
                missed.push(planned);
            }
            let mut firing = self.next_after(start.max(planned))?;
            while firing <= now {
                missed.push(firing);
                firing = self.next_after(firing)?;
            }
            if whole || missed.len() >= most {
                return Ok((missed.split_off(missed.len().saturating_sub(most)), next));
            }
            window = window * 2;
        }
    }
}

/// Intervals keep their phase.
fn missed_intervals(
    every: Duration,
    planned: DateTime<Utc>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<(Vec<DateTime<Utc>>, DateTime<Utc>), String> {
    let too_long = || "the interval is too long".to_owned();
    let every = i64::try_from(every.as_micros()).map_err(|_| too_long())?;
    let behind = (now - planned).num_microseconds().ok_or_else(too_long)? / every.max(1);
    let behind = behind.max(0);
    let at = |index: i64| {
        index
            .checked_mul(every)
            .and_then(|after| planned.checked_add_signed(chrono::Duration::microseconds(after)))
            .ok_or_else(too_long)
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let first = behind.saturating_sub(most - 1).max(0);
    let missed = (first..=behind).map(at).collect::<Result<_, _>>()?;
    Ok((missed, at(behind + 1)?))
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
    fn a_long_outage_is_not_walked_through() {
        let now = time("2026-11-23T04:30:30Z");
        for (expression, last, next) in [
            ("* * * * *", "2026-11-23T04:30:00Z", "2026-11-23T04:31:00Z"),
            ("0 3 * * *", "2026-11-23T03:00:00Z", "2026-11-24T03:00:00Z"),
            ("0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("0 0 29 2 *", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            let rule = Rule::parse("cron", expression, "UTC").unwrap();
            for planned in ["2001-01-01T00:00:00Z", "-200000-01-01T00:00:00Z"] {
                let planned = planned.parse().unwrap_or(DateTime::<Utc>::MIN_UTC);
                let due = rule.due(planned, now, "one").unwrap();
                assert_eq!(due.firings, [time(last)], "{expression}");
                assert_eq!(due.next, time(next), "{expression}");
                let all = rule.due(planned, now, "all").unwrap().firings;
                assert_eq!(all.last(), Some(&time(last)), "{expression}");
                assert!(all.is_sorted() && all.len() <= CATCH_UP_LIMIT);
            }
        }
        let minutes = Rule::parse("cron", "* * * * *", "UTC").unwrap();
        let planned = time("2001-01-01T00:00:00Z");
        assert_eq!(
            minutes.due(planned, now, "all").unwrap().firings.len(),
            1000
        );
    }

    #[test]
    fn an_interval_beyond_the_calendar_is_told() {
        let rule = Rule::parse("interval", "9000000000000", "UTC").unwrap();
        let now = time("2026-11-23T00:00:00Z");
        assert!(rule.due(now, now, "one").is_err());
        assert!(rule.next_after(now).is_err());
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
