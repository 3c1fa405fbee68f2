//! What `docs/reliability.md` names as the test of a promise is there.

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../../docs/reliability.md");

fn root() -> &'static Path {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    ours.expect("tests/docs is two folders below the workspace")
}

/// The Rust of the workspace.
fn sources() -> Vec<PathBuf> {
    let members = ["soniq-runtime", "soniq-cli", "tests"];
    let mut folders: Vec<PathBuf> = members.map(|member| root().join(member)).into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// What stands between backticks in the last column of the tables of promises.
fn named() -> Vec<&'static str> {
    let (mut names, mut is_promise) = (Vec::new(), false);
    for line in DOCUMENT.lines() {
        let Some(row) = line.strip_suffix(" |") else {
            is_promise = false;
            continue;
        };
        let last = row.rsplit(" | ").next().unwrap();
        if is_promise {
            names.extend(last.split('`').skip(1).step_by(2));
        }
        is_promise |= last == "tested by";
    }
    names
}

#[test]
fn every_test_that_is_named_is_there() {
    let files = sources();
    let text: String = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let named = named();
    assert!(named.len() > 30, "{named:?}");
    let missing: Vec<&str> = named
        .into_iter()
        .filter(|name| {
            let is_there = if name.contains('/') {
                root().join(name).exists()
            } else if Path::new(name).extension().is_some() {
                files.iter().any(|file| file.ends_with(name))
            } else if let Some(module) = name.strip_prefix("backend::") {
                root()
                    .join("soniq-runtime/src/backend")
                    .join(module)
                    .exists()
            } else {
                // A test of all stores takes the bed of one.
                text.contains(&format!("fn {name}("))
            };
            !is_there
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
