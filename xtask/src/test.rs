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
        // Two minutes, of which it waits for most.
        .beside("chaos", tests().args(["--test", "chaos", "--", "run"]))
        // Doc tests are among them: cargo leaves them out only when targets are named.
        .command("tests", tests().env("CHAOS_RUNS_BESIDE", "1"))
        .command(
            "soniq new",
            tests()
                .args(["--test", "cli", "the_workspace_builds_and_passes"])
                .args(["--", "--ignored"]),
        )
        .join()
        .command(
            "documentation",
            cargo("doc")
                .args(["--workspace", "--all-features", "--no-deps"])
                .args(DOCUMENTED)
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
        .step("crate counts", "cargo tree", crate_count::check);
    deny::check(&mut steps, &deny::OFFLINE);
    steps.finish()
}

/// All libraries and programs, but for the programs that are called like their library and have no
/// pages of their own. Examples are named, though there are none, since only then cargo takes the
/// dependencies' features to be those of the tests, and finds what clippy has checked already.
const DOCUMENTED: [&str; 8] = [
    "--lib",
    "--examples",
    "--bin",
    "[!s]*",
    "--bin",
    "s[!o]*",
    "--bin",
    "soniq",
];

/// Tests of all packages, even where a few are meant: of one package alone, dependencies would have
/// other features, and be built again.
fn tests() -> Command {
    let mut command = cargo("test");
    command
        .args(["--workspace", "--exclude", "soniq-bench"])
        .arg("--all-features");
    command
}

/// The cargo that runs this program, so that `cargo +nightly xtask` is of one toolchain.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.arg(subcommand);
    command
}
