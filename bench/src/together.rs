//! Two workers on one backlog, of handlers that take their time: neither may starve the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_timer::Delay;
use soniq_runtime::{
    JobContext, JobError, Settings, Soniq, TaskHandler, TaskHandlerBuilder, Worker,
};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::probe::Probe;
use crate::report::Figure;
use crate::server::Server;
use crate::{Failure, Size};

const CONCURRENCY: u16 = 16;

/// How long both may take to begin; there are jobs for longer.
const PATIENCE: Duration = Duration::from_secs(4);

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

/// The name of the figure of what the handlers took, by their own clocks: a timer is late where processors
/// are busy.
pub fn took_name(milliseconds: u16) -> String {
    format!("two workers, concurrency 16, handlers of {milliseconds} ms: what one takes, mean")
}

/// The name of the figure of both together, as a share of concurrency / what a handler took.
pub fn busy_name(milliseconds: u16) -> String {
    format!(
        "two workers, concurrency 16, handlers of {milliseconds} ms: of the ideal by what one takes"
    )
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

async fn one(server: &Server, size: Size, milliseconds: u16) -> Result<[Figure; 4], Failure> {
    let database = server.database().await?;
    let time = size.time().max(Duration::from_secs(1));
    let ideal = f64::from(CONCURRENCY) * 1e3 / f64::from(milliseconds);
    // More than both can do, so that neither runs out of jobs.
    let seconds = u32::try_from(time.as_secs())? + 6;
    let jobs = 2 * u32::from(CONCURRENCY) * (1000 / u32::from(milliseconds)) * seconds + 1000;
    crate::enqueue::fill(&Soniq::connect(database.url())?, jobs).await?;
    let workers = [
        Counting::start(database.url(), milliseconds)?,
        Counting::start(database.url(), milliseconds)?,
    ];
    // They connect first; how long that takes is another figure.
    let deadline = Instant::now() + PATIENCE;
    while workers.iter().any(|worker| worker.seen().jobs == 0) {
        if Instant::now() > deadline {
            return Err("a worker has begun nothing while the other one works".into());
        }
        sleep(Duration::from_millis(10)).await;
    }
    let started = Instant::now();
    let before = workers.each_ref().map(Counting::seen);
    sleep(time).await;
    let after = workers.each_ref().map(Counting::seen);
    let elapsed = started.elapsed().as_secs_f64();
    let ended = |worker: usize| f64::from(after[worker].jobs - before[worker].jobs);
    let share = |worker: usize| ended(worker) / elapsed / ideal;
    let (first, second) = (share(0), share(1));
    let busy: u64 = (0..2)
        .map(|worker| after[worker].busy - before[worker].busy)
        .sum();
    let busy = Duration::from_nanos(busy).as_secs_f64();
    let took = busy / (ended(0) + ended(1));
    Ok([
        Figure::plain(name(milliseconds), f64::midpoint(first, second), ""),
        Figure::plain(slower_name(milliseconds), first.min(second), ""),
        Figure::plain(took_name(milliseconds), took * 1e3, "ms"),
        Figure::plain(
            busy_name(milliseconds),
            busy / elapsed / f64::from(2 * CONCURRENCY),
            "",
        ),
    ])
}

/// What the handlers of one worker have done.
#[derive(Debug, Default)]
struct Done {
    jobs: AtomicU32,
    /// Nanoseconds.
    busy: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    jobs: u32,
    busy: u64,
}

/// A worker in this process that counts the handlers that have ended.
struct Counting {
    done: Arc<Done>,
    working: JoinHandle<()>,
}

impl Counting {
    fn start(url: &str, milliseconds: u16) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        settings.database_url = Some(url.to_owned());
        settings.concurrency = CONCURRENCY.into();
        let soniq = Soniq::with_settings(settings)?;
        let done = Arc::new(Done::default());
        let handler = taking(
            Duration::from_millis(milliseconds.into()),
            Arc::clone(&done),
        );
        let worker = Worker::builder(&soniq).handler(handler).build()?;
        let working = tokio::spawn(async move {
            if let Err(error) = worker.run_until(std::future::pending()).await {
                eprintln!("the worker ended: {error}");
            }
        });
        Ok(Counting { done, working })
    }

    fn seen(&self) -> Seen {
        Seen {
            jobs: self.done.jobs.load(Ordering::Relaxed),
            busy: self.done.busy.load(Ordering::Relaxed),
        }
    }
}

/// A handler that takes `time`, not rounded up to whole milliseconds as by the timers of tokio.
fn taking(time: Duration, done: Arc<Done>) -> TaskHandler {
    let run = move |_: Probe, _: JobContext| {
        let done = Arc::clone(&done);
        async move {
            let started = Instant::now();
            Delay::new(time).await;
            let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            done.busy.fetch_add(took, Ordering::Relaxed);
            done.jobs.fetch_add(1, Ordering::Relaxed);
            Ok::<(), JobError>(())
        }
    };
    TaskHandlerBuilder::new(run).build()
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.working.abort();
    }
}
