//! Contracts whose every key may hold anything: diagnostics, and no panic.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "tests")]

use proptest::prelude::*;
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{canonical, load_sources};

/// The words of the language, with some that are none.
const KEYS: &[&str] = &[
    "edition",
    "namespace",
    "owner",
    "description",
    "defaults",
    "types",
    "tasks",
    "version",
    "name",
    "deprecated",
    "queue",
    "priority",
    "timeout",
    "result_ttl",
    "concurrency",
    "limit",
    "key",
    "unique",
    "dedup_key",
    "retry",
    "max_attempts",
    "backoff",
    "delay",
    "max_delay",
    "jitter",
    "schedule",
    "cron",
    "every",
    "timezone",
    "catch_up",
    "args",
    "result",
    "reserved",
    "aliases",
    "retired",
    "v1",
    "v2",
    "examples",
    "compat",
    "allow",
    "x-aliases",
    "x-open",
    "x-json",
    "$ref",
    "$defs",
    "$anchor",
    "$id",
    "$schema",
    "$dynamicRef",
    "type",
    "enum",
    "const",
    "default",
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "uniqueItems",
    "unevaluatedItems",
    "properties",
    "required",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "minProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "title",
    "T",
    "t",
    "a",
    "\u{e9}",
    "",
    "self",
];

/// Texts that mean something somewhere.
const TEXTS: &[&str] = &[
    "2026",
    "a",
    "billing",
    "object",
    "string",
    "integer",
    "array",
    "null",
    "30s",
    "1h30m",
    "-1s",
    "exponential",
    "list",
    "{a}",
    "{",
    "{a.b}",
    "* * * * *",
    "Europe/Berlin",
    "one",
    "#",
    "#/types/T",
    "#/args",
    "s.json",
    "a.toml#/types/T",
    "../x.json",
    "https://example.com",
    "^a",
    "(",
    "uuid",
    "int8",
    "[1]",
    "{\"a\":null}",
    "1e999",
    "\u{e9}",
    "",
    "self",
    "T",
];

fn key() -> impl Strategy<Value = String> {
    proptest::sample::select(KEYS).prop_map(quoted)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value of TOML, written in one line.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => proptest::sample::select(TEXTS).prop_map(quoted),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => (-3..20_i64).prop_map(|number| number.to_string()),
        1 => proptest::sample::select(&["1.5", "inf", "-nan", "1e300", "true", "false", "2026-02-28", "2026-02-28T12:00:00Z", "12:00:00"][..]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            3 => table(inner),
        ]
    })
}

fn table(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::btree_map(key(), inner, 0..5).prop_map(|entries| {
        let entries: Vec<String> = entries
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        format!("{{ {} }}", entries.join(", "))
    })
}

/// A file: some of it in its place, and anything beside it.
fn document() -> impl Strategy<Value = String> {
    let tasks = table(value());
    let types = table(value());
    let rest = proptest::collection::btree_map(key(), value(), 0..6);
    (tasks, types, rest, any::<bool>()).prop_map(|(task, types, mut rest, is_sound)| {
        if is_sound {
            rest.insert(quoted("edition"), quoted("2026"));
            rest.insert(quoted("namespace"), quoted("a"));
            rest.insert(quoted("tasks"), format!("{{ t = {task} }}"));
            rest.insert(quoted("types"), types);
        }
        rest.iter()
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_anywhere(first in document(), second in document(), json in value()) {
        let loaded = load_sources([
            ("a.toml".to_owned(), first),
            ("b.toml".to_owned(), second),
            ("s.json".to_owned(), json.replace(" = ", ": ")),
        ]);
        let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
        prop_assert_eq!(shown.is_empty(), loaded.diagnostics.is_empty());
        for contract in &loaded.contracts.contracts {
            for shared in &contract.types {
                canonical(loaded.contracts.schemas.get(shared.schema));
            }
        }
    }
}
