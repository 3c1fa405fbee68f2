//! Where the time goes between an enqueue and the start of its handler, of a worker that has nothing
//! else to do: by the clock of one machine, and the times at which the server says that it committed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use soniq_runtime::{JobContext, JobError, Settings, Soniq, TaskHandlerBuilder, Worker};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::unbounded_channel;
use tokio_postgres::Client;

use crate::Failure;
use crate::probe::{self, Probe};
use crate::report::Figure;
use crate::server::{Server, connect};

/// What comes after what.
const STAGES: [&str; 6] = [
    "enqueue called to its statement's start",
    "to its commit record",
    "to the start of the claim: flush, notification, the worker's wake",
    "to the claim's commit record",
    "to the handler's start: flush, answer, task",
    "all of it",
];

/// From the commit record of the enqueue to its answer, which is part of the third.
const ANSWERED: &str = "commit record to the enqueue's answer: flush, answer";

/// When the job's claim began and was committed, and when its enqueue was; seconds since 1970. The
/// transaction before the claim's is the enqueue's, as long as nobody else writes.
const TIMES: &str = "
    SELECT extract(epoch FROM created_at)::float8,
           extract(epoch FROM pg_xact_commit_timestamp((xmin::text::bigint - 1)::text::xid))::float8,
           extract(epoch FROM updated_at)::float8,
           extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
    FROM soniq_jobs
    WHERE status = 'processing'
    ORDER BY updated_at DESC
    LIMIT 1";

/// How many jobs pass before it counts.
const FIRST: usize = 20;

/// Measures so many jobs, each `pause` after the handler of the one before it has ended.
///
/// # Errors
/// The server refuses, or a handler is not started at all.
pub async fn measure(
    server: &Server,
    jobs: usize,
    pause: Duration,
) -> Result<Vec<Figure>, Failure> {
    let database = server.database().await?;
    let (client, observer) = (
        connect(database.url()).await?,
        connect(database.url()).await?,
    );
    let mut settings = Settings::default();
    settings.database_url = Some(database.url().to_owned());
    let soniq = Soniq::with_settings(settings)?;
    let gate = Arc::new(Semaphore::new(0));
    let (started, mut starts) = unbounded_channel();
    let waits = Arc::clone(&gate);
    let handler = TaskHandlerBuilder::new(move |_: Probe, _: JobContext| {
        // Nobody waits once the measurement is over.
        let _ = started.send(now());
        let waits = Arc::clone(&waits);
        async move {
            // Its row stays as the claim wrote it until it was read.
            waits.acquire().await.map_err(JobError::retry)?.forget();
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&soniq).handler(handler.build()).build()?;
    let working = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); STAGES.len() + 1];
    for n in 0..FIRST + jobs {
        let called = now();
        probe::task().enqueue(&client, Probe { n: 1 }).await?;
        let answered = now();
        let start = starts
            .recv()
            .await
            .ok_or("the worker ended before its time")?;
        let [created, committed, claiming, claimed] = times(&observer).await?;
        gate.add_permits(1);
        if n >= FIRST && created <= committed && committed <= claiming {
            let stages = [
                created - called,
                committed - created,
                claiming - committed,
                claimed - claiming,
                start - claimed,
                start - called,
                answered - committed,
            ];
            for (sample, stage) in samples.iter_mut().zip(stages) {
                sample.push(stage * 1e3);
            }
        }
        tokio::time::sleep(pause).await;
    }
    working.abort();
    let names = STAGES.into_iter().chain([ANSWERED]);
    let figures = names.zip(samples).flat_map(|(name, mut sample)| {
        sample.sort_by(f64::total_cmp);
        let at = |share: usize| sample[(sample.len() - 1) * share / 100];
        [10, 50, 90, 99].map(|share| Figure::plain(format!("{name}, p{share}"), at(share), "ms"))
    });
    Ok(figures.collect())
}

async fn times(client: &Client) -> Result<[f64; 4], Failure> {
    let row = client.query_one(TIMES, &[]).await?;
    let time = |column| row.get::<_, Option<f64>>(column).unwrap_or(f64::NAN);
    Ok([time(0), time(1), time(2), time(3)])
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(f64::NAN, |since| since.as_secs_f64())
}
