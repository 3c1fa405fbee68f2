//! The Rust of the guides in `docs/`, compiled.

use soniq_runtime::{Soniq, Worker, WorkerBuilder};
use uuid::Uuid;

mod blocks;

pub use blocks::blocks;

/// The example company's contracts, which the guides are written about.
pub mod tasks {
    soniq_runtime::include_contracts!();
}

/// What guides take for granted.
struct Stage<'a> {
    /// A connection to the service's own database.
    client: &'a mut tokio_postgres::Client,
    soniq: &'a Soniq,
    worker: &'a Worker,
    builder: WorkerBuilder,
    /// The order that the service is at.
    order: Uuid,
}

#[allow(
    unused,
    clippy::all,
    clippy::pedantic,
    reason = "a guide shows one thing at a time, and nobody runs it"
)]
mod compiled {
    include!(concat!(env!("OUT_DIR"), "/blocks.rs"));
}
