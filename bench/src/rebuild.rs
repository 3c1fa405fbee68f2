//! How long a service is built again after a change in one handler, beside the same service with its
//! types written by hand. The binary `rebuild` measures nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::cost::ended_children_cpu;
use crate::report::{Figure, say};
use crate::service::{CHANGED, Kind, write};
use crate::{Failure, Size};

/// Tasks of each service.
pub const TASKS: usize = 100;

/// How often each service is changed and built.
pub const ROUNDS: usize = 9;

/// The name of the figure of a service's build.
pub fn name(kind: Kind, tasks: usize) -> String {
    let kind = match kind {
        Kind::Generated => "generated",
        Kind::ByHand => "by hand",
    };
    format!("one handler of {tasks} changed, built again: {kind}")
}

/// Seconds of all processors, since those of the clock are anybody's on a shared machine.
fn cpu(of: &str) -> String {
    format!("{of}, CPU")
}

/// The name of the figure that is held against the aim.
pub fn aim() -> String {
    cpu(&name(Kind::Generated, TASKS))
}

/// Measures it, but for a quick run: building dependencies alone takes minutes.
///
/// # Errors
/// A service cannot be written, or does not build.
pub fn measure(size: Size) -> Result<Vec<Figure>, Failure> {
    match size {
        Size::Quick => Ok(Vec::new()),
        Size::Full | Size::Long => compare(ROUNDS, TASKS),
    }
}

/// Builds both so many times, in turn, so that what else the machine does meets both; a figure for
/// each round.
///
/// # Errors
/// A service cannot be written, or does not build.
pub fn compare(rounds: usize, tasks: usize) -> Result<Vec<Figure>, Failure> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let folder = tempfile::tempdir()?;
    let mut services = Vec::new();
    for kind in Kind::ALL {
        let service = Service {
            folder: folder.path().join(kind.name()),
            // Kept from run to run: dependencies are not what is measured.
            target: repository.join("target/rebuild"),
        };
        write(kind, &service.folder, &repository, tasks)?;
        say(&format!("building {} for the first time", kind.name()));
        service.build()?;
        services.push((name(kind, tasks), service));
    }
    let by_hand = name(Kind::ByHand, tasks);
    let mut figures = Vec::new();
    for round in 1..=rounds {
        for (name, service) in &services {
            say(&format!("{name}, round {round} of {rounds}"));
            service.change(round)?;
            let (wall, used) = service.build()?;
            for (name, other, value) in [
                (name.clone(), by_hand.clone(), wall),
                (cpu(name), cpu(&by_hand), used),
            ] {
                let figure = Figure::plain(name, value, "s");
                let is_other = figure.what == other;
                figures.push(if is_other {
                    figure
                } else {
                    figure.against(other)
                });
            }
        }
    }
    Ok(figures)
}

/// A service on disk.
struct Service {
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

    /// Seconds by the clock, and of all processors.
    fn build(&self) -> Result<(f64, f64), Failure> {
        let (start, before) = (Instant::now(), ended_children_cpu());
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--offline"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .output()?;
        if output.status.success() {
            Ok((start.elapsed().as_secs_f64(), ended_children_cpu() - before))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
        }
    }
}
