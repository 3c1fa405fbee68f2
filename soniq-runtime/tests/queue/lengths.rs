//! Faults of real lengths: worker processes with the default settings, and jobs that run for longer
//! than a rescue takes. Each test takes one to six minutes, so they run only when asked for:
//!
//! ```text
//! cargo test -p soniq-runtime --features testing --test queue -- --ignored --nocapture lengths::
//! ```

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use soniq_runtime::testing::Cluster;
use soniq_runtime::{JobError, Settings, Soniq, Worker};
use tempfile::TempDir;

use crate::support::{Bed, bed_on, handler, probe, task};

/// What a child is told.
const URL: &str = "SONIQ_TEST_URL";
const NOTES: &str = "SONIQ_TEST_NOTES";

/// A dead worker's job runs elsewhere after this long at most.
const RESCUE: f64 = 20.0;

const RUNNING: &str =
    "SELECT count(DISTINCT worker_id) FROM soniq_jobs WHERE status = 'processing'";
const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";

/// Not a test: a worker's process. A job runs for as many seconds as its number says; what happens to
/// it is noted in a file, by the process.
#[tokio::test]
#[ignore = "run by the tests below"]
async fn child() {
    let (Ok(url), Ok(notes)) = (std::env::var(URL), std::env::var(NOTES)) else {
        return;
    };
    let mut settings = Settings::from_lookup(|_| None).unwrap();
    settings.database_url = Some(url);
    // Longer than a job may run that a worker was stopped with.
    settings.job_timeout = None;
    let soniq = Soniq::with_settings(settings).unwrap();
    let slow = handler(move |args: crate::probe::Probe, context| {
        let notes = PathBuf::from(&notes);
        async move {
            let note = |what: &str| {
                let line = format!("{what} {} {}\n", context.attempt(), std::process::id());
                let mut notes = fs::OpenOptions::new()
                    .append(true)
                    .create(true)
                    .open(&notes)?;
                notes.write_all(line.as_bytes())
            };
            note("starts")?;
            let seconds = Duration::from_secs(args.n.unsigned_abs());
            tokio::select! {
                () = context.cancelled() => note("cancelled")?,
                () = tokio::time::sleep(seconds) => note("ends")?,
            }
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&soniq).handler(slow).concurrency(1);
    let worker = worker.build().unwrap();
    worker.run_until(std::future::pending()).await.unwrap();
}

struct Process(Child);

impl Process {
    fn signal(&self, name: &str) {
        signal(name, &[self.0.id().to_string()]);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, which one that stands still gets, too.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn signal(name: &str, pids: &[String]) {
    // One that has ended meanwhile makes it fail, and is no matter.
    Command::new("kill").arg(name).args(pids).status().unwrap();
}

/// A server of its own, and workers.
struct Fleet {
    cluster: Arc<Cluster>,
    bed: Bed,
    workers: Vec<Process>,
    notes: TempDir,
}

impl Fleet {
    /// As many workers, each with a job that runs for so many seconds.
    async fn at_work(workers: usize, seconds: i64) -> Self {
        let cluster = Arc::new(Cluster::start().await.unwrap());
        let mut fleet = Fleet {
            bed: bed_on(&cluster).await,
            cluster,
            workers: Vec::new(),
            notes: tempfile::tempdir().unwrap(),
        };
        for _ in 0..workers {
            fleet.enqueue(seconds).await;
            let worker = fleet.start();
            fleet.workers.push(worker);
        }
        fleet
            .wait_for(RUNNING, i64::try_from(workers).unwrap())
            .await;
        fleet
    }

    async fn enqueue(&self, seconds: i64) {
        task()
            .enqueue(&self.bed.client, probe(seconds))
            .await
            .unwrap();
    }

    fn start(&self) -> Process {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "lengths::child"])
            .env(URL, self.bed.database.url())
            .env(NOTES, self.notes.path().join("notes"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Process(child.unwrap())
    }

    fn notes(&self) -> Vec<String> {
        let notes = fs::read_to_string(self.notes.path().join("notes")).unwrap_or_default();
        notes.lines().map(str::to_owned).collect()
    }

    /// Polls for as long as the longest job here may take.
    async fn wait_for(&self, sql: &str, expected: i64) {
        let deadline = Instant::now() + Duration::from_secs(420);
        while self.bed.count(sql).await != expected {
            assert!(
                Instant::now() < deadline,
                "{sql}: not {expected}; {:?}",
                self.notes()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// After the `fault` each job goes on where it runs, and ends there.
    async fn sees_nothing_in(mut self, fault: &str, inflict: impl AsyncFnOnce(&mut Fleet)) {
        let workers = ids(&self.bed).await;
        inflict(&mut self).await;
        self.bed.client = self.bed.database.connect().await.unwrap();
        let jobs = i64::try_from(self.workers.len()).unwrap();
        self.wait_for(DONE, jobs).await;
        let rescued = self
            .bed
            .count("SELECT count(*) FROM soniq_jobs WHERE attempts <> 1")
            .await;
        let afresh = ids(&self.bed).await != workers;
        println!("{fault}: {rescued} of {jobs} jobs rescued");
        assert!(rescued == 0 && !afresh, "{fault}: {:?}", self.notes());
    }

    /// The server's processes, its first one first.
    fn server(&self) -> Vec<String> {
        let file = self
            .cluster
            .directory()
            .unwrap()
            .join("data/postmaster.pid");
        let first = fs::read_to_string(file).unwrap();
        let first = first.lines().next().unwrap();
        let others = Command::new("ps")
            .args(["-o", "pid=", "--ppid", first])
            .output();
        let others = String::from_utf8(others.unwrap().stdout).unwrap();
        let others = others.split_whitespace();
        std::iter::once(first)
            .chain(others)
            .map(str::to_owned)
            .collect()
    }
}

async fn ids(bed: &Bed) -> Vec<String> {
    let ids = "SELECT id::text FROM soniq_workers ORDER BY id";
    let rows = bed.client.query(ids, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
#[ignore = "takes a minute and a half"]
async fn a_stall_of_twenty_seconds() {
    let fleet = Fleet::at_work(4, 60).await;
    fleet
        .sees_nothing_in("a stall of 20 s", async |fleet| {
            let server = fleet.server();
            signal("-STOP", &server);
            tokio::time::sleep(Duration::from_secs(20)).await;
            signal("-CONT", &server);
        })
        .await;
}

#[tokio::test]
#[ignore = "takes two minutes"]
async fn a_restart_of_forty_seconds() {
    let fleet = Fleet::at_work(4, 80).await;
    fleet
        .sees_nothing_in("a restart of 40 s", async |fleet| {
            // As in a crash.
            signal("-QUIT", &fleet.server()[..1]);
            tokio::time::sleep(Duration::from_secs(40)).await;
            let cluster = Arc::clone(&fleet.cluster);
            let start = move || cluster.restart().unwrap();
            tokio::task::spawn_blocking(start).await.unwrap();
        })
        .await;
}

#[tokio::test]
#[ignore = "takes a minute and a half"]
async fn a_failover() {
    let fleet = Fleet::at_work(4, 60).await;
    fleet
        .sees_nothing_in("a failover", async |fleet| {
            fleet.cluster.fail_over().await.unwrap();
        })
        .await;
}

#[tokio::test]
#[ignore = "takes a minute and a half"]
async fn the_loss_of_every_connection() {
    let fleet = Fleet::at_work(4, 60).await;
    fleet
        .sees_nothing_in("the loss of every connection", async |fleet| {
            let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
            assert!(fleet.bed.count(others).await >= 4);
        })
        .await;
}

/// Seconds from the kill until the job of the killed worker starts elsewhere, by the server's clock.
async fn rescue_takes(fleet: &Fleet) -> f64 {
    fleet
        .wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE attempts = 2 AND status = 'processing'",
            1,
        )
        .await;
    let seconds = "SELECT extract(epoch FROM updated_at - at)::float8 FROM soniq_jobs, killed
                   WHERE attempts = 2";
    fleet
        .bed
        .client
        .query_one(seconds, &[])
        .await
        .unwrap()
        .get(0)
}

async fn kill(fleet: &mut Fleet) {
    let killed = "CREATE TABLE killed AS SELECT clock_timestamp() AS at";
    fleet.bed.client.batch_execute(killed).await.unwrap();
    drop(fleet.workers.pop());
}

#[tokio::test]
#[ignore = "takes twenty seconds"]
async fn a_worker_killed_beside_one_that_lives() {
    let mut fleet = Fleet::at_work(1, 60).await;
    let neighbour = fleet.start();
    fleet
        .wait_for("SELECT count(*) FROM soniq_workers", 2)
        .await;
    kill(&mut fleet).await;
    let seconds = rescue_takes(&fleet).await;
    println!("kill -9 beside a neighbour: rescued after {seconds:.1} s");
    assert!(seconds <= RESCUE);
    drop(neighbour);
}

/// As one that its service manager starts again.
#[tokio::test]
#[ignore = "takes twenty seconds"]
async fn a_worker_killed_before_another_one_starts() {
    let mut fleet = Fleet::at_work(1, 60).await;
    kill(&mut fleet).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let next = fleet.start();
    let seconds = rescue_takes(&fleet).await;
    println!("kill -9, and a worker started half a second later: rescued after {seconds:.1} s");
    assert!(seconds <= RESCUE);
    drop(next);
}

#[tokio::test]
#[ignore = "takes six minutes"]
async fn a_worker_that_stands_still_for_longer_than_the_heartbeat_timeout() {
    let mut fleet = Fleet::at_work(1, 400).await;
    let still = fleet.workers.pop().unwrap();
    still.signal("-STOP");
    let killed = "CREATE TABLE killed AS SELECT clock_timestamp() AS at";
    fleet.bed.client.batch_execute(killed).await.unwrap();
    let other = fleet.start();
    let seconds = rescue_takes(&fleet).await;
    let row = || async {
        let row = "SELECT ctid::text || xmin::text FROM soniq_jobs";
        fleet
            .bed
            .client
            .query_one(row, &[])
            .await
            .unwrap()
            .get::<_, String>(0)
    };
    let before = row().await;
    still.signal("-CONT");
    fleet
        .wait_for("SELECT count(*) FROM soniq_workers", 2)
        .await;
    let cancelled = format!("cancelled 1 {}", still.0.id());
    let deadline = Instant::now() + Duration::from_secs(30);
    while !fleet.notes().contains(&cancelled) {
        assert!(Instant::now() < deadline, "{:?}", fleet.notes());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(row().await, before, "it changes nothing");
    println!("SIGSTOP: rescued after {seconds:.1} s; woken, its handler was cancelled");
    assert!(seconds >= 295.0, "not before the timeout");
    drop(other);
}
