//! `underway`.
//!
//! Default: a worker as it is made, with as many tasks at once as there are processors and a poll each minute. Best: 32
//! at once, as its documentation has it, and a poll each 10 ms: a worker takes up one more task at a time with each
//! poll or notification, and a backlog sends none.

use std::sync::Arc;

use ::underway::queue::Queue;
use ::underway::task::{Result as TaskResult, Task};
use ::underway::worker::Worker;
use serde::{Deserialize, Serialize};
use sqlx08::postgres::PgPoolOptions;
use sqlx08::{PgPool, Postgres, Transaction};
use tokio::sync::OnceCell;

use crate::peer::{Failure, Peer, Seen, Setting};

#[derive(Clone)]
pub struct Underway {
    pool: PgPool,
    setting: Setting,
    /// What enqueueing needs, made once.
    queue: Arc<OnceCell<Queue<Probe>>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    n: u32,
}

#[derive(Debug, Clone)]
struct Probe(Seen);

impl Task for Probe {
    type Input = Args;
    type Output = ();

    async fn execute(&self, _: Transaction<'_, Postgres>, _: Args) -> TaskResult<()> {
        self.0.one();
        Ok(())
    }
}

impl Underway {
    /// Makes the queue's row if need be, so only after the tables are there.
    async fn queue(&self) -> Result<&Queue<Probe>, Failure> {
        let queue = Queue::builder().name("probe").pool(self.pool.clone());
        Ok(self.queue.get_or_try_init(|| queue.build()).await?)
    }
}

impl Peer for Underway {
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(connections);
        let pool = pool.connect(url).await?;
        Ok(Underway {
            pool,
            setting,
            queue: Arc::default(),
        })
    }

    async fn set_up(&self) -> Result<(), Failure> {
        Ok(::underway::run_migrations(&self.pool).await?)
    }

    async fn enqueue(&self) -> Result<(), Failure> {
        let task = Probe(Seen::of(0));
        let queue = self.queue().await?;
        queue.enqueue(&self.pool, &task, &Args { n: 1 }).await?;
        Ok(())
    }

    async fn fill(&self, jobs: u32) -> Result<(), Failure> {
        let queue = self.queue().await?;
        let task = Probe(Seen::of(0));
        for call in 0..jobs / 1000 {
            let jobs: Vec<Args> = (0..1000).map(|n| Args { n: call * 1000 + n }).collect();
            queue.enqueue_multi(&self.pool, &task, &jobs).await?;
        }
        Ok(())
    }

    async fn work(self, seen: Seen) -> Result<(), Failure> {
        let queue = Arc::new(self.queue().await?.clone());
        let mut worker = Worker::new(queue, Probe(seen));
        match self.setting {
            Setting::Default => worker.run().await?,
            Setting::Best => {
                worker.set_concurrency_limit(32);
                worker.run_every("10ms".parse()?).await?;
            }
        }
        Ok(())
    }
}
