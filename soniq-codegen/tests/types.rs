//! Which types schemas become, by their declarations alone.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// The types in the files of all namespaces, with their public fields.
fn declared(files: &[(&str, &str)]) -> String {
    let files = files.iter().map(|(name, text)| {
        let text = match name.strip_suffix(".toml") {
            Some(namespace) => format!("edition = '2026'\nnamespace = '{namespace}'\n{text}"),
            None => (*text).to_owned(),
        };
        (format!("contracts/{name}"), text)
    });
    let loaded = load_sources(files);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let files = render(&loaded.contracts, &Options::default()).unwrap();
    let mut text = String::new();
    for line in files[1..].iter().flat_map(|file| file.text.lines()) {
        let line = line.trim();
        let is_field =
            line.ends_with(',') && ["pub ", "Other("].iter().any(|word| line.starts_with(word));
        let words = ["pub enum ", "pub struct ", "pub type "];
        let is_type = words.iter().any(|word| line.starts_with(word)) && !line.contains("Builder");
        if is_type || is_field {
            text.push_str(line.trim_end_matches(" {"));
            text.push('\n');
        }
    }
    text
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(declared(files).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_open_enum_needs_no_type() {
    check(
        &[(
            "a.toml",
            "[types.Level]
            enum   = ['low', 'high']
            x-open = true
            [types.Door]
            type         = 'object'
            properties.a = { title = 'State', enum = ['open', { x-json = 'null' }], x-open = true }",
        )],
        &[
            "pub struct Door",
            "pub a: Option<Option<State>>,",
            "pub enum Level",
            "Other(UnknownValue),",
            "pub enum State",
            "Other(UnknownValue),",
        ],
    );
}

const MONEY: (&str, &str) = (
    "schemas/money.json",
    r#"{ "type": "object", "properties": { "minor": { "type": "integer" } } }"#,
);

#[test]
fn a_type_that_is_a_mere_reference_is_the_type_itself() {
    let a = "[types.Money]
        '$ref'      = 'schemas/money.json'
        description = 'What is owed.'
        [types.Same]
        '$ref' = '#/types/Money'
        [types.Price]
        type         = 'object'
        properties.a = { '$ref' = '#/types/Money' }
        properties.b = { '$ref' = 'schemas/money.json' }";
    let b = "[types.Amount]
        '$ref' = 'schemas/money.json'";
    check(
        &[("a.toml", a), ("b.toml", b), MONEY],
        &[
            "pub struct Money",
            "pub minor: Option<i64>,",
            "pub struct Price",
            "pub a: Option<Money>,",
            "pub b: Option<Money>,",
            "pub type Same = Money;",
            "pub type Amount = super::a::Money;",
        ],
    );
}

#[test]
fn a_struct_that_may_be_null_is_one_by_its_name_too() {
    let a = "[types.Money]
        '$ref' = 'money.json'
        [types.Price]
        type         = 'object'
        required     = ['a']
        properties.a = { '$ref' = '#/types/Money' }";
    let money =
        r#"{ "type": ["object", "null"], "properties": { "minor": { "type": "integer" } } }"#;
    check(
        &[("a.toml", a), ("money.json", money)],
        &[
            "pub struct Money",
            "pub minor: Option<i64>,",
            "pub struct Price",
            "pub a: Option<Money>,",
        ],
    );
}

#[test]
fn a_file_that_is_called_like_a_type_has_its_path_in_its_name() {
    let a = "[types.Money]
        type         = 'object'
        properties.a = { '$ref' = 'schemas/money.json' }
        properties.b = { '$ref' = 'old/money.json' }
        properties.c = { '$ref' = 'money.json' }";
    let old = ("old/money.json", r#"{ "enum": ["EUR", "USD"] }"#);
    let plain = ("money.json", r#"{ "type": "string" }"#);
    check(
        &[("a.toml", a), MONEY, old, plain],
        &[
            "pub struct Money",
            "pub a: Option<SchemasMoneyJson>,",
            "pub b: Option<OldMoneyJson>,",
            "pub c: Option<MoneyJson>,",
            "pub struct SchemasMoneyJson",
            "pub minor: Option<i64>,",
            "pub enum OldMoneyJson",
            "pub type MoneyJson = String;",
        ],
    );
}
