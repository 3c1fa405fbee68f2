//! What runs around every handler of a worker, and what is told of how attempts end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::Value;

use crate::dead_letter::Reason;
use crate::handler::RunRow;
use crate::job::{JobContext, JobError};

/// Runs around every handler of a worker: to open a span, to measure, to hold a permit, to turn
/// errors into others. A closure is one.
///
/// ```
/// use soniq_runtime::{JobContext, Next};
///
/// async fn timed(ctx: JobContext, next: Next) -> Result<soniq_runtime::JobOutput, soniq_runtime::JobError> {
///     let started = std::time::Instant::now();
///     let ended = next.await; // decodes the arguments and runs the handler
///     println!("{} {} took {:?}", ctx.task(), ctx.id(), started.elapsed());
///     ended
/// }
/// # fn example(builder: soniq_runtime::WorkerBuilder) -> soniq_runtime::WorkerBuilder {
/// builder.middleware(timed)
/// # }
/// ```
///
/// One that returns without awaiting `next` decides the attempt by itself: by an error, since only
/// a handler makes a [`JobOutput`]. Its panic is a failure of the attempt, as a handler's is.
pub trait Middleware: Send + Sync + 'static {
    /// Runs one attempt, `next` being the rest of it.
    fn handle(
        &self,
        ctx: JobContext,
        next: Next,
    ) -> impl Future<Output = Result<JobOutput, JobError>> + Send + 'static;
}

impl<F, R> Middleware for F
where
    F: Fn(JobContext, Next) -> R + Send + Sync + 'static,
    R: Future<Output = Result<JobOutput, JobError>> + Send + 'static,
{
    fn handle(
        &self,
        ctx: JobContext,
        next: Next,
    ) -> impl Future<Output = Result<JobOutput, JobError>> + Send + 'static {
        self(ctx, next)
    }
}

/// What a handler returned, encoded and checked against its contract.
#[derive(Debug)]
pub struct JobOutput(Value);

impl JobOutput {
    /// As it will be stored; null for a task without a result.
    pub fn as_json(&self) -> &Value {
        &self.0
    }
}

/// The rest of an attempt: further middleware, then the handler. Nothing runs until it is awaited;
/// dropped before its end, it cancels the handler at its next await.
pub struct Next(Pin<Box<dyn Future<Output = Result<JobOutput, JobError>> + Send>>);

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

impl Future for Next {
    type Output = Result<JobOutput, JobError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

/// A [`Middleware`] with its type taken off.
pub(crate) type Layer = Arc<dyn Fn(JobContext, Next) -> Next + Send + Sync>;

pub(crate) fn layer(middleware: impl Middleware) -> Layer {
    Arc::new(move |context, next| Next(Box::pin(middleware.handle(context, next))))
}

/// `run` within `layers`, the first of them outermost.
pub(crate) fn within(layers: &Arc<[Layer]>, run: RunRow) -> RunRow {
    if layers.is_empty() {
        return run;
    }
    let layers = Arc::clone(layers);
    Arc::new(move |args, context| {
        let (run, own) = (Arc::clone(&run), context.clone());
        let mut next = Next(Box::pin(async move { run(args, own).await.map(JobOutput) }));
        for layer in layers.iter().rev() {
            next = layer(context.clone(), next);
        }
        Box::pin(async move { next.await.map(|output| output.0) })
    })
}

/// How an attempt ended; see
/// [`WorkerBuilder::on_end`](crate::WorkerBuilder::on_end).
#[derive(Debug)]
#[non_exhaustive]
pub struct JobEnd<'a> {
    /// The job and the attempt.
    pub job: &'a JobContext,
    /// How long the handler ran.
    pub took: Duration,
    /// What becomes of the job.
    pub fate: Fate<'a>,
}

impl<'a> JobEnd<'a> {
    pub(crate) fn new(job: &'a JobContext, took: Duration, fate: Fate<'a>) -> Self {
        JobEnd { job, took, fate }
    }
}

/// What becomes of a job after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate<'a> {
    /// Done.
    Completed,
    /// Failed, and due again.
    Retried {
        /// What the attempt failed with.
        error: &'a str,
        /// When it is due, from now.
        after: Duration,
    },
    /// Put off by its handler; no attempt is used up.
    Snoozed {
        /// Why.
        reason: &'a str,
        /// When it is due, from now.
        after: Duration,
    },
    /// Failed for good.
    DeadLettered {
        /// Why no further attempt is made.
        reason: Reason,
        /// What the last attempt failed with.
        error: &'a str,
    },
    /// Called off while it ran.
    Cancelled,
    /// Given back unfinished: the worker stops, or was taken for dead.
    Released,
}

/// Told of every end.
pub(crate) type Hook = Arc<dyn Fn(&JobEnd<'_>) + Send + Sync>;
