//! Every lint, as people see it.
//!
//! Each `lints/NAME.toml` raises the lint NAME and no other, as often and at the places that
//! `lints/NAME.snap` shows. It holds as well what is like it and is no reason for a lint.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Diagnostic, Loaded, lint, load_sources};

const FOLDER: &str = "tests/lints";

/// Names of fixtures and their texts.
fn fixtures() -> Vec<(String, String)> {
    let mut fixtures: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    fixtures.sort();
    fixtures
}

fn loaded(name: &str, text: &str) -> Loaded {
    let loaded = load_sources([(name.to_owned(), text.to_owned())]);
    let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert_eq!(shown, "", "{name}");
    loaded
}

#[test]
fn every_lint_reads_well() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("lints");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut raised = BTreeSet::new();
    for (name, text) in fixtures() {
        let loaded = loaded(&format!("{FOLDER}/{name}.toml"), &text);
        let lints = lint(&loaded.contracts);
        let codes: BTreeSet<_> = lints.iter().map(|lint| lint.code.id).collect();
        assert_eq!(codes.len(), 1, "{name} raises {codes:?}");
        raised.extend(codes);
        let text = render(&lints, &loaded.contracts.sources, Style::Plain);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
    let all: BTreeSet<_> = lint::codes().map(|code| code.id).collect();
    assert_eq!(raised, all, "each code has a fixture");
    assert_eq!(fixtures().len(), all.len(), "each fixture has a code");
}

#[test]
fn a_rule_speaks_once_about_a_place() {
    for (name, text) in fixtures() {
        let loaded = loaded(&name, &text);
        let place = |lint: &Diagnostic| {
            let location = lint.location.clone().unwrap();
            (lint.code.id, location.file, location.range.start)
        };
        let lints = lint(&loaded.contracts);
        let places: BTreeSet<_> = lints.iter().map(place).collect();
        assert_eq!(places.len(), lints.len(), "{name}");
    }
}

#[test]
fn schemas_in_json_files_are_not_linted() {
    let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nOrder = { '$ref' = 'order.json' }";
    let schema = r#"{
        "type": "object",
        "additionalProperties": false,
        "properties": { "createdAt": { "type": "string" }, "price": { "type": "number" } }
    }"#;
    let loaded = load_sources([
        ("a.toml".to_owned(), contract.to_owned()),
        ("order.json".to_owned(), schema.to_owned()),
    ]);
    assert!(loaded.is_ok() && loaded.diagnostics.is_empty());
    assert!(lint(&loaded.contracts).is_empty());
}

#[test]
fn lints_of_the_example_company() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts");
    let loaded = soniq_schema::load(&folder);
    let lints = lint(&loaded.contracts);
    let lines: Vec<_> = lints
        .iter()
        .map(|lint| lint.plain_line(&loaded.contracts.sources))
        .map(|line| line.rsplit('/').next().unwrap().to_owned())
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
