//! Generates what enqueues each task of the contracts.

fn main() {
    soniq_codegen::Builder::new("../contracts")
        .producer_only()
        .compile();
}
