//! Containment, schema by schema: what is safe, and the value that shows what is not.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use soniq_schema::compat::{Verdict, containment};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::load_sources;

const TYPES: &str = "
    Money = { type = 'object', required = ['amount'], properties = { amount = { type = 'integer' } } }
    Tree = { type = 'object', required = ['name'], properties = { name = { type = 'string' }, children = { type = 'array', items = { '$ref' = '#/types/Tree' } } } }
    Tree2 = { type = 'object', required = ['name'], properties = { children = { type = 'array', items = { '$ref' = '#/types/Tree2' } }, name = { type = 'string', maxLength = 5 } } }
";

/// What comes of the writer's schema against the reader's.
fn verdict(writer: &str, reader: &str) -> Verdict {
    let text = format!(
        "edition = '2026'\nnamespace = 'a'\n[types]\n{TYPES}\nWriter = {writer}\nReader = {reader}\n"
    );
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(loaded.is_ok(), "{text}");
    let contracts = &loaded.contracts;
    let schema = |name: &str| {
        let types = &contracts.contracts[0].types;
        let named = types.iter().find(|named| named.name == name).unwrap();
        contracts.schemas.get(named.schema)
    };
    containment(schema("Writer"), schema("Reader"), false)
}

fn safe(writer: &str, reader: &str) {
    assert_eq!(
        verdict(writer, reader),
        Verdict::Safe,
        "{writer} within {reader}"
    );
}

fn breaks(writer: &str, reader: &str, witness: Value) {
    assert_eq!(
        verdict(writer, reader),
        Verdict::Breaking(witness),
        "{writer} within {reader}"
    );
}

fn unproven(writer: &str, reader: &str) {
    assert_eq!(
        verdict(writer, reader),
        Verdict::Unproven,
        "{writer} within {reader}"
    );
}

#[test]
fn types() {
    safe("{ type = 'string' }", "{ type = ['string', 'null'] }");
    breaks(
        "{ type = ['string', 'null'] }",
        "{ type = 'string' }",
        json!(null),
    );
    breaks("{ type = 'string' }", "{ type = 'integer' }", json!("a"));
    safe("{ type = 'integer' }", "{ type = 'number' }");
    breaks("{ type = 'number' }", "{ type = 'integer' }", json!(0.5));
    safe("false", "{ type = 'integer' }");
    safe("true", "{}");
    breaks("true", "{ type = 'string' }", json!(0));
}

#[test]
fn numbers() {
    safe(
        "{ type = 'integer', format = 'int32' }",
        "{ type = 'integer' }",
    );
    breaks(
        "{ type = 'integer' }",
        "{ type = 'integer', format = 'uint8' }",
        json!(-1),
    );
    safe(
        "{ type = 'integer', exclusiveMinimum = 0 }",
        "{ type = 'integer', minimum = 1 }",
    );
    breaks(
        "{ type = 'integer', minimum = 0 }",
        "{ type = 'integer', minimum = 1 }",
        json!(0),
    );
    breaks(
        "{ type = 'integer' }",
        "{ type = 'integer', maximum = 100 }",
        json!(101),
    );
    breaks(
        "{ type = 'number', minimum = 3 }",
        "{ type = 'number', exclusiveMinimum = 3 }",
        json!(3),
    );
    safe(
        "{ type = 'integer', multipleOf = 6 }",
        "{ type = 'integer', multipleOf = 3 }",
    );
    breaks(
        "{ type = 'integer', multipleOf = 3 }",
        "{ type = 'integer', multipleOf = 6 }",
        json!(3),
    );
    safe(
        "{ type = 'integer', minimum = 1, maximum = 5 }",
        "{ enum = [1, 2, 3, 4, 5, 6] }",
    );
    breaks(
        "{ type = 'integer', minimum = 1, maximum = 5 }",
        "{ not = { const = 4 } }",
        json!(4),
    );
    safe(
        "{ type = 'integer', minimum = 1 }",
        "{ not = { maximum = 0 } }",
    );
}

