//! Random histories on Postgres, stepped by moving the times in the tables.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use uuid::Uuid;

use crate::Soniq;
use crate::backend::Backend;
use crate::backend::machine::{Found, Site, any_history_leaves_what_the_model_says};
use crate::testing::{self, Database};

/// The rows of both tables.
const CONTENTS: &str = "
    SELECT id, status, attempts, worker_id, 0 AS resurrections,
        status IN ('queued', 'processing') AND (dedup_key IS NOT NULL OR unique_job) AS keyed,
        status IN ('queued', 'processing') AND coalesce(meta ? 'solo', false) AS solo,
        status IN ('queued', 'processing') AND coalesce(meta ? 'called_off', false) AS called_off
    FROM soniq_jobs
    UNION ALL
    SELECT id, 'dead', attempts, NULL, resurrection_count, false, false, false
    FROM soniq_dead_letter_jobs";

struct OnPostgres {
    _database: Database,
    soniq: Soniq,
    client: tokio_postgres::Client,
}

impl Site for OnPostgres {
    const CASES: u32 = 12;

    async fn open() -> Self {
        let database = testing::database_from("machine", |url| async move {
            Soniq::connect(&url)?.setup().await.map(drop)
        })
        .await
        .unwrap();
        OnPostgres {
            soniq: Soniq::connect(database.url()).unwrap(),
            client: database.connect().await.unwrap(),
            _database: database,
        }
    }

    fn backend(&self) -> &dyn Backend {
        self.soniq.backend().as_ref()
    }

    async fn contents(&self) -> (Vec<Found>, usize) {
        let rows = self.client.query(CONTENTS, &[]).await.unwrap();
        let found = rows.iter().map(|row| Found {
            id: row.get("id"),
            status: row.get("status"),
            attempts: row.get("attempts"),
            worker: row.get("worker_id"),
            keyed: row.get("keyed"),
            solo: row.get("solo"),
            called_off: row.get("called_off"),
            resurrections: row.get("resurrections"),
        });
        let count = "SELECT count(*) FROM soniq_workers";
        let workers: i64 = self.client.query_one(count, &[]).await.unwrap().get(0);
        (found.collect(), usize::try_from(workers).unwrap())
    }

    /// Everything happened so much earlier. Workers are left out: those that live beat meanwhile.
    async fn step(&self, by: Duration) {
        let by = by.as_secs();
        let step = format!(
            "UPDATE soniq_jobs SET created_at = created_at - interval '{by} s',
               scheduled_at = scheduled_at - interval '{by} s',
               expires_at = expires_at - interval '{by} s'"
        );
        self.client.batch_execute(&step).await.unwrap();
    }

    async fn silence(&self, worker: Uuid, since: Duration) {
        let since = since.as_secs();
        let silence = format!(
            "UPDATE soniq_workers SET last_heartbeat = now() - interval '{since} s' WHERE id = $1"
        );
        assert_eq!(self.client.execute(&silence, &[&worker]).await.unwrap(), 1);
    }
}

#[test]
fn any_history_on_postgres_leaves_what_the_model_says() {
    any_history_leaves_what_the_model_says::<OnPostgres>();
}
