//! `check` and `lock`: the gate as a team meets it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod against;
mod census;
#[path = "../command/mod.rs"]
mod command;
mod lock;
mod team;
mod verdict;
mod waivers;