#[test]
fn texts() {
    breaks(
        "{ type = 'string' }",
        "{ type = 'string', minLength = 1 }",
        json!(""),
    );
    safe(
        "{ type = 'string', format = 'uuid' }",
        "{ type = 'string', maxLength = 36 }",
    );
    breaks(
        "{ type = 'string' }",
        "{ type = 'string', format = 'date-time' }",
        json!("a"),
    );
    safe(
        "{ type = 'string', format = 'uri' }",
        "{ type = 'string', format = 'uri-reference' }",
    );
    safe(
        "{ type = 'string', pattern = '^[a-z]{3}$' }",
        "{ type = 'string', pattern = '^[a-z]+$', minLength = 3 }",
    );
    breaks(
        "{ type = 'string', pattern = '^[a-z0-9]+$' }",
        "{ type = 'string', pattern = '^[a-z]+$' }",
        json!("0"),
    );
    safe(
        "{ type = 'string', format = 'uuid' }",
        "{ type = 'string', pattern = '^[0-9a-fA-F-]+$' }",
    );
    safe(
        "{ type = 'string', enum = ['a', 'b'] }",
        "{ type = 'string', enum = ['a', 'b', 'c'] }",
    );
    breaks(
        "{ type = 'string', enum = ['a', 'b'] }",
        "{ type = 'string', enum = ['a'] }",
        json!("b"),
    );
    safe(
        "{ type = 'string', enum = ['a', 'b'], x-open = true }",
        "{ type = 'string', enum = ['a'], x-open = true }",
    );
    breaks(
        "{ type = 'string', enum = ['b'], x-open = true }",
        "{ type = 'string', enum = ['b'] }",
        json!("a"),
    );
}

#[test]
fn objects() {
    let one = "{ type = 'object', properties.a = { type = 'string' } }";
    safe(
        one,
        "{ type = 'object', properties = { a = { type = 'string' }, b = { type = 'integer' } } }",
    );
    safe(
        one,
        "{ type = 'object', properties.b = { type = 'integer' } }",
    );
    safe(
        one,
        "{ type = 'object', additionalProperties = false, properties.a = {} }",
    );
    breaks(
        one,
        "{ type = 'object', additionalProperties = false, properties.b = {} }",
        json!({ "a": "a" }),
    );
    breaks(one, "{ type = 'object', required = ['a'] }", json!({}));
    safe(
        one,
        "{ type = 'object', required = ['a'], properties.a = { type = 'string', default = 'x' } }",
    );
    safe(
        "{ type = 'object', properties.a = { type = 'string', default = 'x' } }",
        "{ type = 'object', required = ['a'] }",
    );
    breaks(
        one,
        "{ type = 'object', properties.a = { type = 'integer' } }",
        json!({ "a": "a" }),
    );
    // A map writes any key.
    let map = "{ type = 'object', additionalProperties = { type = 'string' } }";
    breaks(
        map,
        "{ type = 'object', properties.b = { type = 'integer' } }",
        json!({ "b": "a" }),
    );
    safe(
        map,
        "{ type = 'object', properties.b = { type = ['string', 'null'] } }",
    );
    breaks(
        map,
        "{ type = 'object', additionalProperties = false }",
        json!({ "a": "a" }),
    );
    safe(
        "{ type = 'object', patternProperties = { '^x' = { type = 'integer' } }, additionalProperties = false }",
        "{ type = 'object', patternProperties = { '^x' = { type = 'number' } }, additionalProperties = false }",
    );
    breaks(
        "{ type = 'object', required = ['m'], properties.m = { '$ref' = '#/types/Money' } }",
        "{ type = 'object', properties.m = { type = 'object', properties.amount = { type = 'integer', minimum = 0 } } }",
        json!({ "m": { "amount": -1 } }),
    );
    safe(
        "{ type = 'object', required = ['a', 'b'], properties = { a = {}, b = {} } }",
        "{ type = 'object', minProperties = 2, dependentRequired = { a = ['b'] } }",
    );
    breaks(
        "{ type = 'object', properties = { a = { type = 'integer' }, b = { type = 'integer' } } }",
        "{ type = 'object', dependentRequired = { a = ['b'] } }",
        json!({ "a": 0 }),
    );
    // What the reader fills in counts.
    unproven(
        "{ type = 'object', required = ['a'], properties.a = { type = 'integer' } }",
        "{ type = 'object', maxProperties = 1, properties = { a = {}, b = { default = 1 } } }",
    );
}

