//! Generates the example company's contracts and those of this crate.

use std::path::Path;

fn main() {
    soniq_codegen::generate("../../contracts");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    soniq_codegen::Builder::new("../generated/contracts")
        .out_dir(Path::new(&out).join("shapes"))
        .compile();
    soniq_codegen::Builder::new("../real-world/contracts")
        .out_dir(Path::new(&out).join("real-world"))
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
