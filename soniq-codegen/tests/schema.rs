//! The JSON Schema of contract files: it takes what the parser takes, and knows the same keys.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_soniq-codegen"))
        .arg("schema")
        .output()
        .unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

/// A folder of this repository.
fn contracts_in(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ext| ext == "toml"));
    files.collect()
}

fn read(path: &Path) -> Value {
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn sound_contracts_fit() {
    let validator = validator();
    let mut count = 0;
    for folder in [
        "contracts",
        "tests/generated/contracts",
        "soniq-codegen/tests/docs",
    ] {
        for path in contracts_in(folder) {
            let problems: Vec<String> = validator
                .iter_errors(&read(&path))
                .map(|problem| format!("{}: {problem}", problem.instance_path()))
                .collect();
            assert_eq!(problems, [""; 0], "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 3);
}

/// Mistakes that a schema can see; the parser sees more.
#[test]
fn contracts_with_mistakes_do_not_fit() {
    let validator = validator();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../soniq-schema/tests/errors");
    for name in [
        "bad_duration",
        "bad_name",
        "bad_retired_version",
        "bad_waiver",
        "missing_key",
        "out_of_range",
        "unknown_choice",
        "unknown_edition",
        "unknown_key",
        "unknown_keyword",
        "unsupported_keyword",
        "wrong_type",
    ] {
        let contract = read(&folder.join(format!("{name}.toml")));
        assert!(!validator.is_valid(&contract), "{name}");
    }
}

#[test]
fn its_keys_are_those_of_the_parser() {
    let schema = schema();
    for (table, keys) in soniq_schema::known_keys() {
        let described = match table {
            "file" => &schema,
            "schema" => &schema["$defs"]["keywords"],
            _ => &schema["$defs"][table],
        };
        assert_eq!(described["additionalProperties"], json!(false), "{table}");
        let described: BTreeSet<&str> = described["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, schema)| {
                assert!(
                    schema["description"].is_string() || schema["$ref"].is_string(),
                    "{key}"
                );
                key.as_str()
            })
            .collect();
        assert_eq!(described, keys.into_iter().collect(), "{table}");
    }
}

#[test]
fn nothing_in_it_is_nullable() {
    let text = schema().to_string();
    // Only JSON Schema's own word for null.
    assert_eq!(text.matches("\"null\"").count(), 1, "{text}");
}
