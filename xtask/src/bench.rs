//! `cargo xtask bench`: this project against the bare database, and against other queues, on a
//! throwaway server.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::crate_count;
use crate::postgres::{self, WhenMissing};
use crate::steps::Steps;
use crate::test::cargo;

/// Where a full run leaves its figures; a quick one only prints them.
const RESULTS: &str = "bench/results";

/// The other queues, in a workspace of their own.
const PEERS: &str = "bench/peers/Cargo.toml";
/// Their build lies beside ours, to go with it.
const PEERS_TARGET: &str = "target/peers";
const PEERS_PROGRAM: &str = "target/peers/release/soniq-bench-peers";

/// Hands `options` on to the program, which says what it takes. For `--peers` it builds them first.
pub(crate) fn run(options: &[&str]) -> ExitCode {
    let mut steps = Steps::new();
    steps.step("postgres", "look for a PostgreSQL server", || {
        postgres::ensure(WhenMissing::Install)
    });
    if options.contains(&"--peers") {
        steps.command("peers", &mut build_peers());
    }
    let mut command = match measure(options) {
        Ok(command) => command,
        Err(failure) => {
            return steps.step("crates", "cargo tree", || Err(failure)).finish();
        }
    };
    steps.command("bench", &mut command).finish()
}

fn build_peers() -> Command {
    let mut command = cargo("build");
    command
        .args(["--release", "--locked", "--manifest-path", PEERS])
        .args(["--target-dir", PEERS_TARGET]);
    command
}

fn measure(options: &[&str]) -> Result<Command, String> {
    let mut command = cargo("run");
    command
        .args(["--quiet", "--release", "--package", "soniq-bench"])
        .args(["--bin", "soniq-bench", "--"]);
    for &option in options {
        command.arg(option);
        if option == "--peers" {
            command.arg(Path::new(PEERS_PROGRAM));
        }
    }
    for (what, crates) in crate_count::external()? {
        command.arg("--given").arg(format!("{what}={crates}"));
    }
    if !options.contains(&"--quick") {
        command.args(["--out", RESULTS]);
    }
    Ok(command)
}
