//! `cargo xtask upgrade`: the programs of an earlier release and those of this one share a database.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::steps::{Failure, Steps, run as run_command};
use crate::test::cargo;

/// The programs that run side by side, by package.
const PROGRAMS: [&str; 2] = ["cross-service-consumer", "cross-service-producer"];

/// Where the test is told the folder of the earlier release's programs.
const VARIABLE: &str = "SONIQ_EARLIER_PROGRAMS";

/// Builds what `from` holds, or the newest tag, and runs the test with it.
pub(crate) fn run(from: Option<&str>) -> ExitCode {
    let release = match from.map_or_else(newest_release, |from| Ok(Some(from.to_owned()))) {
        Ok(Some(release)) => release,
        Ok(None) => {
            println!("no tag v* yet: there is no earlier release to compare with (see --from)");
            return ExitCode::SUCCESS;
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            return ExitCode::FAILURE;
        }
    };
    let earlier = Earlier::new();
    let mut steps = Steps::new();
    steps
        .step("checkout", &format!("git worktree of {release}"), || {
            earlier.check_out(&release)
        })
        .command("earlier build", &mut earlier.build())
        .command(
            "upgrade",
            cargo("test")
                .args(["--quiet", "--package", "soniq-tests", "--test", "e2e"])
                .args(["--", "upgrade::", "--nocapture"])
                .env(VARIABLE, earlier.programs()),
        );
    steps.finish()
}

/// The tag of the newest release, if there is one.
fn newest_release() -> Result<Option<String>, Failure> {
    let output = git(&["tag", "--list", "v*", "--sort=-version:refname"])
        .output()
        .map_err(|error| format!("could not run git: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let tags = String::from_utf8_lossy(&output.stdout);
    Ok(tags.lines().next().map(str::to_owned))
}

fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root()).args(arguments);
    command
}

fn root() -> &'static Path {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    ours.parent().expect("xtask is a folder of the workspace")
}

/// An earlier release: its sources, and a target folder of its own, so that its programs do not
/// replace ours.
struct Earlier {
    sources: PathBuf,
    target: PathBuf,
}

impl Earlier {
    fn new() -> Self {
        let folder = root().join("target/upgrade");
        Earlier {
            sources: folder.join("sources"),
            target: folder.join("target"),
        }
    }

    /// The worktree stays for the next time, as what it was built into does.
    fn check_out(&self, release: &str) -> Result<(), Failure> {
        if self.sources.exists() {
            return run_command(
                git(&["checkout", "--quiet", "--detach", release]).current_dir(&self.sources),
            );
        }
        // One whose folder was deleted by hand is still on git's list.
        run_command(&mut git(&["worktree", "prune"]))?;
        run_command(
            git(&["worktree", "add", "--quiet", "--detach"])
                .arg(&self.sources)
                .arg(release),
        )
    }

    fn build(&self) -> Command {
        let mut command = cargo("build");
        command
            .current_dir(&self.sources)
            .args(["--quiet", "--locked", "--target-dir"])
            .arg(&self.target);
        for program in PROGRAMS {
            command.args(["--package", program]);
        }
        command
    }

    fn programs(&self) -> PathBuf {
        self.target.join("debug")
    }
}
