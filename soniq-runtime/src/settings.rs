//! Settings from the environment, under the names that every Soniq uses.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use crate::error::Error;
use crate::worker::Unknown;

/// What the environment says about producers and workers; anything unset has its default.
///
/// A flag of [`main`](crate::main) goes before the environment, the environment before the default.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// `SONIQ_DATABASE_URL`. No default.
    pub database_url: Option<String>,
    /// `SONIQ_SESSION_URL`: where a worker's own session connects, past a pooler in transaction mode.
    /// The same database; a worker needs one connection there. `None`: `database_url`.
    pub session_url: Option<String>,
    /// `SONIQ_CONCURRENCY`, or `SONIQ_WORKER_CONCURRENCY`: jobs at once in a worker. 4.
    pub concurrency: usize,
    /// `SONIQ_QUEUES`: names with commas between. `None`: the queues that the worker's tasks
    /// name in their contracts, `default` for those that name none.
    pub queues: Option<Vec<String>>,
    /// `SONIQ_MAX_RETRIES`: retries of a task whose contract does not say. 3, so 4 attempts.
    pub max_retries: u32,
    /// `SONIQ_PRIORITY`: of a task whose contract does not say. 100.
    pub priority: i32,
    /// `SONIQ_JOB_TIMEOUT`, seconds: of a task whose contract does not say. 300; 0 is `None`, no limit.
    pub job_timeout: Option<Duration>,
    /// `SONIQ_HEARTBEAT_INTERVAL`, seconds. 5.
    pub heartbeat_interval: Duration,
    /// `SONIQ_HEARTBEAT_TIMEOUT`, seconds: a worker silent for longer is taken for dead. 300.
    pub heartbeat_timeout: Duration,
    /// `SONIQ_POLL_INTERVAL`, seconds: how often a worker looks without being woken. 5.
    pub poll_interval: Duration,
    /// `SONIQ_CLEANUP_INTERVAL`, seconds: how often finished rows past their time are deleted. 300.
    pub cleanup_interval: Duration,
    /// `SONIQ_SHUTDOWN_TIMEOUT`, seconds: how long a shutdown waits for running jobs. 30.
    pub shutdown_timeout: Duration,
    /// `SONIQ_UNKNOWN`, `leave` or `dead-letter`: what becomes of due jobs in a worker's queues that
    /// it has no handler for. `leave`.
    pub unknown: Unknown,
    /// `SONIQ_RESULT_TTL`, seconds: how long finished rows stay. 300; 0 deletes them at once.
    pub result_ttl: Duration,
    /// `SONIQ_DEAD_LETTER_RETENTION`, seconds, or as `30d` or `12h`: how long dead letters stay.
    /// `None`, or 0: for ever.
    pub dead_letter_retention: Option<Duration>,
    /// `SONIQ_SNOOZE_MAX_SECONDS`: longest snooze. 86400.
    pub snooze_max: Duration,
    /// `SONIQ_PRODUCER_ID`: written on each enqueued row. `host:pid:program`.
    pub producer_id: String,
    /// `SONIQ_TASK_NAME_PATTERN`: names that `soniq enqueue` accepts.
    pub task_name_pattern: String,
    /// `SONIQ_LOG_LEVEL`: error, warn, info, debug or trace. `info`.
    pub log_level: String,
}

/// The default of `SONIQ_TASK_NAME_PATTERN`.
pub const TASK_NAME_PATTERN: &str = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$";

/// The variable of [`Settings::session_url`], for those that advise to set it.
pub(crate) const SESSION_URL: &str = "SONIQ_SESSION_URL";

