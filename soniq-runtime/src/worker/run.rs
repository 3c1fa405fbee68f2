//! Runs one claimed job and says what becomes of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;

use super::HandlerTable;
use super::running::Stop;
use crate::backend::{ClaimedJob, Delay, Fence, Finish, Outcome};
use crate::dead_letter::Reason;
use crate::job::{JobContext, JobError, JobInfo, Kind};
use crate::retry;
use crate::settings::Settings;
use crate::task::{RetrySpec, TaskSpec};

/// How long a handler that was told to stop may still take.
pub(super) const CANCEL_GRACE: Duration = Duration::from_secs(1);

/// Longest text kept of an error, in characters.
const LONGEST_ERROR: usize = 8192;

/// Why an attempt failed whose handler said that it did not.
const UNCOMMITTED: &str = "the handler returned Ok, but the transaction in which it completed the job \
     was not committed";

/// Runs `job` to its end, its timeout or its cancellation. Never panics, whatever the handler does.
pub(super) async fn run(
    job: ClaimedJob,
    handlers: Arc<HandlerTable>,
    settings: Arc<Settings>,
    stop: Stop,
) -> Finish {
    let ClaimedJob {
        fence,
        name,
        args,
        max_attempts,
        queue,
        created_at,
        solo,
        ..
    } = job;
    let Some((spec, run)) = handlers.get(name.as_str()) else {
        // A claim names the handlers' tasks only.
        return Finish::new(fence, release(solo));
    };
    let limits = Limits::new(spec, fence, max_attempts, &settings);
    let args = match args {
        Ok(args) => args,
        Err(reason) => {
            let error = JobError::new(Kind::InvalidArguments, reason);
            return Finish::new(fence, limits.failed(&error));
        }
    };
    let context = JobContext::new(
        JobInfo {
            fence,
            name,
            attempt: limits.attempt,
            max_attempts: limits.max_attempts,
            queue,
            created_at,
            result_ttl: limits.result_ttl,
            completes_itself: AtomicBool::new(false),
        },
        stop.token.clone(),
    );
    let own = context.clone();
    let timeout = spec
        .timeout
        .or(settings.job_timeout)
        .filter(|t| !t.is_zero());
    let deadline = async {
        match timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let given_up = async {
        stop.token.cancelled().await;
        tokio::time::sleep(CANCEL_GRACE).await;
    };
    // User code runs in here and nowhere else: making the future (it decodes the arguments),
    // polling it, and dropping it. Each may panic.
    let attempt = async {
        tokio::select! {
            biased;
            ended = async { run(args, context).await } => Some(ended),
            () = deadline => {
                let seconds = timeout.unwrap_or_default().as_secs_f64();
                let message = format!("timed out after {seconds} s");
                Some(Err(JobError::new(Kind::Timeout, message)))
            }
            () = given_up => None,
        }
    };
    let ended = AssertUnwindSafe(attempt).catch_unwind().await;
    let outcome = match ended {
        // Whether it was committed shows when this is written: the fence matches, or it does not.
        Ok(Some(Ok(_))) if own.completes_itself() => limits.failed(&JobError::retry(UNCOMMITTED)),
        Ok(Some(Ok(result))) => limits.completed(result),
        Ok(Some(Err(error))) => limits.failed(&error),
        Ok(None) => release(solo),
        Err(panic) => limits.failed(&JobError::retry(format!("panicked: {}", words(&*panic)))),
    };
    let outcome = match outcome {
        Outcome::Complete { .. } => outcome,
        _ if !stop.is_called_off() => outcome,
        Outcome::Requeue { error, .. } | Outcome::DeadLetter { error, .. } => called_off(error),
    };
    Finish {
        may_be_done: own.completes_itself(),
        ..Finish::new(fence, outcome)
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
fn called_off(error: Option<String>) -> Outcome {
    Outcome::Requeue {
        refund: false,
        delay: Delay::Keep,
        error: Some(error.unwrap_or_else(|| "called off while it ran".to_owned())),
        solo: false,
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text")
}

/// What an attempt may still do after this one.
struct Limits {
    attempt: u32,
    max_attempts: u32,
    retry: RetrySpec,
    snooze_max: Duration,
    result_ttl: Duration,
}

impl Limits {
    fn new(spec: &TaskSpec, fence: Fence, max_attempts: Option<i32>, settings: &Settings) -> Self {
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
        }
    }

    fn completed(&self, result: Value) -> Outcome {
        Outcome::Complete {
            result: (!result.is_null()).then_some(result),
            ttl: self.result_ttl,
        }
    }

    fn failed(&self, error: &JobError) -> Outcome {
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
                    error: Some(kept(&format!("SNOOZE: {text}"))),
                    solo: false,
                };
            }
            Kind::Timeout if self.attempt >= self.max_attempts => return dead(Reason::Timeout),
            Kind::Retry | Kind::RetryAfter(_) if self.attempt >= self.max_attempts => {
                return dead(Reason::MaxRetriesExceeded);
            }
            Kind::RetryAfter(delay) => delay,
            Kind::Retry | Kind::Timeout => retry::delay(&self.retry, self.attempt),
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
}

/// An error's text as the table takes it: no U+0000, not too long.
fn kept(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\0' { '\u{fffd}' } else { c })
        .take(LONGEST_ERROR)
        .collect()
}
