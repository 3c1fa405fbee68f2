//! The queue on a real Postgres: enqueue, run, faults, schedules.
#![allow(clippy::unwrap_used, reason = "tests")]

mod enqueue;
mod faults;
mod plans;
mod rows;
mod run;
mod schedule;
mod support;
