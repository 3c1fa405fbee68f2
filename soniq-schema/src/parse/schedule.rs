//! `schedule = { cron | every, timezone, catch_up, args }`.

use cronexpr::{FallbackTimezoneOption, ParseOptions};
use jiff::tz::TimeZone;

use super::context::{Context, Pending};
use super::duration;
use super::json::{self, Json};
use super::table::{At, Entry, Table, unknown_choice};
use crate::contract::{CatchUp, Schedule, Trigger};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::SchemaId;

pub(super) const KEYS: &[&str] = &["cron", "every", "timezone", "catch_up", "args"];
const CATCH_UPS: &[&str] = &["one", "all", "none"];

/// Reads a task's schedule; its args are checked against `args` later.
pub(super) fn read(
    context: &mut Context<'_>,
    entry: &Entry<'_>,
    args: SchemaId,
) -> Option<Schedule> {
    let table = entry.table(context)?;
    table.check_keys(context, KEYS, "`schedule`");
    let timezone = read_timezone(context, &table);
    let catch_up = read_catch_up(context, &table);
    let json = match table.get("args") {
        Some(entry) => json::read(context, entry.item),
        None => Some(Json::empty_object(entry.key_location.clone())),
    };
    let trigger = read_trigger(context, &table, entry);
    let json = json?;
    let args_value = json.value.clone();
    context.pending.push(Pending::Value {
        schema: args,
        json,
        code: codes::BAD_SCHEDULE_ARGS,
        what: "the args of the schedule do not fit the task".to_owned(),
    });
    Some(Schedule {
        location: entry.key_location.clone(),
        trigger: trigger?,
        timezone,
        catch_up,
        args: args_value,
    })
}

fn read_trigger(
    context: &mut Context<'_>,
    table: &Table<'_>,
    schedule: &Entry<'_>,
) -> Option<Trigger> {
    match (table.get("cron"), table.get("every")) {
        (Some(cron), None) => read_cron(context, cron),
        (None, Some(every)) => read_every(context, every, table),
        (Some(cron), Some(every)) => {
            let message = "the schedule has both `cron` and `every`";
            context.report(
                Diagnostic::new(codes::BAD_SCHEDULE, message, &every.key_location)
                    .secondary(&cron.key_location, "the other one"),
            );
            None
        }
        (None, None) => {
            let message = "the schedule has neither `cron` nor `every`";
            let diagnostic = Diagnostic::new(codes::BAD_SCHEDULE, message, &schedule.key_location);
            context.report(diagnostic);
            None
        }
    }
}

fn read_cron(context: &mut Context<'_>, entry: &Entry<'_>) -> Option<Trigger> {
    let At { value, location } = entry.string(context)?;
    if let Err(reason) = check_cron(value) {
        let message = format!("{value:?} is not a cron expression: {reason}");
        context.report(Diagnostic::new(codes::BAD_CRON, message, &location));
        return None;
    }
    Some(Trigger::Cron(value.to_owned()))
}

/// Five fields that `cronexpr` reads, and a time at which they all hold.
fn check_cron(text: &str) -> Result<(), String> {
    let fields = text.split_whitespace().count();
    if fields != 5 {
        // A sixth one would be read as a time zone.
        return Err(format!("it has {fields} fields, not 5"));
    }
    let mut options = ParseOptions::default();
    options.fallback_timezone_option = FallbackTimezoneOption::UTC;
    let cron = cronexpr::parse_crontab_with(text, options).map_err(|error| last_line(&error))?;
    // Any fixed day will do: the search goes on for four years, so it meets every leap day.
    match cron.find_next("2024-01-01T00:00:00Z") {
        Ok(_) => Ok(()),
        Err(_) => Err("there is no such day, it would never fire".to_owned()),
    }
}

/// The reason in an error that may draw the expression above it.
fn last_line(error: &cronexpr::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches([' ', '^']).to_owned()
}

fn read_every(context: &mut Context<'_>, entry: &Entry<'_>, table: &Table<'_>) -> Option<Trigger> {
    if let Some(timezone) = table.get("timezone") {
        let message = "`timezone` says nothing about a schedule with `every`";
        context.report(
            Diagnostic::new(codes::BAD_SCHEDULE, message, &timezone.key_location)
                .secondary(&entry.key_location, "an interval is the same in every zone")
                .help("remove `timezone`, or write the schedule as `cron`"),
        );
    }
    let every = duration::read(context, entry)?;
    if every.value.is_zero() {
        let message = "`every` must be longer than nothing";
        let diagnostic = Diagnostic::new(codes::BAD_SCHEDULE, message, &every.location);
        context.report(diagnostic.help("write an interval such as \"15m\""));
        return None;
    }
    Some(Trigger::Every(every.value))
}

fn read_timezone(context: &mut Context<'_>, table: &Table<'_>) -> Option<String> {
    let At { value, location } = table.string(context, "timezone")?;
    let found = TimeZone::get(value).ok();
    // The look-up does not care about case, but other readers of the schedule do.
    let name = found.as_ref().and_then(TimeZone::iana_name);
    if name == Some(value) {
        return Some(value.to_owned());
    }
    let message = format!("there is no time zone {value:?}");
    let diagnostic = Diagnostic::new(codes::UNKNOWN_TIMEZONE, message, &location);
    context.report(match name {
        Some(name) => diagnostic.help(format!("did you mean {name:?}?")),
        None => diagnostic,
    });
    None
}

fn read_catch_up(context: &mut Context<'_>, table: &Table<'_>) -> Option<CatchUp> {
    let word = table.string(context, "catch_up")?;
    match word.value {
        "one" => Some(CatchUp::One),
        "all" => Some(CatchUp::All),
        "none" => Some(CatchUp::None),
        _ => {
            unknown_choice(context, "catch_up", &word, CATCH_UPS);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn crons() {
        for good in [
            "0 3 1 * *",
            "*/5 * * * MON-FRI",
            "0 0 29 2 *",
            "15 6 * * 0",
            " 0 0 * * * ",
        ] {
            assert_eq!(check_cron(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "0 0 * * * UTC",
            "60 * * * *",
            "@daily",
            "0 0 31 2 *",
            "a b c d e",
            "* * * * \u{e4}",
        ] {
            let reason = check_cron(bad).unwrap_err();
            assert!(
                !reason.is_empty() && !reason.contains('\n'),
                "{bad}: {reason}"
            );
        }
    }

    #[test]
    fn timezones() {
        let codes_of = |timezone: &str| -> Vec<&str> {
            let text = format!(
                "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'\n\
                 schedule = {{ cron = '0 3 * * *', timezone = '{timezone}' }}"
            );
            let loaded = crate::load_sources([("a.toml".to_owned(), text)]);
            loaded.diagnostics.iter().map(|one| one.code.id).collect()
        };
        for good in [
            "Europe/Berlin",
            "UTC",
            "Etc/UTC",
            "America/Argentina/Buenos_Aires",
        ] {
            assert_eq!(codes_of(good), [""; 0], "{good}");
        }
        for bad in ["Europe/Atlantis", "europe/berlin", "", "+01:00", "CEST"] {
            assert_eq!(codes_of(bad), ["E019"], "{bad}");
        }
    }
}
