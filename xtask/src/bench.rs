//! `cargo xtask bench`: this project against the bare database, on a throwaway server.

use std::process::ExitCode;

use crate::postgres::{self, WhenMissing};
use crate::steps::Steps;
use crate::test::cargo;

/// Where a full run leaves its figures; a quick one only prints them.
const RESULTS: &str = "bench/results";

/// Hands `options` on to the program, which says what it takes.
pub(crate) fn run(options: &[&str]) -> ExitCode {
    let mut command = cargo("run");
    command
        .args(["--quiet", "--release", "--package", "soniq-bench"])
        .args(["--bin", "soniq-bench", "--"])
        .args(options);
    if !options.contains(&"--quick") {
        command.args(["--out", RESULTS]);
    }
    let mut steps = Steps::new();
    steps
        .step("postgres", "look for a PostgreSQL server", || {
            postgres::ensure(WhenMissing::Install)
        })
        .command("bench", &mut command);
    steps.finish()
}