impl Default for Settings {
    fn default() -> Self {
        Settings {
            database_url: None,
            session_url: None,
            concurrency: 4,
            queues: None,
            max_retries: 3,
            priority: 100,
            job_timeout: Some(Duration::from_secs(300)),
            heartbeat_interval: Duration::from_secs(5),
            heartbeat_timeout: Duration::from_secs(300),
            poll_interval: Duration::from_secs(5),
            cleanup_interval: Duration::from_secs(300),
            shutdown_timeout: Duration::from_secs(30),
            unknown: Unknown::Leave,
            result_ttl: Duration::from_secs(300),
            dead_letter_retention: None,
            snooze_max: Duration::from_secs(86_400),
            producer_id: default_producer_id(),
            task_name_pattern: TASK_NAME_PATTERN.to_owned(),
            log_level: "info".to_owned(),
        }
    }
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first variable whose value does not parse.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables from `lookup`; an empty value counts as unset.
    ///
    /// ```
    /// use soniq_runtime::Settings;
    ///
    /// let settings = Settings::from_lookup(|name| (name == "SONIQ_CONCURRENCY").then(|| "16".into()))?;
    /// assert_eq!(settings.concurrency, 16);
    /// # Ok::<(), soniq_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first variable whose value does not parse.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let lookup = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let defaults = Settings::default();
        let seconds = |name: &'static str, default: Duration| match lookup(name) {
            None => Ok(default),
            Some(text) => parse_seconds(name, &text),
        };
        let concurrency = ["SONIQ_CONCURRENCY", "SONIQ_WORKER_CONCURRENCY"]
            .into_iter()
            .find_map(|name| Some((name, lookup(name)?)));
        let positive = |name, interval: Duration| {
            if interval.is_zero() {
                Err(bad(name, "0", "a number of seconds above 0"))
            } else {
                Ok(interval)
            }
        };
        Ok(Settings {
            database_url: lookup("SONIQ_DATABASE_URL"),
            session_url: lookup(SESSION_URL),
            concurrency: match concurrency {
                None => defaults.concurrency,
                Some((name, text)) => parse_concurrency(name, &text)?,
            },
            queues: match lookup("SONIQ_QUEUES") {
                None => None,
                Some(text) => Some(parse_queues("SONIQ_QUEUES", &text)?),
            },
            max_retries: match lookup("SONIQ_MAX_RETRIES") {
                None => defaults.max_retries,
                Some(text) => parse_number("SONIQ_MAX_RETRIES", &text, 0..=1_000_000)?,
            },
            priority: match lookup("SONIQ_PRIORITY") {
                None => defaults.priority,
                Some(text) => parse_number("SONIQ_PRIORITY", &text, 1..=1000)?,
            },
            job_timeout: match lookup("SONIQ_JOB_TIMEOUT") {
                None => defaults.job_timeout,
                Some(text) => {
                    Some(parse_seconds("SONIQ_JOB_TIMEOUT", &text)?).filter(|t| !t.is_zero())
                }
            },
            heartbeat_interval: positive(
                "SONIQ_HEARTBEAT_INTERVAL",
                seconds("SONIQ_HEARTBEAT_INTERVAL", defaults.heartbeat_interval)?,
            )?,
            heartbeat_timeout: positive(
                "SONIQ_HEARTBEAT_TIMEOUT",
                seconds("SONIQ_HEARTBEAT_TIMEOUT", defaults.heartbeat_timeout)?,
            )?,
            poll_interval: positive(
                "SONIQ_POLL_INTERVAL",
                seconds("SONIQ_POLL_INTERVAL", defaults.poll_interval)?,
            )?,
            cleanup_interval: positive(
                "SONIQ_CLEANUP_INTERVAL",
                seconds("SONIQ_CLEANUP_INTERVAL", defaults.cleanup_interval)?,
            )?,
            shutdown_timeout: seconds("SONIQ_SHUTDOWN_TIMEOUT", defaults.shutdown_timeout)?,
            unknown: match lookup("SONIQ_UNKNOWN") {
                None => defaults.unknown,
                Some(text) => parse_unknown("SONIQ_UNKNOWN", &text)?,
            },
            result_ttl: seconds("SONIQ_RESULT_TTL", defaults.result_ttl)?,
            dead_letter_retention: match lookup("SONIQ_DEAD_LETTER_RETENTION") {
                None => defaults.dead_letter_retention,
                Some(text) => Some(parse_duration("SONIQ_DEAD_LETTER_RETENTION", &text)?)
                    .filter(|retention| !retention.is_zero()),
            },
            snooze_max: seconds("SONIQ_SNOOZE_MAX_SECONDS", defaults.snooze_max)?,
            producer_id: lookup("SONIQ_PRODUCER_ID").unwrap_or(defaults.producer_id),
            task_name_pattern: lookup("SONIQ_TASK_NAME_PATTERN")
                .unwrap_or(defaults.task_name_pattern),
            log_level: match lookup("SONIQ_LOG_LEVEL") {
                None => defaults.log_level,
                Some(text) => parse_log_level("SONIQ_LOG_LEVEL", &text)?,
            },
        })
    }

    /// Attempts of a task whose contract does not say: the retries and the first one.
    pub(crate) fn default_max_attempts(&self) -> i32 {
        i32::try_from(self.max_retries)
            .unwrap_or(i32::MAX)
            .saturating_add(1)
    }
}

