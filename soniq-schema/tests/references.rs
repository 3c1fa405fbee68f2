//! `$ref`: to parts of the same schema, to types of other contracts, to JSON files.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Loaded, canonical, evaluate, load, load_sources};

fn loaded(files: &[(&str, &str)]) -> Loaded {
    let files = files.iter().map(|(name, text)| {
        let text = match name.rsplit_once('.') {
            Some((stem, "toml")) => {
                let namespace = stem.rsplit('/').next().unwrap();
                format!("edition = '2026'\nnamespace = '{namespace}'\n{text}")
            }
            _ => (*text).to_owned(),
        };
        ((*name).to_owned(), text)
    });
    let loaded = load_sources(files);
    let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(loaded.is_ok(), "{shown}");
    loaded
}

/// The rules that `value` breaks of the type `T` of the first contract.
fn broken(files: &[(&str, &str)], value: &Value) -> Vec<String> {
    let contracts = loaded(files).contracts;
    let types = &contracts.contracts[0].types;
    let subject = types.iter().find(|named| named.name == "T").unwrap();
    evaluate(contracts.schemas.get(subject.schema), value)
        .into_iter()
        .map(|violation| format!("{} {}", violation.pointer, violation.rule))
        .collect()
}

#[test]
fn parts_of_the_same_schema() {
    let text = "
        [types.T]
        properties.a = { '$ref' = '#/$defs/tilde~0slash~1percent%25' }
        properties.b = { '$ref' = '#here' }
        properties.c = { '$ref' = '#' }
        properties.d = { '$ref' = '#/properties/a' }
        properties.e = { '$ref' = '#/allOf/0' }
        allOf = [{ maxProperties = 5 }]
        [types.T.'$defs']
        'tilde~slash/percent%' = { type = 'integer' }
        Here = { '$anchor' = 'here', type = 'string' }
        [types.Other.'$defs']
        Here = { '$anchor' = 'here', type = 'integer' }
    ";
    let files = [("a.toml", text)];
    let value = json!({ "a": "x", "b": 1, "c": { "a": "x" }, "d": "x" });
    assert_eq!(
        broken(&files, &value),
        ["/a type", "/b type", "/c/a type", "/d type"]
    );
    let value = json!({ "e": { "1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1 } });
    assert_eq!(broken(&files, &value), ["/e maxProperties"]);
}

#[test]
fn files_lead_to_files() {
    let files = [
        ("c/a.toml", "[types]\nT = { '$ref' = 'schemas/order.json' }"),
        (
            "c/b.toml",
            "[types]\nTax = { type = 'integer', minimum = 0 }",
        ),
        (
            "c/schemas/order.json",
            r#"{
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": "https://example.com/order",
                "properties": {
                    "total": { "$ref": "deeper/money.json#/$defs/Money" },
                    "tax": { "$ref": "../b.toml#/types/Tax" },
                    "parent": { "$ref": "https://example.com/order#" },
                    "code": { "$ref": "deeper/money.json#code" }
                }
            }"#,
        ),
        (
            "c/schemas/deeper/money.json",
            r#"{
                "$defs": {
                    "Money": { "type": "object", "required": ["amount"], "properties": { "back": { "$ref": "../order.json" } } },
                    "Code": { "$anchor": "code", "enum": ["EUR", null] }
                }
            }"#,
        ),
        ("c/schemas/unused.json", "not JSON"),
    ];
    let value = json!({ "total": { "back": { "tax": -1 } }, "parent": { "tax": "x" }, "code": 1 });
    assert_eq!(
        broken(&files, &value),
        [
            "/total required",
            "/total/back/tax minimum",
            "/parent/tax type",
            "/code enum"
        ]
    );
}

#[test]
fn paths_have_percent_signs_as_uris_do() {
    let files = [
        (
            "c/a.toml",
            "[types]\nT = { '$ref' = 'schemas/an%20order.json#/$defs/caf%C3%A9' }",
        ),
        (
            "c/schemas/an order.json",
            r#"{ "$defs": { "café": { "$ref": "100%25.json" } } }"#,
        ),
        ("c/schemas/100%.json", r#"{ "type": "integer" }"#),
    ];
    assert_eq!(broken(&files, &json!("x")), [" type"]);
}

#[test]
fn a_part_of_a_file_that_is_no_schema_as_a_whole() {
    let files = [
        (
            "a.toml",
            "[types]\nT = { '$ref' = 'openapi.json#/components/schemas/Order' }",
        ),
        (
            "openapi.json",
            r##"{ "openapi": "3.1.0", "components": { "schemas": {
                "Order": { "properties": { "id": { "$ref": "#/components/schemas/Id" } } },
                "Id": { "type": "string" },
                "Broken": { "type": 7 }
            } } }"##,
        ),
    ];
    assert_eq!(broken(&files, &json!({ "id": 1 })), ["/id type"]);
}

#[test]
fn json_and_toml_are_one_schema() {
    let json = r#"{ "type": "object", "required": ["b", "a"], "properties": {
        "a": { "enum": [null, 1.0, "x"] }, "b": { "maxLength": 2.0, "minimum": 0.5 }
    }, "if": { "required": ["c"] }, "then": { "minProperties": 3 } }"#;
    let toml = "[types]
        T = { '$ref' = 't.json' }
        U = { type = 'object', required = ['a', 'b'], properties = { b = { minimum = 0.5, maxLength = 2 }, a = { enum = [1, { x-json = 'null' }, 'x'] } }, if = { required = ['c'] }, then = { minProperties = 3 } }";
    let loaded = loaded(&[("a.toml", toml), ("t.json", json)]);
    let contracts = &loaded.contracts;
    let types = contracts.contracts[0].types.iter();
    let forms: Vec<_> = types
        .map(|named| canonical(contracts.schemas.get(named.schema)))
        .collect();
    assert_eq!(forms[0], forms[1]);
}

#[test]
fn what_json_schema_allows_is_taken_from_json() {
    let json = r#"{
        "then": false, "minContains": 2, "minimum": 5, "maximum": 1, "required": ["x"],
        "properties": { "x": { "type": "string", "default": 1 } }, "additionalProperties": false
    }"#;
    let files = [
        ("a.toml", "[types]\nT = { '$ref' = 't.json' }"),
        ("t.json", json),
    ];
    // The default does not fit, so it does not stand in for the property.
    assert_eq!(broken(&files, &json!({})), [" required"]);
    assert_eq!(broken(&files, &json!([1])), [""; 0]);
    assert_eq!(broken(&files, &json!(3)), [" minimum", " maximum"]);
}

#[test]
fn a_folder_is_read_as_far_as_references_lead() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("schemas")).unwrap();
    std::fs::write(path("schemas/id.json"), r#"{ "type": "string" }"#).unwrap();
    std::fs::write(path("census.json"), "[").unwrap();
    let text = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'schemas/id.json' }";
    std::fs::write(path("a.toml"), text).unwrap();
    let loaded = load(folder.path());
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let sources = loaded.contracts.sources.iter();
    let names: Vec<_> = sources
        .map(|(_, file)| file.file_name().to_owned())
        .collect();
    assert_eq!(names, ["a.toml", "id.json"]);
}
