//! How a task is run: the keys of `[defaults]`, and those tables that stand in a task.
#![allow(dead_code, reason = "described, never made")]

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::words::{Backoff, CatchUp, Delay, Duration, Template};

/// For every task in this file; a task's own key wins.
#[derive(JsonSchema)]
#[schemars(rename = "defaults", deny_unknown_fields)]
pub(super) struct Defaults {
    /// Queue; without it, `default`.
    #[schemars(length(min = 1, max = 200))]
    queue: Option<String>,
    /// 1 to 1000, lower runs first.
    #[schemars(range(min = 1, max = 1000))]
    priority: Option<u16>,
    /// Longest time one attempt may take; zero means no limit.
    timeout: Option<Duration>,
    /// How long a finished row is kept; zero deletes it at once.
    result_ttl: Option<Duration>,
    /// How often and when a failed job is tried again.
    retry: Option<Retry>,
    /// One queued job per canonical args.
    unique: Option<bool>,
    /// At most so many at once.
    concurrency: Option<Concurrency>,
}

/// How often and when a failed job is tried again.
#[derive(JsonSchema)]
#[schemars(rename = "retry", deny_unknown_fields)]
pub(super) struct Retry {
    /// Attempts in all, from 1.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    max_attempts: Option<u32>,
    /// How the delay grows.
    backoff: Option<Backoff>,
    /// The first delay, or all of them.
    delay: Option<Delay>,
    /// Upper bound of a delay; without it, exponential growth ends at ten minutes.
    max_delay: Option<Duration>,
    /// Whether delays are shortened at random.
    jitter: Option<bool>,
}

/// At most so many at once.
#[derive(JsonSchema)]
#[schemars(rename = "concurrency", deny_unknown_fields)]
pub(super) struct Concurrency {
    /// How many may run at once, from 1.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    limit: u32,
    /// Counted per rendered key; without it, the task as a whole.
    key: Option<Template>,
}

/// When the scheduler enqueues the task: either `cron` or `every`.
#[derive(JsonSchema)]
#[schemars(rename = "schedule", deny_unknown_fields)]
pub(super) struct Schedule {
    /// A cron expression of five fields.
    cron: Option<String>,
    /// A fixed interval.
    every: Option<Duration>,
    /// IANA name of the time zone of `cron`; UTC without it.
    timezone: Option<String>,
    /// What happens to firings missed while no scheduler ran; "one" without it.
    catch_up: Option<CatchUp>,
    /// Args of each firing.
    args: Option<Map<String, Value>>,
}
