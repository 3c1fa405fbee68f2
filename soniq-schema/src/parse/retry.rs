//! `retry = { max_attempts, backoff, delay, max_delay, jitter }`.

use std::time::Duration;

use super::context::Context;
use super::duration;
use super::table::{At, Entry, Table, unknown_choice};
use crate::contract::{Backoff, Retry};
use crate::diagnostic::{Diagnostic, codes};

pub(super) const KEYS: &[&str] = &["max_attempts", "backoff", "delay", "max_delay", "jitter"];
const BACKOFFS: &[&str] = &["fixed", "exponential", "list"];

/// `delay`: one duration, or a list of them.
enum Delay {
    One(Duration),
    List(Vec<Duration>),
}

pub(super) fn read(context: &mut Context<'_>, table: &Table<'_>) -> Retry {
    table.check_keys(context, KEYS, "`retry`");
    let max_attempts = table
        .get("max_attempts")
        .and_then(|entry| entry.integer(context, 1..=i64::from(i32::MAX)))
        .and_then(|attempts| u32::try_from(attempts.value).ok());
    let max_delay = table
        .get("max_delay")
        .and_then(|entry| duration::read(context, entry));
    let backoff = read_backoff(context, table);
    if let (Some(Backoff::Fixed(delay) | Backoff::Exponential(delay)), Some(max_delay)) =
        (&backoff, &max_delay)
        && *delay > max_delay.value
    {
        let message = "`max_delay` is shorter than the first `delay`";
        let diagnostic = Diagnostic::new(codes::BAD_RETRY, message, &max_delay.location);
        context.report(diagnostic.help("raise `max_delay`, or lower `delay`"));
    }
    Retry {
        max_attempts,
        backoff,
        max_delay: max_delay.map(|duration| duration.value),
        jitter: table.boolean(context, "jitter"),
    }
}

/// A list of delays means `list`, a single one `exponential`, unless `backoff` says otherwise.
fn read_backoff(context: &mut Context<'_>, table: &Table<'_>) -> Option<Backoff> {
    let kind = table.string(context, "backoff");
    if let Some(kind) = &kind
        && !BACKOFFS.contains(&kind.value)
    {
        unknown_choice(context, "backoff", kind, BACKOFFS);
        return None;
    }
    let Some(entry) = table.get("delay") else {
        if let Some(kind) = kind {
            let message = format!("`backoff = {:?}` needs a `delay`", kind.value);
            context.report(Diagnostic::new(codes::BAD_RETRY, message, &kind.location));
        }
        return None;
    };
    let delay = read_delay(context, entry)?;
    let kind_is = |name: &str| kind.as_ref().is_none_or(|kind| kind.value == name);
    match (delay, &kind) {
        (Delay::List(delays), _) if kind_is("list") => Some(Backoff::List(delays)),
        (Delay::One(delay), _) if kind_is("exponential") => Some(Backoff::Exponential(delay)),
        (Delay::One(delay), _) if kind_is("fixed") => Some(Backoff::Fixed(delay)),
        (delay, Some(At { value, location })) => {
            let message = match delay {
                Delay::One(_) => format!("`backoff = {value:?}` needs a list of delays"),
                Delay::List(_) => format!("`backoff = {value:?}` needs a single delay"),
            };
            context.report(
                Diagnostic::new(codes::BAD_RETRY, message, &entry.item.location())
                    .secondary(location, "chosen here"),
            );
            None
        }
        (_, None) => None,
    }
}

fn read_delay(context: &mut Context<'_>, entry: &Entry<'_>) -> Option<Delay> {
    if entry.item.str().is_some() {
        return duration::read(context, entry).map(|delay| Delay::One(delay.value));
    }
    let Some(items) = entry.item.array() else {
        let what = "a duration or a list of durations";
        entry.item.wrong_type(context, "delay", what);
        return None;
    };
    if items.is_empty() {
        let message = "`delay` lists no delay";
        let at = entry.item.location();
        context.report(Diagnostic::new(codes::BAD_RETRY, message, &at));
        return None;
    }
    let delays: Vec<_> = items
        .into_iter()
        .map(|item| {
            let entry = Entry {
                item,
                ..entry.clone()
            };
            duration::read(context, &entry).map(|delay| delay.value)
        })
        .collect();
    delays.into_iter().collect::<Option<_>>().map(Delay::List)
}