impl std::fmt::Debug for Settings {
    /// A database URL may hold a password: only whether it is set is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("database_url", &self.database_url.as_ref().map(|_| "***"))
            .field("session_url", &self.session_url.as_ref().map(|_| "***"))
            .field("concurrency", &self.concurrency)
            .field("queues", &self.queues)
            .field("max_retries", &self.max_retries)
            .field("priority", &self.priority)
            .field("job_timeout", &self.job_timeout)
            .field("heartbeat_interval", &self.heartbeat_interval)
            .field("heartbeat_timeout", &self.heartbeat_timeout)
            .field("poll_interval", &self.poll_interval)
            .field("cleanup_interval", &self.cleanup_interval)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .field("unknown", &self.unknown)
            .field("result_ttl", &self.result_ttl)
            .field("dead_letter_retention", &self.dead_letter_retention)
            .field("snooze_max", &self.snooze_max)
            .field("producer_id", &self.producer_id)
            .field("task_name_pattern", &self.task_name_pattern)
            .field("log_level", &self.log_level)
            .finish()
    }
}

fn bad(name: &str, value: &str, expected: impl Into<String>) -> Error {
    Error::Setting {
        name: name.to_owned(),
        value: value.to_owned(),
        expected: expected.into(),
    }
}

/// A hundred years.
const LONGEST_SECONDS: u64 = 100 * 365 * 86_400;

/// Seconds, with a fraction where wanted: `0.5`.
pub(crate) fn parse_seconds(name: &str, text: &str) -> Result<Duration, Error> {
    text.trim()
        .parse::<f64>()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| duration.as_secs() <= LONGEST_SECONDS)
        .ok_or_else(|| bad(name, text, "a number of seconds, 0 or more"))
}

/// Seconds, or a number with its unit: `30d`, `1d12h`.
fn parse_duration(name: &str, text: &str) -> Result<Duration, Error> {
    if let Ok(seconds) = parse_seconds(name, text) {
        return Ok(seconds);
    }
    text.trim()
        .parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| duration.as_secs() <= LONGEST_SECONDS)
        .ok_or_else(|| {
            bad(
                name,
                text,
                "a number of seconds, or a duration such as 30d or 12h",
            )
        })
}

pub(crate) fn parse_concurrency(name: &str, text: &str) -> Result<usize, Error> {
    text.trim()
        .parse()
        .ok()
        .filter(|n| (1..=10_000).contains(n))
        .ok_or_else(|| bad(name, text, "a whole number from 1 to 10000"))
}

pub(crate) fn parse_queues(name: &str, text: &str) -> Result<Vec<String>, Error> {
    let mut queues: Vec<String> = Vec::new();
    for queue in text.split(',').map(str::trim) {
        if queue.is_empty() {
            return Err(bad(name, text, "queue names with commas between"));
        }
        if !queues.iter().any(|known| known == queue) {
            queues.push(queue.to_owned());
        }
    }
    Ok(queues)
}

pub(crate) fn parse_unknown(name: &str, text: &str) -> Result<Unknown, Error> {
    Unknown::parse(text.trim()).ok_or_else(|| bad(name, text, "leave or dead-letter"))
}

pub(crate) fn parse_log_level(name: &str, text: &str) -> Result<String, Error> {
    let level = text.trim().to_ascii_lowercase();
    let level = if level == "warning" {
        "warn".to_owned()
    } else {
        level
    };
    if ["error", "warn", "info", "debug", "trace"].contains(&level.as_str()) {
        Ok(level)
    } else {
        Err(bad(name, text, "error, warn, info, debug or trace"))
    }
}

fn parse_number<T>(name: &str, text: &str, range: std::ops::RangeInclusive<T>) -> Result<T, Error>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let number = text.trim().parse().ok();
    number.filter(|n| range.contains(n)).ok_or_else(|| {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        bad(name, text, expected)
    })
}

