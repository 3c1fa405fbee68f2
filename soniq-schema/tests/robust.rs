//! Whatever the files hold, a load answers: no panic, and every diagnostic can be shown.

#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Loaded, canonical, evaluate, fill_defaults, lint, load_sources};

const FILES: [(&str, &str); 5] = [
    (
        "contracts/billing.toml",
        include_str!("../../contracts/billing.toml"),
    ),
    (
        "contracts/emails.toml",
        include_str!("../../contracts/emails.toml"),
    ),
    (
        "contracts/reports.toml",
        include_str!("../../contracts/reports.toml"),
    ),
    ("contracts/composed.toml", COMPOSED),
    ("contracts/schemas/all.json", ALL_KEYWORDS),
];

/// Everything that puts schemas together, in a contract.
const COMPOSED: &str = r##"
edition   = "2026"
namespace = "composed"

[types.Shape]
oneOf = [{ "$ref" = "#/$defs/Circle" }, { "$ref" = "#square" }]
"$defs".Circle = { type = "object", properties.kind = { const = "circle" }, required = ["kind"] }
"$defs".Square = { "$anchor" = "square", properties.inner = { "$ref" = "#" } }

[types.All]
"$ref" = "schemas/all.json"

[tasks.draw]
version = 1
[tasks.draw.args]
type = "object"
allOf = [{ properties.shape = { "$ref" = "#/types/Shape" } }]
if = { required = ["shape"] }
then = { minProperties = 1 }
else = { not = { "$ref" = "schemas/all.json#/$defs/part" } }
dependentRequired = { a = ["b"] }
dependentSchemas = { a = { maxProperties = 2 } }
patternProperties = { "^x-" = { type = "string" } }
propertyNames = { maxLength = 10 }
unevaluatedProperties = false
properties.list = { type = "array", prefixItems = [true], contains = { const = 1 }, minContains = 0, maxContains = 2, unevaluatedItems = { type = "integer" } }
"##;

/// The same in JSON.
const ALL_KEYWORDS: &str = r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/all",
    "$comment": "none", "$anchor": "all", "type": ["object", "array", "null"], "title": "All",
    "$defs": { "part": { "type": "string", "format": "binary", "default": 1, "pattern": "^a" } },
    "properties": { "a": { "$ref": "#/$defs/part" }, "b": { "$ref": "#all" }, "c": { "$ref": "../composed.toml#/types/Shape" } },
    "patternProperties": { "^p": { "enum": [1, null, { "x-json": "1" }] } }, "additionalProperties": { "const": null },
    "propertyNames": { "minLength": 1 }, "dependentRequired": { "a": ["b"] }, "dependentSchemas": { "b": { "not": false } },
    "minProperties": 0.0, "maxProperties": 1e30, "required": [], "unevaluatedProperties": false,
    "items": { "minimum": -1.5, "exclusiveMaximum": 1e300, "multipleOf": 0.01 }, "prefixItems": [true, false],
    "contains": {}, "minContains": 1, "maxContains": 9, "uniqueItems": true, "unevaluatedItems": true,
    "allOf": [{}], "anyOf": [{ "if": true }, { "then": {} }], "oneOf": [{ "else": {} }], "not": { "type": "string" },
    "contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": { "$ref": "#" },
    "readOnly": true, "writeOnly": false, "deprecated": true, "examples": [{}], "default": null
}"##;

/// Pieces of the language, to be put where they do not belong.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "=",
    ".",
    ",",
    "\n",
    "#",
    "\\",
    "\u{0}",
    "\u{fe0f}",
    "\"\"\"",
    "1e999",
    "-0",
    "nan",
    "2026-11-23",
    "true",
    "{}",
    "[]",
    "type = 1\n",
    "[types]\n",
    "[tasks.a]\n",
    "\"$ref\" = \"#/types/Filter\"\n",
    "\"$ref\" = \"#/types/Money\"\n",
    "enum = []\n",
    "version = 0\n",
    "x-open = true\n",
    "{ x-json = '[[[' }",
    "a.b.c.d.e.f = 1\n",
    "pattern = \"(\"\n",
    "items = false\n",
    "required = [\"x\"]\n",
    "default = inf\n",
    "additionalProperties = false\n",
    "schedule = { cron = \"* * * * *\" }\n",
    "null",
    ":",
    "\"$ref\": \"#\",",
    "\"$ref\": \"all.json\",",
    "\"$ref\" = \"#\"\n",
    "\"$ref\" = \"#/allOf/0\"\n",
    "allOf = [{ \"$ref\" = \"#\" }]\n",
    "anyOf = [true, false]\n",
    "not = {}\n",
    "if = false\n",
    "unevaluatedItems = false\n",
    "\"$id\" = \"x\"\n",
    "\"$anchor\": \"all\",",
    "%",
    "~",
    "../",
];

