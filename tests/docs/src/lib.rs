//! The Rust of the guides in `docs/`, compiled.

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod named;

use soniq_runtime::{Soniq, Worker, WorkerBuilder};
use uuid::Uuid;

mod blocks;
mod handlers;

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

/// Runs a block on a stage where nothing has happened.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
async fn run(block: impl AsyncFnOnce(Stage<'_>) -> Result<(), Box<dyn std::error::Error>>) {
    use soniq_runtime::testing;
    use tasks::billing::close_month;

    struct Nobody;
    impl close_month::Handler for Nobody {
        async fn handle(
            &self,
            _: close_month::Args,
            _: &soniq_runtime::JobContext,
        ) -> Result<close_month::Output, soniq_runtime::JobError> {
            Ok(())
        }
    }

    let database = testing::database().await.unwrap();
    let soniq = testing::memory();
    let builder = || Worker::builder(&soniq).handler(close_month::handler(Nobody));
    let stage = Stage {
        client: &mut database.connect().await.unwrap(),
        soniq: &soniq,
        worker: &builder().build().unwrap(),
        builder: builder(),
        order: Uuid::now_v7(),
    };
    block(stage).await.unwrap();
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