#[test]
fn arrays() {
    safe(
        "{ type = 'array', items = { type = 'integer' }, maxItems = 3 }",
        "{ type = 'array', items = { type = 'number' }, maxItems = 4 }",
    );
    breaks(
        "{ type = 'array', items = { type = 'number' } }",
        "{ type = 'array', items = { type = 'integer' } }",
        json!([0.5]),
    );
    breaks(
        "{ type = 'array', items = { type = 'integer' } }",
        "{ type = 'array', maxItems = 2 }",
        json!([0, 0, 0]),
    );
    breaks(
        "{ type = 'array', items = { type = 'integer' } }",
        "{ type = 'array', minItems = 1 }",
        json!([]),
    );
    breaks(
        "{ type = 'array', items = { type = 'integer' } }",
        "{ type = 'array', uniqueItems = true }",
        json!([0, 0]),
    );
    safe(
        "{ type = 'array', items = { type = 'integer' }, minItems = 1 }",
        "{ type = 'array', contains = { type = 'integer' } }",
    );
    breaks(
        "{ type = 'array', items = { type = 'integer' } }",
        "{ type = 'array', contains = { const = 3 } }",
        json!([]),
    );
    safe(
        "{ type = 'array', prefixItems = [{ type = 'string' }], items = false }",
        "{ type = 'array', items = { type = 'string' } }",
    );
    breaks(
        "{ type = 'array', prefixItems = [{ type = 'string' }], items = { type = 'integer' } }",
        "{ type = 'array', prefixItems = [{ type = 'string' }], items = false }",
        json!(["a", 0]),
    );
}

#[test]
fn unions() {
    let a = "{ type = 'object', required = ['kind'], properties = { kind = { const = 'a' }, x = { type = 'integer' } } }";
    let b = "{ type = 'object', required = ['kind', 'y'], properties = { kind = { const = 'b' }, y = { type = 'string' } } }";
    let c = "{ type = 'object', required = ['kind'], properties = { kind = { const = 'c' } } }";
    safe(
        &format!("{{ oneOf = [{a}, {b}] }}"),
        &format!("{{ oneOf = [{b}, {c}, {a}] }}"),
    );
    breaks(
        &format!("{{ oneOf = [{a}, {b}, {c}] }}"),
        &format!("{{ oneOf = [{b}, {a}] }}"),
        json!({ "kind": "c" }),
    );
    breaks(
        &format!("{{ oneOf = [{a}, {b}] }}"),
        &format!(
            "{{ oneOf = [{a}, {}] }}",
            b.replace("'string'", "'integer'")
        ),
        json!({ "kind": "b", "y": "a" }),
    );
    safe(
        "{ anyOf = [{ type = 'string' }, { type = 'integer' }] }",
        "{ type = ['number', 'string'] }",
    );
    safe(
        "{ type = ['integer', 'string'] }",
        "{ oneOf = [{ type = 'string' }, { type = 'number' }] }",
    );
    breaks(
        "{ type = 'integer' }",
        "{ oneOf = [{ type = 'number' }, { type = 'integer', minimum = 5 }] }",
        json!(5),
    );
    safe(
        "{ anyOf = [{ '$ref' = '#/types/Money' }, { type = 'null' }] }",
        "{ anyOf = [{ type = 'null' }, { '$ref' = '#/types/Money' }] }",
    );
    safe(
        "{ type = 'object', required = ['k'], properties.k = { type = 'boolean' }, if = { properties.k = { const = true } }, then = { required = ['v'], properties.v = { type = 'string' } } }",
        "{ if = { properties.k = { const = true } }, then = { required = ['v'] } }",
    );
}

#[test]
fn recursion() {
    safe(
        "{ '$ref' = '#/types/Tree2' }",
        "{ '$ref' = '#/types/Tree' }",
    );
    breaks(
        "{ '$ref' = '#/types/Tree' }",
        "{ '$ref' = '#/types/Tree2' }",
        json!({ "name": "aaaaaa" }),
    );
}
