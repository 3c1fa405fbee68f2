//! What a reader accepts, rule by rule, and the order in which broken rules are told.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Contracts, evaluate, load_sources};

/// Types that the schemas below may refer to.
const TYPES: &str = "
    [types]
    Short   = { type = 'string', maxLength = 3 }
    Counted = { type = 'integer', default = 1 }
    Never   = false
    Tree    = { type = 'object', required = ['name'], properties = { name = { type = 'string' }, children = { type = 'array', items = { '$ref' = '#/types/Tree' } } } }
";

fn contracts(schema: &str) -> Contracts {
    let text = format!("edition = '2026'\nnamespace = 'a'\n{TYPES}\nSubject = {schema}\n");
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(loaded.is_ok(), "{text}");
    loaded.contracts
}

/// The violations of `value`, each as `pointer rule`.
fn broken(schema: &str, value: &Value) -> Vec<String> {
    let contracts = contracts(schema);
    let types = &contracts.contracts[0].types;
    let subject = types.iter().find(|named| named.name == "Subject").unwrap();
    evaluate(contracts.schemas.get(subject.schema), value)
        .into_iter()
        .map(|violation| format!("{} {}", violation.pointer, violation.rule))
        .collect()
}

/// Values that fit, and values that break exactly the one rule at the top.
fn check(schema: &str, rule: &str, good: &[Value], bad: &[Value]) {
    for value in good {
        assert_eq!(broken(schema, value), [""; 0], "{schema} refused {value}");
    }
    for value in bad {
        assert_eq!(
            broken(schema, value),
            [format!(" {rule}")],
            "{schema} and {value}"
        );
    }
}

#[test]
fn boolean_schemas() {
    check("true", "false", &[json!(null), json!({})], &[]);
    check("false", "false", &[], &[json!(null), json!({})]);
    check("{}", "false", &[json!(1)], &[]);
}

#[test]
fn older_names() {
    let closed = "{ required = ['email'], minProperties = 2, additionalProperties = false, propertyNames = { pattern = '^[a-f]' }, properties = { email = { type = 'string', minLength = 3, x-aliases = ['mail', 'to'] }, copies = { x-aliases = ['n'] } } }";
    for (value, expected) in [
        (json!({ "email": "ada", "copies": 1 }), vec![]),
        (json!({ "to": "ada", "n": 1 }), vec![]),
        (json!({ "mail": "ad", "n": 1 }), vec!["/email minLength"]),
        (
            json!({ "n": 1, "x": 1 }),
            vec![" required", "/x additionalProperties", "/x propertyNames"],
        ),
        (
            json!({ "to": "no", "mail": "ada", "n": 1, "copies": 2 }),
            vec!["/to x-aliases", "/n x-aliases"],
        ),
    ] {
        assert_eq!(broken(closed, &value), expected, "{value}");
    }
    // They are the property's, not those of the type that it has.
    let of_type = "{ properties = { short = { '$ref' = '#/types/Short', x-aliases = ['s'] } }, required = ['short'] }";
    assert_eq!(
        broken(of_type, &json!({ "s": "abcd" })),
        ["/short maxLength"]
    );
    assert_eq!(broken(of_type, &json!({ "s": "abc" })), [""; 0]);
}

#[test]
fn older_names_are_read_by_every_schema_of_the_object() {
    let parts = "{ allOf = [{ properties = { new = { x-aliases = ['old'] } } }], required = ['new'], dependentRequired = { new = ['other'] }, unevaluatedProperties = false, properties = { other = true } }";
    assert_eq!(broken(parts, &json!({ "old": 1, "other": 1 })), [""; 0]);
    assert_eq!(broken(parts, &json!({ "old": 1 })), [" dependentRequired"]);
    assert_eq!(
        broken(parts, &json!({ "old": 1, "new": 1, "other": 1 })),
        ["/old x-aliases"]
    );
    // What an alternative reads is not what the object has beside it.
    let branches = "{ anyOf = [{ properties = { new = { type = 'integer', x-aliases = ['old'] } }, required = ['new'] }, { properties = { old = { type = 'string' } }, required = ['old'] }], unevaluatedProperties = false }";
    assert_eq!(broken(branches, &json!({ "old": 1 })), [""; 0]);
    assert_eq!(broken(branches, &json!({ "old": "text" })), [""; 0]);
    assert_eq!(
        broken(branches, &json!({ "old": true })),
        [" anyOf", "/old unevaluatedProperties"]
    );
    let outside = format!("{{ required = ['new'], allOf = [{branches}] }}");
    assert_eq!(broken(&outside, &json!({ "old": 1 })), [" required"]);
    let constant = "{ const = { new = 1 }, properties = { new = { x-aliases = ['old'] } } }";
    assert_eq!(broken(constant, &json!({ "old": 1 })), [""; 0]);
}

