//! This project against the bare database, on one server in one run.
//!
//! `cargo xtask bench`, or `cargo run --release -p soniq-bench --bin soniq-bench -- --help`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use soniq_bench::process::{self, Work};
use soniq_bench::report::{Figure, Report};
use soniq_bench::run::{Plan, run};
use soniq_bench::{Failure, Size, plots, told};

const USAGE: &str = "\
usage: soniq-bench [--quick | --long] [--drain] [--growth] [--peers PROGRAM]
                   [--only] [--rounds N] [--out FOLDER] [--given WHAT=N]...

--quick         a tenth of the jobs: to see that it runs, not for figures
--long          half an hour at a steady rate, a transaction held for ten minutes
--drain         this project's drains only, and nothing to compare with
--growth        also the same drain as tables grow, and a steady rate over time
--peers PROGRAM also other queues, by the program of bench/peers
--only          without what every run has: only growth or peers
--rounds N      how often what has an aim is measured, for the median; 3, or 1 if quick
--out FOLDER    write DATE.md, DATE.json and plots there, beside what is printed
--given WHAT=N  a figure that was counted before, to be reported with the others
";

/// What to do.
enum Task {
    Help,
    Measure(Plan, Option<PathBuf>),
    /// The process of a worker, started by a measurement.
    Work(Work),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match parse(lexopt::Parser::from_env()) {
        Ok(Task::Help) => {
            print!("{USAGE}");
            Ok(())
        }
        Ok(Task::Work(work)) => process::work(work).await,
        Ok(Task::Measure(plan, out)) => measure(plan, out).await,
        Err(error) => {
            eprint!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", told(&failure));
            ExitCode::FAILURE
        }
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt as _};
    let mut size = Size::Full;
    let mut rounds = None;
    let mut drain_only = false;
    let mut only = false;
    let mut growth = false;
    let mut peers = None;
    let mut given = Vec::new();
    let mut out = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("quick") => size = Size::Quick,
            Long("long") => (size, growth) = (Size::Long, true),
            Long("only") => only = true,
            Long("growth") => growth = true,
            Long("peers") => peers = Some(parser.value()?.into()),
            Long("drain") => drain_only = true,
            Long("rounds") => rounds = Some(parser.value()?.parse()?),
            Long("out") => out = Some(parser.value()?.into()),
            Long("given") => given.push(parser.value()?.parse_with(given_figure)?),
            Long("worker") => {
                let work = parser
                    .value()?
                    .parse_with(|text| serde_json::from_str(text))?;
                return Ok(Task::Work(work));
            }
            other => return Err(other.unexpected()),
        }
    }
    let plan = Plan {
        size,
        rounds: rounds.unwrap_or(size.pick(1, 3, 3)),
        drain_only,
        only,
        growth,
        peers,
        given,
    };
    Ok(Task::Measure(plan, out))
}

fn given_figure(text: &str) -> Result<Figure, String> {
    let (what, count) = text
        .split_once('=')
        .ok_or("is no name and count with = between")?;
    let count: u32 = count.parse().map_err(|error| format!("{count}: {error}"))?;
    Ok(Figure::plain(what, f64::from(count), ""))
}

async fn measure(plan: Plan, out: Option<PathBuf>) -> Result<(), Failure> {
    let stem = plan.stem();
    let report = run(plan).await?;
    if let Some(folder) = out {
        write(&report, &folder, &format!("{}{stem}", report.date))?;
    }
    print!("{}", report.markdown(&[]));
    Ok(())
}

/// The figures first: a plot that cannot be drawn must not cost them.
fn write(report: &Report, folder: &Path, stem: &str) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let json = serde_json::to_string_pretty(&report)?;
    fs::write(folder.join(format!("{stem}.json")), json + "\n")?;
    let markdown = folder.join(format!("{stem}.md"));
    fs::write(&markdown, report.markdown(&[]))?;
    let plots = plots::write(report, folder, stem)?;
    fs::write(&markdown, report.markdown(&plots))?;
    Ok(())
}
