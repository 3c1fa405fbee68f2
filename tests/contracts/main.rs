//! Generated code on a real Postgres: what a contract says is what lies in the tables and what runs.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bed;
mod company;
mod legacy;
