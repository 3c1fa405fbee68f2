//! Any text as a JSON file that a contract refers to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use soniq_codegen::Options;
use soniq_schema::diagnostic::{Style, render};

const CONTRACT: &str = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 't.json' }";

fuzz_target!(|bytes: &[u8]| {
    let loaded = soniq_schema::load_sources([
        ("a.toml".to_owned(), CONTRACT.to_owned()),
        (
            "t.json".to_owned(),
            String::from_utf8_lossy(bytes).into_owned(),
        ),
    ]);
    let contracts = &loaded.contracts;
    let _ = render(&loaded.diagnostics, &contracts.sources, Style::Plain);
    if loaded.is_ok() {
        let _ = soniq_codegen::render(contracts, &Options::default());
    }
});
