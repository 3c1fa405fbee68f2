//! Drives one queue: `peers NAME [--best] prepare N | enqueue WRITERS SECONDS | drain N`, with
//! `DATABASE_URL` set. Tells in JSON what was done.

mod peer;
mod peers;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use peer::{Failure, Peer, Seen, Setting};

const USAGE: &str = "\
usage: peers NAME [--best] prepare N | enqueue WRITERS SECONDS | drain N
NAME is graphile_worker, riverqueue, apalis-postgres, awa or underway
";

/// How long a drain may take.
const PATIENCE: Duration = Duration::from_secs(12);

/// Connections of a worker and of who fills its queue.
const CONNECTIONS: u32 = 20;

#[derive(Debug, Clone, Copy)]
enum Job {
    Prepare { jobs: u32 },
    Enqueue { writers: u32, time: Duration },
    Drain { jobs: u32 },
}

/// What was done.
#[derive(Debug, Serialize)]
struct Told {
    jobs: u32,
    seconds: f64,
    /// Seconds of processors of this process.
    cpu: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let (name, setting, job) = match parse(lexopt::Parser::from_env()) {
        Ok(parsed) => parsed,
        Err(error) => {
            eprint!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let done = match name.as_str() {
        "graphile_worker" => run::<peers::graphile::Graphile>(setting, job).await,
        "riverqueue" => run::<peers::river::River>(setting, job).await,
        "apalis-postgres" => run::<peers::apalis::Apalis>(setting, job).await,
        "awa" => run::<peers::awa::Awa>(setting, job).await,
        "underway" => run::<peers::underway::Underway>(setting, job).await,
        other => Err(format!("no queue is called {other}\n\n{USAGE}").into()),
    };
    let told = done.and_then(|told| Ok(serde_json::to_string(&told)?));
    match told {
        Ok(told) => {
            println!("{told}");
            // Workers are in the middle of something, and some take long to stop.
            std::process::exit(0);
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<(String, Setting, Job), lexopt::Error> {
    use lexopt::prelude::{Long, Value, ValueExt as _};
    let mut setting = Setting::Default;
    let mut words = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("best") => setting = Setting::Best,
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, job) = match words[..] {
        [name, "prepare", jobs] => (
            name,
            Job::Prepare {
                jobs: number(jobs)?,
            },
        ),
        [name, "drain", jobs] => (
            name,
            Job::Drain {
                jobs: number(jobs)?,
            },
        ),
        [name, "enqueue", writers, seconds] => {
            let seconds = seconds.parse::<f64>().map_err(|error| error.to_string())?;
            let time = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
            let writers = number(writers)?;
            (name, Job::Enqueue { writers, time })
        }
        _ => return Err("what is it to do?".into()),
    };
    Ok((name.to_owned(), setting, job))
}

async fn run<P: Peer>(setting: Setting, job: Job) -> Result<Told, Failure> {
    let url = std::env::var("DATABASE_URL")?;
    let connections = match job {
        Job::Enqueue { writers, .. } => writers,
        Job::Prepare { .. } | Job::Drain { .. } => CONNECTIONS,
    };
    let peer = P::connect(&url, setting, connections).await?;
    let started = Instant::now();
    let jobs = match job {
        Job::Prepare { jobs } => {
            peer.set_up().await?;
            peer.fill(jobs).await?;
            jobs
        }
        Job::Enqueue { writers, time } => enqueue(&peer, writers, started + time).await?,
        Job::Drain { jobs } => {
            let seen = Seen::of(jobs);
            tokio::select! {
                ended = peer.work(seen.clone()) => {
                    ended?;
                    return Err("the worker ended before its time".into());
                }
                jobs = seen.last(PATIENCE) => jobs,
            }
        }
    };
    Ok(Told {
        jobs,
        seconds: started.elapsed().as_secs_f64(),
        cpu: cpu(),
    })
}

async fn enqueue<P: Peer>(peer: &P, writers: u32, deadline: Instant) -> Result<u32, Failure> {
    let mut writing = JoinSet::new();
    for _ in 0..writers {
        let peer = peer.clone();
        writing.spawn(async move {
            let mut written = 0;
            while Instant::now() < deadline {
                peer.enqueue().await?;
                written += 1;
            }
            Ok::<u32, Failure>(written)
        });
    }
    let mut sum = 0;
    while let Some(written) = writing.join_next().await {
        sum += written??;
    }
    Ok(sum)
}

/// Where `/proc` tells; in steps of 10 ms.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields after the program's name, which ends with the last parenthesis.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(11).take(2);
    ticks
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