/// Shows, evaluates and fingerprints all there is.
fn use_everything(loaded: &Loaded) {
    let sources = &loaded.contracts.sources;
    let text = render(&loaded.diagnostics, sources, Style::Plain);
    render(&loaded.diagnostics, sources, Style::Color);
    for diagnostic in &loaded.diagnostics {
        assert!(text.contains(diagnostic.code.id), "{text}");
        assert!(!diagnostic.plain_line(sources).contains('\n'));
    }
    render(&lint(&loaded.contracts), sources, Style::Plain);
    let values = [
        json!({}),
        json!(null),
        json!({ "total": { "amount_minor": -1 }, "x": [1, "a"] }),
        json!({ "a": { "b": [[], {}] }, "shape": { "inner": { "inner": {} } }, "list": [1, 2] }),
        json!([{ "a": 1 }, null, [[]]]),
    ];
    let schemas = loaded.contracts.contracts.iter().flat_map(|contract| {
        let types = contract.types.iter().map(|named| named.schema);
        types.chain(contract.tasks.iter().map(|task| task.args))
    });
    for id in schemas {
        let schema = loaded.contracts.schemas.get(id);
        let again: Value = serde_json::from_str(&canonical(schema)).unwrap();
        assert!(again.is_object() || again.is_boolean());
        for value in &values {
            evaluate(schema, value);
            fill_defaults(schema, &mut value.clone());
        }
    }
}

fn nearest_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len()))
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}

/// One change to a file: `length` bytes at `at` become `piece`.
#[derive(Debug, Clone)]
struct Edit {
    file: usize,
    at: usize,
    length: usize,
    piece: String,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => ".{0,6}",
        1 => Just(String::new()),
    ];
    let edit = (
        0..FILES.len(),
        0..5000_usize,
        prop_oneof![Just(0), 0..40_usize],
        piece,
    );
    let edit = edit.prop_map(|(file, at, length, piece)| Edit {
        file,
        at,
        length,
        piece,
    });
    proptest::collection::vec(edit, 1..6)
}

fn apply(edits: &[Edit]) -> Vec<(String, String)> {
    let mut files = FILES.map(|(name, text)| (name.to_owned(), text.to_owned()));
    for edit in edits {
        let text = &mut files[edit.file].1;
        let start = nearest_boundary(text, edit.at % text.len().max(1));
        let end = nearest_boundary(text, start + edit.length).max(start);
        text.replace_range(start..end, &edit.piece);
    }
    files.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutated_contracts(edits in edits()) {
        use_everything(&load_sources(apply(&edits)));
    }

    #[test]
    fn any_text(text in "\\PC{0,200}", lines in proptest::collection::vec("[\\[\\]{}=\"'.,a-z0-9 \\n#-]{0,60}", 0..8)) {
        use_everything(&load_sources([("a.toml".to_owned(), text)]));
        use_everything(&load_sources([("a.toml".to_owned(), lines.join("\n"))]));
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        use_everything(&load_sources([("a.toml".to_owned(), text)]));
    }

    #[test]
    fn order_of_files_does_not_matter(edits in edits(), seed in any::<prop::sample::Index>()) {
        let mut files = apply(&edits);
        let first = load_sources(files.clone());
        let turn = seed.index(files.len());
        files.rotate_left(turn);
        let second = load_sources(files);
        let text = |loaded: &Loaded| render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
        prop_assert_eq!(text(&first), text(&second));
    }
}

