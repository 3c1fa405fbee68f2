//! Generated text is laid out as `prettyplease` would lay it out, but for the empty lines between
//! items. The generator does without it, and without `syn`, for the sake of build times.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panic"
)]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// Generates `sources`; false if they are refused.
fn check(sources: Vec<(String, String)>) -> bool {
    let loaded = load_sources(sources);
    if !loaded.is_ok() {
        return false;
    }
    // All that can be asked for.
    let options = Options {
        arbitrary: true,
        ..Options::default()
    };
    let Ok(files) = render(&loaded.contracts, &options) else {
        return false;
    };
    for file in files {
        // The arguments of a macro could be anything to `prettyplease`, which therefore fills lines
        // with their tokens. They are laid out as those of a function.
        let text = file.text.replace("format!(", "format_(");
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        // Like rustfmt, and unlike `prettyplease`, we do not break between empty braces.
        let expected = prettyplease::unparse(&parsed);
        let expected = without_breaks_between(&expected, " {", "}");
        let text: Vec<&str> = text
            .lines()
            .skip(1)
            .filter(|line| !line.is_empty())
            .collect();
        assert_same(&text, &expected.lines().collect::<Vec<_>>());
    }
    true
}

/// Joins a line that ends with `open` to the next one if that starts with `close`.
fn without_breaks_between(text: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let next = lines.peek().filter(|_| line.ends_with(open));
        if let Some(next) = next.filter(|next| next.trim_start().starts_with(close)) {
            out.push_str(next.trim_start());
            lines.next();
        }
        out.push('\n');
    }
    out
}

fn assert_same(text: &[&str], expected: &[&str]) {
    let different = text.iter().zip(expected).position(|(a, b)| a != b);
    if let Some(line) = different.or((text.len() != expected.len()).then_some(0)) {
        let around = |lines: &[&str]| {
            let lines: Vec<&str> = lines
                .iter()
                .copied()
                .skip(line.saturating_sub(4))
                .take(16)
                .collect();
            lines.join("\n")
        };
        panic!(
            "generated:\n{}\n\nprettyplease:\n{}",
            around(text),
            around(expected)
        );
    }
}

fn folder(path: &str) -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| kind == "toml" || kind == "json")
            {
                files.push((
                    path.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn the_company() {
    assert!(check(folder("contracts")));
}

#[test]
fn the_contracts_of_the_tests() {
    assert!(check(folder("tests/generated/contracts")));
}

/// A task whose arguments have the schema as a property's, and as that of items.
fn task(schema: &Value, name: &str) -> Vec<(String, String)> {
    let args = json!({
        "type": "object",
        "properties": { name: schema, "many": { "type": "array", "items": schema } },
        "required": [name],
    });
    let contract = r#"
        edition = "2026"
        namespace = "a"
        [tasks.t]
        version = 2
        retry = { max_attempts = 2, backoff = "list", delay = ["1s"] }
        args = { "$ref" = "args.json" }
        result = { "$ref" = "args.json#/properties/many" }
        [tasks.t.retired.v1]
        args = { "$ref" = "args.json" }
    "#;
    vec![
        ("a.toml".to_owned(), contract.to_owned()),
        ("args.json".to_owned(), args.to_string()),
    ]
}

/// Names and texts of every length, so that every line is too long at times.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[a-z]{2,6}(_[a-z]{2,9}){2,5}",
        "[A-Za-z -]{1,40}",
        "[a-zäß中1]{1,20}"
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(true)),
        Just(json!({ "type": "null" })),
        any::<bool>().prop_map(|value| json!({ "type": "boolean", "default": value })),
        (-9..9_000_000_i64).prop_map(|n| json!({ "type": "integer", "minimum": n, "default": n })),
        any::<f32>().prop_map(|n| json!({ "type": "number", "exclusiveMaximum": n })),
        (0..999_u32, name())
            .prop_map(|(n, text)| json!({ "type": "string", "maxLength": n, "description": text })),
        "[ -~]{0,90}".prop_map(|text| json!({ "type": "string", "default": text })),
        "[a-z]{0,50}".prop_map(|text| json!({ "type": "string", "pattern": text })),
        prop::sample::select(vec!["uuid", "date", "date-time", "email", "uri"])
            .prop_map(|format| json!({ "type": "string", "format": format })),
        Just(json!({ "type": "string", "format": "date-time", "default": "2026-01-01T00:00:00Z" })),
        prop::collection::btree_set(name(), 1..9)
            .prop_map(|values| json!({ "type": "string", "enum": values })),
        prop::collection::btree_set(name(), 1..4)
            .prop_map(|values| json!({ "type": "string", "enum": values, "x-open": true })),
        name().prop_map(|text| json!({ "enum": [text, 1, null] })),
        name().prop_map(|text| json!({ "const": { "a": text } })),
        name().prop_map(|text| json!({ "default": [text, { "b": 1 }] })),
        prop::collection::vec(0..999_i64, 0..6).prop_map(
            |values| json!({ "type": "array", "items": { "type": "integer" }, "default": values })
        ),
        prop::collection::btree_map(name(), name(), 0..4).prop_map(|values| json!({
            "type": "object", "additionalProperties": { "type": "string" }, "default": values
        })),
        name().prop_map(|text| json!({ "$ref": "#/properties/many", "description": text })),
    ]
}

fn object(properties: Vec<(String, Value)>, closed: bool, required: usize) -> Value {
    let names: Vec<String> = properties.iter().map(|(name, _)| name.clone()).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties.into_iter().collect::<Map<_, _>>(),
        "required": names[..required.min(names.len())].iter().collect::<std::collections::BTreeSet<_>>(),
    });
    if closed {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn schema() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        let properties = prop::collection::vec((name(), inner.clone()), 0..6).boxed();
        let some = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (properties.clone(), any::<bool>(), 0..7_usize)
                .prop_map(|(properties, closed, required)| object(properties, closed, required)),
            (name(), properties).prop_map(|(title, properties)| {
                let mut schema = object(properties, false, 1);
                schema["title"] = json!(title);
                schema
            }),
            inner
                .clone()
                .prop_map(|one| json!({ "type": "array", "items": one, "minItems": 1 })),
            some().prop_map(|all| json!({ "type": "array", "prefixItems": all, "items": false })),
            inner
                .clone()
                .prop_map(|one| json!({ "contains": one, "minContains": 2 })),
            inner
                .clone()
                .prop_map(|one| json!({ "type": "object", "additionalProperties": one })),
            (name(), inner.clone()).prop_map(|(name, one)| json!({
                "type": "object", "patternProperties": { name: one }, "unevaluatedProperties": false
            })),
            (name(), inner.clone())
                .prop_map(|(name, one)| json!({ "dependentSchemas": { name: one } })),
            inner
                .clone()
                .prop_map(|one| json!({ "type": "object", "propertyNames": one })),
            some().prop_map(|all| json!({ "anyOf": all })),
            some().prop_map(|all| json!({ "oneOf": all })),
            some().prop_map(|all| json!({ "allOf": all })),
            inner.clone().prop_map(|one| json!({ "not": one })),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| json!({ "if": a, "then": b, "else": c })),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({ "if": a, "else": b })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_contracts(schema in schema(), name in name()) {
        let accepted = check(task(&schema, &name));
        prop_assume!(accepted);
    }
}
