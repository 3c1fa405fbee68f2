//! The keywords that put schemas together: which rules are told, at which place, in which order.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::json_schema::{Dialect, evaluate_as};
use soniq_schema::load_sources;

/// The violations of `value`, each as `pointer rule`, by the rules of a dialect.
fn broken_as(dialect: Dialect, schema: &str, value: &Value) -> Vec<String> {
    let text = format!("edition = '2026'\nnamespace = 'a'\n[types]\nSubject = {schema}\n");
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(loaded.is_ok(), "{shown}");
    let contracts = loaded.contracts;
    let subject = contracts
        .schemas
        .get(contracts.contracts[0].types[0].schema);
    evaluate_as(dialect, subject, value)
        .into_iter()
        .map(|violation| format!("{} {}", violation.pointer, violation.rule))
        .collect()
}

fn broken(schema: &str, value: &Value) -> Vec<String> {
    broken_as(Dialect::Contract, schema, value)
}

#[test]
fn all_of_tells_everything_that_is_broken() {
    let schema = "{ minLength = 4, allOf = [{ maxLength = 1 }, { pattern = '^x', allOf = [{ const = 'xyz' }] }] }";
    assert_eq!(broken(schema, &json!("xyzz")), [" maxLength", " const"]);
    assert_eq!(
        broken(schema, &json!("ab")),
        [" minLength", " maxLength", " pattern", " const"]
    );
}

#[test]
fn alternatives_are_one_violation() {
    let any = "{ anyOf = [{ type = 'string' }, { minimum = 3 }] }";
    assert_eq!(broken(any, &json!("a")), [""; 0]);
    assert_eq!(broken(any, &json!(3)), [""; 0]);
    assert_eq!(broken(any, &json!(2)), [" anyOf"]);
    let one =
        "{ type = 'object', properties.v = { oneOf = [{ multipleOf = 2 }, { multipleOf = 3 }] } }";
    assert_eq!(broken(one, &json!({ "v": 4 })), [""; 0]);
    assert_eq!(broken(one, &json!({ "v": 5 })), ["/v oneOf"]);
    assert_eq!(broken(one, &json!({ "v": 6 })), ["/v oneOf"]);
    let not = "{ not = { type = 'string' } }";
    assert_eq!(broken(not, &json!(1)), [""; 0]);
    assert_eq!(broken(not, &json!("a")), [" not"]);
}

#[test]
fn conditions_tell_what_the_branch_breaks() {
    let schema = "{ if = { type = 'string' }, then = { minLength = 2 }, else = { minimum = 2 } }";
    assert_eq!(broken(schema, &json!("a")), [" minLength"]);
    assert_eq!(broken(schema, &json!(1)), [" minimum"]);
    assert_eq!(broken(schema, &json!(2)), [""; 0]);
    assert_eq!(broken("{ if = false, then = false }", &json!(1)), [""; 0]);
}

#[test]
fn dependents() {
    let schema = "{ dependentRequired = { card = ['name', 'address', 'country'] }, dependentSchemas = { card = { properties.card = { minLength = 2 } } }, properties.country = { default = 'DE' } }";
    assert_eq!(
        broken(schema, &json!({ "card": "1" })),
        [
            " dependentRequired",
            " dependentRequired",
            "/card minLength"
        ]
    );
    assert_eq!(
        broken_as(Dialect::JsonSchema, schema, &json!({ "card": "1" })).len(),
        4
    );
    assert_eq!(broken(schema, &json!({ "name": 1 })), [""; 0]);
    assert_eq!(broken(schema, &json!("card")), [""; 0]);
}

#[test]
fn names_of_properties() {
    let schema = "{ patternProperties = { '^x-' = { type = 'string' }, 'z$' = { maxLength = 1 } }, additionalProperties = { type = 'integer' }, propertyNames = { maxLength = 4 } }";
    assert_eq!(
        broken(
            schema,
            &json!({ "b": "1", "x-long": 1, "x-z": "ab", "a": 1, "x-a": 2 })
        ),
        [
            "/x-a type",
            "/x-long type",
            "/x-z maxLength",
            "/b type",
            "/x-long propertyNames"
        ]
    );
    let closed = "{ patternProperties = { '^x-' = true }, additionalProperties = false }";
    assert_eq!(
        broken(closed, &json!({ "x-a": 1, "b": 1 })),
        ["/b additionalProperties"]
    );
}