/// A contract whose one type nests `depth` levels.
fn nested(depth: usize) -> String {
    let open = "{ type = 'array', items = ".repeat(depth);
    let close = " }".repeat(depth);
    format!("edition = '2026'\nnamespace = 'a'\n[types]\nT = {open}true{close}\n")
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    for depth in [200, 5000] {
        let loaded = load_sources([("a.toml".to_owned(), nested(depth))]);
        assert!(!loaded.is_ok(), "depth {depth}");
        use_everything(&loaded);
    }
    assert!(load_sources([("a.toml".to_owned(), nested(30))]).is_ok());
}

#[test]
fn long_keys_do_not_overflow() {
    // As deep as the parser lets brackets nest, each with the longest key that is let through.
    for part in ["a", "\"a b\"", "'\u{e9}'"] {
        let key = vec![part; 32].join(".");
        let open = format!("{{ {key} = ").repeat(79);
        let text = format!("x = {open}1{}", "}".repeat(79));
        use_everything(&load_sources([("a.toml".to_owned(), text)]));
        for text in [
            format!("[{}]", vec![part; 100_000].join(".")),
            format!("[[{}]]\nx = 1", vec![part; 100_000].join(" . ")),
            format!("{} = 1", vec![part; 100_000].join("\t.")),
            format!(
                "a = \"\"\"\n\"\"\"\nb = {{ c = 1, {} = 1 }}",
                vec![part; 100_000].join(".")
            ),
        ] {
            let loaded = load_sources([("a.toml".to_owned(), text)]);
            assert_eq!(loaded.diagnostics[0].code.id, "E038");
            use_everything(&loaded);
        }
    }
}

#[test]
fn prose_and_numbers_are_no_long_keys() {
    let text = format!(
        "edition = '2026'\nnamespace = 'a'\ndescription = \"{}\" # {}\n[types]\nT = {{ enum = [{}] }}\n",
        "a.b.c. ".repeat(100),
        "x.".repeat(100),
        (0..100)
            .map(|n| format!("{n}.5"))
            .collect::<Vec<_>>()
            .join(",")
    );
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
}

#[test]
fn a_long_chain_of_references_does_not_overflow() {
    let mut text =
        String::from("edition = '2026'\nnamespace = 'a'\n[types]\nT0 = { type = 'string' }\n");
    for n in 1..3000 {
        text += &format!("T{n} = {{ '$ref' = '#/types/T{}' }}\n", n - 1);
    }
    let mut loaded = load_sources([("a.toml".to_owned(), text)]);
    assert!(loaded.is_ok());
    // The longest chain speaks for the shorter ones.
    let types = &mut loaded.contracts.contracts[0].types;
    types.retain(|named| named.name == "T2999");
    assert_eq!(types.len(), 1);
    use_everything(&loaded);
}

#[test]
fn a_long_chain_of_types_does_not_overflow() {
    let mut text =
        String::from("edition = '2026'\nnamespace = 'a'\n[types]\nT0 = { type = 'string' }\n");
    for n in 1..300 {
        text += &format!(
            "T{n} = {{ type = 'array', items = {{ '$ref' = '#/types/T{}' }} }}\n",
            n - 1
        );
    }
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    assert!(loaded.is_ok());
    let contracts = &loaded.contracts;
    let last = contracts.contracts[0]
        .types
        .iter()
        .find(|named| named.name == "T299")
        .unwrap();
    let canonical = canonical(contracts.schemas.get(last.schema));
    serde_json::from_str::<Value>(&canonical).unwrap();
}

#[test]
fn the_files_are_sound_before_they_are_changed() {
    let loaded = load_sources(apply(&[]));
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    use_everything(&loaded);
}

/// A contract that leads to one JSON file.
fn with_json(json: String) -> Loaded {
    let text = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 't.json' }";
    load_sources([
        ("a.toml".to_owned(), text.to_owned()),
        ("t.json".to_owned(), json),
    ])
}

