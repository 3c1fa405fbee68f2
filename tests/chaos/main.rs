//! Producers, workers and schedulers as processes, killed, stopped and cut off at random; and then the
//! books are checked. `cargo xtask chaos --minutes 20` runs for longer than the suite does.
//!
//! This program is all of the processes: the first argument says which. The seed decides which faults
//! come when; what the processes are doing at that moment is the machine's affair. With `CHAOS_LOG` in
//! the environment the processes say what troubles them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod books;
mod faults;
mod fleet;
mod proxy;
mod roles;

use std::time::Duration;

/// What the suite runs.
const SHORT: Duration = Duration::from_secs(120);

/// How long the workers may take for what is left when all faults are over.
const DRAINING: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let ["producer" | "worker" | "scheduler"] = arguments.as_slice() {
        roles::end_with_the_fleet();
    }
    match arguments.as_slice() {
        ["producer"] => roles::produce().await,
        ["worker"] => roles::work().await,
        ["scheduler"] => roles::schedule().await,
        ["run", options @ ..] => match read(options) {
            Ok((time, seed)) => chaos(time, seed).await,
            Err(problem) => {
                eprintln!("error: {problem}\nusage: cargo xtask chaos [--minutes N] [--seed S]");
                std::process::exit(2);
            }
        },
        // From `cargo test`: options of its harness, and filters that may mean other tests.
        filters => {
            // `cargo xtask test` has it run while other tests do.
            let is_elsewhere = std::env::var_os("CHAOS_RUNS_BESIDE").is_some();
            let means_this = |filter: &&str| filter.starts_with('-') || "chaos".contains(*filter);
            let is_meant = filters.iter().all(means_this) && !filters.contains(&"--list");
            if is_meant && !is_elsewhere {
                chaos(SHORT, fastrand::u64(..1_000_000)).await;
            }
        }
    }
}

/// How long to run, and the seed of the faults.
fn read(options: &[&str]) -> Result<(Duration, u64), String> {
    let (mut time, mut seed) = (SHORT, fastrand::u64(..1_000_000));
    let mut options = options.iter();
    while let Some(&option) = options.next() {
        let mut value = || options.next().ok_or(format!("{option} lacks its value"));
        match option {
            "--minutes" => {
                let minutes = value()?.parse().ok().map(|minutes: f64| minutes * 60.0);
                let seconds = minutes.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                time = seconds.ok_or("--minutes takes a number from 0")?;
            }
            "--seed" => {
                let number = value()?.parse();
                seed = number.map_err(|_| "--seed takes a whole number")?;
            }
            _ => return Err(format!("there is no option {option}")),
        }
    }
    Ok((time, seed))
}

async fn chaos(time: Duration, seed: u64) {
    println!("chaos: {} s, seed {seed}", time.as_secs());
    fastrand::seed(seed);
    let mut fleet = fleet::Fleet::launch().await;
    let told = faults::inflict(&mut fleet, time, time > SHORT).await;
    fleet.stop_producing().await;
    let drained = fleet.drain(DRAINING).await;
    println!("{told}");
    let books = books::check(&fleet.client().await).await;
    println!("{books}");
    assert!(drained, "jobs are left that nobody runs");
    fleet.stop_workers().await;
    assert!(
        books.problems.is_empty(),
        "the books do not balance (seed {seed})"
    );
}
