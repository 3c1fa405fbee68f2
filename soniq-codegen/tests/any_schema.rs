//! Whatever a schema says, it gives Rust or a diagnostic, and the same Rust each time.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

#[path = "../../soniq-schema/tests/arbitrary/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only schemas are needed here")]
mod arbitrary;

use arbitrary::Choices;
use proptest::prelude::*;
use soniq_codegen::{GeneratedFile, Options, render};
use soniq_schema::diagnostic::{Diagnostic, Style};
use soniq_schema::json_schema::Dialect;
use soniq_schema::load_sources;

/// Collisions, values and keys that Rust has no place for.
const MAY_BE_REFUSED: [&str; 3] = ["E101", "E103", "E104"];

fn rendered(
    schemas: &[String; 2],
    is_turned: bool,
    dialect: Dialect,
) -> Option<Result<Vec<GeneratedFile>, Vec<Diagnostic>>> {
    let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 's0.json' }\n\
                    [tasks.t]\nversion = 1\nargs = { type = 'object', properties = { \
                    x = { '$ref' = 's0.json' }, y = { '$ref' = 's1.json' } } }\n";
    let mut files = vec![
        ("a.toml".to_owned(), contract.to_owned()),
        ("s0.json".to_owned(), schemas[0].clone()),
        ("s1.json".to_owned(), schemas[1].clone()),
    ];
    if is_turned {
        files.reverse();
    }
    let loaded = load_sources(files);
    let sources = &loaded.contracts.sources;
    soniq_schema::diagnostic::render(&loaded.diagnostics, sources, Style::Plain);
    let options = Options {
        dialect,
        ..Options::default()
    };
    loaded.is_ok().then(|| render(&loaded.contracts, &options))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, max_shrink_iters: 1000, ..ProptestConfig::default() })]

    #[test]
    fn schemas_of_all_kinds(
        first in proptest::collection::vec(any::<u32>(), 1..500),
        second in proptest::collection::vec(any::<u32>(), 1..500),
    ) {
        let schemas = [first, second].map(|one| arbitrary::schema(&mut Choices::new(one)).to_string());
        for dialect in [Dialect::Contract, Dialect::JsonSchema] {
            match (rendered(&schemas, false, dialect), rendered(&schemas, true, dialect)) {
                (Some(Ok(files)), Some(Ok(again))) => {
                    for (file, other) in files.iter().zip(&again) {
                        prop_assert_eq!(&file.text, &other.text);
                        prop_assert!(syn::parse_file(&file.text).is_ok(), "{}", file.text);
                        prop_assert!(!file.text.contains("compile_error"), "{}", file.text);
                    }
                }
                (Some(Err(problems)), Some(Err(_))) => {
                    let known = problems.iter().all(|one| MAY_BE_REFUSED.contains(&one.code.id));
                    prop_assert!(known, "{:?}", problems);
                }
                (None, None) => {}
                _ => prop_assert!(false, "the order of files matters for {:?}", schemas),
            }
        }
    }
}
