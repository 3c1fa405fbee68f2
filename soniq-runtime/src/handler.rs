//! Handlers with their types taken off, as a worker keeps them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::check::{self, Checked, Violation};
use crate::enqueue::TaskArgs;
use crate::error::Error;
use crate::job::{JobContext, JobError};
use crate::task::TaskSpec;

type Running = Pin<Box<dyn Future<Output = Result<Value, JobError>> + Send>>;
type Run<A> = Arc<dyn Fn(A, JobContext) -> Running + Send + Sync>;
/// Decodes a row's arguments and runs them.
pub(crate) type RunRow = Arc<dyn Fn(Value, JobContext) -> Running + Send + Sync>;
/// Decodes a row's arguments, upgrades them where they are of a retired version, and runs nothing.
pub(crate) type CheckRow = Arc<dyn Fn(Value) -> Result<(), Vec<Violation>> + Send + Sync>;

/// One task's handler, with the wire names whose rows it takes.
#[derive(Clone)]
pub struct TaskHandler {
    pub(crate) spec: &'static TaskSpec,
    /// The task's own name, its aliases and its retired versions.
    pub(crate) names: BTreeMap<&'static str, RunRow>,
    /// What would become of a row, by the same names.
    pub(crate) checks: BTreeMap<&'static str, CheckRow>,
}

impl std::fmt::Debug for TaskHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskHandler")
            .field("names", &self.names.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Handlers of several tasks; generated `handlers(..)` of a namespace returns one.
#[derive(Debug, Clone, Default)]
pub struct Handlers(pub(crate) Vec<TaskHandler>);

impl From<Vec<TaskHandler>> for Handlers {
    fn from(handlers: Vec<TaskHandler>) -> Self {
        Handlers(handlers)
    }
}

impl From<TaskHandler> for Handlers {
    fn from(handler: TaskHandler) -> Self {
        Handlers(vec![handler])
    }
}

/// Makes a [`TaskHandler`]; what generated `handler(..)` functions are written in.
pub struct TaskHandlerBuilder<A> {
    run: Run<A>,
    handler: TaskHandler,
}

impl<A> std::fmt::Debug for TaskHandlerBuilder<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.handler.fmt(f)
    }
}

impl<A: TaskArgs> TaskHandlerBuilder<A> {
    /// Rows of the task itself, and of its aliases, are decoded as `A`, checked, and run.
    pub fn new<O, F, R>(run: F) -> Self
    where
        O: Checked + Serialize,
        F: Fn(A, JobContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O, JobError>> + Send + 'static,
    {
        let run: Run<A> = Arc::new(move |args, context| {
            let running = run(args, context);
            Box::pin(async move { encode_output(&running.await?) })
        });
        let row: RunRow = {
            let run = Arc::clone(&run);
            Arc::new(move |value, context| match check::decode::<A>(value) {
                Ok(args) => run(args, context),
                Err(violations) => fail(JobError::invalid_arguments(&violations)),
            })
        };
        let check: CheckRow = Arc::new(|value| check::decode::<A>(value).map(drop));
        let spec = A::TASK.spec();
        let names = || std::iter::once(&spec.name).chain(spec.aliases).copied();
        TaskHandlerBuilder {
            run,
            handler: TaskHandler {
                spec,
                names: names().map(|name| (name, Arc::clone(&row))).collect(),
                checks: names().map(|name| (name, Arc::clone(&check))).collect(),
            },
        }
    }

    /// Rows of a retired version are decoded as `Old`, upgraded, checked, and run.
    #[must_use]
    pub fn retired<Old, U>(mut self, name: &'static str, upgrade: U) -> Self
    where
        Old: Checked,
        U: Fn(Old) -> Result<A, JobError> + Send + Sync + 'static,
    {
        let upgraded = Arc::new(move |value| -> Result<A, Unfit> {
            let old = check::decode::<Old>(value).map_err(Unfit::Row)?;
            let args = upgrade(old).map_err(Unfit::Upgrade)?;
            crate::enqueue::checked_value(A::TASK.name(), &args).map_err(Unfit::Upgraded)?;
            Ok(args)
        });
        let check: CheckRow = {
            let upgraded = Arc::clone(&upgraded);
            Arc::new(move |value| upgraded(value).map(drop).map_err(Unfit::into_violations))
        };
        let run = Arc::clone(&self.run);
        let row: RunRow = Arc::new(move |value, context| match upgraded(value) {
            Ok(args) => run(args, context),
            Err(unfit) => fail(unfit.into_error()),
        });
        self.handler.checks.insert(name, check);
        self.handler.names.insert(name, row);
        self
    }

    /// The finished handler.
    pub fn build(self) -> TaskHandler {
        self.handler
    }
}

/// Why the row of a retired version does not run.
enum Unfit {
    /// It is not what its own version says.
    Row(Vec<Violation>),
    /// `upgrade_vN` refused it.
    Upgrade(JobError),
    /// `upgrade_vN` made of it what breaks the present version.
    Upgraded(Error),
}

impl Unfit {
    fn into_error(self) -> JobError {
        match self {
            Unfit::Row(violations) => JobError::invalid_arguments(&violations),
            Unfit::Upgrade(error) => error,
            Unfit::Upgraded(error) => JobError::permanent(format!("after the upgrade: {error}")),
        }
    }

    fn into_violations(self) -> Vec<Violation> {
        match self {
            Unfit::Row(violations) => violations,
            Unfit::Upgrade(error) => {
                vec![not_upgraded(format!(
                    "cannot be upgraded: {}",
                    error.message()
                ))]
            }
            Unfit::Upgraded(Error::InvalidArgs { violations, .. }) => violations
                .into_iter()
                .map(|violation| Violation {
                    message: format!("after the upgrade {}", violation.message),
                    ..violation
                })
                .collect(),
            Unfit::Upgraded(error) => vec![not_upgraded(format!("after the upgrade: {error}"))],
        }
    }
}

/// No keyword of a schema is broken, but the row does not run all the same.
pub(crate) fn not_upgraded(message: String) -> Violation {
    Violation {
        pointer: String::new(),
        rule: "upgrade",
        message,
    }
}

fn fail(error: JobError) -> Running {
    Box::pin(async move { Err(error) })
}

/// A result is written as the contract says or not at all: one that breaks it fails the attempt.
fn encode_output<O: Checked + Serialize>(output: &O) -> Result<Value, JobError> {
    check::encode(output).map_err(|violations| {
        let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
        JobError::retry(format!(
            "the result breaks the contract: {}",
            text.join("; ")
        ))
    })
}
