//! A file in a folder of its own.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, params};
use serde_json::{Value, json};
use soniq_runtime::Soniq;
use uuid::Uuid;

use super::{Bed, Store};
use crate::conformance::Capabilities;
use crate::probe::quick;

pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    shared_tables: false,
    notes: true,
};

pub(crate) async fn bed() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("soniq.db");
    let soniq = Soniq::with_settings(quick(&format!("sqlite://{}", path.display()))).unwrap();
    soniq.setup().await.unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    Bed {
        soniq,
        can: CAPABILITIES,
        store: Box::new(Sqlite {
            connection: Mutex::new(connection),
            _folder: folder,
        }),
    }
}

struct Sqlite {
    connection: Mutex<Connection>,
    _folder: tempfile::TempDir,
}

impl Sqlite {
    /// How many rows it changed.
    fn execute(&self, statement: &str, parameters: impl Params) -> usize {
        let connection = self.connection.lock().unwrap();
        connection.execute(statement, parameters).unwrap()
    }

    fn change_one(&self, statement: &str, parameters: impl Params) -> BoxFuture<'_, ()> {
        assert_eq!(self.execute(statement, parameters), 1, "{statement}");
        ready(()).boxed()
    }

    fn batch(&self, statements: &str) -> BoxFuture<'_, ()> {
        let connection = self.connection.lock().unwrap();
        connection.execute_batch(statements).unwrap();
        ready(()).boxed()
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap()
}

impl Store for Sqlite {
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()> {
        let micros = micros(time);
        let statements = super::TIMES.map(|(table, columns)| {
            let older = |column| format!("{column} = {column} - {micros}");
            let set: Vec<String> = columns.iter().map(older).collect();
            format!("UPDATE {table} SET {};", set.join(", "))
        });
        self.batch(&format!("BEGIN IMMEDIATE; {} COMMIT", statements.concat()))
    }

    fn claims(&self) -> BoxFuture<'_, usize> {
        let statement = "SELECT count(*) FROM soniq_jobs WHERE claim_id IS NOT NULL";
        let connection = self.connection.lock().unwrap();
        let count = connection.query_row(statement, [], |row| row.get::<_, u32>(0));
        ready(count.unwrap() as usize).boxed()
    }

    fn everything_about(&self, job: Uuid) -> BoxFuture<'_, Value> {
        let connection = self.connection.lock().unwrap();
        let mut statement = connection
            .prepare("SELECT * FROM soniq_jobs WHERE id = ?1")
            .unwrap();
        let names = statement.column_names();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let row = statement.query_row([job.to_string()], |row| {
            let mut object = serde_json::Map::new();
            for (index, name) in names.into_iter().enumerate() {
                let value = match row.get_ref(index)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => json!(number),
                    other => json!(other.as_str()?),
                };
                object.insert(name, value);
            }
            Ok(Value::Object(object))
        });
        ready(row.unwrap()).boxed()
    }

    fn given_up_key(&self, job: Uuid) -> BoxFuture<'_, Option<String>> {
        let statement = "SELECT meta ->> '$.gave_up_key.dedup_key' FROM soniq_jobs WHERE id = ?1";
        let connection = self.connection.lock().unwrap();
        let key = connection.query_row(statement, [job.to_string()], |row| row.get(0));
        ready(key.unwrap()).boxed()
    }

    fn must_run_alone(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let statement = r#"UPDATE soniq_jobs SET meta = '{"solo": true}' WHERE id = ?1"#;
        self.change_one(statement, [job.to_string()])
    }

    fn call_off_silently(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let statement = r#"UPDATE soniq_jobs SET meta = '{"called_off": 250}' WHERE id = ?1"#;
        self.change_one(statement, [job.to_string()])
    }

    fn hand_over(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let statement = "UPDATE soniq_jobs SET worker_id = ?2, claim_id = ?3 WHERE id = ?1";
        let another = Uuid::now_v7().to_string();
        self.change_one(statement, params![job.to_string(), another, i32::MAX])
    }

    fn silence(&self, worker: Uuid, time: Duration) -> BoxFuture<'_, ()> {
        let statement =
            "UPDATE soniq_workers SET last_heartbeat = last_heartbeat - ?2 WHERE id = ?1";
        self.change_one(statement, params![worker.to_string(), micros(time)])
    }

    fn forget_workers(&self) -> BoxFuture<'_, ()> {
        assert_ne!(self.execute("DELETE FROM soniq_workers", []), 0);
        ready(()).boxed()
    }

    fn take_all_for_dead(&self) -> BoxFuture<'_, ()> {
        self.batch(
            "BEGIN IMMEDIATE;
             UPDATE soniq_jobs SET status = 'queued', worker_id = NULL, claim_id = NULL
             WHERE status = 'processing';
             DELETE FROM soniq_workers;
             COMMIT",
        )
    }
}
