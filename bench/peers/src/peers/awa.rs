//! `awa`.
//!
//! Default: its README's quick start, `QueueConfig::default()`. Best: as its own benchmarks of throughput,
//! no deadline (the short path of its storage), 256 workers, two claimers, a poll of 50 ms.

use std::time::Duration;

use ::awa::{
    Client, InsertOpts, JobArgs, JobResult, QueueConfig, insert_many_copy_from_pool, insert_with,
    migrations, model,
};
use serde::{Deserialize, Serialize};
use sqlx08::PgPool;
use sqlx08::postgres::PgPoolOptions;

use crate::peer::{Failure, Peer, Seen, Setting};

const QUEUE: &str = "probe";

#[derive(Clone)]
pub struct Awa {
    pool: PgPool,
    setting: Setting,
}

#[derive(Debug, Serialize, Deserialize, JobArgs)]
struct Probe {
    n: u32,
}

fn options() -> InsertOpts {
    InsertOpts {
        queue: QUEUE.into(),
        ..InsertOpts::default()
    }
}

impl Peer for Awa {
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(connections);
        let pool = pool.connect(url).await?;
        Ok(Awa { pool, setting })
    }

    async fn set_up(&self) -> Result<(), Failure> {
        Ok(migrations::run(&self.pool).await?)
    }

    async fn enqueue(&self) -> Result<(), Failure> {
        insert_with(&self.pool, &Probe { n: 1 }, options()).await?;
        Ok(())
    }

    async fn fill(&self, jobs: u32) -> Result<(), Failure> {
        for call in 0..jobs / 1000 {
            let jobs = (0..1000).map(|n| {
                let args = Probe { n: call * 1000 + n };
                model::insert::params_with(&args, options())
            });
            let jobs: Vec<_> = jobs.collect::<Result<_, _>>()?;
            insert_many_copy_from_pool(&self.pool, &jobs).await?;
        }
        Ok(())
    }

    async fn work(self, seen: Seen) -> Result<(), Failure> {
        let queue = match self.setting {
            Setting::Default => QueueConfig::default(),
            Setting::Best => QueueConfig {
                max_workers: 256,
                claimers: 2,
                poll_interval: Duration::from_millis(50),
                deadline_duration: Duration::ZERO,
                ..QueueConfig::default()
            },
        };
        let client = Client::builder(self.pool)
            .queue(QUEUE, queue)
            .register::<Probe, _, _>(move |_, _| {
                seen.one();
                async { Ok(JobResult::Completed) }
            })
            .build()?;
        client.start().await?;
        std::future::pending().await
    }
}
