//! `cargo xtask chaos`: the chaos run of the suite, for as long as one likes.

use std::process::ExitCode;

use crate::steps::Steps;
use crate::test::cargo;

/// Hands `options` on to the program, which says what it takes.
pub(crate) fn run(options: &[&str]) -> ExitCode {
    let mut steps = Steps::new();
    steps.command(
        "chaos",
        cargo("test")
            .args([
                "--quiet",
                "--package",
                "soniq-tests",
                "--test",
                "chaos",
                "--",
                "run",
            ])
            .args(options),
    );
    steps.finish()
}