#[test]
fn deep_json_is_refused_and_does_not_overflow() {
    let arrays = "[".repeat(10_000) + &"]".repeat(10_000);
    let schemas = r#"{"not":"#.repeat(100) + "{}" + &"}".repeat(100);
    for json in [arrays, schemas] {
        let loaded = with_json(json);
        assert_eq!(loaded.diagnostics[0].code.id, "E038");
        use_everything(&loaded);
    }
    let items = r#"{"items":"#.repeat(100) + "{}" + &"}".repeat(100);
    let loaded = with_json(items);
    assert!(loaded.is_ok());
    use_everything(&loaded);
}

#[test]
fn schemas_that_multiply_are_refused() {
    let mut text =
        String::from("edition = '2026'\nnamespace = 'a'\n[types]\nT0 = { minLength = 1 }\n");
    for n in 1..60 {
        let below = n - 1;
        text += &format!(
            "T{n} = {{ allOf = [{{ '$ref' = '#/types/T{below}' }}, {{ '$ref' = '#/types/T{below}' }}] }}\n"
        );
    }
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    let codes: Vec<_> = loaded.diagnostics.iter().map(|one| one.code.id).collect();
    // What is cut off counts as one, so that it is told once in a while and not at every step.
    assert!(!codes.is_empty() && codes.len() < 10, "{codes:?}");
    assert!(codes.iter().all(|code| *code == "E038"));
    use_everything(&loaded);
}

#[test]
fn the_deepest_value_of_the_deepest_schema_does_not_overflow() {
    // As deep as schemas may lie in each other, and as deep as JSON is read.
    for (open, close) in [
        ("{ allOf = [", "] }"),
        ("{ anyOf = [false, ", "] }"),
        ("{ not = ", " }"),
    ] {
        let open = open.repeat(26);
        let close = close.repeat(26);
        let inner =
            "{ properties = { n = { '$ref' = '#/types/T' } }, unevaluatedProperties = false }";
        let text =
            format!("edition = '2026'\nnamespace = 'a'\n[types]\nT = {open}{inner}{close}\n");
        let loaded = load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = &loaded.contracts;
        let schema = contracts
            .schemas
            .get(contracts.contracts[0].types[0].schema);
        let text = r#"{"n":"#.repeat(120) + "{}" + &"}".repeat(120);
        let mut value: Value = serde_json::from_str(&text).unwrap();
        let rules: Vec<_> = evaluate(schema, &value)
            .into_iter()
            .map(|one| one.rule)
            .collect();
        assert_eq!(rules.last(), Some(&"$ref"));
        let shallow: Value = serde_json::from_str(r#"{"n":{"n":{}}}"#).unwrap();
        assert_eq!(evaluate(schema, &shallow), []);
        fill_defaults(schema, &mut value);
    }
}

#[test]
fn circles_of_all_kinds_are_cut() {
    let keywords = [
        "allOf = [{ '$ref' = '#/types/T' }]",
        "anyOf = [{ '$ref' = '#/types/T' }]",
        "oneOf = [true, { '$ref' = '#/types/T' }]",
        "not = { '$ref' = '#/types/T' }",
        "if = { '$ref' = '#/types/T' }",
        "if = true\nthen = { '$ref' = '#/types/T' }",
        "if = true\nelse = { '$ref' = '#/types/T' }",
        "dependentSchemas = { a = { '$ref' = '#/types/T' } }",
        "'$ref' = '#/allOf/0'\nallOf = [{ '$ref' = '#' }]",
        "'$ref' = '#/allOf/0/anyOf/0'\nallOf = [{ anyOf = [{ '$ref' = '#/types/T' }] }]",
    ];
    for keyword in keywords {
        let text = format!("edition = '2026'\nnamespace = 'a'\n[types.T]\n{keyword}\n");
        let loaded = load_sources([("a.toml".to_owned(), text)]);
        assert_eq!(
            loaded.diagnostics.first().map(|one| one.code.id),
            Some("E037"),
            "{keyword}"
        );
        use_everything(&loaded);
    }
}

#[test]
fn a_file_is_never_half_shown() {
    // Tabs, carriage returns and wide characters before the place that is meant.
    let text = "edition = '2026'\r\nnamespace = 'a'\r\n\townr = '\u{4e2d}\u{6587}'\r\n";
    let loaded = load_sources([("a.toml".to_owned(), text.to_owned())]);
    let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(shown.contains("a.toml:3:2"), "{shown}");
}
