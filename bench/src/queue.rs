//! This project, measured the way that its users use it.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use soniq_runtime::{Settings, Soniq, Worker};
use tokio::process::{Child, Command};

use crate::bare::{self, WRITERS};
use crate::cost::{Meter, memory, own_cpu};
use crate::probe::{self, Probe};
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size};

/// How a worker of a drain is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// Jobs at once.
    pub concurrency: usize,
    /// Whether finished rows stay for a while.
    pub kept: bool,
}

/// What the process of a draining worker tells of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Drained {
    ended: u64,
    seconds: f64,
    cpu: f64,
    /// KiB before the first job, and at most.
    rest: u64,
    peak: u64,
}

/// Measures all of it.
///
/// # Errors
/// The server refuses, or a worker does.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for writers in WRITERS {
        figures.push(enqueue(server, size, writers).await?.announced());
    }
    figures.push(enqueue_many(server, size).await?.announced());
    figures.extend(drains(server, size).await?);
    let latency = latency(server, size).await?;
    figures.extend(latency.into_iter().map(Figure::announced));
    Ok(figures)
}

/// Measures drains only.
///
/// # Errors
/// As for [`measure`].
pub async fn drains(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for concurrency in [4, 64] {
        for kept in [true, false] {
            let drain = Drain { concurrency, kept };
            let drained = measure_drain(server, size, drain).await?;
            figures.extend(drained.into_iter().map(Figure::announced));
        }
    }
    Ok(figures)
}

fn settings(url: &str, drain: Drain) -> Settings {
    let mut settings = Settings::default();
    settings.database_url = Some(url.to_owned());
    settings.concurrency = drain.concurrency;
    if !drain.kept {
        settings.result_ttl = Duration::ZERO;
    }
    settings
}

/// One job a statement by `writers` connections, while a worker of another queue listens.
async fn enqueue(server: &Server, size: Size, writers: u32) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let listener = connect(database.url()).await?;
    listener.batch_execute("LISTEN soniq_new_job").await?;
    let mut clients = Vec::new();
    for _ in 0..writers {
        clients.push(connect(database.url()).await?);
    }
    let jobs = size.of(if writers == 1 { 5_000 } else { 40_000 });
    let each = jobs / writers;
    let meter = Meter::start(&observer, server.pid()?).await?;
    let writing = clients.iter().map(|client| async move {
        for n in 0..each {
            probe::task().enqueue(client, Probe { n }).await?;
        }
        Ok::<_, soniq_runtime::Error>(())
    });
    try_join_all(writing).await?;
    let cost = meter.end(clients).await?;
    let what = format!("enqueue, {writers} writers, a listener");
    Ok(Figure::rate(what, each * writers, cost).against(bare::insert_name(writers, false)))
}

async fn enqueue_many(server: &Server, size: Size) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let soniq = Soniq::connect(database.url())?;
    let jobs = size.of(200_000);
    let meter = Meter::start(&observer, server.pid()?).await?;
    fill(&soniq, jobs).await?;
    let cost = meter.end(soniq).await?;
    Ok(Figure::rate("enqueue_many, 1000 a call", jobs, cost).against(bare::INSERT_MANY_NAME))
}

async fn fill(soniq: &Soniq, jobs: u32) -> Result<(), Failure> {
    for call in 0..jobs / 1000 {
        let args = (0..1000).map(|n| Probe { n: call * 1000 + n });
        probe::task().enqueue_many(soniq, args).await?;
    }
    Ok(())
}

/// A backlog, run by a worker in a process of its own.
async fn measure_drain(server: &Server, size: Size, drain: Drain) -> Result<Vec<Figure>, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let jobs = size.of(100_000);
    fill(&Soniq::connect(database.url())?, jobs).await?;
    observer.batch_execute("CHECKPOINT").await?;
    let meter = Meter::start(&observer, server.pid()?).await?;
    let output = child(database.url(), drain)?.wait_with_output().await?;
    let mut cost = meter.end(()).await?;
    let drained: Drained = serde_json::from_slice(&output.stdout)?;
    if drained.ended != u64::from(jobs) {
        return Err(format!("{} jobs ended of {jobs}", drained.ended).into());
    }
    cost.seconds = drained.seconds;
    cost.own_cpu = drained.cpu;
    let Drain { concurrency, kept } = drain;
    let history = if kept { "kept" } else { "deleted" };
    let what = format!("drain, concurrency {concurrency}, history {history}");
    let mebibytes = |kibibytes: u64| u32::try_from(kibibytes).map_or(f64::NAN, f64::from) / 1024.0;
    Ok(vec![
        Figure::rate(what.clone(), jobs, cost).against(bare::cycle_name(1000, kept)),
        Figure::plain(
            format!("{what}: memory at rest"),
            mebibytes(drained.rest),
            "MiB",
        ),
        Figure::plain(
            format!("{what}: memory at most"),
            mebibytes(drained.peak),
            "MiB",
        ),
    ])
}

fn child(url: &str, drain: Drain) -> Result<Child, Failure> {
    Ok(Command::new(std::env::current_exe()?)
        .arg("--worker")
        .arg(serde_json::to_string(&drain)?)
        .env("SONIQ_DATABASE_URL", url)
        .stdout(Stdio::piped())
        .spawn()?)
}

/// The process of a draining worker: runs what is due and tells what that took.
///
/// # Errors
/// As for [`Worker::run_once`].
pub async fn work(drain: Drain) -> Result<(), Failure> {
    let url = std::env::var("SONIQ_DATABASE_URL")?;
    let soniq = Soniq::with_settings(settings(&url, drain))?;
    let worker = Worker::builder(&soniq)
        .handler(probe::handler(|_| {}))
        .build()?;
    let (rest, _) = memory();
    let started = Instant::now();
    let ended = worker.run_once().await?;
    let drained = Drained {
        ended,
        seconds: started.elapsed().as_secs_f64(),
        cpu: own_cpu(),
        rest,
        peak: memory().1,
    };
    println!("{}", serde_json::to_string(&drained)?);
    Ok(())
}

/// From the call of enqueue to the start of the handler, of an idle worker.
async fn latency(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    const PAUSE: Duration = Duration::from_millis(20);

    let database = server.database().await?;
    let client = connect(database.url()).await?;
    let soniq = Soniq::connect(database.url())?;
    let (started, starts) = mpsc::channel();
    let started = Mutex::new(started);
    let handler = probe::handler(move |_| {
        let started = started.lock().expect("no holder of it panics");
        // Nobody waits once the measurement is over.
        let _ = started.send(Instant::now());
    });
    let worker = Worker::builder(&soniq).handler(handler).build()?;
    let working = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    let mut times = Vec::new();
    for n in 0..size.of(1000) + 20 {
        let before = Instant::now();
        probe::task().enqueue(&client, Probe { n }).await?;
        let start = loop {
            match starts.try_recv() {
                Ok(start) => break start,
                Err(_) if before.elapsed() < Duration::from_secs(20) => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        times.push(start.duration_since(before).as_secs_f64() * 1e3);
        tokio::time::sleep(PAUSE).await;
    }
    working.abort();
    // The first ones wait for connections.
    let mut times = times.split_off(20);
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    Ok(vec![
        Figure::plain("idle enqueue to handler start, p50", at(50), "ms"),
        Figure::plain("idle enqueue to handler start, p99", at(99), "ms"),
        Figure::plain("idle enqueue to handler start, max", at(100), "ms"),
    ])
}