fn default_producer_id() -> String {
    let program = std::env::args_os()
        .next()
        .and_then(|path| {
            let name = std::path::Path::new(&path).file_name()?;
            Some(name.to_string_lossy().into_owned())
        })
        .unwrap_or_else(|| "unknown".to_owned());
    format!("{}:{}:{program}", hostname(), std::process::id())
}

/// This machine's name, as far as it can be had without a system call of our own.
pub(crate) fn hostname() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok())
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn with(name: &'static str, value: &'static str) -> Result<Settings, Error> {
        Settings::from_lookup(move |asked| (asked == name).then(|| value.to_owned()))
    }

    #[test]
    fn an_empty_environment_gives_the_documented_defaults() {
        let settings = Settings::from_lookup(|_| None).unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.concurrency, 4);
        assert_eq!(settings.queues, None);
        assert_eq!(settings.max_retries, 3);
        assert_eq!(settings.priority, 100);
        assert_eq!(settings.job_timeout, Some(Duration::from_secs(300)));
        assert_eq!(settings.heartbeat_interval, Duration::from_secs(5));
        assert_eq!(settings.heartbeat_timeout, Duration::from_secs(300));
        assert_eq!(settings.poll_interval, Duration::from_secs(5));
        assert_eq!(settings.cleanup_interval, Duration::from_secs(300));
        assert_eq!(settings.shutdown_timeout, Duration::from_secs(30));
        assert_eq!(settings.result_ttl, Duration::from_secs(300));
        assert_eq!(settings.dead_letter_retention, None);
        assert_eq!(settings.unknown, Unknown::Leave);
        assert_eq!(settings.snooze_max, Duration::from_secs(86_400));
        assert_eq!(settings.log_level, "info");
        assert!(
            settings
                .producer_id
                .contains(&std::process::id().to_string())
        );
    }

    #[test]
    fn a_value_that_does_not_parse_names_its_variable() {
        for (name, value) in [
            ("SONIQ_CONCURRENCY", "four"),
            ("SONIQ_WORKER_CONCURRENCY", "0"),
            ("SONIQ_QUEUES", "a,,b"),
            ("SONIQ_JOB_TIMEOUT", "-1"),
            ("SONIQ_POLL_INTERVAL", "0"),
            ("SONIQ_RESULT_TTL", "1e300"),
            ("SONIQ_PRIORITY", "1001"),
            ("SONIQ_DEAD_LETTER_RETENTION", "a week"),
            ("SONIQ_DEAD_LETTER_RETENTION", "-7d"),
            ("SONIQ_DEAD_LETTER_RETENTION", "1mo"),
            ("SONIQ_DEAD_LETTER_RETENTION", "200000d"),
            ("SONIQ_LOG_LEVEL", "loud"),
            ("SONIQ_UNKNOWN", "drop"),
        ] {
            let text = with(name, value).unwrap_err().to_string();
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn values_are_read() {
        assert_eq!(
            with("SONIQ_WORKER_CONCURRENCY", "7").unwrap().concurrency,
            7
        );
        assert_eq!(with("SONIQ_JOB_TIMEOUT", "0").unwrap().job_timeout, None);
        assert_eq!(
            with("SONIQ_UNKNOWN", "dead-letter").unwrap().unknown,
            Unknown::DeadLetter
        );
        assert_eq!(
            with("SONIQ_QUEUES", " a, b,a ").unwrap().queues,
            Some(vec!["a".to_owned(), "b".to_owned()])
        );
        let retention = |value| {
            with("SONIQ_DEAD_LETTER_RETENTION", value)
                .unwrap()
                .dead_letter_retention
        };
        for (value, seconds) in [
            ("86400", Some(86_400)),
            ("7d", Some(7 * 86_400)),
            ("1d12h", Some(36 * 3600)),
            (" 2 weeks ", Some(14 * 86_400)),
            ("0", None),
            ("", None),
        ] {
            assert_eq!(
                retention(value),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
        assert_eq!(
            with("SONIQ_POLL_INTERVAL", "0.25").unwrap().poll_interval,
            Duration::from_millis(250)
        );
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        for name in ["SONIQ_DATABASE_URL", "SONIQ_SESSION_URL"] {
            let settings = with(name, "postgres://u:secret@h/d").unwrap();
            let text = format!("{settings:?}");
            assert!(text.contains("***") && !text.contains("secret"), "{text}");
        }
    }
}
