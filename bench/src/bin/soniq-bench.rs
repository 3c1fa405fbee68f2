//! This project against the bare database, on one server in one run.
//!
//! `cargo xtask bench`, or `cargo run --release -p soniq-bench --bin soniq-bench -- --help`

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use soniq_bench::queue::Drain;
use soniq_bench::report::Report;
use soniq_bench::server::{Server, machine};
use soniq_bench::{Failure, Size, bare, queue, told};

const USAGE: &str = "\
usage: soniq-bench [--quick] [--drain] [--out FOLDER]

--quick         a tenth of the jobs: to see that it runs, not for figures
--drain         this project's drains only, and nothing to compare with
--out FOLDER    write DATE.md and DATE.json there, beside what is printed
";

/// What to do.
enum Task {
    Help,
    Measure(Options),
    /// The process of a worker, started by a measurement.
    Work(Drain),
}

struct Options {
    size: Size,
    drain_only: bool,
    out: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match parse(lexopt::Parser::from_env()) {
        Ok(Task::Help) => {
            print!("{USAGE}");
            Ok(())
        }
        Ok(Task::Work(drain)) => queue::work(drain).await,
        Ok(Task::Measure(options)) => measure(options).await,
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
    let mut options = Options {
        size: Size::Full,
        drain_only: false,
        out: None,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("quick") => options.size = Size::Quick,
            Long("drain") => options.drain_only = true,
            Long("out") => options.out = Some(parser.value()?.into()),
            Long("worker") => {
                let drain = parser
                    .value()?
                    .parse_with(|text| serde_json::from_str(text))?;
                return Ok(Task::Work(drain));
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Measure(options))
}

async fn measure(options: Options) -> Result<(), Failure> {
    let server = Server::start().await?;
    let size = options.size;
    let machine = machine();
    let settings = server.settings().await?;
    let (bare, soniq) = if options.drain_only {
        (Vec::new(), queue::drains(&server, size).await?)
    } else {
        (
            bare::measure(&server, size).await?,
            queue::measure(&server, size).await?,
        )
    };
    let report = Report {
        date: chrono::Utc::now().date_naive().to_string(),
        machine,
        settings,
        bare,
        soniq,
    };
    let text = report.markdown();
    print!("{text}");
    if let Some(folder) = options.out {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{}.md", report.date)), text)?;
        let json = serde_json::to_string_pretty(&report)?;
        fs::write(folder.join(format!("{}.json", report.date)), json + "\n")?;
    }
    Ok(())
}
