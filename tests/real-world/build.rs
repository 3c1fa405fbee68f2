//! Generates the contracts of this crate.

fn main() {
    soniq_codegen::generate("contracts");
}
