//! The order of keys, as the contract language's own documents have it.

/// What a table is, as far as its keys have an order. Schemas have none: the order of their properties
/// and keywords is the author's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    File,
    Tasks,
    Task,
    Retry,
    Schedule,
    Concurrency,
    AsWritten,
}

const FILE: &[&str] = &[
    "edition",
    "namespace",
    "owner",
    "description",
    "defaults",
    "types",
    "tasks",
];

/// Of a task, and of `[defaults]`.
const TASK: &[&str] = &[
    "version",
    "name",
    "description",
    "deprecated",
    "queue",
    "priority",
    "timeout",
    "result_ttl",
    "concurrency",
    "unique",
    "dedup_key",
    "retry",
    "schedule",
    "args",
    "result",
    "reserved",
    "aliases",
    "retired",
    "examples",
    "compat",
];

const RETRY: &[&str] = &["max_attempts", "backoff", "delay", "max_delay", "jitter"];
const SCHEDULE: &[&str] = &["cron", "every", "timezone", "catch_up", "args"];
const CONCURRENCY: &[&str] = &["limit", "key"];

impl Level {
    /// The level of what stands under `key`.
    pub(super) fn below(self, key: &str) -> Level {
        match (self, key) {
            (Level::File, "defaults") | (Level::Tasks, _) => Level::Task,
            (Level::File, "tasks") => Level::Tasks,
            (Level::Task, "retry") => Level::Retry,
            (Level::Task, "schedule") => Level::Schedule,
            (Level::Task, "concurrency") => Level::Concurrency,
            _ => Level::AsWritten,
        }
    }

    /// Where `key` comes among the keys of its table; those that are not known come last, and keep
    /// their order.
    pub(super) fn rank(self, key: &str) -> usize {
        let keys = match self {
            Level::File => FILE,
            Level::Task => TASK,
            Level::Retry => RETRY,
            Level::Schedule => SCHEDULE,
            Level::Concurrency => CONCURRENCY,
            Level::Tasks | Level::AsWritten => &[],
        };
        let position = keys.iter().position(|known| *known == key);
        position.unwrap_or(keys.len())
    }
}
