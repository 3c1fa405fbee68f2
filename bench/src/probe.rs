//! The task that is enqueued and run: small arguments, a handler that does nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Checked, EnqueueOptions, JobContext, JobError, TaskArgs, TaskHandler, TaskHandlerBuilder,
    TaskRef, TaskSpec,
};

/// The wire name.
pub const NAME: &str = "bench.probe.v1";

static PROBE: TaskSpec = TaskSpec::new(NAME, 1, "probe");

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
