//! `evaluate` held to another implementation of JSON Schema, over random schemas and values.
//!
//! More cases: `PROPTEST_CASES=100000 cargo test -p soniq-schema --test oracle`.

#![allow(clippy::unwrap_used, reason = "tests")]

mod arbitrary;

use arbitrary::{Choices, schema, value};
use proptest::prelude::*;
use serde_json::Value;
use soniq_schema::diagnostic::Severity;
use soniq_schema::json_schema::{Dialect, evaluate_as};
use soniq_schema::{Loaded, load_sources};

/// Refusals that random schemas may meet: a `$ref` that leads back to itself, and what multiplies.
const MAY_BE_REFUSED: [&str; 2] = ["E037", "E038"];

fn loaded(schema: &Value) -> Loaded {
    let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'schema.json' }";
    load_sources([
        ("a.toml".to_owned(), contract.to_owned()),
        ("schema.json".to_owned(), schema.to_string()),
    ])
}

/// Holds us to the oracle for one schema and some values; how many were accepted and how many not.
fn agree(choices: Vec<u32>) -> Result<(usize, usize), TestCaseError> {
    let mut choices = Choices::new(choices);
    let schema = schema(&mut choices);
    let loaded = loaded(&schema);
    if !loaded.is_ok() {
        let errors = loaded.diagnostics.iter();
        for diagnostic in errors.filter(|one| one.severity() == Severity::Error) {
            let code = diagnostic.code.id;
            prop_assert!(
                MAY_BE_REFUSED.contains(&code),
                "{diagnostic:?} for {schema}"
            );
        }
        return Ok((0, 0));
    }
    let contracts = &loaded.contracts;
    let ours = contracts
        .schemas
        .get(contracts.contracts[0].types[0].schema);
    let oracle = jsonschema::draft202012::new(&schema);
    let oracle = oracle.map_err(|error| TestCaseError::fail(format!("{error}: {schema}")))?;
    let mut counts = (0, 0);
    for _ in 0..8 {
        let value = value(&schema, &schema, &mut choices, 0);
        let violations = evaluate_as(Dialect::JsonSchema, ours, &value);
        let expected = oracle.is_valid(&value);
        prop_assert_eq!(
            violations.is_empty(),
            expected,
            "{} for {}: {:?}",
            value,
            schema,
            violations
        );
        *if expected {
            &mut counts.0
        } else {
            &mut counts.1
        } += 1;
    }
    Ok(counts)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(400),
        failure_persistence: None,
        max_shrink_iters: 3000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn acceptance_is_that_of_json_schema(choices in proptest::collection::vec(any::<u32>(), 1..600)) {
        agree(choices)?;
    }
}

/// Without values that are accepted, and without refused ones, the property would say little.
#[test]
fn values_are_of_both_kinds() {
    let (mut accepted, mut rejected) = (0, 0);
    for seed in 0..400 {
        let counts = agree(arbitrary::numbers(seed)).unwrap();
        accepted += counts.0;
        rejected += counts.1;
    }
    println!("{accepted} accepted, {rejected} rejected");
    assert!(accepted > 600 && rejected > 600, "{accepted} {rejected}");
}

/// Texts of each format. Not among them: URI templates, relative JSON pointers and quoted names in
/// addresses, where the oracle departs from the RFCs.
const FORMATS: &[(&str, &[&str])] = &[
    ("uuid", &["3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11"]),
    (
        "date",
        &["2026-02-28", "2024-02-29", "1900-02-29", "2026-12-31"],
    ),
    (
        "time",
        &[
            "12:00:00Z",
            "23:59:60Z",
            "08:30:06.283185+01:00",
            "22:59:60-01:00",
        ],
    ),
    (
        "date-time",
        &[
            "2026-02-28T12:00:00Z",
            "1990-12-31T23:59:60Z",
            "2026-02-28t12:00:00.5-05:30",
        ],
    ),
    ("duration", &["P4DT12H30M5S", "P1Y2M3D", "P2W", "PT36H"]),
    (
        "email",
        &[
            "ada@example.com",
            "te~st@example.com",
            "a.b@c",
            "a@[127.0.0.1]",
        ],
    ),
    ("hostname", &["www.example.com", "a-b.c", "0-9.a"]),
    ("ipv4", &["192.168.0.1", "255.255.255.255"]),
    (
        "ipv6",
        &["::42:ff:1", "1:2:3:4:5:6:7:8", "::ffff:192.168.0.1", "d6::"],
    ),
    (
        "uri",
        &[
            "http://foo.bar/?baz=qux#quux",
            "urn:oasis:names",
            "ldap://[2001:db8::7]/c=GB?x",
        ],
    ),
    (
        "uri-reference",
        &["//foo.bar/?baz=qux#quux", "/abc", "#frag%20x", "a:b"],
    ),
    (
        "iri",
        &[
            "http://\u{192}\u{f8}\u{f8}.\u{df}\u{e5}r/?\u{2202}=q",
            "http://[::1]",
        ],
    ),
    ("iri-reference", &["//\u{192}\u{f8}/?a#b", "#\u{192}"]),
    ("json-pointer", &["/foo/bar~0/baz~1/%a", "", "/"]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formats_are_those_of_json_schema(
        (format, texts) in proptest::sample::select(FORMATS),
        text in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..3_usize,
        piece in "[-0-9a-zA-Z:./#%@{}~ _+]{0,2}|\\PC?",
    ) {
        let mut chars: Vec<char> = text.get(texts).chars().collect();
        let start = at.index(chars.len() + 1);
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        // Labels such as `xn--` have a meaning in IDNA, and none in RFC 1123.
        prop_assume!(format != "hostname" || !text.contains("--"));
        let ours = soniq_rules::format_matches(format, &text);
        let schema = serde_json::json!({ "format": format });
        let oracle = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
        let expected = oracle.unwrap().is_valid(&Value::from(text.as_str()));
        prop_assert_eq!(ours, expected, "{}: {:?}", format, text);
    }
}

/// How many cases to try: as many as the environment asks for.
fn cases(usual: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}
