//! Random histories in a file, stepped by moving the times in the tables.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use rusqlite::params;
use uuid::Uuid;

use super::Sqlite;
use super::values::Id;
use crate::backend::Backend;
use crate::backend::machine::{Found, Site, any_history_leaves_what_the_model_says};
use crate::settings::Settings;

/// The rows of both tables.
const CONTENTS: &str = "
    SELECT id, status, attempts, worker_id, 0 AS resurrections,
        status IN ('queued', 'processing') AND (dedup_key IS NOT NULL OR unique_job) AS keyed,
        status IN ('queued', 'processing') AND json_type(meta, '$.solo') IS NOT NULL AS solo,
        status IN ('queued', 'processing') AND json_type(meta, '$.called_off') IS NOT NULL
            AS called_off
    FROM soniq_jobs
    UNION ALL
    SELECT id, 'dead', attempts, NULL, resurrection_count, 0, 0, 0
    FROM soniq_dead_letter_jobs";

struct InAFile {
    _folder: tempfile::TempDir,
    store: Sqlite,
}

impl Site for InAFile {
    const CASES: u32 = 24;

    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("machine.db");
        let store = Sqlite::new(path, Arc::new(Settings::default()));
        store.setup().await.unwrap();
        InAFile {
            _folder: folder,
            store,
        }
    }

    fn backend(&self) -> &dyn Backend {
        &self.store
    }

    async fn contents(&self) -> (Vec<Found>, usize) {
        let looked = self.store.file.read("looking", |connection, _| {
            let mut statement = connection.prepare(CONTENTS)?;
            let found = statement.query_map([], |row| {
                Ok(Found {
                    id: row.get::<_, Id>("id")?.0,
                    status: row.get("status")?,
                    attempts: row.get("attempts")?,
                    worker: row.get::<_, Option<Id>>("worker_id")?.map(|Id(id)| id),
                    keyed: row.get("keyed")?,
                    solo: row.get("solo")?,
                    called_off: row.get("called_off")?,
                    resurrections: row.get("resurrections")?,
                })
            })?;
            let count = "SELECT count(*) FROM soniq_workers";
            let workers: u32 = connection.query_row(count, [], |row| row.get(0))?;
            Ok((found.collect::<Result<_, _>>()?, workers as usize))
        });
        looked.await.unwrap()
    }

    /// Everything happened so much earlier. Workers are left out: those that live beat meanwhile.
    async fn step(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        let stepped = self.store.file.change("stepping", move |change| {
            change.execute(
                "UPDATE soniq_jobs SET created_at = created_at - ?1,
                   scheduled_at = scheduled_at - ?1, expires_at = expires_at - ?1",
                [by],
            )?;
            Ok(())
        });
        stepped.await.unwrap();
    }

    async fn silence(&self, worker: Uuid, since: Duration) {
        let silenced = self.store.file.change("silencing", move |change| {
            let silence = "UPDATE soniq_workers SET last_heartbeat = ?2 WHERE id = ?1";
            Ok(change.execute(silence, params![Id(worker), change.now.minus(since)])?)
        });
        assert_eq!(silenced.await.unwrap(), 1);
    }
}

#[test]
fn any_history_in_a_file_leaves_what_the_model_says() {
    any_history_leaves_what_the_model_says::<InAFile>();
}
