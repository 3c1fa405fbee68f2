//! The tasks that are enqueued and run: small arguments, a handler that does nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Checked, ConcurrencySpec, EnqueueOptions, JobContext, JobError, KeyPart, TaskArgs, TaskHandler,
    TaskHandlerBuilder, TaskRef, TaskSpec,
};

/// The wire name.
pub const NAME: &str = "bench.probe.v1";

/// The wire name of a task of which one job at a time runs for each value of `n`.
pub const BLOCKED: &str = "bench.blocked.v1";

static PROBE: TaskSpec = TaskSpec::new(NAME, 1, "probe");

static OF_A_KEY: TaskSpec = TaskSpec::new(BLOCKED, 1, "probe").concurrency(ConcurrencySpec {
    limit: 1,
    key: &[KeyPart::Field(&["n"])],
});

/// What generated code would hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Probe {
    /// Any number.
    pub n: u32,
}

impl Checked for Probe {
    fn check(value: &Value, checker: &mut Checker) {
        if !value["n"].is_u64() {
            checker.violation("type", "n is no whole number");
        }
    }
}

impl TaskArgs for Probe {
    const TASK: TaskRef<Self> = TaskRef::new(&PROBE);
}

/// Arguments of a job that blocks its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// The key.
    pub n: u32,
}

impl Checked for Key {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Key {
    const TASK: TaskRef<Self> = TaskRef::new(&OF_A_KEY);
}

/// The task, for its options.
pub fn task() -> EnqueueOptions<Probe> {
    EnqueueOptions::default()
}

/// A handler that calls `seen` and is done.
pub fn handler(seen: impl Fn(u32) + Send + Sync + 'static) -> TaskHandler {
    let run = move |args: Probe, _: JobContext| {
        seen(args.n);
        async { Ok::<(), JobError>(()) }
    };
    TaskHandlerBuilder::new(run).build()
}

/// A handler that calls `seen`, and is done after `time`.
pub fn slow(time: Duration, seen: impl Fn() + Send + Sync + 'static) -> TaskHandler {
    let run = move |_: Probe, _: JobContext| {
        seen();
        async move {
            tokio::time::sleep(time).await;
            Ok::<(), JobError>(())
        }
    };
    TaskHandlerBuilder::new(run).build()
}

/// A handler that never ends, so that its key stays blocked.
pub fn blocked() -> TaskHandler {
    let run = |_: Key, _: JobContext| std::future::pending::<Result<(), JobError>>();
    TaskHandlerBuilder::new(run).build()
}
