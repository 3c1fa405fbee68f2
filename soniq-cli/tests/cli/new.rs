//! `soniq new`: what it writes, what it refuses, and that the result builds and passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, run, soniq};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn new(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = soniq(&["new"]);
    command.args(arguments).current_dir(folder);
    run(command)
}

/// Every file below `folder`, sorted, with its path from there.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn the_tree() {
    let folder = tempfile::tempdir().unwrap();
    let said = new(
        folder.path(),
        &["mail-jobs", "--git", "https://example.com/a \"b\".git"],
    )
    .ok();
    insta::assert_snapshot!("new_says", said);
    let files = files(&folder.path().join("mail-jobs"));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!("new_tree", names.join("\n"));
    let mut texts = files.iter();
    let manifest = texts.find(|(name, _)| name == "Cargo.toml").unwrap();
    insta::assert_snapshot!("new_manifest", manifest.1);
    for (name, text) in &files {
        assert!(!text.contains("{{"), "{name} has a gap: {text}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name}");
    }
}

#[test]
fn without_an_origin_it_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let said = new(folder.path(), &["greeter"]).ok();
    assert!(said.contains("--path DIR"), "{said}");
    let manifest = fs::read_to_string(folder.path().join("greeter/Cargo.toml")).unwrap();
    let dependency = format!(
        "soniq-runtime = {{ version = \"{}\", features = [\"sqlite\"] }}",
        env!("CARGO_PKG_VERSION")
    );
    assert!(manifest.contains(&dependency), "{manifest}");
}

#[test]
fn what_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::create_dir(folder.path().join("taken")).unwrap();
    fs::write(folder.path().join("taken/mine"), "mine").unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();

    new(folder.path(), &["empty"]).ok();
    for name in ["taken", "file", "empty"] {
        let error = new(folder.path(), &[name]).error();
        assert!(
            error.starts_with(&format!("{name} is there already")),
            "{error}"
        );
    }
    assert_eq!(files(&folder.path().join("taken")).len(), 1);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, status, part) in [
        (&["Jobs"][..], 2, "starts with a letter"),
        (&["../x"], 2, "starts with a letter"),
        (&["fn"], 2, "a keyword of Rust: try fn-jobs"),
        (&["a", "--path", "."], 1, "no checkout of Soniq"),
        (&["a", "--path", "none"], 1, "no checkout of Soniq"),
        (
            &["a", "--path", ".", "--git", "x"],
            2,
            "cannot be used with",
        ),
    ] {
        let run = new(folder.path(), arguments);
        assert_eq!(run.status, Some(status), "{run:?}");
        assert!(run.stderr.contains(part), "{run:?}");
    }
    assert_eq!(files(folder.path()), []);
}

/// The workspace as a user gets it: laid out by rustfmt, its tests pass, and a job gets from one
/// program to the other with nothing but the file that they share.
#[test]
#[ignore = "builds a workspace from nothing; `cargo xtask test` has a step for it"]
fn the_workspace_builds_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = checkout();
    new(
        folder.path(),
        &["greeter", "--path", checkout.to_str().unwrap()],
    )
    .ok();
    let workspace = folder.path().join("greeter");
    // The versions that are here already; cargo drops what the workspace does not need.
    fs::copy(checkout.join("Cargo.lock"), workspace.join("Cargo.lock")).unwrap();
    let ok = |arguments: &[&str]| {
        let (succeeded, stdout, stderr) = cargo(&workspace, arguments);
        assert!(succeeded, "cargo {arguments:?}\n{stdout}\n{stderr}");
        stdout
    };
    ok(&["fmt", "--all", "--check"]);
    ok(&["test", "--workspace", "--offline", "--quiet"]);

    let run = ["run", "--offline", "--quiet", "--package"];
    let producer = [&run[..], &["greeter-producer", "--", "Ada"]].concat();
    let consumer = [&run[..], &["greeter-consumer", "--"]].concat();
    let (succeeded, _, stderr) = cargo(&workspace, &producer);
    assert!(!succeeded && stderr.contains("`setup`"), "{stderr}");
    ok(&[&consumer[..], &["setup"]].concat());
    ok(&producer);
    let said = ok(&[&consumer[..], &["worker", "--run-once"]].concat());
    assert!(said.contains("Good day, Ada!"), "{said}");
}

/// Whether cargo succeeded in `workspace`, and what it printed.
fn cargo(workspace: &Path, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(workspace);
    // Kept from run to run, and apart from the build that this test is of.
    let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/new");
    command.env("CARGO_TARGET_DIR", target);
    command.env("CARGO_INCREMENTAL", "0");
    command.env_remove("SONIQ_DATABASE_URL");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}
