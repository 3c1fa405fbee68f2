//! `cargo xtask deny`: what `Cargo.lock` lets in, against `deny.toml`.

use std::process::{Command, ExitCode, Stdio};

use crate::steps::Steps;
use crate::test::cargo;

/// What can be told without a network; advisories need their database.
pub(crate) const OFFLINE: [&str; 3] = ["bans", "licenses", "sources"];

/// All of it.
pub(crate) fn run() -> ExitCode {
    let mut steps = Steps::new();
    check(&mut steps, &[]);
    steps.finish()
}

/// Has `cargo deny` check these things, or everything; where it is not installed, that is said.
pub(crate) fn check(steps: &mut Steps, what: &[&str]) {
    if is_installed("cargo-deny") {
        steps.command("cargo-deny", cargo("deny").arg("check").args(what));
    } else {
        steps.leave_out(
            "cargo-deny",
            "not installed; cargo install --locked cargo-deny",
        );
    }
}

/// Whether `program --version` works.
fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
