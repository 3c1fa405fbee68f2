//! A typed job queue on the Postgres you already have.
//!
//! Tasks are declared in `contracts/*.toml`; `soniq-codegen` turns them into modules in a build
//! script, and what those modules call is this crate. It enqueues in the caller's own transaction,
//! claims in batches behind a fence, runs, retries, dead-letters, replays and schedules. Delivery
//! is at least once: a job whose worker dies runs again.
//!
//! ```no_run
//! # mod tasks { pub mod billing { pub fn handlers<H>(_: H) -> soniq_runtime::Handlers { Vec::new().into() } } }
//! # struct Billing;
//! use soniq_runtime::{Soniq, Worker, shutdown_signal};
//!
//! # async fn example() -> Result<(), soniq_runtime::Error> {
//! let soniq = Soniq::from_env()?; // SONIQ_DATABASE_URL
//! soniq.setup().await?;
//! let worker = Worker::builder(&soniq)
//!     .handlers(tasks::billing::handlers(Billing))
//!     .concurrency(16)
//!     .build()?;
//! worker.run_until(shutdown_signal()).await?;
//! # Ok(()) }
//! ```
//!
//! | for | see |
//! | --- | --- |
//! | a service's binary with its subcommands | [`App`] and [`main`](fn@main) |
//! | enqueueing | [`Enqueuer`], [`EnqueueOptions`], and the generated `enqueue` |
//! | running jobs | [`Worker`], [`JobContext`], [`JobError`] |
//! | times | [`Scheduler`], [`RetrySpec`], [`duration`] |
//! | operating | [`Soniq::jobs`], [`Soniq::queues`], [`Soniq::schedules`], [`Soniq::dead_letter`], [`Soniq::stats`] |
//! | before a deploy | [`rows`], [`Soniq::fleet`] |
//! | settings | [`Settings`] |
//! | tests | [`testing`], with the feature of that name |
//!
//! # Features
//!
//! - `main` (default): [`App`] and [`main`](fn@main), with log output.
//! - `tls` (default): `sslmode=require`, `verify-ca` and `verify-full` in the database URL, by rustls.
//! - `testing`: a throwaway Postgres for tests.

mod advisory;
#[cfg(feature = "main")]
mod app;
mod args_hash;
mod backend;
mod blocking;
mod builder;
pub mod check;
mod complete;
mod dead_letter;
mod doctor;
pub mod duration;
mod enqueue;
mod error;
mod fleet;
mod handler;
mod job;
mod jobs;
mod middleware;
mod migrations;
mod queues;
mod retry;
mod retry_policy;
pub mod rows;
mod scheduler;
mod schedules;
mod settings;
mod soniq;
mod stats;
mod task;
#[cfg(feature = "testing")]
pub mod testing;
mod worker;

#[cfg(feature = "main")]
pub use app::{App, main, main_from};
pub use builder::Missing;
pub use check::{Checked, UnknownValue, Violation};
pub use complete::{Completer, Completion};
pub use dead_letter::{DeadLetter, DeadLetterFilter, DeadLetters, Reason};
pub use doctor::{Check, Diagnosis, Finding, Severity};
pub use enqueue::{Due, EnqueueOptions, Enqueued, Enqueuer, NewJob, TaskArgs};
pub use error::Error;
pub use fleet::{Fleet, FleetTask, FleetWorker, Serving, Unserved};
pub use handler::{Handlers, TaskHandler, TaskHandlerBuilder};
pub use job::{JobContext, JobError};
pub use jobs::{Job, JobFilter, Jobs, Status};
pub use middleware::{Fate, JobEnd, JobOutput, Middleware, Next};
pub use migrations::{MigrationState, MigrationStatus};
pub use queues::Queues;
pub use retry_policy::{Failure, Retry, RetryPolicy};
pub use scheduler::{Firing, ScheduleChange, Scheduler};
pub use schedules::{RecurringJob, Schedules};
pub use settings::{Settings, TASK_NAME_PATTERN};
pub use soniq::Soniq;
pub use stats::{QueueStats, Stats, UnhandledStats, WorkerStats};
pub use task::{
    Backoff, CatchUp, ConcurrencySpec, KeyPart, RetrySpec, ScheduleSpec, TaskRef, TaskSpec, Trigger,
};
pub use worker::{Worker, WorkerBuilder, shutdown_signal};

/// Includes the modules that `soniq_codegen::generate` wrote in the build script: one per namespace.
///
/// ```ignore
/// mod tasks { soniq_runtime::include_contracts!(); }
/// ```
#[macro_export]
macro_rules! include_contracts {
    () => {
        include!(concat!(env!("OUT_DIR"), "/soniq/mod.rs"));
    };
}

/// What generated code names. Not for use by hand: it may change with any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::check::{
        Branch, Checker, JsonLiteral, TextPattern, decode, present, unknown_value,
    };
    pub use crate::enqueue::checked_value;
    pub use chrono::SecondsFormat;
    pub use serde;

    /// What generated modules import as a whole. A type of a contract that has one of these names
    /// gets another one, so what is added here renames types: `soniq-codegen` lists the names.
    pub mod prelude {
        pub use std::collections::BTreeMap;

        pub use crate::Missing;
        pub use crate::check::{Checker, JsonLiteral, TextPattern, UnknownValue};
        pub use chrono::{DateTime, NaiveDate, Utc};
        pub use serde::{Deserialize, Serialize};
        pub use serde_json::Value as JsonValue;
        pub use uuid::Uuid;
    }
}
