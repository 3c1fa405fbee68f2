//! A task whose handler does what a test says.

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Backoff, Checked, EnqueueOptions, JobContext, JobError, RetrySpec, TaskArgs, TaskHandler,
    TaskHandlerBuilder, TaskRef, TaskSpec,
};

/// Retried after an hour, three attempts.
static SPEC: TaskSpec = TaskSpec::new("test.ship.v1", 1, "ship").retry(RetrySpec {
    max_attempts: Some(3),
    backoff: Backoff::Fixed(HOUR),
    max_delay: None,
    jitter: false,
});

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) const SHIP: TaskRef<Ship> = TaskRef::new(&SPEC);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ship {
    pub(crate) order: i64,
}

impl Checked for Ship {
    fn check(value: &Value, checker: &mut Checker) {
        if !value["order"].is_i64() {
            checker.violation("type", "order is no integer");
        }
    }
}

impl TaskArgs for Ship {
    const TASK: TaskRef<Self> = SHIP;
}

pub(crate) fn ship() -> EnqueueOptions<Ship> {
    EnqueueOptions::default()
}

/// A handler from a closure.
pub(crate) fn handler<R>(run: impl Fn(Ship, JobContext) -> R + Send + Sync + 'static) -> TaskHandler
where
    R: Future<Output = Result<(), JobError>> + Send + 'static,
{
    TaskHandlerBuilder::<Ship>::new(run).build()
}

/// A handler that succeeds.
pub(crate) fn shipping() -> TaskHandler {
    handler(|_, _| async { Ok(()) })
}
