//! A database for each test, with the tables of this release.

use soniq_runtime::testing::{self, Database};
use soniq_runtime::{Handlers, Settings, Soniq, Worker};
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

pub(crate) struct Bed {
    pub(crate) soniq: Soniq,
    pub(crate) client: Client,
    /// Dropped last: the database goes with it.
    _database: Database,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let database = testing::database_from("soniq", |url| async move {
            Soniq::connect(&url)?.setup().await.map(drop)
        })
        .await
        .unwrap();
        let mut settings = Settings::from_lookup(|_| None).unwrap();
        settings.database_url = Some(database.url().to_owned());
        Bed {
            soniq: Soniq::with_settings(settings).unwrap(),
            client: database.connect().await.unwrap(),
            _database: database,
        }
    }

    /// Runs what is due in `queues`, and says how many attempts that were.
    pub(crate) async fn run(&self, handlers: impl Into<Handlers>, queues: &[&str]) -> u64 {
        let worker = Worker::builder(&self.soniq)
            .handlers(handlers)
            .queues(queues.iter().copied())
            .build()
            .unwrap();
        worker.run_once().await.unwrap()
    }

    /// A row as another release, or another language, would have written it.
    pub(crate) async fn insert(&self, name: &str, queue: &str, args: serde_json::Value) -> Uuid {
        let id = Uuid::now_v7();
        let sql = "INSERT INTO soniq_jobs (id, job_name, queue, args) VALUES ($1, $2, $3, $4)";
        let args = Json(args);
        self.client
            .execute(sql, &[&id, &name, &queue, &args])
            .await
            .unwrap();
        id
    }

    pub(crate) async fn job(&self, id: Uuid) -> soniq_runtime::Job {
        self.soniq.jobs().get(id).await.unwrap().unwrap()
    }
}
