//! `graphile_worker`.
//!
//! Default: its README's quick start, with as many jobs at once as there are processors. Best: its guides'
//! "high-throughput workers", a local queue and batched completion, sized as in its own `perf_test`.

use std::time::Duration;

use graphile_worker::{
    Database, IntoTaskHandlerResult, JobSpec, LocalQueueConfig, RawJobSpec, TaskHandler,
    WorkerContext, WorkerOptions, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;

use crate::peer::{Failure, Peer, Seen, Setting};

const SCHEMA: &str = "graphile_worker";

#[derive(Clone)]
pub struct Graphile {
    database: Database,
    utils: WorkerUtils,
    setting: Setting,
}

#[derive(Serialize, Deserialize)]
struct Probe {
    n: u32,
}

impl TaskHandler for Probe {
    const IDENTIFIER: &'static str = "probe";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        if let Some(seen) = context.get_ext::<Seen>() {
            seen.one();
        }
        Ok::<(), String>(())
    }
}

impl Peer for Graphile {
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure> {
        let pool = PgPoolOptions::new().max_connections(connections);
        let database = Database::from(pool.connect(url).await?);
        let utils = WorkerUtils::new(database.clone(), SCHEMA);
        Ok(Graphile {
            database,
            utils,
            setting,
        })
    }

    async fn set_up(&self) -> Result<(), Failure> {
        Ok(self.utils.migrate().await?)
    }

    async fn enqueue(&self) -> Result<(), Failure> {
        self.utils
            .add_job(Probe { n: 1 }, JobSpec::default())
            .await?;
        Ok(())
    }

    async fn fill(&self, jobs: u32) -> Result<(), Failure> {
        for call in 0..jobs / 1000 {
            let jobs = (0..1000).map(|n| RawJobSpec {
                identifier: Probe::IDENTIFIER.to_owned(),
                payload: serde_json::json!({ "n": call * 1000 + n }),
                spec: JobSpec::default(),
            });
            let jobs: Vec<RawJobSpec> = jobs.collect();
            self.utils.add_raw_jobs(&jobs).await?;
        }
        Ok(())
    }

    async fn work(self, seen: Seen) -> Result<(), Failure> {
        let mut options = WorkerOptions::default()
            .database(self.database.clone())
            .schema(SCHEMA)
            .add_extension(seen)
            .define_job::<Probe>();
        if self.setting == Setting::Best {
            options = options
                .concurrency(500)
                .complete_job_batch_delay(Duration::from_millis(5))
                .local_queue(LocalQueueConfig::default().with_size(5000));
        }
        options.init().await?.run().await?;
        Ok(())
    }
}
