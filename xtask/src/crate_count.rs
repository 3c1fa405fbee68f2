//! How many crates our users build along: each is a cost and a risk to them.

use std::collections::BTreeSet;

use crate::steps::Failure;
use crate::test::cargo;

/// Prints the counts beside what the design aims at.
pub(crate) fn print() -> Result<(), Failure> {
    let runtime = count(&["--package", "soniq-runtime"])?;
    println!("soniq-runtime, which a service links: {runtime} crates (aim: at most 75)");
    let codegen = count(&["--package", "soniq-codegen", "--no-default-features"])?;
    println!("soniq-codegen, in a service's build script: {codegen} crates (aim: at most 30)");
    Ok(())
}

/// The crates that are built for a package on this system, itself and procedural macros included.
fn count(selection: &[&str]) -> Result<usize, Failure> {
    let output = cargo("tree")
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(selection)
        .output()
        .map_err(|error| format!("could not run cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(distinct(&String::from_utf8_lossy(&output.stdout)))
}

/// Cargo names a crate at each place where it is needed, and marks the repetitions.
fn distinct(tree: &str) -> usize {
    let names = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    names
        .filter(|name| !name.is_empty())
        .collect::<BTreeSet<_>>()
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_count_once_and_versions_apart() {
        let tree = "soniq v0.1.0 (/src)\nsyn v2.0.1 (proc-macro)\nsyn v3.0.0\n\nsyn v3.0.0 (*)\n";
        assert_eq!(distinct(tree), 3);
    }
}
