//! Compatibility.

mod containment;
mod proof;
mod reader;
mod text;
mod witness;
mod writer;

pub use containment::{Verdict, containment};
