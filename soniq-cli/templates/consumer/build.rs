//! Generates a handler's trait for each task of the contracts.

fn main() {
    soniq_codegen::generate("../contracts");
}
