//! Schemas in JSON files, which say what nobody would write into a contract.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// The code for a task with one argument of that schema.
fn rendered(schema: &str) -> String {
    let contract = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'\n\
                    args.properties.value = { '$ref' = 'schema.json' }";
    let loaded = load_sources([
        ("a.toml".to_owned(), contract.to_owned()),
        ("schema.json".to_owned(), schema.to_owned()),
    ]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let files = render(&loaded.contracts, &Options::default()).unwrap();
    files.into_iter().map(|file| file.text).collect()
}

#[test]
fn a_constant_that_its_schema_refuses_is_not_filled_in() {
    let code = rendered(
        r#"{ "type": "object", "required": ["a"],
             "properties": { "a": { "type": "array", "const": true } } }"#,
    );
    assert!(!code.contains("compile_error"), "{code}");
}

#[test]
fn definitions_without_a_name_are_told_apart() {
    let code = rendered(
        r##"{ "$defs": { "": { "type": "object", "properties": { "x": { "$ref": "#/$defs//$defs/" } },
                               "$defs": { "": { "type": "object", "properties": { "y": {} } } } } },
              "type": "object", "properties": { "z": { "$ref": "#/$defs/" } } }"##,
    );
    for name in ["Schema", "SchemaEmpty", "SchemaEmptyEmpty"] {
        assert!(
            code.contains(&format!("pub struct {name} ")),
            "{name}: {code}"
        );
    }
}

#[test]
fn a_property_without_a_name_has_a_type_of_its_own() {
    let code = rendered(
        r#"{ "type": "object", "properties": { "x": {},
             "": { "type": "object", "properties": { "y": {} } } } }"#,
    );
    assert!(code.contains("pub struct SchemaEmpty "), "{code}");
}
