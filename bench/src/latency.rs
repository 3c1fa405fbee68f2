//! From an enqueue to the start of its handler, of a worker that has nothing else to do.

use std::time::{Duration, Instant};

use soniq_runtime::{Settings, Soniq, Worker};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

use crate::probe::{self, Probe};
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size};

/// The names of the figures of an idle worker, with the share of jobs that are no slower.
pub const IDLE: [(&str, usize); 3] = [
    ("idle enqueue to handler start, p50", 50),
    ("idle enqueue to handler start, p99", 99),
    ("idle enqueue to handler start, max", 100),
];

/// The name of the figure of an enqueue in a transaction that stays open for a second.
pub const AFTER_COMMIT: &str =
    "commit to handler start, transaction open 1 s after the enqueue, max";

const PATIENCE: Duration = Duration::from_secs(20);

/// Measures all of it.
///
/// # Errors
/// The server refuses, or a handler is not started at all.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = idle(server, size).await?;
    figures.push(after_commit(server, size).await?);
    Ok(figures.into_iter().map(Figure::announced).collect())
}

/// A worker in this process, and when its handlers started.
struct Listening {
    working: JoinHandle<()>,
    starts: UnboundedReceiver<Instant>,
}

impl Listening {
    fn start(url: &str) -> Result<Self, Failure> {
        let mut settings = Settings::default();
        settings.database_url = Some(url.to_owned());
        let soniq = Soniq::with_settings(settings)?;
        let (started, starts) = unbounded_channel();
        let handler = probe::handler(move |_| {
            // Nobody waits once the measurement is over.
            let _ = started.send(Instant::now());
        });
        let worker = Worker::builder(&soniq).handler(handler).build()?;
        let working = tokio::spawn(async move {
            if let Err(error) = worker.run_until(std::future::pending()).await {
                eprintln!("the worker ended: {error}");
            }
        });
        Ok(Listening { working, starts })
    }

    async fn next(&mut self) -> Result<Instant, Failure> {
        let start = tokio::time::timeout(PATIENCE, self.starts.recv()).await?;
        start.ok_or_else(|| "the worker ended before its time".into())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.working.abort();
    }
}

async fn idle(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    /// After which the worker sleeps, as one does that has nothing else to do.
    const PAUSE: Duration = Duration::from_millis(30);
    /// They wait for connections, and for the worker's first sleep.
    const FIRST: usize = 20;

    let database = server.database().await?;
    let client = connect(database.url()).await?;
    let mut worker = Listening::start(database.url())?;
    let mut times = Vec::new();
    let mut deadline = Instant::now() + PATIENCE;
    while times.len() < FIRST + 50 || Instant::now() < deadline {
        let before = Instant::now();
        probe::task().enqueue(&client, Probe { n: 1 }).await?;
        let start = worker.next().await?;
        times.push(start.duration_since(before).as_secs_f64() * 1e3);
        if times.len() == FIRST {
            deadline = Instant::now() + size.time() * 2;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let mut times = times.split_off(FIRST);
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let figures = IDLE.map(|(name, share)| Figure::plain(name, at(share), "ms"));
    Ok(figures.into())
}

async fn after_commit(server: &Server, size: Size) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let mut client = connect(database.url()).await?;
    let mut worker = Listening::start(database.url())?;
    let mut slowest = 0.0_f64;
    for n in 0..size.pick(2, 6, 12) {
        let transaction = client.transaction().await?;
        probe::task().enqueue(&transaction, Probe { n }).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        transaction.commit().await?;
        let committed = Instant::now();
        let start = worker.next().await?;
        let time = start.saturating_duration_since(committed).as_secs_f64() * 1e3;
        // The first waits for connections.
        if n > 0 {
            slowest = slowest.max(time);
        }
    }
    Ok(Figure::plain(AFTER_COMMIT, slowest, "ms"))
}
