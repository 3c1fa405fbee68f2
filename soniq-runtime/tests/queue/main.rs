//! What only Postgres has: transactions, locks, connections, roles, TLS. What every backend does is
//! in `tests/backends`.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod bad_rows;
mod check_rows;
mod claim_cost;
mod collisions;
mod complete_in;
mod connections;
mod deaf;
mod failover;
mod hostile;
mod lengths;
mod limited_cost;
mod liveness;
mod locks;
mod log;
mod odd_rows;
mod passwords;
mod plans;
mod pooler;
#[path = "../probe/mod.rs"]
mod probe;
mod registry;
mod roles;
mod schedules;
mod sessions;
mod sleep;
mod sql_api;
mod support;
mod tls;
mod transactions;
mod unknown;
mod waiting;
