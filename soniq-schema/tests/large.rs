//! Texts and values beyond what anybody writes by hand: answered within bounds.

#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "tests")]

use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Loaded, evaluate, fill_defaults, load_sources};

fn loaded(contract: String, json: Option<String>) -> Loaded {
    let json = json.map(|text| ("t.json".to_owned(), text));
    let loaded = load_sources([("a.toml".to_owned(), contract)].into_iter().chain(json));
    render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    loaded
}

const REFERRING: &str = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 't.json' }";

/// As large as a file may be: every limit is behind the one of its length.
#[test]
fn eight_megabytes_of_schema() {
    let mut toml = String::from(
        "edition = '2026'\nnamespace = 'a'\n[types.T]\ntype = 'object'\n[types.T.properties]\n",
    );
    let mut json = String::from("{\"properties\":{");
    for n in 0..40_000 {
        toml += &format!(
            "p{n} = {{ type = 'string', description = '{}' }}\n",
            "x".repeat(100)
        );
        json += &format!(
            "\"p{n}\":{{\"type\":\"string\",\"description\":\"{}\"}},",
            "x".repeat(100)
        );
    }
    json += "\"last\":true}}";
    assert!(toml.len() > 5 << 20 && json.len() > 5 << 20);
    assert!(loaded(toml, None).is_ok());
    assert!(loaded(REFERRING.to_owned(), Some(json)).is_ok());
}

/// Every mistake costs the lines that it is on, not the file.
#[test]
fn a_file_of_mistakes() {
    let mut text = String::from("edition = '2026'\nnamespace = 'a'\n[types]\n");
    for n in 0..20_000 {
        text += &format!("p{n} = {{ typ = 'string', minLength = 'x' }}\n");
    }
    assert_eq!(loaded(text, None).diagnostics.len(), 40_000);
}

/// Of what is no TOML at all, the first errors are told.
#[test]
fn a_file_that_is_something_else() {
    for text in [
        "[".repeat(100_000),
        "= \n".repeat(200_000),
        "a = {".repeat(10_000),
    ] {
        let loaded = loaded(text, None);
        assert!(!loaded.is_ok() && loaded.diagnostics.len() <= 101);
    }
    let last = loaded("= \n".repeat(1000), None).diagnostics.pop().unwrap();
    assert!(
        last.message
            .ends_with("more errors of syntax are in this file"),
        "{last:?}"
    );
}

#[test]
fn ten_thousand_nested_arrays() {
    let nested = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    let toml = format!("{REFERRING}\nX = {{ enum = [{}] }}", nested("[", "]"));
    assert!(!loaded(toml, None).is_ok());
    for json in [
        nested("[", "]"),
        format!("{{\"enum\":[{}]}}", nested("[", "]")),
        format!(
            "{{\"const\":{}1{}}}",
            "{\"a\":".repeat(10_000),
            "}".repeat(10_000)
        ),
    ] {
        assert!(!loaded(REFERRING.to_owned(), Some(json)).is_ok());
    }
    let x_json = format!(
        "{REFERRING}\nX = {{ enum = [{{ x-json = '{}' }}] }}",
        nested("[", "]")
    );
    assert!(!loaded(x_json, None).is_ok());
}

/// A value that no reader of JSON lets through may still be built.
#[test]
fn ten_thousand_nested_arrays_as_a_value() {
    let text = "edition = '2026'\nnamespace = 'a'\n[types]\n\
                T = { items = { '$ref' = '#/types/T' }, uniqueItems = true, default = [] }\n";
    let contracts = loaded(text.to_owned(), None).contracts;
    let schema = contracts
        .schemas
        .get(contracts.contracts[0].types[0].schema);
    let mut value = json!([]);
    for _ in 0..10_000 {
        value = Value::Array(vec![value]);
    }
    let rules: Vec<_> = evaluate(schema, &value)
        .into_iter()
        .map(|one| one.rule)
        .collect();
    assert_eq!(rules, ["$ref"]);
    fill_defaults(schema, &mut value);
    // Dropping it whole would be as deep.
    while let Value::Array(items) = &mut value {
        let Some(inner) = items.pop() else { break };
        value = inner;
    }
}
