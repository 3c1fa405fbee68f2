//! Whatever the files hold, a load answers: no panic, and every diagnostic can be shown.

#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Loaded, canonical, evaluate, load_sources};

const FILES: [(&str, &str); 3] = [
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
];

/// Pieces of the language, to be put where they do not belong.
const PIECES: [&str; 40] = [
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
];

/// Shows, evaluates and fingerprints all there is.
fn use_everything(loaded: &Loaded) {
    let sources = &loaded.contracts.sources;
    let text = render(&loaded.diagnostics, sources, Style::Plain);
    render(&loaded.diagnostics, sources, Style::Color);
    for diagnostic in &loaded.diagnostics {
        assert!(text.contains(diagnostic.code.id));
        assert!(!diagnostic.plain_line(sources).contains('\n'));
    }
    let values = [
        json!({}),
        json!(null),
        json!({ "total": { "amount_minor": -1 }, "x": [1, "a"] }),
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
        3 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
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
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    assert!(loaded.is_ok());
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
fn a_file_is_never_half_shown() {
    // Tabs, carriage returns and wide characters before the place that is meant.
    let text = "edition = '2026'\r\nnamespace = 'a'\r\n\townr = '\u{4e2d}\u{6587}'\r\n";
    let loaded = load_sources([("a.toml".to_owned(), text.to_owned())]);
    let shown = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(shown.contains("a.toml:3:2"), "{shown}");
}
