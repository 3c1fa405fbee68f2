//! `cargo xtask test`: everything that must pass before a commit.

use std::process::{Command, ExitCode};

use crate::contracts;
use crate::crate_count;
use crate::deny;
use crate::postgres::{self, WhenMissing};
use crate::steps::Steps;

/// Runs all steps. Those that fail fast and those that say most about a mistake come first.
pub(crate) fn run(when_missing: WhenMissing) -> ExitCode {
    let mut steps = Steps::new();
    steps
        .command("format", cargo("fmt").args(["--all", "--check"]))
        .step("postgres", "look for a PostgreSQL server", || {
            postgres::ensure(when_missing)
        })
        .step("pgbouncer", "look for PgBouncer", || {
            postgres::ensure_pooler(when_missing);
            Ok(())
        })
        .command(
            "clippy",
            cargo("clippy")
                .args(["--workspace", "--all-targets", "--all-features"])
                .args(["--", "-D", "warnings"]),
        )
        // Benchmarks are for those who measure; that they compile, clippy has seen. The tests are built
        // along: by themselves the programs would have dependencies with other features, built twice.
        .command(
            "build",
            cargo("build")
                .args(["--workspace", "--exclude", "soniq-bench"])
                .args(["--all-features", "--all-targets"]),
        )
        .step("contracts", "soniq-codegen fmt and lint", contracts::check)
        // Doc tests are among them: cargo leaves them out only when targets are named.
        .command(
            "tests",
            cargo("test")
                .args(["--workspace", "--exclude", "soniq-bench"])
                .arg("--all-features"),
        )
        .command(
            "soniq new",
            cargo("test")
                .args(["--package", "soniq-cli", "--test", "cli", "--all-features"])
                .args(["the_workspace_builds_and_passes", "--", "--ignored"]),
        )
        .command(
            "documentation",
            cargo("doc")
                .args(["--workspace", "--all-features", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
        .step("crate counts", "cargo tree", crate_count::check);
    deny::check(&mut steps, &deny::OFFLINE);
    steps.finish()
}

/// The cargo that runs this program, so that `cargo +nightly xtask` is of one toolchain.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.arg(subcommand);
    command
}
