//! The libraries, as the tests ask of them all.

use std::future::Future;

use diesel_async::{
    AnsiTransactionManager, AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use soniq_runtime::{EnqueueOptions, Enqueued, Error, JobContext};
use sqlx::Connection as _;
use tokio_postgres::NoTls;

use crate::support::Probe;

/// A library with a connection. That all of it can be sent is what services need, which spawn.
pub(crate) trait Library: Sized + Send + 'static {
    type Transaction<'a>: Transaction;

    fn connect(url: &str) -> impl Future<Output = Self> + Send;
    fn begin(&mut self) -> impl Future<Output = Self::Transaction<'_>> + Send;
}

pub(crate) trait Transaction: Send {
    /// Of the application's own; whether it succeeded.
    fn execute(&mut self, sql: &str) -> impl Future<Output = bool> + Send;

    fn enqueue(
        &mut self,
        task: EnqueueOptions<Probe>,
        args: Probe,
    ) -> impl Future<Output = Result<Enqueued, Error>> + Send;

    fn enqueue_many(
        &mut self,
        task: EnqueueOptions<Probe>,
        args: Vec<Probe>,
    ) -> impl Future<Output = Result<Vec<Enqueued>, Error>> + Send;

    fn complete(&mut self, context: &JobContext) -> impl Future<Output = Result<(), Error>> + Send;
    fn commit(self) -> impl Future<Output = ()> + Send;
    fn rollback(self) -> impl Future<Output = ()> + Send;
}

/// What differs is how a transaction is handed over.
macro_rules! transaction {
    (
        $transaction:ty, |$tx:ident| $handed:expr,
        execute: |$sql:ident| $execute:expr, commit: $commit:expr, rollback: $rollback:expr $(,)?
    ) => {
        impl Transaction for $transaction {
            async fn execute(&mut self, $sql: &str) -> bool {
                let $tx = self;
                $execute.await.is_ok()
            }

            async fn enqueue(
                &mut self,
                task: EnqueueOptions<Probe>,
                args: Probe,
            ) -> Result<Enqueued, Error> {
                let $tx = self;
                task.enqueue($handed, args).await
            }

            async fn enqueue_many(
                &mut self,
                task: EnqueueOptions<Probe>,
                args: Vec<Probe>,
            ) -> Result<Vec<Enqueued>, Error> {
                let $tx = self;
                task.enqueue_many($handed, args).await
            }

            async fn complete(&mut self, context: &JobContext) -> Result<(), Error> {
                let $tx = self;
                context.complete_in($handed, &()).await
            }

            async fn commit(self) {
                let $tx = self;
                $commit.await.unwrap();
            }

            async fn rollback(self) {
                let $tx = self;
                $rollback.await.unwrap();
            }
        }
    };
}

pub(crate) struct TokioPostgres(tokio_postgres::Client);

impl Library for TokioPostgres {
    type Transaction<'a> = tokio_postgres::Transaction<'a>;

    async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        TokioPostgres(client)
    }

    async fn begin(&mut self) -> tokio_postgres::Transaction<'_> {
        self.0.transaction().await.unwrap()
    }
}

transaction! {
    tokio_postgres::Transaction<'_>, |tx| &*tx,
    execute: |sql| tx.batch_execute(sql),
    commit: tx.commit(),
    rollback: tx.rollback(),
}

pub(crate) struct Deadpool(deadpool_postgres::Client);

impl Library for Deadpool {
    type Transaction<'a> = deadpool_postgres::Transaction<'a>;

    async fn connect(url: &str) -> Self {
        let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), NoTls);
        let pool = deadpool_postgres::Pool::builder(manager).build().unwrap();
        Deadpool(pool.get().await.unwrap())
    }

    async fn begin(&mut self) -> deadpool_postgres::Transaction<'_> {
        self.0.transaction().await.unwrap()
    }
}

transaction! {
    deadpool_postgres::Transaction<'_>, |tx| &*tx,
    execute: |sql| tx.batch_execute(sql),
    commit: tx.commit(),
    rollback: tx.rollback(),
}

pub(crate) struct Sqlx(sqlx::PgConnection);

impl Library for Sqlx {
    type Transaction<'a> = sqlx::Transaction<'a, sqlx::Postgres>;

    async fn connect(url: &str) -> Self {
        Sqlx(sqlx::PgConnection::connect(url).await.unwrap())
    }

    async fn begin(&mut self) -> sqlx::Transaction<'_, sqlx::Postgres> {
        self.0.begin().await.unwrap()
    }
}

transaction! {
    sqlx::Transaction<'_, sqlx::Postgres>, |tx| tx,
    execute: |sql| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut **tx),
    commit: tx.commit(),
    rollback: tx.rollback(),
}

pub(crate) struct DieselAsync(AsyncPgConnection);

/// The library has no type of its own for it.
pub(crate) struct DieselTransaction<'a>(&'a mut AsyncPgConnection);

impl Library for DieselAsync {
    type Transaction<'a> = DieselTransaction<'a>;

    async fn connect(url: &str) -> Self {
        DieselAsync(AsyncPgConnection::establish(url).await.unwrap())
    }

    async fn begin(&mut self) -> DieselTransaction<'_> {
        AnsiTransactionManager::begin_transaction(&mut self.0)
            .await
            .unwrap();
        DieselTransaction(&mut self.0)
    }
}

transaction! {
    DieselTransaction<'_>, |tx| &mut *tx.0,
    execute: |sql| tx.0.batch_execute(sql),
    commit: AnsiTransactionManager::commit_transaction(tx.0),
    rollback: AnsiTransactionManager::rollback_transaction(tx.0),
}

pub(crate) struct SeaOrm(sea_orm::DatabaseConnection);

impl Library for SeaOrm {
    type Transaction<'a> = sea_orm::DatabaseTransaction;

    async fn connect(url: &str) -> Self {
        SeaOrm(sea_orm::Database::connect(url).await.unwrap())
    }

    async fn begin(&mut self) -> sea_orm::DatabaseTransaction {
        self.0.begin().await.unwrap()
    }
}

transaction! {
    sea_orm::DatabaseTransaction, |tx| &*tx,
    execute: |sql| tx.execute_unprepared(sql),
    commit: tx.commit(),
    rollback: tx.rollback(),
}
