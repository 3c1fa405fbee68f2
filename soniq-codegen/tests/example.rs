//! `example()`: what a schema's plainest value is, and what is said where none is found.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fmt::Write as _;

use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// The generated text for arguments with these properties, all of them required.
fn generated(properties: &str, rest: &str) -> String {
    let names: Vec<String> = properties
        .lines()
        .filter_map(|line| Some(format!("'{}'", line.split_once(" = ")?.0.trim())))
        .collect();
    let contract = format!(
        "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\n[tasks.t.args]\ntype = 'object'\n\
         required = [{}]\n{rest}\n[tasks.t.args.properties]\n{properties}",
        names.join(", ")
    );
    let loaded = load_sources([("a.toml".to_owned(), contract)]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let mut files = render(&loaded.contracts, &Options::default()).unwrap();
    files.remove(1).text
}

/// The body of `Args::example`, on one line.
fn example(properties: &str, rest: &str) -> Option<String> {
    let text = generated(properties, rest);
    let (_, body) = text.split_once("pub fn example() -> Args {")?;
    let (body, _) = body.split_once("\n        }\n    }\n")?;
    Some(body.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_plainest_value() {
    let mut all = String::new();
    for property in [
        "a = { type = 'string' }",
        "a = { type = 'string', minLength = 6, maxLength = 7 }",
        "a = { type = 'string', maxLength = 2 }",
        "a = { type = 'string', pattern = '^[A-Z]{3}-\\d+$', minLength = 8 }",
        "a = { type = 'string', format = 'email', maxLength = 16 }",
        "a = { type = 'string', enum = ['x', 'y'] }",
        "a = { type = 'string', examples = ['like so'] }",
        "a = { const = 7 }",
        "a = { type = ['null', 'integer'], minimum = 5 }",
        "a = { type = 'integer', exclusiveMinimum = 10, multipleOf = 4 }",
        "a = { type = 'integer', maximum = -3 }",
        "a = { type = 'number', exclusiveMinimum = 0, maximum = 0.5 }",
        "a = { type = 'number', minimum = 3, multipleOf = 0.25 }",
        "a = { type = 'array', items = { type = 'string', format = 'date' }, minItems = 1 }",
        "a = { type = 'array', items = { type = 'integer' }, minItems = 3, uniqueItems = true }",
        "a = { type = 'array', items = { type = 'integer' }, contains = { const = 3 } }",
        "a = { type = 'array', prefixItems = [{ type = 'integer' }, { type = 'boolean' }], items = false, minItems = 2 }",
        "a = { type = 'object', additionalProperties = { type = 'integer' }, minProperties = 2 }",
        "a = { type = 'object', required = ['b'], properties = { b = { type = 'boolean' }, c = { type = 'string' } } }",
        "a = { type = 'object', properties = { b = { type = 'string' }, c = { type = 'string' } }, minProperties = 1, dependentRequired = { b = ['c'] } }",
        "a = { oneOf = [{ type = 'integer' }, { type = 'string' }] }",
        "a = { type = 'integer', not = { maximum = 5 } }",
        "a = { type = 'string', if = { maxLength = 4 }, then = { pattern = '^x' } }",
        "a = { type = 'object', allOf = [{ required = ['b'], properties = { b = { type = 'integer' } } }, { properties = { b = { minimum = 9 } } }] }",
    ] {
        let found = example(property, "").unwrap_or_else(|| format!("none for {property}"));
        writeln!(all, "{property}\n    {found}").unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_type_without_values_has_no_example_and_says_so() {
    let text = generated("a = { type = 'integer', not = {} }", "");
    assert!(!text.contains("fn example()"), "{text}");
    assert!(text.contains("/// There is no `example()`"), "{text}");
}

#[test]
fn what_the_contract_says_goes_first() {
    let property = "a = { type = 'integer' }";
    let of_schema = example(property, "examples = [{ a = 42 }, { a = 43 }]");
    assert_eq!(of_schema.as_deref(), Some("Args { a: 42 }"));
}