#[test]
fn types() {
    let values = [
        json!(null),
        json!(true),
        json!(1.5),
        json!("a"),
        json!([]),
        json!({}),
    ];
    for (name, index) in [
        ("null", 0),
        ("boolean", 1),
        ("number", 2),
        ("string", 3),
        ("array", 4),
        ("object", 5),
    ] {
        let mut others = values.to_vec();
        let good = others.remove(index);
        check(&format!("{{ type = '{name}' }}"), "type", &[good], &others);
    }
    check(
        "{ type = ['string', 'null'] }",
        "type",
        &[json!("a"), json!(null)],
        &[json!(1)],
    );
    check(
        "{ type = 'number' }",
        "type",
        &[json!(1), json!(1e300), json!(u64::MAX)],
        &[],
    );
}

#[test]
fn integers() {
    check(
        "{ type = 'integer' }",
        "type",
        &[
            json!(1),
            json!(1.0),
            json!(-1),
            json!(i64::MIN),
            json!(i64::MAX),
        ],
        &[json!(1.5), json!(u64::MAX), json!(1e300), json!("1")],
    );
    check(
        "{ type = ['integer', 'number'] }",
        "type",
        &[json!(u64::MAX), json!(1.5)],
        &[json!("1")],
    );
    check(
        "{ type = 'integer', format = 'uint8' }",
        "format",
        &[json!(0), json!(255), json!(255.0)],
        &[json!(-1), json!(256), json!(1e300)],
    );
    check(
        "{ type = 'integer', format = 'uint64' }",
        "format",
        &[json!(u64::MAX)],
        &[json!(-1)],
    );
    check(
        "{ type = 'number', format = 'float' }",
        "format",
        &[json!(1e38)],
        &[json!(1e39)],
    );
    check(
        "{ type = 'number', format = 'double' }",
        "format",
        &[json!(1e300)],
        &[],
    );
}

#[test]
fn choices() {
    check(
        "{ enum = ['a', 1, { x-json = 'null' }] }",
        "enum",
        &[json!("a"), json!(1.0), json!(null)],
        &[json!("b"), json!(true)],
    );
    check(
        "{ enum = ['a', 1], x-open = true }",
        "enum",
        &[json!("b"), json!(1)],
        &[json!(2), json!(null)],
    );
    check(
        "{ const = { a = [1] } }",
        "const",
        &[json!({ "a": [1.0] })],
        &[json!({ "a": [2] }), json!(1)],
    );
}

#[test]
fn strings() {
    check(
        "{ minLength = 2 }",
        "minLength",
        &[json!("\u{1f600}\u{1f600}"), json!(1)],
        &[json!("\u{1f600}")],
    );
    check(
        "{ maxLength = 2 }",
        "maxLength",
        &[json!("\u{1f600}\u{1f600}"), json!([1, 2, 3])],
        &[json!("abc")],
    );
    check(
        "{ pattern = '^a' }",
        "pattern",
        &[json!("ab"), json!(1)],
        &[json!("ba")],
    );
    check(
        "{ format = 'uuid' }",
        "format",
        &[json!("3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11"), json!(1)],
        &[json!("3f0c9a52")],
    );
}

