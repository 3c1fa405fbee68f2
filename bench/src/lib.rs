//! What the benchmarks share. Each benchmark is a binary of this package.

pub mod contracts;
