//! What is peculiar to one library.

use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use sea_orm::{DatabaseConnection, DbBackend, MockDatabase, TransactionTrait as _};
use soniq_runtime::{Error, JobError};
use sqlx::{Connection as _, Row as _};

use crate::support::{bed, probe, task};

#[tokio::test]
async fn a_bare_connection_enqueues_at_once() {
    let bed = bed().await;
    let url = bed.database.url();
    let mut sqlx = sqlx::PgConnection::connect(url).await.unwrap();
    task().enqueue(&mut sqlx, probe(1)).await.unwrap();
    let mut diesel = AsyncPgConnection::establish(url).await.unwrap();
    task().enqueue(&mut diesel, probe(2)).await.unwrap();
    let sea_orm = sea_orm::Database::connect(url).await.unwrap();
    task().enqueue(&sea_orm, probe(3)).await.unwrap();
    assert_eq!(bed.count("soniq_jobs").await, 3);
}

#[tokio::test]
async fn sqlx_takes_a_transaction_as_its_connection_too_and_keeps_no_statement() {
    let bed = bed().await;
    let mut connection = sqlx::PgConnection::connect(bed.database.url())
        .await
        .unwrap();
    let mut tx = connection.begin().await.unwrap();
    task().enqueue(&mut *tx, probe(1)).await.unwrap();
    let many = (2..5).map(probe);
    task().enqueue_many(&mut *tx, many).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bed.count("soniq_jobs").await, 4);
    let kept = sqlx::raw_sql("SELECT count(*) FROM pg_prepared_statements")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(
        kept.get::<i64, _>(0),
        0,
        "a pooler could not tell them apart"
    );
}

/// Each of its statements may take another of the pool's connections.
#[tokio::test]
async fn many_with_keys_on_a_pool_of_sea_orm_are_all_or_none() {
    let bed = bed().await;
    let pool = sea_orm::Database::connect(bed.database.url())
        .await
        .unwrap();
    let jobs = task().unique(true);
    let jobs = jobs
        .enqueue_many(&pool, [1, 2, 1].map(probe))
        .await
        .unwrap();
    assert_eq!(jobs[0].id(), jobs[2].id());
    assert_eq!(bed.count("soniq_jobs").await, 2);
}

#[tokio::test]
async fn sea_orm_on_another_database_is_refused() {
    let sqlite = MockDatabase::new(DbBackend::Sqlite).into_connection();
    let error = task().enqueue(&sqlite, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("Sqlite"), "{error}");
    let tx = sqlite.begin().await.unwrap();
    let error = task().enqueue_many(&tx, [1].map(probe)).await.unwrap_err();
    assert!(matches!(error, Error::NotPostgres { .. }), "{error}");
    let nowhere = DatabaseConnection::default();
    let error = task().enqueue(&nowhere, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("never connected"), "{error}");
}

#[tokio::test]
async fn a_database_that_was_never_set_up_is_told() {
    let database = soniq_runtime::testing::database().await.unwrap();
    let mut sqlx = sqlx::PgConnection::connect(database.url()).await.unwrap();
    let error = task().enqueue(&mut sqlx, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("soniq setup"), "{error}");
    let sea_orm = sea_orm::Database::connect(database.url()).await.unwrap();
    let error = task().enqueue(&sea_orm, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("soniq setup"), "{error}");
    // Which of the server's codes it was, this library keeps to itself.
    let mut diesel = AsyncPgConnection::establish(database.url()).await.unwrap();
    let error = task().enqueue(&mut diesel, probe(1)).await.unwrap_err();
    assert!(error.to_string().contains("soniq_insert"), "{error}");
}

#[tokio::test]
async fn diesel_outside_of_a_transaction_completes_nothing() {
    let bed = bed().await;
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let url = bed.database.url().to_owned();
    bed.work(move |_, context| {
        let url = url.clone();
        async move {
            let mut diesel = AsyncPgConnection::establish(&url).await?;
            let error = context.complete_in(&mut diesel, &()).await.unwrap_err();
            assert!(matches!(error, Error::NoTransaction), "{error}");
            Ok::<(), JobError>(())
        }
    })
    .await;
    let failed = "soniq_dead_letter_jobs WHERE last_error LIKE '%transaction%'";
    assert_eq!(bed.count(failed).await, 1);
}
