//! What other programs read: steps of CI, hooks, units of systemd and manifests of Kubernetes. Their commands run here.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::commands::Helps;
use super::{all, root};
use crate::processes::programs;

/// All strings under a key, wherever it is.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == key => found.push(text),
                    Value::Array(texts) if name == key => {
                        found.extend(texts.iter().filter_map(Value::as_str));
                    }
                    _ => under(member, key, found),
                }
            }
        }
        Value::Array(members) => {
            for member in members {
                under(member, key, found);
            }
        }
        _ => {}
    }
}

fn documents() -> Vec<(String, Value)> {
    let blocks = all("yaml");
    assert!(blocks.len() >= 6, "only {} were found", blocks.len());
    let parse = |(place, block): (String, String)| match serde_saphyr::from_str(&block) {
        Ok(value) => (place, value),
        Err(error) => panic!("{place}: {error}"),
    };
    blocks.into_iter().map(parse).collect()
}

fn run(program: &str, arguments: &[&str], folder: &Path) {
    let search = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", format!("{}:{search}", programs().display()))
        .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "guide")))
        .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "guide@example.com")))
        // What GitHub and GitLab set for a change against main.
        .env("GITHUB_BASE_REF", "main")
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}{complained}");
}

/// A checkout of a repository that has our contracts, released and generated, on its branch main.
fn checkout(folder: &Path) {
    let origin = folder.join("origin");
    fs::create_dir_all(origin.join("contracts")).unwrap();
    for entry in fs::read_dir(root().join("contracts")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(
                entry.path(),
                origin.join("contracts").join(entry.file_name()),
            )
            .unwrap();
        }
    }
    run("soniq-codegen", &["lock", "contracts"], &origin);
    let generate = ["generate", "contracts", "--out", "src/generated"];
    run("soniq-codegen", &generate, &origin);
    run(
        "git",
        &["init", "--quiet", "--initial-branch", "main"],
        &origin,
    );
    run("git", &["add", "."], &origin);
    run(
        "git",
        &["commit", "--quiet", "--message", "contracts"],
        &origin,
    );
    run("git", &["clone", "--quiet", "origin", "checkout"], folder);
}

#[test]
fn steps_of_ci_run() {
    let folder = tempfile::tempdir().unwrap();
    checkout(folder.path());
    let mut seen = 0;
    for (place, document) in documents() {
        let mut steps = Vec::new();
        for key in ["run", "script", "entry"] {
            under(&document, key, &mut steps);
        }
        for step in steps {
            // The comment on a pull request goes to GitHub.
            if step.starts_with("gh ") {
                continue;
            }
            seen += 1;
            println!("{place}: {step}");
            let shell = ["-e", "-o", "pipefail", "-c", step];
            run("bash", &shell, &folder.path().join("checkout"));
        }
    }
    assert!(seen >= 9, "only {seen} steps were found");
    let checkout = folder.path().join("checkout");
    for written in [
        "contracts.sarif",
        "contracts.xml",
        "gl-code-quality-report.json",
        "summary.md",
    ] {
        assert!(checkout.join(written).is_file(), "{written}");
    }
}

#[test]
fn hooks_of_git_run() {
    let folder = tempfile::tempdir().unwrap();
    checkout(folder.path());
    let scripts = all("sh")
        .into_iter()
        .filter(|(_, block)| block.starts_with("#!"));
    let scripts: Vec<_> = scripts.collect();
    assert!(!scripts.is_empty(), "none was found");
    for (place, script) in scripts {
        println!("{place}");
        run("sh", &["-c", &script], &folder.path().join("checkout"));
    }
}

/// What starts a service: the arguments of its binary, which takes what `soniq_runtime::main` takes.
#[test]
fn services_are_started_with_options_that_exist() {
    let mut helps = Helps::default();
    let mut lines: Vec<(String, String)> = Vec::new();
    for (place, document) in documents() {
        let mut arguments = Vec::new();
        under(&document, "args", &mut arguments);
        if !arguments.is_empty() {
            lines.push((place, arguments.join(" ")));
        }
    }
    for (place, unit) in all("ini") {
        let start = unit
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="));
        let (_, arguments) = start.and_then(|line| line.split_once(' ')).unwrap();
        lines.push((place, arguments.to_owned()));
    }
    assert!(lines.len() >= 3, "{lines:?}");
    for (place, arguments) in lines {
        let words = ["cross-service-consumer"]
            .into_iter()
            .chain(arguments.split(' '));
        let words: Vec<String> = words.map(str::to_owned).collect();
        assert_eq!(
            helps.unknown_options(&words),
            Some(vec![]),
            "{place}: {words:?}"
        );
    }
}
