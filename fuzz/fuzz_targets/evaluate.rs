//! Any schema and any value, one line of JSON each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use soniq_schema::json_schema::{Dialect, evaluate_as};

const CONTRACT: &str = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 't.json' }";

fuzz_target!(|text: &str| {
    let Some((schema, value)) = text.split_once('\n') else {
        return;
    };
    let Ok(mut value) = serde_json::from_str::<Value>(value) else {
        return;
    };
    let loaded = soniq_schema::load_sources([
        ("a.toml".to_owned(), CONTRACT.to_owned()),
        ("t.json".to_owned(), schema.to_owned()),
    ]);
    if !loaded.is_ok() {
        return;
    }
    let contracts = &loaded.contracts;
    let schema = contracts
        .schemas
        .get(contracts.contracts[0].types[0].schema);
    for dialect in [Dialect::Contract, Dialect::JsonSchema] {
        let _ = evaluate_as(dialect, schema, &value);
    }
    soniq_schema::fill_defaults(schema, &mut value);
});
