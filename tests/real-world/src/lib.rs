//! Contracts in the styles that teams have: hand-written, exported by validation libraries of other
//! languages, or copied from the API of somebody else. That this compiles is the first half of the
//! test; `tests/examples.rs` is the second.
#![deny(warnings, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

/// What every file of `contracts/` gives.
pub mod contracts {
    soniq_runtime::include_contracts!();
}
