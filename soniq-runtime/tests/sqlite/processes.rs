//! Several processes on one file: each job runs once, and one process takes over from another.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use soniq_runtime::{JobError, Soniq, Status, Worker};

use crate::probe::{counting, eventually, handler, probe, quick, task};
use crate::work::{bed, open};

/// Where a child finds the file.
const FILE: &str = "SONIQ_TEST_FILE";

/// Not a test: the worker of a child process. It notes each run in a file beside the database; a job
/// whose number is negative never ends.
#[tokio::test]
#[ignore = "run by the tests below"]
async fn child() {
    let Ok(path) = std::env::var(FILE) else {
        return;
    };
    let soniq = Soniq::with_settings(quick(&format!("sqlite://{path}"))).unwrap();
    let runs = PathBuf::from(path).with_extension("runs");
    let noting = handler(move |args: crate::probe::Probe, _| {
        let runs = runs.clone();
        async move {
            let mut runs = fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(runs)?;
            runs.write_all(format!("{} {}\n", args.n, std::process::id()).as_bytes())?;
            if args.n < 0 {
                std::future::pending::<()>().await;
            }
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&soniq).handler(noting).concurrency(8);
    worker
        .build()
        .unwrap()
        .run_until(std::future::pending())
        .await
        .unwrap();
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // As a crash ends it.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn start(path: &Path) -> Process {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "processes::child"])
        .env(FILE, path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(child.unwrap())
}

fn runs(path: &Path) -> Vec<(i64, u32)> {
    let text = fs::read_to_string(path.with_extension("runs")).unwrap_or_default();
    let run = |line: &str| {
        let (job, process) = line.split_once(' ').unwrap();
        (job.parse().unwrap(), process.parse().unwrap())
    };
    text.lines().map(run).collect()
}

#[tokio::test]
async fn two_processes_share_a_file_and_each_job_runs_once() {
    let (folder, soniq) = bed().await;
    let path = folder.path().join("jobs.db");
    let _workers = [start(&path), start(&path)];
    let both = async || soniq.stats().await.unwrap().workers.len() == 2;
    assert!(eventually(both).await);
    for first in (0..400).step_by(20) {
        let jobs = (first..first + 20).map(probe);
        task().enqueue_many(&soniq, jobs).await.unwrap();
    }
    let done = async || soniq.stats().await.unwrap().queues[0].done == 400;
    assert!(eventually(done).await);
    let runs = runs(&path);
    let mut jobs: Vec<i64> = runs.iter().map(|(job, _)| *job).collect();
    jobs.sort_unstable();
    assert_eq!(jobs, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_jobs_of_a_killed_process_are_rescued_by_its_lock() {
    let (folder, soniq) = bed().await;
    let path = folder.path().join("jobs.db");
    let id = task().enqueue(&soniq, probe(-1)).await.unwrap().id();
    let process = start(&path);
    assert!(eventually(async || runs(&path).len() == 1).await);
    // A live worker keeps its job, however long it runs.
    let (counted, ran) = counting();
    let worker = Worker::builder(&soniq).handler(counted).build().unwrap();
    let running = crate::probe::Running::start(worker);
    let beats = Instant::now();
    let three = async || beats.elapsed() > Duration::from_secs(2);
    assert!(eventually(three).await);
    let job = soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Processing);
    // The timeout is five minutes: only the lock can tell.
    drop(process);
    let is_done = async || {
        let job = soniq.jobs().get(id).await.unwrap().unwrap();
        job.status == Status::Done
    };
    assert!(eventually(is_done).await);
    assert_eq!(*ran.lock().unwrap(), [-1]);
    assert_eq!(soniq.jobs().get(id).await.unwrap().unwrap().attempts, 2);
    running.stop().await;
    let files = fs::read_dir(folder.path()).unwrap();
    let left = files.filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_str().unwrap().contains("-worker-")
    });
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn many_may_set_up_a_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let setups = (0..8).map(|_| {
        let soniq = open(&folder, |_| ());
        tokio::spawn(async move { soniq.setup().await })
    });
    let mut applied = 0;
    for setup in setups.collect::<Vec<_>>() {
        applied += setup.await.unwrap().unwrap().len();
    }
    assert_eq!(applied, 1);
}
