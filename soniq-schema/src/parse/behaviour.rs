//! How a task's jobs are run: the keys that `[defaults]` and tasks have in common.

use std::time::Duration;

use super::context::Context;
use super::table::{At, Table};
use super::{duration, retry, template};
use crate::contract::{Concurrency, Retry};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Location;

/// Keys that may stand in `[defaults]` and in a task.
pub(super) const KEYS: &[&str] = &[
    "queue",
    "priority",
    "timeout",
    "result_ttl",
    "retry",
    "unique",
    "concurrency",
];

/// Keys of `concurrency`.
pub(super) const CONCURRENCY_KEYS: &[&str] = &["limit", "key"];

/// The longest name of a queue, in bytes.
const MAX_QUEUE_NAME: usize = 200;

/// What is said about running jobs; `None` is not said.
#[derive(Debug, Clone, Default)]
pub(super) struct Behaviour {
    pub(super) queue: Option<String>,
    pub(super) priority: Option<u16>,
    pub(super) timeout: Option<Duration>,
    pub(super) result_ttl: Option<Duration>,
    pub(super) retry: Option<Retry>,
    pub(super) unique: Option<bool>,
    /// With the place of its `key`, which is checked against the args of each task.
    pub(super) concurrency: Option<(Concurrency, Location)>,
}

impl Behaviour {
    /// What this says, else what `defaults` say; key by key, so that a task's `retry` replaces the
    /// default one as a whole.
    pub(super) fn or(self, defaults: &Behaviour) -> Behaviour {
        let defaults = defaults.clone();
        Behaviour {
            queue: self.queue.or(defaults.queue),
            priority: self.priority.or(defaults.priority),
            timeout: self.timeout.or(defaults.timeout),
            result_ttl: self.result_ttl.or(defaults.result_ttl),
            retry: self.retry.or(defaults.retry),
            unique: self.unique.or(defaults.unique),
            concurrency: self.concurrency.or(defaults.concurrency),
        }
    }
}

pub(super) fn read(context: &mut Context<'_>, table: &Table<'_>) -> Behaviour {
    let duration_of = |context: &mut Context<'_>, key: &str| {
        let duration = duration::read(context, table.get(key)?)?;
        Some(duration.value)
    };
    Behaviour {
        queue: read_queue(context, table),
        priority: read_priority(context, table),
        timeout: duration_of(context, "timeout"),
        result_ttl: duration_of(context, "result_ttl"),
        retry: table.get("retry").and_then(|entry| {
            let table = entry.table(context)?;
            Some(retry::read(context, &table))
        }),
        unique: table.boolean(context, "unique"),
        concurrency: read_concurrency(context, table),
    }
}

fn read_queue(context: &mut Context<'_>, table: &Table<'_>) -> Option<String> {
    let At { value, location } = table.string(context, "queue")?;
    // Commas separate the queues of a worker's command line.
    let refused = |c: char| c.is_control() || c.is_whitespace() || c == ',';
    if value.is_empty() || value.len() > MAX_QUEUE_NAME || value.contains(refused) {
        let message = format!("{value:?} cannot be the name of a queue");
        context.report(
            Diagnostic::new(codes::BAD_NAME, message, &location)
                .help("use up to 200 characters, without spaces and commas"),
        );
        return None;
    }
    Some(value.to_owned())
}

fn read_priority(context: &mut Context<'_>, table: &Table<'_>) -> Option<u16> {
    let priority = table.get("priority")?.integer(context, 1..=1000)?;
    u16::try_from(priority.value).ok()
}

fn read_concurrency(
    context: &mut Context<'_>,
    table: &Table<'_>,
) -> Option<(Concurrency, Location)> {
    let entry = table.get("concurrency")?;
    let table = entry.table(context)?;
    table.check_keys(context, CONCURRENCY_KEYS, "`concurrency`");
    let key = table.get("key").cloned();
    let place = key.as_ref().unwrap_or(entry).item.location();
    let key = key.and_then(|key| template::read(context, &key));
    let limit = table
        .require(context, "limit", "`concurrency`", &entry.key_location)?
        .integer(context, 1..=i64::from(i32::MAX))?;
    let limit = u32::try_from(limit.value).ok()?;
    Some((Concurrency { limit, key }, place))
}
