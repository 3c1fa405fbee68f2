//! A throwaway Postgres for tests: a server for the test binary, a fresh database for each test.
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

mod account;
mod address;
mod cluster;
mod database;
#[cfg(feature = "proptest")]
pub mod draw;
mod error;
mod installation;
mod keeper;

pub use cluster::Cluster;
pub use database::Database;
pub use error::TestingError;
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
