//! Two workers on one backlog, of handlers that take their time: neither may starve the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use soniq_runtime::{Settings, Soniq, Worker};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::probe;
use crate::report::Figure;
use crate::server::Server;
use crate::{Failure, Size};

const CONCURRENCY: u16 = 16;

/// What the handlers take, in milliseconds.
pub const TIMES: [u16; 2] = [1, 50];

/// The name of the figure of both together, as a share of concurrency / time of a handler.
pub fn name(milliseconds: u16) -> String {
    format!("two workers, concurrency 16, handlers of {milliseconds} ms: of the ideal")
}

/// The name of the figure of the slower of the two.
pub fn slower_name(milliseconds: u16) -> String {
    format!("{}, the slower one", name(milliseconds))
}

/// Measures all of it.
///
/// # Errors
/// The server refuses, or a worker does.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for milliseconds in TIMES {
        figures.extend(one(server, size, milliseconds).await?);
    }
    Ok(figures.into_iter().map(Figure::announced).collect())
}

async fn one(server: &Server, size: Size, milliseconds: u16) -> Result<[Figure; 2], Failure> {
    let database = server.database().await?;
    let time = size.time().max(Duration::from_secs(1));
    let ideal = f64::from(CONCURRENCY) * 1e3 / f64::from(milliseconds);
    // More than both can do, so that neither runs out of jobs.
    let seconds = u32::try_from(time.as_secs())? + 3;
    let jobs = 2 * u32::from(CONCURRENCY) * (1000 / u32::from(milliseconds)) * seconds + 1000;
    crate::enqueue::fill(&Soniq::connect(database.url())?, jobs).await?;
    let workers = [
        Counting::start(database.url(), milliseconds)?,
        Counting::start(database.url(), milliseconds)?,
    ];
    // They connect first.
    sleep(Duration::from_secs(1)).await;
    let started = Instant::now();
    let before = workers.each_ref().map(Counting::seen);
    sleep(time).await;
    let after = workers.each_ref().map(Counting::seen);
    let elapsed = started.elapsed().as_secs_f64();
    let share = |worker: usize| f64::from(after[worker] - before[worker]) / elapsed / ideal;
    let (first, second) = (share(0), share(1));
    Ok([
        Figure::plain(name(milliseconds), f64::midpoint(first, second), ""),
        Figure::plain(slower_name(milliseconds), first.min(second), ""),
    ])
}

/// A worker in this process that counts the handlers it has started.
struct Counting {
    seen: Arc<AtomicU32>,
    working: JoinHandle<()>,
}

impl Counting {
    fn start(url: &str, milliseconds: u16) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        settings.database_url = Some(url.to_owned());
        settings.concurrency = CONCURRENCY.into();
        let soniq = Soniq::with_settings(settings)?;
        let seen = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&seen);
        let time = Duration::from_millis(milliseconds.into());
        let handler = probe::slow(time, move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let worker = Worker::builder(&soniq).handler(handler).build()?;
        let working = tokio::spawn(async move {
            if let Err(error) = worker.run_until(std::future::pending()).await {
                eprintln!("the worker ended: {error}");
            }
        });
        Ok(Counting { seen, working })
    }

    fn seen(&self) -> u32 {
        self.seen.load(Ordering::Relaxed)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.working.abort();
    }
}
