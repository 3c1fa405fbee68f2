//! The real binary against a real Postgres, and against SQLite files.
#![allow(clippy::unwrap_used, reason = "tests")]

mod contracts;
mod dead_letter;
mod doctor;
mod enqueue;
mod inspect;
mod jobs;
mod new;
mod output;
mod queues;
mod scheduler;
mod schedules;
mod setup;
#[cfg(feature = "sqlite")]
mod sqlite;
mod support;
