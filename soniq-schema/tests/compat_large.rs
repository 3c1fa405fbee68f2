//! Large and hostile contracts: an answer comes, and in time that grows with them only.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;

use soniq_schema::compat::{Finding, Options, Released, Verdict, compare, containment};
use soniq_schema::{Contracts, load_sources};

fn load(text: String) -> Contracts {
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

/// Types each of which uses the next one twice: 2^40 places.
fn doubling(last: &str) -> String {
    let mut text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs = { '$ref' = '#/types/T0' }\n[types]\n".to_owned();
    for n in 0..40 {
        let next = n + 1;
        writeln!(text, "T{n} = {{ type = 'object', properties = {{ a = {{ '$ref' = '#/types/T{next}' }}, b = {{ '$ref' = '#/types/T{next}' }} }} }}").unwrap();
    }
    writeln!(text, "T40 = {{ type = 'string'{last} }}").unwrap();
    text
}

#[test]
fn what_is_used_often_is_looked_at_once() {
    let (old, new) = (load(doubling(", maxLength = 3")), load(doubling("")));
    let findings = compare(&Released::of(&old), &new, &Options::default());
    let fails: Vec<_> = findings
        .iter()
        .filter(|one| one.level.fails())
        .map(Finding::id)
        .collect();
    assert!(fails.contains(&"F025"), "{fails:?}");
    assert!(!fails.iter().any(|id| id.starts_with('B')), "{fails:?}");
}

/// Alternatives of alternatives: their combinations are more than can be gone through.
#[test]
fn combinations_are_bounded() {
    let branches = |keyword: &str| {
        let one = "anyOf = [{ minimum = 1 }, { maximum = 5 }, { multipleOf = 3 }]";
        let all: Vec<_> = (0..12).map(|_| format!("{{ {one} }}")).collect();
        format!("{{ type = 'number', {keyword} = [{}] }}", all.join(", "))
    };
    let text = format!(
        "edition = '2026'\nnamespace = 'a'\n[types]\nA = {}\nB = {}\n",
        branches("allOf"),
        branches("oneOf")
    );
    let contracts = load(text);
    let schema = |index: usize| {
        contracts
            .schemas
            .get(contracts.contracts[0].types[index].schema)
    };
    assert_ne!(containment(schema(0), schema(1), false), Verdict::Safe);
    let _ = containment(schema(1), schema(0), false);
}

#[test]
fn many_properties_are_compared() {
    let contract = |count: usize| {
        let mut text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\n[tasks.t.args]\ntype = 'object'\n".to_owned();
        for n in 0..count {
            writeln!(text, "properties.p{n} = {{ type = 'object', required = ['x'], properties = {{ x = {{ type = 'string', maxLength = 5 }}, y = {{ type = 'integer' }} }} }}").unwrap();
        }
        load(text)
    };
    let (old, new) = (contract(200), contract(201));
    let findings = compare(&Released::of(&old), &new, &Options::default());
    assert!(
        findings.iter().all(|finding| !finding.level.fails()),
        "{findings:?}"
    );
}
