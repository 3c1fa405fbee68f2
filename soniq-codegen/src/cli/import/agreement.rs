//! An imported schema accepts what the schema accepted that it was made of, in the eyes of a
//! validator that reads every draft.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use soniq_schema::json_schema::{Dialect, evaluate_as};

use super::draft::Draft;
use super::run::{Request, import};

const CASES: u32 = 150;

fn leaf() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(2.0),
        json!(2.5),
        json!(-3),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("a"),
        json!("ab"),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let name = select(vec!["a", "b", "ab", "x-json", "$ref"]);
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            vec((name, inner), 0..3).prop_map(object),
        ]
    })
}

fn object(members: Vec<(&'static str, Value)>) -> Value {
    let members = members.into_iter();
    Value::Object(
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// One or two keywords without schemas inside.
fn rule(draft: Draft) -> BoxedStrategy<Value> {
    let types = vec![
        "null", "boolean", "integer", "number", "string", "array", "object",
    ];
    let types = select(types).prop_map(|name| json!({ "type": name }));
    let bound = (-2_i64..4).prop_map(|n| json!({ "minimum": n }));
    let values = vec(value(), 1..4).prop_map(|values| json!({ "enum": values }));
    let names = select(vec![
        json!({ "required": ["a"] }),
        json!({ "required": ["ab", "a", "ab"] }),
    ]);
    let others = select(vec![
        json!({ "minLength": 1 }),
        json!({ "maxLength": 1.0 }),
        json!({ "maximum": 18_446_744_073_709_551_615_u64 }),
        json!({ "pattern": "^a" }),
        json!({ "maxItems": 1 }),
        json!({ "uniqueItems": true }),
        json!({ "minProperties": 1 }),
        json!({ "multipleOf": 0.5 }),
        json!({ "dependencies": { "a": ["b"] }, "type": ["object", "array"] }),
        json!({ "title": "A", "description": "B", "default": 1 }),
    ]);
    let of_draft = match draft {
        Draft::Four => select(vec![
            json!({ "minimum": 1, "exclusiveMinimum": true }),
            json!({ "maximum": 1, "exclusiveMaximum": false }),
            json!({ "exclusiveMaximum": true }),
        ])
        .boxed(),
        _ => value().prop_map(|value| json!({ "const": value })).boxed(),
    };
    let references = select(vec![
        json!({ "anyOf": [{ "type": "string", "minLength": 1 }, { "type": "null" }], "title": "A" }),
        json!({ "$ref": "#/definitions/one" }),
        json!({ "$ref": "#/definitions/two", "type": "string" }),
        json!({ "items": { "$ref": "#" } }),
        json!({ "properties": { "b": { "$ref": "#/definitions/one/properties/c" } } }),
    ]);
    prop_oneof![types, bound, values, names, others, of_draft, references].boxed()
}

fn schema(draft: Draft) -> BoxedStrategy<Value> {
    rule(draft)
        .prop_recursive(3, 16, 3, move |inner| {
            let one = move |keyword: &'static str, inner: BoxedStrategy<Value>| {
                inner.prop_map(move |schema| json!({ keyword: schema }))
            };
            let name = select(vec!["a", "b", "ab"]);
            let named = select(vec!["properties", "patternProperties", "dependencies"]);
            let lists = select(vec!["allOf", "anyOf", "oneOf"]);
            let tuple = match draft {
                Draft::Of2020 => "prefixItems",
                _ => "items",
            };
            let rest = match draft {
                Draft::Of2020 => "items",
                _ => "additionalItems",
            };
            let mut choices = vec![
                (named, vec((name, inner.clone()), 1..3))
                    .prop_map(|(keyword, members)| json!({ keyword: object(members) }))
                    .boxed(),
                (lists, vec(inner.clone(), 1..3))
                    .prop_map(|(keyword, schemas)| json!({ keyword: schemas }))
                    .boxed(),
                (vec(inner.clone(), 1..3), inner.clone())
                    .prop_map(move |(first, others)| json!({ tuple: first, rest: others }))
                    .boxed(),
                one("additionalItems", inner.clone()).boxed(),
                one("additionalProperties", inner.clone()).boxed(),
                one("items", inner.clone()).boxed(),
                one("not", inner.clone()).boxed(),
                (inner.clone(), inner.clone())
                    .prop_map(|(a, b)| both(a, b))
                    .boxed(),
            ];
            if draft >= Draft::Seven {
                choices.extend([
                    one("contains", inner.clone()).boxed(),
                    one("propertyNames", inner.clone()).boxed(),
                    one("then", inner.clone()).boxed(),
                    (inner.clone(), inner.clone())
                        .prop_map(|(test, other)| json!({ "if": test, "else": other }))
                        .boxed(),
                ]);
            }
            if draft >= Draft::Of2019 {
                choices.extend([
                    one("unevaluatedProperties", inner.clone()).boxed(),
                    one("minContains", Just(json!(2)).boxed()).boxed(),
                ]);
            }
            if draft == Draft::Of2019 {
                choices.push(Just(json!({ "items": { "$recursiveRef": "#" } })).boxed());
            }
            proptest::strategy::Union::new(choices)
        })
        .boxed()
}

/// What two schemas say, as far as they do not say it by the same keyword.
fn both(first: Value, second: Value) -> Value {
    let (Value::Object(mut all), Value::Object(second)) = (first, second) else {
        unreachable!("every schema is made as an object")
    };
    all.extend(second);
    Value::Object(all)
}

/// A file: a schema, and two that it may refer to.
fn file(draft: Draft, uri: &'static str) -> impl Strategy<Value = Map<String, Value>> {
    let parts = (schema(draft), schema(draft), rule(draft));
    parts.prop_map(move |(root, part, last)| {
        let one = json!({ "type": ["object", "null"], "properties": { "c": part } });
        let definitions = json!({ "definitions": { "one": one, "two": last } });
        let Value::Object(mut root) = both(root, definitions) else {
            unreachable!("it was made as an object")
        };
        root.insert("$schema".to_owned(), json!(uri));
        root
    })
}

/// The contract, and whether it accepts the values; `None` where it was refused.
fn imported(text: &str, values: &[Value]) -> Option<(String, Vec<bool>)> {
    let outcome = import(&Request {
        file_name: "file.json",
        stem: "file",
        text,
        pointer: None,
        task: None,
        out_name: "file.toml",
    });
    let is_fine = outcome.report.problems() == 0 && outcome.diagnostics.is_empty();
    let toml = outcome.toml.filter(|_| is_fine)?;
    let loaded = soniq_schema::load_sources([("file.toml".to_owned(), toml.clone())]);
    let mut types = loaded.contracts.contracts[0].types.iter();
    // A root that is but a reference is no type; an array of such items is as good.
    let root = types.find(|one| one.name == "File")?.schema;
    let root = loaded.contracts.schemas.get(root);
    // A contract's integers have 64 bits, which is none of an import's business.
    let accepts = |value| evaluate_as(Dialect::JsonSchema, root, value).is_empty();
    Some((toml, values.iter().map(accepts).collect()))
}

fn agree(draft: Draft, uri: &'static str, oracle: jsonschema::Draft) {
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let compared = std::cell::Cell::new(0_u32);
    let strategy = (file(draft, uri), vec(value(), 8));
    let result = runner.run(&strategy, |(file, values)| {
        let file = Value::Object(file);
        let text = file.to_string();
        let Ok(validator) = jsonschema::options().with_draft(oracle).build(&file) else {
            return Ok(());
        };
        let Some((toml, accepted)) = imported(&text, &values) else {
            return Ok(());
        };
        compared.set(compared.get() + 1);
        for (value, accepted) in values.iter().zip(accepted) {
            // Only there 2.0 is no integer.
            if draft == Draft::Four && value.to_string().contains("2.0") {
                continue;
            }
            prop_assert_eq!(
                accepted,
                validator.is_valid(value),
                "{}\nfrom {}\ngave {}",
                value,
                text,
                toml
            );
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let compared = compared.get();
    assert!(
        compared > CASES / 4,
        "only {compared} schemas were compared"
    );
}

#[test]
fn draft_04_schemas_mean_the_same() {
    let uri = "http://json-schema.org/draft-04/schema#";
    agree(Draft::Four, uri, jsonschema::Draft::Draft4);
}

#[test]
fn draft_07_schemas_mean_the_same() {
    let uri = "http://json-schema.org/draft-07/schema#";
    agree(Draft::Seven, uri, jsonschema::Draft::Draft7);
}

#[test]
fn schemas_of_2019_09_mean_the_same() {
    let uri = "https://json-schema.org/draft/2019-09/schema";
    agree(Draft::Of2019, uri, jsonschema::Draft::Draft201909);
}

#[test]
fn schemas_of_2020_12_mean_the_same() {
    let uri = "https://json-schema.org/draft/2020-12/schema";
    agree(Draft::Of2020, uri, jsonschema::Draft::Draft202012);
}
