//! The queue on a real Postgres: enqueue, run, faults, schedules.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod around;
mod blocking;
mod cancel;
mod check_rows;
mod claim_cost;
mod complete_in;
mod concurrency;
mod connections;
mod enqueue;
mod failover;
mod faults;
mod log;
mod maintenance;
mod passwords;
mod pause;
mod plans;
mod pooler;
mod rows;
mod run;
mod schedule;
mod schedule_contracts;
mod schedule_operate;
mod schedule_outage;
mod shutdown;
mod solo;
mod sql_api;
mod support;
mod tls;
mod twins;
