//! What guides tell to type and to copy: commands that exist, contracts that load, SQL and steps of CI that run.

mod commands;
mod manifests;
mod quotes;
mod sql;
mod workflows;

use std::fs;
use std::path::{Path, PathBuf};

use soniq_docs::blocks;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every guide and the README, with their blocks of one kind: where one is, and what it says.
fn all(info: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.push(root().join("README.md"));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (line, block) in blocks(&text, info) {
            found.push((format!("{name}:{line}"), block));
        }
    }
    found
}
