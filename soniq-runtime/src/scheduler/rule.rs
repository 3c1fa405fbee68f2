//! When a schedule fires: an interval or cron, and what an outage leaves to make up for.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use serde_json::Value;

use super::cron::Cron;
use crate::schedules::RecurringJob;

/// Firings of one schedule that `catch_up = "all"` makes up for at once, at most.
const CATCH_UP_LIMIT: usize = 1000;

/// With `catch_up = "none"`, a firing that is later than this was missed.
const ON_TIME: chrono::Duration = chrono::Duration::seconds(60);

/// When a schedule fires: the rule, apart from where it is stored.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Every(Duration),
    Cron(Box<Cron>),
}

/// Firings that are due, and when the schedule goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) firings: Vec<DateTime<Utc>>,
    pub(crate) next: DateTime<Utc>,
}

impl Rule {
    /// The rule of a schedule that can fire; the reason why it cannot, in words.
    #[cfg(any(feature = "sqlite", feature = "testing"))]
    pub(crate) fn of(schedule: &RecurringJob) -> Result<Self, String> {
        let rule = Rule::parse(
            &schedule.schedule_type,
            &schedule.schedule_value,
            &schedule.timezone,
        )?;
        Rule::fires_with(&schedule.args)?;
        Ok(rule)
    }

    /// Whether a job can have these arguments; the reason why not, in words.
    pub(crate) fn fires_with(args: &Value) -> Result<(), String> {
        if args.is_object() {
            Ok(())
        } else {
            Err(format!("its args are no JSON object: {args}"))
        }
    }

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
            "cron" => Cron::parse(value, timezone).map(|cron| Rule::Cron(Box::new(cron))),
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
            Rule::Cron(cron) => {
                let after = Timestamp::from_microsecond(time.timestamp_micros())
                    .map_err(|error| error.to_string())?;
                let next = cron.next_after(after)?;
                DateTime::from_timestamp_micros(next.as_microsecond())
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

/// When a schedule goes on that missed what was due before `now`. `None` leaves the time as it is:
/// it is still to come, or the scheduler will say what is wrong with the schedule.
pub(crate) fn next_regular(schedule: &RecurringJob, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let planned = schedule.next_run.filter(|planned| *planned <= now)?;
    let rule = Rule::parse(
        &schedule.schedule_type,
        &schedule.schedule_value,
        &schedule.timezone,
    );
    let due = rule.and_then(|rule| rule.due(planned, now, &schedule.catch_up));
    due.ok().map(|due| due.next)
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
