//! `apalis-postgres`.
//!
//! Default: its README's basic worker. Best: as its own example `basic`, which fetches 100 a batch, does not lock
//! each task by itself, is woken by NOTIFY and runs tasks in parallel; with 500 a batch instead. Without results a task
//! would not be recorded as done, so they stay on.

use apalis::prelude::*;
use apalis_postgres::{Config, PostgresStorage};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::peer::{Failure, Peer, Seen, Setting};

const QUEUE: &str = "probe";

#[derive(Clone)]
pub struct Apalis {
    pool: PgPool,
    setting: Setting,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Probe {
    n: u32,
}

impl Apalis {
    fn storage(&self) -> PostgresStorage<Probe> {
        let config = match self.setting {
            Setting::Default => Config::default(),
            Setting::Best => Config::default().batch_size(500).lock_tasks(false),
        };
        PostgresStorage::new(&self.pool).with_config(config.queue(QUEUE))
    }
}

impl Peer for Apalis {
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(connections);
        let pool = pool.connect(url).await?;
        Ok(Apalis { pool, setting })
    }

    async fn set_up(&self) -> Result<(), Failure> {
        Ok(PostgresStorage::setup(&self.pool).await?)
    }

    async fn enqueue(&self) -> Result<(), Failure> {
        self.storage().push(Probe { n: 1 }).await?;
        Ok(())
    }

    async fn fill(&self, jobs: u32) -> Result<(), Failure> {
        let mut storage = self.storage();
        for call in 0..jobs / 1000 {
            let jobs = (0..1000).map(|n| Probe { n: call * 1000 + n });
            storage.push_bulk(jobs.collect()).await?;
        }
        Ok(())
    }

    async fn work(self, seen: Seen) -> Result<(), Failure> {
        let handler = move |_: Probe| {
            seen.one();
            async { Ok::<(), BoxDynError>(()) }
        };
        let worker = WorkerBuilder::new("peer");
        match self.setting {
            Setting::Default => {
                worker.backend(self.storage()).build(handler).run().await?;
            }
            Setting::Best => {
                worker
                    .backend(self.storage().with_pubsub())
                    .parallelize(tokio::spawn)
                    .build(handler)
                    .run()
                    .await?;
            }
        }
        Ok(())
    }
}