#[test]
fn numbers() {
    check(
        "{ minimum = 1 }",
        "minimum",
        &[json!(1), json!(1.0), json!("0")],
        &[json!(0.9)],
    );
    check(
        "{ maximum = 1 }",
        "maximum",
        &[json!(1)],
        &[json!(1.1), json!(u64::MAX)],
    );
    check(
        "{ exclusiveMinimum = 1 }",
        "exclusiveMinimum",
        &[json!(1.1)],
        &[json!(1.0)],
    );
    check(
        "{ exclusiveMaximum = 1 }",
        "exclusiveMaximum",
        &[json!(0.9)],
        &[json!(1)],
    );
    check(
        "{ multipleOf = 0.01 }",
        "multipleOf",
        &[json!(1.1), json!(3)],
        &[json!(0.005)],
    );
}

#[test]
fn arrays() {
    check(
        "{ minItems = 1 }",
        "minItems",
        &[json!([1]), json!("")],
        &[json!([])],
    );
    check(
        "{ maxItems = 1 }",
        "maxItems",
        &[json!([1])],
        &[json!([1, 2])],
    );
    check(
        "{ uniqueItems = true }",
        "uniqueItems",
        &[json!([1, 2])],
        &[json!([1, 1.0])],
    );
    let pair = "{ prefixItems = [{ type = 'string' }, { type = 'integer' }], items = false }";
    assert_eq!(broken(pair, &json!(["a"])), [""; 0]);
    assert_eq!(
        broken(pair, &json!([1, "a", 2, 3])),
        ["/0 type", "/1 type", "/2 items", "/3 items"]
    );
    let rest = "{ prefixItems = [true], items = { type = 'integer' } }";
    assert_eq!(broken(rest, &json!(["a", 1, "b"])), ["/2 type"]);
    assert_eq!(
        broken("{ prefixItems = [false] }", &json!([1])),
        ["/0 false"]
    );
}

#[test]
fn objects() {
    check(
        "{ minProperties = 1 }",
        "minProperties",
        &[json!({ "a": 1 })],
        &[json!({})],
    );
    check(
        "{ maxProperties = 1 }",
        "maxProperties",
        &[json!({ "a": 1 })],
        &[json!({ "a": 1, "b": 2 })],
    );
    let closed = "{ properties = { b = { type = 'string' } }, additionalProperties = false }";
    assert_eq!(
        broken(closed, &json!({ "z": 1, "b": 1, "a/~": 2 })),
        [
            "/b type",
            "/a~1~0 additionalProperties",
            "/z additionalProperties"
        ]
    );
    let map = "{ additionalProperties = { type = 'integer' } }";
    assert_eq!(
        broken(map, &json!({ "b": "x", "a": "y", "c": 1 })),
        ["/a type", "/b type"]
    );
    assert_eq!(
        broken("{ properties = { a = false } }", &json!({ "a": 1 })),
        ["/a false"]
    );
    assert_eq!(
        broken(
            "{ additionalProperties = { '$ref' = '#/types/Never' } }",
            &json!({ "a": 1 })
        ),
        ["/a false"]
    );
}

#[test]
fn a_default_stands_in_for_a_required_property() {
    let schema = "{ required = ['a', 'b', 'c', 'd'], properties = { a = { default = 1 }, b = { '$ref' = '#/types/Counted' }, c = {}, d = {} } }";
    assert_eq!(broken(schema, &json!({})), [" required", " required"]);
    assert_eq!(broken(schema, &json!({ "c": null, "d": 1 })), [""; 0]);
}

#[test]
fn a_broken_type_hides_the_rest_of_its_schema_only() {
    let schema = "{ type = 'string', enum = ['abc'], pattern = 'c$', '$ref' = '#/types/Short' }";
    assert_eq!(broken(schema, &json!(1)), [" type"]);
    assert_eq!(
        broken(schema, &json!("wide")),
        [" enum", " pattern", " maxLength"]
    );
}

#[test]
fn references_come_last_and_add_to_what_stands_beside_them() {
    let schema = "{ '$ref' = '#/types/Short', minLength = 2 }";
    assert_eq!(broken(schema, &json!("a")), [" minLength"]);
    assert_eq!(broken(schema, &json!("abcd")), [" maxLength"]);
    assert_eq!(broken(schema, &json!(1)), [" type"]);
}

