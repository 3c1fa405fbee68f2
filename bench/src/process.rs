//! Workers in processes of their own, the way that users run them.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use soniq_runtime::{Settings, Soniq, Worker};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

use crate::Failure;
use crate::cost::{memory, own_cpu};
use crate::probe;

/// What a worker is to do, and how it is set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    /// Jobs at once.
    pub concurrency: usize,
    /// Whether finished rows stay for a while.
    pub kept: bool,
    /// From where it claims; those of its handlers when empty.
    pub queues: Vec<String>,
    /// After how many jobs it stops; once nothing is due if `None`.
    pub jobs: Option<u64>,
    /// After how many seconds it stops at the latest.
    pub seconds: u64,
    /// What a handler takes.
    pub milliseconds: u64,
    /// Whether it also has a handler of [`probe::BLOCKED`].
    pub keyed: bool,
}

impl Work {
    /// A backlog that is worked off, for a minute at most.
    pub fn drain(concurrency: usize, kept: bool) -> Self {
        Work {
            concurrency,
            kept,
            queues: Vec::new(),
            jobs: None,
            seconds: 60,
            milliseconds: 0,
            keyed: false,
        }
    }

    fn settings(&self, url: String) -> Settings {
        let mut settings = Settings::default();
        settings.database_url = Some(url);
        settings.concurrency = self.concurrency;
        if !self.kept {
            settings.result_ttl = Duration::ZERO;
        }
        settings
    }
}

/// What a worker tells of itself at its end.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Worked {
    /// Jobs that ended.
    pub jobs: u64,
    /// From the start of the worker to the end of the last of them.
    pub seconds: f64,
    /// Seconds of processors.
    pub cpu: f64,
    /// KiB before the worker connected.
    pub rest: u64,
    /// KiB at most.
    pub peak: u64,
}

/// Runs `work` in so many processes, which start together, and adds up what they tell: the time is
/// that of the slowest, memory that of the largest.
///
/// # Errors
/// A process does not start, or fails.
pub async fn run(url: &str, work: &Work, processes: usize) -> Result<Worked, Failure> {
    let mut children = Vec::new();
    for _ in 0..processes {
        children.push(Process::start(url, work)?);
    }
    for child in &mut children {
        child.ready().await?;
    }
    for child in &mut children {
        child.go().await?;
    }
    let mut sum = Worked::default();
    for child in &mut children {
        let one: Worked = serde_json::from_str(&child.line().await?)?;
        sum.jobs += one.jobs;
        sum.cpu += one.cpu;
        sum.seconds = sum.seconds.max(one.seconds);
        sum.rest = sum.rest.max(one.rest);
        sum.peak = sum.peak.max(one.peak);
    }
    for mut child in children {
        child.child.wait().await?;
    }
    Ok(sum)
}

/// A child that says when it is ready and waits to be told to go.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this program again, as a worker.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start(url: &str, work: &Work) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--worker")
            .arg(serde_json::to_string(work)?)
            .env("SONIQ_DATABASE_URL", url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no standard input")?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        Ok(Process {
            child,
            stdin,
            stdout: BufReader::new(stdout).lines(),
        })
    }

    /// Waits until it could begin.
    ///
    /// # Errors
    /// It ended instead.
    pub async fn ready(&mut self) -> Result<(), Failure> {
        self.line().await.map(drop)
    }

    /// Lets it begin.
    ///
    /// # Errors
    /// It has ended.
    pub async fn go(&mut self) -> Result<(), Failure> {
        Ok(self.stdin.write_all(b"go\n").await?)
    }

    /// Ends it as a crash does.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }

    /// What it tells next.
    ///
    /// # Errors
    /// It ended instead.
    pub async fn line(&mut self) -> Result<String, Failure> {
        let line = self.stdout.next_line().await?;
        line.ok_or_else(|| "a worker ended before its time; it said why above".into())
    }
}

/// The process of a worker: does what it is told to, and tells what that took.
///
/// # Errors
/// As for [`Worker::run_once`].
pub async fn work(work: Work) -> Result<(), Failure> {
    let soniq = Soniq::with_settings(work.settings(std::env::var("SONIQ_DATABASE_URL")?))?;
    let seen = Arc::new(AtomicU64::new(0));
    let (enough, stop) = watch::channel(false);
    let counted = Arc::clone(&seen);
    let most = work.jobs.unwrap_or(u64::MAX);
    let count = move || {
        if counted.fetch_add(1, Ordering::Relaxed) + 1 == most {
            enough.send_replace(true);
        }
    };
    let handler = match work.milliseconds {
        0 => probe::handler(move |_| count()),
        time => probe::slow(Duration::from_millis(time), count),
    };
    let mut builder = Worker::builder(&soniq).handler(handler);
    if work.keyed {
        builder = builder.handler(probe::blocked());
    }
    if !work.queues.is_empty() {
        builder = builder.queues(work.queues.clone());
    }
    let worker = builder.build()?;
    let (rest, _) = memory();
    println!("ready");
    let mut line = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut line)
        .await?;

    let started = Instant::now();
    let limit = Duration::from_secs(work.seconds);
    let (jobs, took) = if work.jobs.is_some() {
        let stopped = || {
            let mut stop = stop.clone();
            async move {
                // An error means that the handler is gone, and with it the worker.
                let _ = tokio::time::timeout(limit, stop.wait_for(|enough| *enough)).await;
            }
        };
        let mut took = None;
        let reached = async {
            stopped().await;
            took = Some(started.elapsed());
        };
        worker.run_until_forced(reached, stopped()).await?;
        (
            seen.load(Ordering::Relaxed).min(most),
            took.unwrap_or(limit),
        )
    } else {
        match tokio::time::timeout(limit, worker.run_once()).await {
            Ok(ended) => (ended?, started.elapsed()),
            Err(_) => (seen.load(Ordering::Relaxed), limit),
        }
    };
    let worked = Worked {
        jobs,
        seconds: took.as_secs_f64(),
        cpu: own_cpu(),
        rest,
        peak: memory().1,
    };
    println!("{}", serde_json::to_string(&worked)?);
    Ok(())
}
