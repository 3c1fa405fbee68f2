//! What every store of jobs does alike, held to it by the same tests: see [`conformance`].
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

#[macro_use]
mod conformance;

mod around;
mod attempts;
mod bed;
mod blocking;
mod cancel;
mod check_rows;
mod concurrency;
mod delete;
mod drain;
mod enqueue;
mod faults;
mod maintenance;
mod pause;
#[path = "../probe/mod.rs"]
mod probe;
mod rows;
mod run;
mod schedule;
mod schedule_contracts;
mod schedule_operate;
mod schedule_outage;
mod shutdown;
mod solo;
mod twins;
mod unknown;
