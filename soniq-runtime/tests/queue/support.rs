//! A database for each test, and what the tests of all backends have, too.

use std::sync::Mutex;

use soniq_runtime::testing::{Cluster, Database};
use soniq_runtime::{Soniq, TaskHandler, Worker};
use uuid::Uuid;

pub(crate) use crate::probe::*;

/// A database with our tables, and a handle whose waits are short.
pub(crate) struct Bed {
    pub(crate) database: Database,
    pub(crate) soniq: Soniq,
    pub(crate) client: tokio_postgres::Client,
}

pub(crate) async fn bed() -> Bed {
    bed_on(Cluster::shared().await.unwrap()).await
}

/// A bed on a server of the test's own choice.
pub(crate) async fn bed_on(cluster: &Cluster) -> Bed {
    let setup = |url: String| async move { Soniq::connect(&url)?.setup().await.map(drop) };
    let database = cluster.database_from("soniq", setup).await.unwrap();
    let soniq = Soniq::with_settings(quick(database.url())).unwrap();
    let client = database.connect().await.unwrap();
    Bed {
        database,
        soniq,
        client,
    }
}

impl Bed {
    pub(crate) fn worker(&self, handler: TaskHandler) -> Worker {
        Worker::builder(&self.soniq)
            .handler(handler)
            .build()
            .unwrap()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn status(&self, id: Uuid) -> Option<String> {
        let row = self
            .client
            .query_opt("SELECT status FROM soniq_jobs WHERE id = $1", &[&id])
            .await
            .unwrap();
        row.map(|row| row.get(0))
    }

    /// Polls until `sql` counts `expected`.
    pub(crate) async fn wait_for(&self, sql: &str, expected: i64) {
        let last = Mutex::new(0);
        let reached = eventually(async || {
            let count = self.count(sql).await;
            *last.lock().unwrap() = count;
            count == expected
        })
        .await;
        assert!(
            reached,
            "{sql}: expected {expected}, last {}",
            last.lock().unwrap()
        );
    }
}

/// The row's physical version: any write gives it a new one.
pub(crate) async fn row_version(bed: &Bed, id: Uuid) -> String {
    bed.client
        .query_one(
            "SELECT ctid::text || xmin::text FROM soniq_jobs WHERE id = $1",
            &[&id],
        )
        .await
        .unwrap()
        .get(0)
}
