//! Enqueueing beside a bare insert into the same table, in turns, while a worker listens.
//!
//! `cargo run --release -p soniq-bench --bin enqueue [-- --help]`

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use soniq_bench::cost::{Cost, Meter};
use soniq_bench::probe::{self, Probe};
use soniq_bench::server::{Server, connect};
use soniq_bench::{Failure, told};
use soniq_runtime::{Soniq, Worker};
use tokio::process::{Child, Command};
use tokio_postgres::{AsyncMessage, Client, NoTls};
use uuid::Uuid;

const USAGE: &str = "\
usage: enqueue [--rounds N] [--seconds S] [--no-fsync]

--rounds N    how often each is measured, in turns; the median is printed; 3 if not given
--seconds S   how long each time; 1 if not given
--no-fsync    commits wait for no disk: what is left is the work of processors
";

const BARE: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
    VALUES ($1, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4)";

const BARE_MANY: &str = "
    INSERT INTO soniq_jobs (id, job_name, args, queue, priority, max_attempts)
    SELECT id, 'bench.probe.v1', '{\"n\": 1}', 'default', 100, 4 FROM unnest($1::uuid[]) AS id";

/// Jobs of a call that enqueues many.
const MANY: u32 = 1000;

/// By which way jobs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A prepared insert.
    Bare,
    /// The same between `BEGIN` and `COMMIT`.
    BareInTransaction,
    Client,
    Transaction,
    /// The handle, of a process that only enqueues.
    Handle,
    /// The handle, of a process that also runs a worker.
    WorkersHandle,
    BareMany,
    HandleMany,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Bare => "bare insert",
            Way::BareInTransaction => "bare insert in a transaction",
            Way::Client => "enqueue on a client",
            Way::Transaction => "enqueue in a transaction",
            Way::Handle => "enqueue on the handle",
            Way::WorkersHandle => "enqueue on a worker's handle",
            Way::BareMany => "bare insert of 1000",
            Way::HandleMany => "enqueue_many of 1000",
        }
    }

    fn is_bare(self) -> bool {
        matches!(self, Way::Bare | Way::BareInTransaction | Way::BareMany)
    }
}

/// What the worker of another process does meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listening {
    /// It sleeps, on a queue that gets nothing.
    Elsewhere,
    /// It runs what is enqueued.
    KeepsPace,
}

const ROWS: [(Way, usize, Listening); 14] = [
    (Way::Bare, 1, Listening::Elsewhere),
    (Way::Client, 1, Listening::Elsewhere),
    (Way::Handle, 1, Listening::Elsewhere),
    (Way::WorkersHandle, 1, Listening::Elsewhere),
    (Way::BareInTransaction, 1, Listening::Elsewhere),
    (Way::Transaction, 1, Listening::Elsewhere),
    (Way::Bare, 32, Listening::Elsewhere),
    (Way::Client, 32, Listening::Elsewhere),
    (Way::BareInTransaction, 32, Listening::Elsewhere),
    (Way::Transaction, 32, Listening::Elsewhere),
    (Way::Bare, 32, Listening::KeepsPace),
    (Way::Client, 32, Listening::KeepsPace),
    (Way::BareMany, 1, Listening::Elsewhere),
    (Way::HandleMany, 1, Listening::Elsewhere),
];

