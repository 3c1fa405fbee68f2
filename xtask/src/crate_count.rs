//! How many crates our users build along: each is a cost and a risk to them.

use std::collections::BTreeSet;

use crate::steps::Failure;
use crate::test::cargo;

/// What the design allows in a service's build script, ours not counted.
const MOST_IN_A_BUILD_SCRIPT: usize = 30;
/// What the design aims at for soniq-runtime.
const AIM_OF_THE_RUNTIME: usize = 75;

/// Prints the counts, and fails if a service's build script needs more crates than are allowed.
pub(crate) fn check() -> Result<(), Failure> {
    let runtime = count(&["--package", "soniq-runtime"])?;
    println!("soniq-runtime, which a service links: {runtime} (aim: at most {AIM_OF_THE_RUNTIME})");
    let codegen = count(&["--package", "soniq-codegen", "--no-default-features"])?;
    println!(
        "soniq-codegen, in a service's build script: {codegen} (at most {MOST_IN_A_BUILD_SCRIPT})"
    );
    few_enough(&codegen)
}

/// The counts that have an aim, under the names that the benchmark gives them.
pub(crate) fn external() -> Result<[(&'static str, usize); 2], Failure> {
    let runtime = count(&["--package", "soniq-runtime"])?;
    let codegen = count(&["--package", "soniq-codegen", "--no-default-features"])?;
    Ok([
        ("crates in a service's build script", codegen.external),
        ("crates in soniq-runtime", runtime.external),
    ])
}

fn few_enough(codegen: &Count) -> Result<(), Failure> {
    if codegen.external <= MOST_IN_A_BUILD_SCRIPT {
        return Ok(());
    }
    Err(format!(
        "a service's build script needs {} crates, {} more than allowed; see what brings them: \
         cargo tree -p soniq-codegen --no-default-features -e normal,build",
        codegen.external,
        codegen.external - MOST_IN_A_BUILD_SCRIPT,
    ))
}

/// How many crates a package needs.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    external: usize,
    /// The package itself among them.
    ours: usize,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} crates beside {} of ours", self.external, self.ours)
    }
}

/// The crates that are built for a package on this system, procedural macros included.
fn count(selection: &[&str]) -> Result<Count, Failure> {
    let output = cargo("tree")
        .args(["--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}"])
        .args(selection)
        .output()
        .map_err(|error| format!("could not run cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(distinct(&String::from_utf8_lossy(&output.stdout)))
}

/// Cargo names a crate at each place where it is needed, and marks the repetitions. Those of this
/// workspace, and no others, are named with their folders.
fn distinct(tree: &str) -> Count {
    let names = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    let names: BTreeSet<_> = names.filter(|name| !name.is_empty()).collect();
    let is_folder = |part: &str| part.starts_with('(') && part.contains(['/', '\\']);
    let is_ours = |name: &&&str| name.split(' ').any(is_folder);
    let ours = names.iter().filter(is_ours).count();
    Count {
        external: names.len() - ours,
        ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_count_once_and_versions_apart() {
        let tree = "soniq v0.1.0 (/src)\nsyn v2.0.1 (proc-macro)\nsyn v3.0.0\n\nsyn v3.0.0 (*)\n";
        let expected = Count {
            external: 2,
            ours: 1,
        };
        assert_eq!(distinct(tree), expected);
    }

    #[test]
    fn one_crate_too_many_in_a_build_script_fails() {
        let of = |external| few_enough(&Count { external, ours: 3 });
        assert_eq!(of(30), Ok(()));
        assert!(of(31).is_err_and(|why| why.contains("1 more than allowed")));
    }
}
