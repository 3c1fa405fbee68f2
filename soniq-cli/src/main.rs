//! The soniq command.
fn main() {}
