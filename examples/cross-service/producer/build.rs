//! Generates the producer's half of the billing contracts.

fn main() {
    soniq_codegen::Builder::new("../../../contracts")
        .namespaces(["billing"])
        .producer_only()
        .compile();
}
