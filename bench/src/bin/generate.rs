//! How long contracts take to become Rust, part by part, and whether the cost is linear.
//!
//! `cargo run --release -p soniq-bench --bin generate [RUNS [TASKS]]`

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use soniq_bench::contracts::{Kind, files};
use soniq_codegen::{Options, render, write};

type Failure = Box<dyn std::error::Error>;

/// The times of one run.
struct Run {
    load: Duration,
    /// Types chosen, and everything checked that can be wrong; part of `render`.
    shape: Duration,
    render: Duration,
    write: Duration,
    /// A second write of the same files.
    again: Duration,
}

impl Run {
    /// What a build script pays: load, render, write.
    fn total(&self) -> Duration {
        self.load + self.render + self.write
    }
}

const USAGE: &str = "\
usage: generate [RUNS [TASKS]]
RUNS   of how many runs the median is printed; 7 if not given
TASKS  the number of tasks, instead of 250 to 4000
";

fn main() -> ExitCode {
    let numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let Ok(numbers) = numbers.collect::<Result<Vec<_>, _>>() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match numbers[..] {
        [] => table(7, &SIZES),
        [runs] if runs > 0 => table(runs, &SIZES),
        [runs, tasks] if runs > 0 => table(runs, &[tasks]),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

const SIZES: [usize; 5] = [250, 500, 1000, 2000, 4000];

fn table(runs: usize, sizes: &[usize]) -> Result<(), Failure> {
    println!("milliseconds; median of {runs} runs; least: the total of the fastest run;");
    println!(
        "cpu: user and system time of one run; again: a second write, which changes nothing\n"
    );
    println!("| tasks       |  load | shape | render | write | total | least | again |   cpu |");
    println!("|-------------|-------|-------|--------|-------|-------|-------|-------|-------|");
    for kind in Kind::ALL {
        for tasks in sizes {
            row(kind, *tasks, runs)?;
        }
    }
    Ok(())
}

fn row(kind: Kind, tasks: usize, runs: usize) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let contracts = folder.path().join("contracts");
    std::fs::create_dir(&contracts)?;
    for (name, text) in files(kind, tasks) {
        std::fs::write(contracts.join(name), text)?;
    }
    let before = cpu_time();
    let mut all = Vec::new();
    for index in 0..runs {
        all.push(run(&contracts, &folder.path().join(index.to_string()))?);
    }
    let cpu = before.zip(cpu_time()).map(|(before, after)| {
        // The second shaping and the second write are measured for themselves, and no one's cost.
        let extra: Duration = all.iter().map(|run| run.shape + run.again).sum();
        millis(after.saturating_sub(before).saturating_sub(extra)) / as_float(runs)
    });
    let cpu = cpu.map_or("-".to_owned(), |cpu| format!("{cpu:.0}"));
    let median = |part: fn(&Run) -> Duration| {
        let mut times: Vec<Duration> = all.iter().map(part).collect();
        times.sort_unstable();
        millis(times[times.len() / 2])
    };
    let least = all.iter().map(Run::total).min().unwrap_or_default();
    println!(
        "| {:<5} {tasks:>5} | {:>5.0} | {:>5.0} | {:>6.0} | {:>5.0} | {:>5.0} | {:>5.0} | {:>5.0} | {cpu:>5} |",
        kind.name(),
        median(|run| run.load),
        median(|run| run.shape),
        median(|run| run.render),
        median(|run| run.write),
        median(Run::total),
        millis(least),
        median(|run| run.again),
    );
    Ok(())
}

fn run(contracts: &Path, out: &Path) -> Result<Run, Failure> {
    let start = Instant::now();
    let loaded = soniq_schema::load(contracts);
    let load = start.elapsed();
    if !loaded.is_ok() {
        return Err(format!("{:?}", loaded.diagnostics.first()).into());
    }

    // Of no namespace at all: everything is read and shaped, nothing is written.
    let none = Options {
        namespaces: Some(Vec::new()),
        ..Options::default()
    };
    let start = Instant::now();
    render(&loaded.contracts, &none).map_err(|problems| format!("{:?}", problems.first()))?;
    let shape = start.elapsed();

    let start = Instant::now();
    let files = render(&loaded.contracts, &Options::default())
        .map_err(|problems| format!("{:?}", problems.first()))?;
    let rendered = start.elapsed();

    let start = Instant::now();
    write(out, &files)?;
    let written = start.elapsed();

    let start = Instant::now();
    let changes = write(out, &files)?;
    let again = start.elapsed();
    if !changes.is_empty() {
        return Err(format!("a second write changed {:?}", changes.written).into());
    }
    Ok(Run {
        load,
        shape,
        render: rendered,
        write: written,
        again,
    })
}

/// What this process has used of all cores, where `/proc` tells; in steps of 10 ms.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The fields after the program's name, which ends with the last parenthesis.
    let fields = stat.rsplit_once(") ")?.1;
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Some(Duration::from_millis(ticks * 10))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
