//! Any text as a contract: diagnostics or Rust.
#![no_main]

use libfuzzer_sys::fuzz_target;
use soniq_codegen::Options;
use soniq_schema::diagnostic::{Style, render};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let loaded = soniq_schema::load_sources([("contracts/a.toml".to_owned(), text)]);
    let contracts = &loaded.contracts;
    let _ = render(&loaded.diagnostics, &contracts.sources, Style::Plain);
    if loaded.is_ok()
        && let Err(problems) = soniq_codegen::render(contracts, &Options::default())
    {
        let _ = render(&problems, &contracts.sources, Style::Plain);
    }
});
