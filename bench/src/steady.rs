//! 1,000 jobs a second for a while, alone and beside a transaction that somebody leaves open: dead
//! rows and sizes should stay where they are, and the rate should not fall.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::Client;

use crate::cost::Meter;
use crate::probe::{self, Probe};
use crate::process::{Process, Work};
use crate::report::{Figure, Series, float};
use crate::server::{Server, connect};
use crate::{Failure, Size};

/// Jobs a second, by so many producers.
const RATE: u32 = 1_000;
const PRODUCERS: u32 = 8;

/// The names of the figures.
pub const ALONE: &str = "steady 1,000 jobs/s";
/// Beside an open transaction.
pub const HELD: &str = "steady 1,000 jobs/s, a transaction held open";

/// What is counted now and then.
const SAMPLE: &str = "
    SELECT (SELECT count(*) FROM soniq_jobs WHERE status = 'queued'), n_dead_tup,
           pg_table_size(relid), pg_indexes_size(relid)
    FROM pg_stat_user_tables WHERE relname = 'soniq_jobs'";

const HOLD: &str = "
    BEGIN ISOLATION LEVEL REPEATABLE READ;
    SELECT txid_current();
    SELECT count(*) FROM soniq_jobs";

/// Measures both.
///
/// # Errors
/// The server refuses, or the worker fails.
pub async fn measure(server: &Server, size: Size) -> Result<(Vec<Figure>, Vec<Series>), Failure> {
    let (mut figures, mut series) = (Vec::new(), Vec::new());
    let alone = Duration::from_secs(size.pick(5, 60, 30 * 60));
    let held = Duration::from_secs(size.pick(5, 60, 10 * 60));
    for (name, time, hold) in [(ALONE, alone, false), (HELD, held, true)] {
        let (found, samples) = one(server, size, name, time, hold).await?;
        figures.extend(found.into_iter().map(Figure::announced));
        series.extend(samples);
    }
    Ok((figures, series))
}

/// A count at one moment.
struct Sample {
    seconds: f64,
    ended: i64,
    dead: i64,
    table: i64,
    indexes: i64,
}

async fn one(
    server: &Server,
    size: Size,
    name: &str,
    time: Duration,
    hold: bool,
) -> Result<(Vec<Figure>, Vec<Series>), Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let holder = connect(database.url()).await?;
    let work = Work {
        // Until it is told to end.
        jobs: Some(u64::MAX),
        seconds: time.as_secs() + 2,
        // In a short run finished rows would only pile up, as they do in the first five minutes.
        ..Work::drain(16, size == Size::Long)
    };
    let mut worker = Process::start(database.url(), &work)?;
    worker.ready().await?;
    worker.go().await?;
    if hold {
        holder.batch_execute(HOLD).await?;
    }
    let meter = Meter::start(&observer, server.pid()?).await?;
    let enqueued = Arc::new(AtomicU32::new(0));
    let mut producers = Vec::new();
    for _ in 0..PRODUCERS {
        let client = connect(database.url()).await?;
        producers.push(tokio::spawn(produce(client, Arc::clone(&enqueued))));
    }
    let samples = sample(&observer, &enqueued, time, size).await?;
    for producer in &producers {
        producer.abort();
    }
    drop(holder);
    let cost = meter.end(producers).await?;
    worker.line().await?;
    let last = samples.last().ok_or("nothing was counted")?;
    let ended = u32::try_from(last.ended)?;
    let mut rate = Figure::rate(name, ended, cost);
    if hold {
        rate = rate.against(ALONE);
    }
    let figures = vec![
        rate,
        Figure::plain(
            format!("{name}: dead rows at the end"),
            float(last.dead),
            "",
        ),
        Figure::plain(
            format!("{name}: table at the end"),
            mebibytes(last.table),
            "MiB",
        ),
        Figure::plain(
            format!("{name}: indexes at the end"),
            mebibytes(last.indexes),
            "MiB",
        ),
    ];
    Ok((figures, series(name, &samples)))
}

/// Enqueues at its part of the rate until it is aborted, and makes up for what it is late.
async fn produce(client: Client, enqueued: Arc<AtomicU32>) {
    let mut pace = tokio::time::interval(Duration::from_secs(1) * PRODUCERS / RATE);
    loop {
        pace.tick().await;
        if let Err(error) = probe::task().enqueue(&client, Probe { n: 1 }).await {
            eprintln!("a producer ended: {error}");
            return;
        }
        enqueued.fetch_add(1, Ordering::Relaxed);
    }
}

async fn sample(
    observer: &Client,
    enqueued: &AtomicU32,
    time: Duration,
    size: Size,
) -> Result<Vec<Sample>, Failure> {
    let statement = observer.prepare(SAMPLE).await?;
    let started = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_secs(size.pick(1, 2, 10)));
    let mut samples = Vec::new();
    while started.elapsed() < time {
        pace.tick().await;
        let so_far = i64::from(enqueued.load(Ordering::Relaxed));
        let row = observer.query_one(&statement, &[]).await?;
        samples.push(Sample {
            seconds: started.elapsed().as_secs_f64(),
            ended: (so_far - row.get::<_, i64>(0)).max(0),
            dead: row.get(1),
            table: row.get(2),
            indexes: row.get(3),
        });
    }
    Ok(samples)
}

fn series(name: &str, samples: &[Sample]) -> Vec<Series> {
    let rates = samples.windows(2).map(|pair| {
        let jobs = float(pair[1].ended - pair[0].ended);
        (pair[1].seconds, jobs / (pair[1].seconds - pair[0].seconds))
    });
    let of = |what: &'static str, count: fn(&Sample) -> f64| Series {
        name: format!("{name}: {what}"),
        what,
        points: samples
            .iter()
            .map(|sample| (sample.seconds, count(sample)))
            .collect(),
    };
    vec![
        Series {
            name: format!("{name}: jobs/s"),
            what: "jobs/s",
            points: rates.collect(),
        },
        of("dead rows", |sample| float(sample.dead)),
        of("table MiB", |sample| mebibytes(sample.table)),
        of("indexes MiB", |sample| mebibytes(sample.indexes)),
    ]
}

fn mebibytes(bytes: i64) -> f64 {
    float(bytes) / 1024.0 / 1024.0
}
