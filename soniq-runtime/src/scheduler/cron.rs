//! Cron expressions in a time zone, and what becomes of them when its clocks are changed.
//!
//! A schedule that runs in every hour of the day (`*/15 * * * *`) follows the clock: it fires
//! whenever that shows a matching time, so that its firings stay as far apart as they always are.
//!
//! Any other (`30 2 * * *`, `0 */2 * * *`) names times of day, and each of them happens once a
//! day. One that the clock leaves out fires at the first moment after the gap, several such
//! together as one; one that the clock shows twice fires the first time.

use cronexpr::Crontab;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, ToSpan as _};

/// Five fields and a zone.
#[derive(Debug, Clone)]
pub(crate) struct Cron {
    /// Read in UTC, which here stands for any clock: it leaves nothing out and repeats nothing.
    /// `cronexpr`'s own search skips what is in a gap, fires twice what is repeated, and never ends
    /// in a zone whose clocks are changed by half an hour.
    pattern: Crontab,
    zone: TimeZone,
    every_hour: bool,
}

impl Cron {
    /// The reason why not, in words.
    pub(crate) fn parse(expression: &str, zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(zone).map_err(|_| format!("{zone:?} is no IANA time zone"))?;
        let unreadable =
            |reason: &str| format!("{expression:?} is no 5-field cron expression: {reason}");
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [_, hour, ..] = fields.as_slice() else {
            return Err(unreadable("it has too few fields"));
        };
        let read = |fields: &str| {
            cronexpr::parse_crontab(&format!("{fields} UTC")).map_err(|error| {
                // The expression is drawn above the reason.
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                unreadable(last.trim_start_matches([' ', '^']))
            })
        };
        let pattern = read(expression)?;
        let hours = read(&format!("0 {hour} * * *"))?;
        let every_hour = (0..24).all(|hour| {
            Timestamp::from_second(hour * 3600)
                .is_ok_and(|time| hours.matches(time).unwrap_or(false))
        });
        Ok(Cron {
            pattern,
            zone,
            every_hour,
        })
    }

    /// The first firing after `time`; the reason why there is none.
    pub(crate) fn next_after(&self, time: Timestamp) -> Result<Timestamp, String> {
        if self.every_hour {
            self.next_shown(time)
        } else {
            self.next_time_of_day(time)
        }
    }

    /// The next moment at which the clock shows a matching time.
    fn next_shown(&self, time: Timestamp) -> Result<Timestamp, String> {
        let mut offset = self.zone.to_offset(time);
        let mut after = offset.to_datetime(time);
        let mut changes = self.zone.following(time);
        loop {
            let next = instant(offset, self.next_match(after)?)?;
            let Some(change) = changes.next().filter(|change| change.timestamp() <= next) else {
                return Ok(next);
            };
            // The clock never gets there: from the change on it shows something else, which may
            // match at once.
            offset = change.offset();
            after = offset
                .to_datetime(change.timestamp())
                .checked_sub(1.nanosecond())
                .map_err(|error| error.to_string())?;
        }
    }

    /// The next moment of a time of day.
    fn next_time_of_day(&self, time: Timestamp) -> Result<Timestamp, String> {
        let mut wall = self.zone.to_datetime(time);
        loop {
            wall = self.next_match(wall)?;
            let fires = match self.zone.to_ambiguous_timestamp(wall).offset() {
                AmbiguousOffset::Unambiguous { offset } => instant(offset, wall)?,
                AmbiguousOffset::Fold { before, .. } => instant(before, wall)?,
                AmbiguousOffset::Gap { before, after } => {
                    // Read by the later offset, a time in the gap lies just before the change.
                    let just_before = instant(after, wall)?;
                    match self.zone.following(just_before).next() {
                        Some(change) => change.timestamp(),
                        None => instant(before, wall)?,
                    }
                }
            };
            // Not so for what the clock shows a second time.
            if fires > time {
                return Ok(fires);
            }
        }
    }

