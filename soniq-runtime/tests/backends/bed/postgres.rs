//! A database on the throwaway server.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use soniq_runtime::Soniq;
use soniq_runtime::testing::{self, Database};
use uuid::Uuid;

use super::{Bed, Store, Table, Tables};
use crate::conformance::Capabilities;
use crate::probe::quick;

pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    shared_tables: true,
    notes: true,
};

pub(crate) async fn bed() -> Bed {
    let setup = |url: String| async move { Soniq::connect(&url)?.setup().await.map(drop) };
    let database = testing::database_from("soniq", setup).await.unwrap();
    let client = database.connect().await.unwrap();
    Bed {
        soniq: Soniq::with_settings(quick(database.url())).unwrap(),
        can: CAPABILITIES,
        store: Box::new(Postgres {
            _database: database,
            client,
        }),
    }
}

struct Postgres {
    _database: Database,
    client: tokio_postgres::Client,
}

/// The columns that an object names.
fn columns(object: &Value) -> String {
    let names = object.as_object().unwrap().keys();
    let quoted: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

impl Store for Postgres {
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()> {
        let seconds = time.as_secs_f64();
        let statements = super::TIMES.map(|(table, columns)| {
            let older = |column| format!("{column} = {column} - {seconds} * interval '1 s'");
            let set: Vec<String> = columns.iter().map(older).collect();
            format!("UPDATE {table} SET {}", set.join(", "))
        });
        Box::pin(async move {
            let statements = statements.join(";");
            self.client.batch_execute(&statements).await.unwrap();
        })
    }

    fn claims(&self) -> BoxFuture<'_, usize> {
        Box::pin(async {
            let rows = self.rows(Table::Jobs).await;
            rows.iter().filter(|row| !row["claim_id"].is_null()).count()
        })
    }

    fn everything_about(&self, job: Uuid) -> BoxFuture<'_, Value> {
        // With the row's physical version: any write gives it a new one.
        let statement = "
            SELECT to_jsonb(t) || jsonb_build_object('version', t.ctid::text || t.xmin::text)
            FROM soniq_jobs AS t WHERE id = $1";
        Box::pin(async move {
            let row = self.client.query_one(statement, &[&job]).await;
            row.unwrap().get(0)
        })
    }

    fn given_up_key(&self, job: Uuid) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            let row = self.everything_about(job).await;
            let key = row["meta"]["gave_up_key"]["dedup_key"].as_str();
            key.map(str::to_owned)
        })
    }

    fn must_run_alone(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let solo = json!({ "meta": { "solo": true } });
        self.update(Table::Jobs, json!({ "id": job }), solo)
    }

    fn call_off_silently(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let called_off = json!({ "meta": { "called_off": 250 } });
        self.update(Table::Jobs, json!({ "id": job }), called_off)
    }

    fn hand_over(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let another = json!({ "worker_id": Uuid::now_v7(), "claim_id": i32::MAX });
        self.update(Table::Jobs, json!({ "id": job }), another)
    }

    fn silence(&self, worker: Uuid, time: Duration) -> BoxFuture<'_, ()> {
        let statement = "
            UPDATE soniq_workers SET last_heartbeat = now() - $2 * interval '1 s' WHERE id = $1";
        Box::pin(async move {
            let seconds = time.as_secs_f64();
            let changed = self.client.execute(statement, &[&worker, &seconds]).await;
            assert_eq!(changed.unwrap(), 1);
        })
    }

    fn forget_workers(&self) -> BoxFuture<'_, ()> {
        self.delete(Table::Workers, json!({}))
    }

    fn take_all_for_dead(&self) -> BoxFuture<'_, ()> {
        let statements = "
            UPDATE soniq_jobs SET status = 'queued', worker_id = NULL, claim_id = NULL
            WHERE status = 'processing';
            DELETE FROM soniq_workers";
        Box::pin(async { self.client.batch_execute(statements).await.unwrap() })
    }

    fn tables(&self) -> &dyn Tables {
        self
    }
}

impl Tables for Postgres {
    fn rows(&self, table: Table) -> BoxFuture<'_, Vec<Value>> {
        let statement = format!("SELECT to_jsonb(t) FROM {} AS t", table.name());
        Box::pin(async move {
            let rows = self.client.query(&statement, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        })
    }

    fn insert(&self, table: Table, row: Value) -> BoxFuture<'_, ()> {
        let (name, columns) = (table.name(), columns(&row));
        let statement = format!(
            "INSERT INTO {name} ({columns})
             SELECT {columns} FROM jsonb_populate_record(NULL::{name}, $1)"
        );
        Box::pin(async move {
            self.client.execute(&statement, &[&row]).await.unwrap();
        })
    }

    fn update(&self, table: Table, matching: Value, set: Value) -> BoxFuture<'_, ()> {
        let (name, columns) = (table.name(), columns(&set));
        let statement = format!(
            "UPDATE {name} AS t
             SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(NULL::{name}, $2))
             WHERE to_jsonb(t) @> $1"
        );
        Box::pin(async move {
            let changed = self.client.execute(&statement, &[&matching, &set]).await;
            assert_ne!(changed.unwrap(), 0, "{matching} is not in {name}");
        })
    }

    fn delete(&self, table: Table, matching: Value) -> BoxFuture<'_, ()> {
        let statement = format!("DELETE FROM {} AS t WHERE to_jsonb(t) @> $1", table.name());
        Box::pin(async move {
            let gone = self.client.execute(&statement, &[&matching]).await;
            assert_ne!(gone.unwrap(), 0, "{matching} is not there");
        })
    }
}