struct Options {
    rounds: usize,
    time: Duration,
    fsync: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("--worker") => work().await,
        _ => match parse(lexopt::Parser::from_env()) {
            Ok(Some(options)) => measure(&options).await,
            Ok(None) => {
                print!("{USAGE}");
                Ok(())
            }
            Err(error) => {
                eprint!("{error}\n\n{USAGE}");
                return ExitCode::from(2);
            }
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", told(&failure));
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt as _};
    let mut options = Options {
        rounds: 3,
        time: Duration::from_secs(1),
        fsync: true,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("rounds") => options.rounds = parser.value()?.parse::<usize>()?.max(1),
            Long("seconds") => options.time = Duration::from_secs(parser.value()?.parse()?),
            Long("no-fsync") => options.fsync = false,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

/// What one turn found.
struct Turn {
    jobs: u32,
    cost: Cost,
    notifications: u32,
}

async fn measure(options: &Options) -> Result<(), Failure> {
    let server = Server::start().await?;
    if !options.fsync {
        let database = server.database().await?;
        let client = connect(database.url()).await?;
        client.batch_execute("ALTER SYSTEM SET fsync = off").await?;
        client.batch_execute("SELECT pg_reload_conf()").await?;
    }
    let mut turns: Vec<Vec<Turn>> = ROWS.iter().map(|_| Vec::new()).collect();
    for _ in 0..options.rounds {
        for (row, turns) in ROWS.into_iter().zip(&mut turns) {
            turns.push(turn(&server, options.time, row).await?);
        }
    }
    println!(
        "| what | writers | jobs/s | of bare | server CPU µs/job | own CPU µs/job | WAL B/job | NOTIFYs/job |\n\
         |------|--------:|-------:|--------:|------------------:|---------------:|----------:|------------:|"
    );
    let mut bare = 0.0;
    for ((way, writers, listening), turns) in ROWS.iter().zip(&turns) {
        let median = |figure: &dyn Fn(&Turn) -> f64| {
            let mut figures: Vec<f64> = turns.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        let each = |cost: f64, turn: &Turn| cost / f64::from(turn.jobs);
        let rate = median(&|turn| f64::from(turn.jobs) / turn.cost.seconds);
        if way.is_bare() {
            bare = rate;
        }
        let beside = match listening {
            Listening::Elsewhere => "",
            Listening::KeepsPace => ", a worker runs them",
        };
        println!(
            "| {}{beside} | {writers} | {rate:.0} | {:.2} | {:.0} | {:.0} | {:.0} | {:.4} |",
            way.name(),
            rate / bare,
            median(&|turn| each(turn.cost.server_cpu * 1e6, turn)),
            median(&|turn| each(turn.cost.own_cpu * 1e6, turn)),
            median(&|turn| i32::try_from(turn.cost.wal_bytes)
                .map_or(f64::NAN, |bytes| each(f64::from(bytes), turn))),
            median(&|turn| each(f64::from(turn.notifications), turn)),
        );
    }
    Ok(())
}

async fn turn(
    server: &Server,
    time: Duration,
    (way, writers, listening): (Way, usize, Listening),
) -> Result<Turn, Failure> {
    let database = server.database().await?;
    let url = database.url();
    let observer = connect(url).await?;
    let heard = listen(url).await?;
    let _worker = worker(url, listening, &observer).await?;
    let soniq = Soniq::connect(url)?;
    let own = Worker::builder(&soniq).handler(probe::handler(|_| {}));
    let own = own.queues(["elsewhere"]).build()?;
    let own = (way == Way::WorkersHandle)
        .then(|| tokio::spawn(async move { own.run_until(std::future::pending()).await }));
    if own.is_some() {
        asleep(&observer, 2).await?;
    }
    let mut clients = Vec::new();
    for _ in 0..writers {
        clients.push(connect(url).await?);
    }
    let notified = heard.load(Ordering::Relaxed);
    let meter = Meter::start(&observer, server.pid()?).await?;
    let deadline = Instant::now() + time;
    let writing = clients
        .iter_mut()
        .map(|client| write(way, client, &soniq, deadline));
    let jobs = try_join_all(writing).await?.iter().sum();
    let cost = meter.end((clients, soniq)).await?;
    if let Some(own) = own {
        own.abort();
    }
    let notifications = heard.load(Ordering::Relaxed) - notified;
    Ok(Turn {
        jobs,
        cost,
        notifications,
    })
}

/// Writes jobs until `deadline`; how many.
async fn write(
    way: Way,
    client: &mut Client,
    soniq: &Soniq,
    deadline: Instant,
) -> Result<u32, Failure> {
    let text = if way == Way::BareMany {
        BARE_MANY
    } else {
        BARE
    };
    let bare = client.prepare(text).await?;
    let mut jobs = 0;
    while Instant::now() < deadline {
        let args = Probe { n: jobs };
        match way {
            Way::Bare => drop(client.execute(&bare, &[&Uuid::now_v7()]).await?),
            Way::BareInTransaction => {
                let transaction = client.transaction().await?;
                transaction.execute(&bare, &[&Uuid::now_v7()]).await?;
                transaction.commit().await?;
            }
            Way::Client => drop(probe::task().enqueue(&*client, args).await?),
            Way::Transaction => {
                let transaction = client.transaction().await?;
                probe::task().enqueue(&transaction, args).await?;
                transaction.commit().await?;
            }
            Way::Handle | Way::WorkersHandle => drop(probe::task().enqueue(soniq, args).await?),
            Way::BareMany => {
                let ids: Vec<Uuid> = (0..MANY).map(|_| Uuid::now_v7()).collect();
                client.execute(&bare, &[&ids]).await?;
            }
            Way::HandleMany => {
                let args = (0..MANY).map(|n| Probe { n });
                probe::task().enqueue_many(soniq, args).await?;
            }
        }
        jobs += match way {
            Way::BareMany | Way::HandleMany => MANY,
            _ => 1,
        };
    }
    Ok(jobs)
}

/// Counts what is notified from now on.
async fn listen(url: &str) -> Result<Arc<AtomicU32>, Failure> {
    let (client, mut connection) = tokio_postgres::connect(url, NoTls).await?;
    let heard = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut next = std::pin::pin!(client.batch_execute("LISTEN soniq_new_job"));
        let mut listens = false;
        loop {
            tokio::select! {
                _ = &mut next, if !listens => listens = true,
                message = std::future::poll_fn(|context| connection.poll_message(context)) => match message {
                    Some(Ok(AsyncMessage::Notification(_))) => drop(counted.fetch_add(1, Ordering::Relaxed)),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    });
    Ok(heard)
}

/// A worker in a process of its own, asleep when this returns.
async fn worker(url: &str, listening: Listening, observer: &Client) -> Result<Child, Failure> {
    let queue = match listening {
        Listening::Elsewhere => "elsewhere",
        Listening::KeepsPace => "default",
    };
    let child = Command::new(std::env::current_exe()?)
        .args(["--worker", queue])
        .env("SONIQ_DATABASE_URL", url)
        .kill_on_drop(true)
        .spawn()?;
    asleep(observer, 1).await?;
    Ok(child)
}

/// Waits until so many workers sleep.
async fn asleep(observer: &Client, workers: i64) -> Result<(), Failure> {
    const SLEEPERS: &str = "SELECT count(*) FROM soniq_sleepers";
    let deadline = Instant::now() + Duration::from_secs(20);
    while observer.query_one(SLEEPERS, &[]).await?.get::<_, i64>(0) < workers {
        if Instant::now() >= deadline {
            return Err("a worker did not get to sleep".into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// The process of a worker; it ends when it is killed.
async fn work() -> Result<(), Failure> {
    let queue = std::env::args().nth(2).ok_or("which queue?")?;
    let soniq = Soniq::from_env()?;
    let worker = Worker::builder(&soniq).handler(probe::handler(|_| {}));
    let worker = worker.queues([queue]).build()?;
    worker.run_until(std::future::pending()).await?;
    Ok(())
}
