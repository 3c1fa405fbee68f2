//! Runs one claimed job and says what becomes of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::FutureExt;

use super::limits::{self, Limits};
use super::running::Stop;
use super::{Entry, HandlerTable};
use crate::backend::{ClaimedJob, Finish, Outcome, OwnEnd};
use crate::blocking::words;
use crate::job::{JobContext, JobError, JobInfo, Kind};
use crate::middleware::{Fate, JobEnd};
use crate::settings::Settings;

/// How long a handler that was told to stop may still take.
pub(super) const CANCEL_GRACE: Duration = Duration::from_secs(1);

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
    let Some(Entry { spec, run, policy }) = handlers.by_name.get(name.as_str()) else {
        // A claim names the handlers' tasks only.
        return Finish::new(fence, limits::release(solo));
    };
    let limits = Limits::new(spec, policy.clone(), fence, max_attempts, &settings);
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
            blocking: stop.blocking.clone(),
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
        // Its work on other threads is waited for in any case: rather with the handler, which can
        // say how that ended, than without it.
        while stop.blocking.runs() {
            stop.blocking.ended().await;
            tokio::time::sleep(CANCEL_GRACE).await;
        }
    };
    // User code runs in here and nowhere else: making the future (it decodes the arguments),
    // polling it, and dropping it. Each may panic.
    let attempt = async {
        tokio::select! {
            biased;
            ended = async {
                match args {
                    Ok(args) => run(args, context).await,
                    Err(reason) => Err(JobError::new(Kind::InvalidArguments, reason)),
                }
            } => Some(ended),
            () = deadline => {
                let seconds = timeout.unwrap_or_default().as_secs_f64();
                let message = format!("timed out after {seconds} s");
                Some(Err(JobError::new(Kind::Timeout, message)))
            }
            () = given_up => None,
        }
    };
    let started = Instant::now();
    let ended = AssertUnwindSafe(attempt).catch_unwind().await;
    // However the handler ended: what it left on other threads is part of the attempt.
    stop.blocking.ended().await;
    let failed = |error: &JobError| limits.failed(own.task(), error);
    let outcome = match ended {
        // Whether it was committed shows when this is written: the fence matches, or it does not.
        Ok(Some(Ok(_))) if own.completes_itself() => failed(&JobError::retry(UNCOMMITTED)),
        Ok(Some(Ok(result))) => limits.completed(result),
        Ok(Some(Err(error))) => failed(&error),
        Ok(None) => limits::release(solo),
        Err(panic) => failed(&JobError::retry(format!("panicked: {}", words(&*panic)))),
    };
    let outcome = match outcome {
        Outcome::Complete { .. } => outcome,
        _ if !stop.is_called_off() => outcome,
        Outcome::Requeue { error, .. } | Outcome::DeadLetter { error, .. } => {
            limits::called_off(error)
        }
    };
    let frees_slot_in = spec.concurrency.map(|_| own.queue().to_owned());
    let told = Told {
        handlers: Arc::clone(&handlers),
        job: own,
        took: started.elapsed(),
        called_off: stop.is_called_off(),
    };
    Finish {
        own_end: told.tell_or_wait(&outcome),
        frees_slot_in,
        ..Finish::new(fence, outcome)
    }
}

/// What hooks are told of, apart from the job's fate.
struct Told {
    handlers: Arc<HandlerTable>,
    job: JobContext,
    took: Duration,
    called_off: bool,
}

impl Told {
    /// Tells it now, or once the database has said whether the handler's own transaction ended the job.
    fn tell_or_wait(self, outcome: &Outcome) -> Option<OwnEnd> {
        if !self.job.completes_itself() {
            self.tell(limits::fate(outcome, self.called_off));
            return None;
        }
        Some(OwnEnd::new(move |written| {
            let written = written.map(|outcome| limits::fate(outcome, self.called_off));
            self.tell(written.unwrap_or(Fate::Completed));
        }))
    }

    /// What a hook does is its own affair: the job has ended.
    fn tell(&self, fate: Fate<'_>) {
        let end = JobEnd::new(&self.job, self.took, fate);
        for hook in &self.handlers.hooks {
            if std::panic::catch_unwind(AssertUnwindSafe(|| hook(&end))).is_err() {
                tracing::error!(job = %self.job.id(), "a hook on the end of jobs panicked");
            }
        }
    }
}
