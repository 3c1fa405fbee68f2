//! Generates the contracts of this crate.

fn main() {
    soniq_codegen::Builder::new("contracts")
        .arbitrary(true)
        .compile();
}
