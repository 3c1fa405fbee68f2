//! Handlers with their types taken off, as a worker keeps them.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::check::{self, Checked};
use crate::enqueue::TaskArgs;
use crate::job::{JobContext, JobError};
use crate::task::TaskSpec;

type Running = Pin<Box<dyn Future<Output = Result<Value, JobError>> + Send>>;
type Run<A> = Arc<dyn Fn(A, JobContext) -> Running + Send + Sync>;
/// Decodes a row's arguments and runs them.
pub(crate) type RunRow = Arc<dyn Fn(Value, JobContext) -> Running + Send + Sync>;

/// One task's handler, with the wire names whose rows it takes.
#[derive(Clone)]
pub struct TaskHandler {
    pub(crate) spec: &'static TaskSpec,
    /// The task's own name, its aliases and its retired versions.
    pub(crate) names: BTreeMap<&'static str, RunRow>,
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
                Err(violations) => refuse(&violations),
            })
        };
        let spec = A::TASK.spec();
        let names = std::iter::once(&spec.name)
            .chain(spec.aliases)
            .map(|name| (*name, Arc::clone(&row)))
            .collect();
        TaskHandlerBuilder {
            run,
            handler: TaskHandler { spec, names },
        }
    }

    /// Rows of a retired version are decoded as `Old`, upgraded, checked, and run.
    #[must_use]
    pub fn retired<Old, U>(mut self, name: &'static str, upgrade: U) -> Self
    where
        Old: Checked,
        U: Fn(Old) -> Result<A, JobError> + Send + Sync + 'static,
    {
        let run = Arc::clone(&self.run);
        let row: RunRow = Arc::new(move |value, context| {
            let old = match check::decode::<Old>(value) {
                Ok(old) => old,
                Err(violations) => return refuse(&violations),
            };
            match upgrade(old) {
                Ok(args) => match crate::enqueue::checked_value(A::TASK.name(), &args) {
                    Ok(_) => run(args, context),
                    Err(error) => Box::pin(async move {
                        Err(JobError::permanent(format!("after the upgrade: {error}")))
                    }),
                },
                Err(error) => Box::pin(async move { Err(error) }),
            }
        });
        self.handler.names.insert(name, row);
        self
    }

    /// The finished handler.
    pub fn build(self) -> TaskHandler {
        self.handler
    }
}

fn refuse(violations: &[check::Violation]) -> Running {
    let error = JobError::invalid_arguments(violations);
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