    /// The next time after `wall` that the fields match, on a clock that is never changed.
    fn next_match(&self, wall: DateTime) -> Result<DateTime, String> {
        self.pattern
            .find_next(instant(Offset::UTC, wall)?)
            .map(|next| next.datetime())
            .map_err(|error| format!("it never fires again: {error}"))
    }
}

fn instant(offset: Offset, wall: DateTime) -> Result<Timestamp, String> {
    offset.to_timestamp(wall).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use jiff::Zoned;

    /// Berlin: 2026-03-29 02:00 +01 becomes 03:00 +02, 2026-10-25 03:00 +02 becomes 02:00 +01.
    const BERLIN: &str = "Europe/Berlin";
    /// New York: 2026-03-08 02:00 -05 becomes 03:00 -04, 2026-11-01 02:00 -04 becomes 01:00 -05.
    const NEW_YORK: &str = "America/New_York";

    /// All firings of the year 2026.
    fn year(expression: &str, zone: &str) -> Vec<Zoned> {
        let cron = Cron::parse(expression, zone).unwrap();
        let midnight = |year: i16| {
            let first = jiff::civil::date(year, 1, 1).at(0, 0, 0, 0);
            let zone = TimeZone::get(zone).unwrap();
            first.to_zoned(zone).unwrap().timestamp()
        };
        let mut time = midnight(2026) - 1.second();
        let mut firings = Vec::new();
        loop {
            let next = cron.next_after(time).unwrap();
            assert!(next > time, "{expression} stands still at {next}");
            if next >= midnight(2027) {
                return firings;
            }
            firings.push(next.to_zoned(TimeZone::get(zone).unwrap()));
            time = next;
        }
    }

    /// The firings of one day, as the clock shows them.
    fn day(expression: &str, zone: &str, date: &str) -> Vec<String> {
        let firings = year(expression, zone);
        let of_day = firings
            .iter()
            .filter(|time| time.date().to_string() == date);
        of_day
            .map(|time| time.strftime("%H:%M%:::z").to_string())
            .collect()
    }

    #[test]
    fn times_of_day_happen_once_a_day() {
        for (zone, forward, back) in [
            (BERLIN, "2026-03-29", "2026-10-25"),
            (NEW_YORK, "2026-03-08", "2026-11-01"),
        ] {
            for expression in ["30 2 * * *", "30 1 * * *", "0 0 * * *", "59 23 * * *"] {
                let firings = year(expression, zone);
                let mut dates: Vec<_> = firings.iter().map(Zoned::date).collect();
                dates.dedup();
                assert_eq!(
                    (firings.len(), dates.len()),
                    (365, 365),
                    "{expression} {zone}"
                );
                let (minute, hour) = expression.split_once(' ').unwrap();
                let named = (hour[..2].trim().parse().unwrap(), minute.parse().unwrap());
                for time in &firings {
                    let shown = (time.hour(), time.minute());
                    let skipped = expression == "30 2 * * *" && time.date().to_string() == forward;
                    assert_eq!(shown, if skipped { (3, 0) } else { named }, "{time}");
                }
            }
            assert_eq!(year("0 3 1 * *", zone).len(), 12);
            // Twelve times, and one of them was at 02:00.
            assert_eq!(day("0 */2 * * *", zone, forward).len(), 12);
            assert_eq!(day("0 */2 * * *", zone, back).len(), 12);
        }
    }

    #[test]
    fn what_runs_in_every_hour_keeps_its_distance() {
        for zone in [BERLIN, NEW_YORK] {
            for (expression, every, count) in [
                ("0 * * * *", 3600, 8760),
                ("0 0-23 * * *", 3600, 8760),
                ("*/15 * * * *", 900, 35_040),
                ("* * * * *", 60, 525_600),
            ] {
                let firings = year(expression, zone);
                assert_eq!(firings.len(), count, "{expression} {zone}");
                assert!(firings.windows(2).all(|pair| {
                    pair[1].timestamp().as_second() - pair[0].timestamp().as_second() == every
                }));
            }
        }
    }

    #[test]
    fn days_on_which_the_clock_is_changed() {
        for (expression, zone, date, expected) in [
            ("30 2 * * *", BERLIN, "2026-03-29", "03:00+02"),
            ("30 2 * * *", BERLIN, "2026-10-25", "02:30+02"),
            ("30 2 * * *", NEW_YORK, "2026-03-08", "03:00-04"),
            ("30 1 * * *", NEW_YORK, "2026-11-01", "01:30-04"),
            // Left out together, they are made up for together, and 03:00 is itself.
            (
                "*/20 2,3 * * *",
                BERLIN,
                "2026-03-29",
                "03:00+02 03:20+02 03:40+02",
            ),
            ("15 2,3 * * *", BERLIN, "2026-03-29", "03:00+02 03:15+02"),
            (
                "*/30 2,3 * * *",
                BERLIN,
                "2026-10-25",
                "02:00+02 02:30+02 03:00+01 03:30+01",
            ),
            ("0 3 * * *", BERLIN, "2026-03-29", "03:00+02"),
            ("0 3 * * *", BERLIN, "2026-10-25", "03:00+01"),
            // A day of the month, and one of the week.
            ("30 2 29 3 *", BERLIN, "2026-03-29", "03:00+02"),
            ("30 1 * * SUN", NEW_YORK, "2026-11-01", "01:30-04"),
            // Half an hour: 02:00 +11 becomes 01:30 +10:30, and back in October.
            (
                "0 5 * * *",
                "Australia/Lord_Howe",
                "2026-04-05",
                "05:00+10:30",
            ),
            (
                "45 1 * * *",
                "Australia/Lord_Howe",
                "2026-04-05",
                "01:45+11",
            ),
            (
                "15 2 * * *",
                "Australia/Lord_Howe",
                "2026-10-04",
                "02:30+11",
            ),
            // Clocks that leave out midnight.
            ("0 0 * * *", "Africa/Cairo", "2026-04-24", "01:00+03"),
            // A zone that left out a whole day long ago still fires every day now.
            ("0 12 * * *", "Pacific/Apia", "2026-12-30", "12:00+13"),
        ] {
            let shown = day(expression, zone, date).join(" ");
            assert_eq!(shown, expected, "{expression} {zone} {date}");
        }
        let hours = |date| day("0 * * * *", BERLIN, date);
        assert_eq!(hours("2026-03-29").len(), 23);
        assert_eq!(hours("2026-10-25").len(), 25);
        assert_eq!(hours("2026-10-25")[2..4], ["02:00+02", "02:00+01"]);
    }

    /// Minute by minute, without any search.
    #[test]
    fn every_shown_minute_counts_once_over_a_year_of_half_hours() {
        let zone = TimeZone::get("Australia/Lord_Howe").unwrap();
        let firings = year("0,30 * * * *", "Australia/Lord_Howe");
        let mut expected = Vec::new();
        let mut time = firings[0].timestamp();
        while time <= firings[firings.len() - 1].timestamp() {
            if [0, 30].contains(&zone.to_datetime(time).minute()) {
                expected.push(time);
            }
            time += 1.minute();
        }
        let firings: Vec<_> = firings.iter().map(Zoned::timestamp).collect();
        assert_eq!(firings, expected);
    }

    #[test]
    fn a_day_that_never_was_is_skipped_over() {
        // Apia went from the end of 2011-12-29 to 2011-12-31.
        let cron = Cron::parse("0 12 30 12 *", "Pacific/Apia").unwrap();
        let before = "2011-12-29T12:00:00-10:00".parse().unwrap();
        let next = cron.next_after(before).unwrap();
        assert_eq!(next, "2011-12-31T00:00:00+14:00".parse().unwrap());
    }

    #[test]
    fn a_day_that_never_comes_is_told() {
        let cron = Cron::parse("0 0 30 2 *", "UTC").unwrap();
        let reason = cron.next_after(Timestamp::UNIX_EPOCH).unwrap_err();
        assert!(reason.contains("never fires"), "{reason}");
    }
}
