//! How long a service of 100 tasks is built again after a change in one handler, beside the same
//! service with its types written by hand.
//!
//! `cargo run --release -p soniq-bench --bin rebuild [ROUNDS [TASKS]]`

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use soniq_bench::Failure;
use soniq_bench::service::{CHANGED, Kind, write};

const USAGE: &str = "\
usage: rebuild [ROUNDS [TASKS]]
ROUNDS  how often each service is changed and built; 9 if not given
TASKS   how many tasks each has; 100 if not given
";

fn main() -> ExitCode {
    let numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let numbers = numbers.collect::<Result<Vec<_>, _>>().unwrap_or(vec![0]);
    let (rounds, tasks) = match numbers[..] {
        [] => (9, 100),
        [rounds] => (rounds, 100),
        [rounds, tasks] => (rounds, tasks),
        _ => (0, 0),
    };
    if rounds == 0 || tasks == 0 {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    }
    match measure(rounds, tasks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", soniq_bench::told(&failure));
            ExitCode::FAILURE
        }
    }
}

fn measure(rounds: usize, tasks: usize) -> Result<(), Failure> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let folder = tempfile::tempdir()?;
    let mut services = Vec::new();
    for kind in Kind::ALL {
        let service = Service {
            kind,
            folder: folder.path().join(kind.name()),
            // Kept from run to run: dependencies are not what is measured.
            target: repository.join("target/rebuild"),
        };
        write(kind, &service.folder, &repository, tasks)?;
        eprintln!("building {} for the first time", kind.name());
        service.build()?;
        services.push((service, Vec::new()));
    }
    // In turn, so that what else the machine does meets both.
    for round in 1..=rounds {
        for (service, times) in &mut services {
            service.change(round)?;
            times.push(service.build()?);
        }
    }
    println!("| service of {tasks} tasks | changed handler, built again | least |");
    println!("|---|--:|--:|");
    let mut medians = Vec::new();
    for (service, times) in &mut services {
        times.sort_unstable();
        let (median, least) = (times[times.len() / 2], times[0]);
        println!("| {} | {median:.2?} | {least:.2?} |", service.kind.name());
        medians.push(median.as_secs_f64());
    }
    println!("\nratio of the medians: {:.2}", medians[0] / medians[1]);
    Ok(())
}

/// A service on disk.
struct Service {
    kind: Kind,
    folder: PathBuf,
    target: PathBuf,
}

impl Service {
    /// Edits the body of one handler, as a programmer would.
    fn change(&self, round: usize) -> Result<(), Failure> {
        let path = self.folder.join("src/handlers/work_000.rs");
        let text = std::fs::read_to_string(&path)?;
        let (before, value) = text.split_once(CHANGED).ok_or("nothing to change")?;
        let (_, after) = value.split_once(';').ok_or("nothing to change")?;
        std::fs::write(&path, format!("{before}{CHANGED}{round};{after}"))?;
        Ok(())
    }

    fn build(&self) -> Result<Duration, Failure> {
        let start = Instant::now();
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--offline"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .output()?;
        if output.status.success() {
            Ok(start.elapsed())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
        }
    }
}