#[test]
fn recursive_types() {
    let value =
        json!({ "name": "a", "children": [{ "name": "b" }, { "name": 1, "children": [{}] }] });
    assert_eq!(
        broken("{ '$ref' = '#/types/Tree' }", &value),
        ["/children/1/name type", "/children/1/children/0 required"]
    );
}

#[test]
fn the_whole_order() {
    let schema = "{ type = 'object', required = ['y', 'x'], maxProperties = 1, additionalProperties = false, properties = { s = { type = 'string', format = 'uuid', minLength = 9, maxLength = 10, pattern = '^x' }, n = { type = 'number', minimum = 5, exclusiveMinimum = 6, multipleOf = 2 }, l = { type = 'array', items = { type = 'string' }, minItems = 9, uniqueItems = true }, x = {}, y = {} } }";
    let value = json!({ "extra": 1, "l": [1, 1], "n": 3, "s": "short" });
    assert_eq!(
        broken(schema, &value),
        [
            " required",
            " required",
            "/s format",
            "/s minLength",
            "/s pattern",
            "/n minimum",
            "/n exclusiveMinimum",
            "/n multipleOf",
            "/l/0 type",
            "/l/1 type",
            "/l minItems",
            "/l uniqueItems",
            "/extra additionalProperties",
            " maxProperties",
        ]
    );
}

#[test]
fn messages_are_sentences_about_the_value() {
    let contracts = contracts("{ type = 'string', maxLength = 320, format = 'email' }");
    let types = &contracts.contracts[0].types;
    let subject = types.iter().find(|named| named.name == "Subject").unwrap();
    let schema = contracts.schemas.get(subject.schema);
    let of = |value: &Value| -> Vec<String> {
        let violations = evaluate(schema, value).into_iter();
        violations.map(|violation| violation.to_string()).collect()
    };
    assert_eq!(
        of(&json!("a".repeat(400))),
        [
            "the value is not a valid email (format)",
            "the value is 400 characters long, at most 320 are allowed (maxLength)",
        ]
    );
    assert_eq!(
        of(&json!(1)),
        ["the value is an integer, expected string (type)"]
    );
}

#[test]
fn what_no_reader_takes_breaks_depth() {
    let nested = |count: usize| (1..count).fold(json!([]), |inner, _| json!([inner]));
    let lists = "{ type = 'array', items = { '$ref' = '#/types/Subject' } }";
    assert_eq!(broken(lists, &nested(127)), [""; 0]);
    assert!(serde_json::from_str::<Value>(&nested(127).to_string()).is_ok());
    let innermost = format!("{} depth", "/0".repeat(126));
    assert_eq!(broken(lists, &nested(128)), [innermost]);
    assert!(serde_json::from_str::<Value>(&nested(128).to_string()).is_err());
    // Where nothing is said of it, nothing is wrong with it.
    assert_eq!(
        broken("{ type = 'array', items = true }", &nested(128)),
        [""; 0]
    );
    let tried = "{ anyOf = [{ type = 'array', items = { '$ref' = '#/types/Subject' } }] }";
    assert_eq!(broken(tried, &nested(128)), [" anyOf"]);
}

#[test]
fn overlapping_alternatives_do_not_double_the_work_with_each_level() {
    let late = |rule: &str| {
        format!("{{ properties = {{ next = {{ '$ref' = '#/types/Subject' }} }}, {rule} }}")
    };
    let (first, second) = (late("minProperties = 2"), late("maxProperties = 1"));
    let chain = |inner| (0..100).fold(inner, |inner, _| json!({ "next": inner }));
    for keyword in ["anyOf", "oneOf"] {
        for rest in ["", ", unevaluatedProperties = false"] {
            let schema = format!("{{ {keyword} = [{first}, {second}]{rest} }}");
            assert_eq!(broken(&schema, &chain(json!({}))), [""; 0]);
        }
        let schema = format!("{{ {keyword} = [{first}, {second}], type = 'object' }}");
        assert_eq!(broken(&schema, &chain(json!(1))), [format!(" {keyword}")]);
    }
}
