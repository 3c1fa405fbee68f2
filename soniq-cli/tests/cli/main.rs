//! The real binary against a real Postgres.
#![allow(clippy::unwrap_used, reason = "tests")]

mod contracts;
mod dead_letter;
mod doctor;
mod enqueue;
mod jobs;
mod output;
mod queues;
mod scheduler;
mod schedules;
mod setup;
mod support;