#[test]
fn contained_items() {
    let one = "{ contains = { minimum = 5 } }";
    assert_eq!(broken(one, &json!([1, 5])), [""; 0]);
    assert_eq!(broken(one, &json!([1])), [" contains"]);
    assert_eq!(broken(one, &json!([])), [" contains"]);
    let some = "{ contains = { minimum = 5 }, minContains = 2, maxContains = 3 }";
    assert_eq!(broken(some, &json!([5, 1])), [" minContains"]);
    assert_eq!(broken(some, &json!([5, 1, 5])), [""; 0]);
    assert_eq!(broken(some, &json!([5, 5, 5, 5])), [" maxContains"]);
    let none = "{ contains = { minimum = 5 }, minContains = 0, maxContains = 0 }";
    assert_eq!(broken(none, &json!([1])), [""; 0]);
    assert_eq!(broken(none, &json!([5])), [" maxContains"]);
}

#[test]
fn unevaluated_properties_are_those_that_nobody_spoke_of() {
    let schema = "{ properties.a = {}, allOf = [{ properties.b = {} }], anyOf = [{ properties.c = { const = 1 }, required = ['c'] }, { properties.d = { const = 1 } }], not = { properties.n = {}, required = ['n'] }, if = { required = ['e'] }, then = { properties.e = {} }, unevaluatedProperties = false }";
    assert_eq!(
        broken(schema, &json!({ "a": 1, "b": 1, "c": 1, "d": 1, "e": 1 })),
        [""; 0]
    );
    // The branch with `c` does not fit, so nothing speaks of it.
    assert_eq!(
        broken(schema, &json!({ "z": 1, "c": 2, "d": 1 })),
        ["/c unevaluatedProperties", "/z unevaluatedProperties"]
    );
    let typed = "{ properties.a = {}, unevaluatedProperties = { type = 'string' } }";
    assert_eq!(broken(typed, &json!({ "a": 1, "b": 1 })), ["/b type"]);
    // What an inner schema looked for has been spoken of.
    let inner = "{ allOf = [{ unevaluatedProperties = true }], unevaluatedProperties = false }";
    assert_eq!(broken(inner, &json!({ "b": 1 })), [""; 0]);
    // A schema does not see what stands beside it.
    let cousins = "{ allOf = [{ properties.a = {} }, { unevaluatedProperties = false }] }";
    assert_eq!(
        broken(cousins, &json!({ "a": 1 })),
        ["/a unevaluatedProperties"]
    );
}

#[test]
fn what_must_hold_counts_even_where_it_is_broken() {
    let schema =
        "{ allOf = [{ properties.a = { type = 'string' } }], unevaluatedProperties = false }";
    assert_eq!(broken(schema, &json!({ "a": 1 })), ["/a type"]);
}

#[test]
fn unevaluated_items_are_those_that_nobody_spoke_of() {
    let schema = "{ prefixItems = [true], anyOf = [{ contains = { const = 'x' } }, true], unevaluatedItems = false }";
    assert_eq!(
        broken(schema, &json!([1, "x", 2, "x"])),
        ["/2 unevaluatedItems"]
    );
    let all = "{ allOf = [{ items = true }], unevaluatedItems = false }";
    assert_eq!(broken(all, &json!([1, 2])), [""; 0]);
}

#[test]
fn the_order_of_what_is_put_together() {
    let schema = "{ minProperties = 9, propertyNames = { maxLength = 1 }, dependentRequired = { a = ['zz'] }, '$ref' = '#/$defs/R', allOf = [{ required = ['all'] }], anyOf = [false], oneOf = [false], not = true, if = true, then = { minProperties = 8 }, dependentSchemas = { a = { maxProperties = 0 } }, unevaluatedProperties = false, '$defs' = { R = { required = ['ref'] } } }";
    assert_eq!(
        broken(schema, &json!({ "a": 1, "bb": 1 })),
        [
            " minProperties",
            "/bb propertyNames",
            " dependentRequired",
            " required",
            " required",
            " anyOf",
            " oneOf",
            " not",
            " minProperties",
            " maxProperties",
            "/a unevaluatedProperties",
            "/bb unevaluatedProperties",
        ]
    );
}

#[test]
fn dialects_differ_in_three_rules() {
    let schema = "{ required = ['d'], properties = { f = { format = 'uuid' }, i = { type = 'integer' }, d = { default = 1 } } }";
    let value = json!({ "f": "x", "i": 1e300 });
    assert_eq!(broken(schema, &value), ["/f format", "/i type"]);
    assert_eq!(
        broken_as(Dialect::JsonSchema, schema, &value),
        [" required"]
    );
}
