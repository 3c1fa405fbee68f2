//! Generates the example company's contracts and those of this crate.

use std::path::Path;

fn main() {
    soniq_codegen::generate("../../contracts");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    soniq_codegen::Builder::new("contracts")
        .arbitrary(true)
        .out_dir(Path::new(&out).join("shapes"))
        .compile();
    soniq_codegen::Builder::new("../../soniq-codegen/tests/import")
        .arbitrary(true)
        .out_dir(Path::new(&out).join("imported"))
        .compile();
    soniq_codegen::Builder::new("../../contracts")
        .arbitrary(true)
        .out_dir(Path::new(&out).join("drawn"))
        .compile();
    soniq_codegen::Builder::new("../../contracts")
        .namespaces(["reports"])
        .producer_only()
        .out_dir(Path::new(&out).join("producer"))
        .compile();
    soniq_codegen::Builder::new("../../contracts")
        .namespaces(["billing"])
        .consumer_only()
        .out_dir(Path::new(&out).join("consumer"))
        .compile();
}
