//! Workers on the store in memory, and the test kit on it.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod kit;
mod support;
mod worker;
