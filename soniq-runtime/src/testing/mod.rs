//! For tests of what enqueues and handles jobs: a store in memory, a throwaway Postgres, and
//! assertions that work on both.
//!
#![doc = include_str!("example_task.md")]
//! let soniq = testing::memory();
//! let worker = Worker::builder(&soniq).handler(ship(|_| Ok(()))).build()?;
//!
//! EnqueueOptions::default().enqueue(&soniq, Ship { order: 7 }).await?;
//! soniq.assert_enqueued(SHIP, |args| args.order == 7).await;
//! soniq.drain(&worker).await?.assert_done(1);
//! # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
//! ```
//!
//! | for | see |
//! | --- | --- |
//! | a store | [`memory()`], [`postgres()`] |
//! | running what is due | [`Soniq::drain`], [`Soniq::run_one`] |
//! | what was enqueued | [`Soniq::assert_enqueued`], [`Soniq::assert_not_enqueued`], [`Soniq::queued`] |
//! | time that passes, in memory only | [`Soniq::advance`] |
//! | a store that fails, in memory only | [`Soniq::fail_next`] |
//!
//! A database URL can name a store in memory too: the handles of one process that have the URL
//! `memory:orders` share one for as long as there are any, each with `memory:` has its own.
//!
//! The store in memory knows no transactions: what enqueues in the caller's own transaction, or
//! completes a job in one, takes a `tokio_postgres` transaction and is tested on Postgres.
//!
//! # Postgres
//!
//! A server for the test binary, a fresh database for each test. [`postgres()`] gives a handle on one
//! that is set up; [`database()`] one with nothing in it:
//!
//! ```no_run
//! use soniq_runtime::testing;
//!
//! # #[allow(clippy::test_attr_in_doctest)]
//! #[tokio::test]
//! async fn an_order_is_stored() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = testing::database().await?;
//!     let client = database.connect().await?;
//!     client.batch_execute("CREATE TABLE orders (id bigint)").await?;
//!     Ok(())
//! }
//! ```
//!
//! The server is started by the first test that asks for a database, from the programs that are
//! installed on the machine, and is gone when the process is: see [`Cluster`]. Where every test needs
//! the same tables, [`database_from`] makes them once and copies them.
//!
//! Two variables of the environment change where the server comes from:
//!
//! | variable | meaning |
//! | --- | --- |
//! | `SONIQ_TEST_POSTGRES_BIN` | directory of `initdb`, `pg_ctl` and `postgres`; else they are looked for on the `PATH` and where Debian, Ubuntu, Fedora, Homebrew and Postgres.app put them |
//! | `SONIQ_TEST_DATABASE_URL` | a running server to use instead, as a role that may create databases; connected to without TLS |
//!
//! A test that gets no server fails, with what to install in the error's text. It is never skipped.
//!
//! [`Soniq::drain`]: crate::Soniq::drain
//! [`Soniq::run_one`]: crate::Soniq::run_one
//! [`Soniq::assert_enqueued`]: crate::Soniq::assert_enqueued
//! [`Soniq::assert_not_enqueued`]: crate::Soniq::assert_not_enqueued
//! [`Soniq::queued`]: crate::Soniq::queued
//! [`Soniq::advance`]: crate::Soniq::advance
//! [`Soniq::fail_next`]: crate::Soniq::fail_next

mod account;
mod address;
mod backstage;
mod cluster;
mod database;
mod drain;
mod drained;
#[cfg(feature = "proptest")]
pub mod draw;
mod enqueued;
mod error;
mod failover;
mod installation;
mod keeper;
mod memory;
mod postgres;

#[doc(hidden)]
pub use backstage::Backstage;
pub use cluster::Cluster;
pub use database::Database;
pub use drained::{Attempt, AttemptEnd, Drained};
pub use enqueued::Queued;
pub use error::TestingError;
pub use memory::{Fault, memory};
pub use postgres::postgres;
#[cfg(feature = "proptest")]
pub use proptest;

/// Creates an empty database on the shared cluster: [`Cluster::shared`], then [`Cluster::database`].
///
/// # Errors
///
/// As for those two.
pub async fn database() -> Result<Database, TestingError> {
    Cluster::shared().await?.database().await
}

/// Copies a template database on the shared cluster, made by `setup` when it is first asked for:
/// [`Cluster::shared`], then [`Cluster::database_from`].
///
/// ```no_run
/// # async fn run() -> Result<(), soniq_runtime::testing::TestingError> {
/// let database = soniq_runtime::testing::database_from("orders", |url| async move {
///     let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
///     tokio::spawn(connection);
///     client.batch_execute("CREATE TABLE orders (id bigint)").await
/// })
/// .await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As for those two.
pub async fn database_from<F, R, E>(template: &str, setup: F) -> Result<Database, TestingError>
where
    F: FnOnce(String) -> R,
    R: Future<Output = Result<(), E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Cluster::shared()
        .await?
        .database_from(template, setup)
        .await
}
