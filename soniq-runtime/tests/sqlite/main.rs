//! The queue in a SQLite file: what is not the same on every backend.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bad_input;
#[allow(dead_code, reason = "shared with the tests of all backends")]
#[path = "../probe/mod.rs"]
mod probe;
mod processes;
mod work;
