//! `riverqueue`.
//!
//! Default: its README's quick start, ten workers and the fetch cooldown of 100 ms. Best: the cooldown,
//! of which its documentation says that it limits throughput, at its least of 1 ms, and 1,000 workers, of the order
//! of the 2,000 of its published benchmark; completions are batched in either.

use std::time::Duration;

use riverqueue::migrate::PostgresMigrator;
use riverqueue::{
    BoxError, Client, InsertManyItem, Job, JobArgs, QueueConfig, WorkContext, WorkOutcome, Workers,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::peer::{Failure, Peer, Seen, Setting};

#[derive(Clone)]
pub struct River {
    pool: PgPool,
    client: Client,
    setting: Setting,
}

#[derive(Clone, Debug, Deserialize, JobArgs, Serialize)]
#[river(kind = "probe")]
struct Probe {
    n: u32,
}

impl Peer for River {
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(connections);
        let pool = pool.connect(url).await?;
        // One that only inserts.
        let client = Client::builder(pool.clone()).build()?;
        Ok(River {
            pool,
            client,
            setting,
        })
    }

    async fn set_up(&self) -> Result<(), Failure> {
        PostgresMigrator::new(self.pool.clone())
            .migrate_up()
            .await?;
        Ok(())
    }

    async fn enqueue(&self) -> Result<(), Failure> {
        self.client.insert(Probe { n: 1 }).await?;
        Ok(())
    }

    async fn fill(&self, jobs: u32) -> Result<(), Failure> {
        for call in 0..jobs / 1000 {
            let jobs = (0..1000).map(|n| InsertManyItem::from(Probe { n: call * 1000 + n }));
            self.client.insert_many(jobs.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    async fn work(self, seen: Seen) -> Result<(), Failure> {
        let mut workers = Workers::new();
        workers.add_fn(move |_: WorkContext, _: Job<Probe>| {
            seen.one();
            async { Ok::<_, BoxError>(WorkOutcome::Complete) }
        })?;
        let builder = Client::builder(self.pool).workers(workers);
        let builder = match self.setting {
            Setting::Default => builder.queue("default", QueueConfig::new(10)),
            Setting::Best => builder
                .fetch_cooldown(Duration::from_millis(1))
                .queue("default", QueueConfig::new(1000)),
        };
        let mut run = builder.build()?.start()?;
        run.wait().await?;
        Ok(())
    }
}
