//! What becomes of a job after an attempt, by its contract, the settings and the worker's own policy.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::backend::{Delay, Fence, Outcome};
use crate::dead_letter::Reason;
use crate::job::{JobError, Kind};
use crate::middleware::Fate;
use crate::retry;
use crate::retry_policy::{Failure, Retry, RetryPolicy};
use crate::settings::Settings;
use crate::task::{RetrySpec, TaskSpec};

/// Longest text kept of an error, in characters.
const LONGEST_ERROR: usize = 8192;

/// What a snooze's reason begins with in the table.
const SNOOZE: &str = "SNOOZE: ";

/// What an attempt may still do after this one.
pub(super) struct Limits {
    pub(super) attempt: u32,
    pub(super) max_attempts: u32,
    retry: RetrySpec,
    snooze_max: Duration,
    pub(super) result_ttl: Duration,
    policy: Option<Arc<dyn RetryPolicy>>,
}

impl Limits {
    pub(super) fn new(
        spec: &TaskSpec,
        policy: Option<Arc<dyn RetryPolicy>>,
        fence: Fence,
        max_attempts: Option<i32>,
        settings: &Settings,
    ) -> Self {
        let max_attempts = max_attempts
            .and_then(|n| u32::try_from(n).ok())
            .or(spec.retry.max_attempts)
            .unwrap_or(settings.max_retries.saturating_add(1));
        Limits {
            attempt: fence
                .attempts
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(1),
            max_attempts,
            retry: spec.retry,
            snooze_max: settings.snooze_max,
            result_ttl: spec.result_ttl.unwrap_or(settings.result_ttl),
            policy,
        }
    }

    pub(super) fn completed(&self, result: Value) -> Outcome {
        Outcome::Complete {
            result: (!result.is_null()).then_some(result),
            ttl: self.result_ttl,
        }
    }

    /// After a failure of the task of this wire name.
    pub(super) fn failed(&self, task: &str, error: &JobError) -> Outcome {
        let text = kept(error.message());
        let dead = |reason| Outcome::DeadLetter {
            reason,
            error: Some(text.clone()),
            max_attempts: i32::try_from(self.max_attempts).unwrap_or(i32::MAX),
        };
        let delay = match error.kind {
            Kind::Permanent => return dead(Reason::PermanentFailure),
            Kind::InvalidArguments => return dead(Reason::InvalidArguments),
            Kind::Snooze(delay) => {
                return Outcome::Requeue {
                    refund: true,
                    delay: Delay::For(delay.min(self.snooze_max)),
                    error: Some(kept(&format!("{SNOOZE}{text}"))),
                    solo: false,
                };
            }
            Kind::Timeout if self.attempt >= self.max_attempts => return dead(Reason::Timeout),
            Kind::Retry | Kind::RetryAfter(_) if self.attempt >= self.max_attempts => {
                return dead(Reason::MaxRetriesExceeded);
            }
            Kind::RetryAfter(delay) => delay,
            Kind::Retry | Kind::Timeout => match self.decide(task, &text) {
                Some(delay) => delay,
                None => return dead(Reason::PermanentFailure),
            },
        };
        Outcome::Requeue {
            refund: false,
            delay: if delay.is_zero() {
                Delay::None
            } else {
                Delay::For(delay)
            },
            error: Some(text),
            solo: false,
        }
    }

    /// How long a failed job waits, if it is to be tried again.
    fn decide(&self, task: &str, error: &str) -> Option<Duration> {
        let delay = retry::delay(&self.retry, self.attempt);
        let Some(policy) = &self.policy else {
            return Some(delay);
        };
        let failure = Failure {
            task,
            attempt: self.attempt,
            max_attempts: self.max_attempts,
            error,
            delay,
        };
        let decision = std::panic::catch_unwind(AssertUnwindSafe(|| policy.decide(&failure)));
        match decision {
            Ok(Retry::AsContract) => Some(delay),
            Ok(Retry::After(delay)) => Some(delay),
            Ok(Retry::GiveUp) => None,
            Err(_) => {
                tracing::error!(task, "the retry policy panicked; the contract's is used");
                Some(delay)
            }
        }
    }
}

/// The job goes back as if it had never been claimed.
pub(super) fn release(solo: bool) -> Outcome {
    Outcome::Requeue {
        refund: true,
        delay: Delay::For(Duration::ZERO),
        error: None,
        solo,
    }
}

/// The job goes back, and the mark that it was called off makes that the end of it.
pub(super) fn called_off(error: Option<String>) -> Outcome {
    Outcome::Requeue {
        refund: false,
        delay: Delay::Keep,
        error: Some(error.unwrap_or_else(|| "called off while it ran".to_owned())),
        solo: false,
    }
}

/// An outcome in the words of a worker's user. `called_off` jobs go back to be ended there.
pub(super) fn fate(outcome: &Outcome, called_off: bool) -> Fate<'_> {
    match outcome {
        Outcome::Complete { .. } => Fate::Completed,
        _ if called_off => Fate::Cancelled,
        Outcome::DeadLetter { reason, error, .. } => Fate::DeadLettered {
            reason: *reason,
            error: error.as_deref().unwrap_or_default(),
        },
        Outcome::Requeue {
            delay,
            error,
            refund,
            ..
        } => {
            let after = match delay {
                Delay::For(delay) => *delay,
                Delay::None | Delay::Keep => Duration::ZERO,
            };
            match error.as_deref() {
                None => Fate::Released,
                Some(error) if *refund => Fate::Snoozed {
                    reason: error.strip_prefix(SNOOZE).unwrap_or(error),
                    after,
                },
                Some(error) => Fate::Retried { error, after },
            }
        }
    }
}

/// An error's text as the table takes it: no U+0000, not too long.
fn kept(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\0' { '\u{fffd}' } else { c })
        .take(LONGEST_ERROR)
        .collect()
}
