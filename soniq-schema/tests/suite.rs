//! `evaluate` held to the official JSON Schema Test Suite, draft 2020-12.
//!
//! The suite is data that is not kept here: `SONIQ_JSON_SCHEMA_SUITE` names its folder
//! `tests/draft2020-12`; without it, a copy beside the repository is looked for. The schemas are
//! read as JSON files and evaluated by the rules of JSON Schema alone.
//!
//! What is in `tests/conformance/own` of the repository is laid out alike, and held to as well.
//!
//! `suite_refused.txt` lists the groups whose schemas are refused, each with the keyword that is to
//! blame. A refusal outside of the list counts as a disagreement.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use soniq_schema::json_schema::{Dialect, evaluate_as};
use soniq_schema::load_sources;

const VARIABLE: &str = "SONIQ_JSON_SCHEMA_SUITE";
const BESIDE: &str = "../../shared/json-schema-test-suite/tests/draft2020-12";
const REFUSED: &str = include_str!("suite_refused.txt");

fn folder() -> Option<PathBuf> {
    let given = std::env::var_os(VARIABLE).map(PathBuf::from);
    given.or_else(|| Some(PathBuf::from(BESIDE)).filter(|path| path.is_dir()))
}

/// Whether the list has a line for a group of a file.
fn is_listed(file: &str, group: &str, schema: &Value) -> bool {
    let text = schema.to_string();
    REFUSED
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .any(|line| {
            let mut parts = line.splitn(3, " | ");
            let mut next = || parts.next().unwrap();
            let (keyword, of_file, of_group) = (next(), next(), next());
            of_file == file
                && text.contains(&format!("\"{keyword}\""))
                && (of_group == "*" || of_group == group)
        })
}

#[derive(Default)]
struct Count {
    agreed: usize,
    refused: usize,
    disagreed: Vec<String>,
}

impl Count {
    fn group(&mut self, file: &str, group: &Value) {
        let name = group["description"].as_str().unwrap();
        let tests = group["tests"].as_array().unwrap();
        let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'schema.json' }";
        let loaded = load_sources([
            ("a.toml".to_owned(), contract.to_owned()),
            ("schema.json".to_owned(), group["schema"].to_string()),
        ]);
        if !loaded.is_ok() {
            if is_listed(file, name, &group["schema"]) {
                self.refused += tests.len();
            } else {
                let sources = &loaded.contracts.sources;
                let first = loaded.diagnostics[0].plain_line(sources);
                let refusal = format!("{file}: {name}: refused: {first}");
                self.disagreed.extend(vec![refusal; tests.len()]);
            }
            return;
        }
        let contracts = &loaded.contracts;
        let schema = contracts
            .schemas
            .get(contracts.contracts[0].types[0].schema);
        for test in tests {
            let violations = evaluate_as(Dialect::JsonSchema, schema, &test["data"]);
            if violations.is_empty() == test["valid"].as_bool().unwrap() {
                self.agreed += 1;
            } else {
                let of = test["description"].as_str().unwrap();
                self.disagreed
                    .push(format!("{file}: {name}: {of}: {violations:?}"));
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    paths
}

#[test]
fn our_own_groups_agree() {
    agree(Path::new("../tests/conformance/own"));
}

#[test]
fn the_suite_agrees() {
    let Some(folder) = folder() else {
        println!(
            "skipped: clone https://github.com/json-schema-org/JSON-Schema-Test-Suite and set \
             {VARIABLE} to its tests/draft2020-12"
        );
        return;
    };
    agree(&folder);
}

fn agree(folder: &Path) {
    let mut count = Count::default();
    for path in files(folder) {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let groups: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for group in groups.as_array().unwrap() {
            count.group(&file, group);
        }
    }
    let Count {
        agreed,
        refused,
        disagreed,
    } = count;
    println!(
        "suite: agreed {agreed} disagreed {} refused {refused}",
        disagreed.len()
    );
    assert!(agreed > 0, "there is no suite in {}", folder.display());
    assert!(disagreed.is_empty(), "{}", disagreed.join("\n"));
}
