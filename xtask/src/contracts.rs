//! The example company's contracts are laid out and linted as ours tell others to.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{Failure, run};

/// Lints that the company lives with: it shows a closed object, and a schedule with required args.
const ALLOWED: &str = "L005,L011";

/// Asks the command that the step before this one has built.
pub(crate) fn check() -> Result<(), Failure> {
    run(codegen()?.args(["fmt", "contracts", "--check"])).map_err(|failure| {
        format!("{failure}: run `cargo run -p soniq-codegen -- fmt contracts`")
    })?;
    run(codegen()?.args(["lint", "contracts", "--allow", ALLOWED])).map_err(|failure| {
        format!("{failure}: `cargo run -p soniq-codegen -- explain CODE` says what a lint means")
    })
}

fn codegen() -> Result<Command, Failure> {
    let us = env::current_exe().map_err(|error| format!("cannot tell where we are: {error}"))?;
    let mut command = Command::new(beside(&us));
    // The folder of the workspace, wherever in it we were called.
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    Ok(command)
}

/// Cargo puts all programs of a workspace into one folder.
fn beside(program: &Path) -> PathBuf {
    program.with_file_name(format!("soniq-codegen{}", env::consts::EXE_SUFFIX))
}
