//! Generates the consumer's half of the billing contracts.

fn main() {
    soniq_codegen::Builder::new("../../../contracts")
        .namespaces(["billing"])
        .consumer_only()
        .compile();
}
