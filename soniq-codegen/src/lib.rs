//! Task contracts in, typed Rust producers and consumers out.
//!
//! In a build script, one line:
//!
//! ```no_run
//! // The body of `main` in build.rs.
//! soniq_codegen::generate("../contracts");
//! ```
//!
//! and in the crate, one more:
//!
//! ```ignore
//! mod tasks { soniq_runtime::include_contracts!(); }
//! ```
//!
//! [`Builder`] has the options. `soniq-codegen generate contracts --out src/generated` writes the
//! same bytes from a shell, for those who check generated code in. Underneath both is [`render()`], a
//! pure function: the same contracts give the same text, whatever the time, the path, the working
//! directory or the release of this crate.

mod build_script;
#[cfg(feature = "cli")]
pub mod cli;
mod draw;
#[cfg(feature = "cli")]
mod explanations;
mod output;
pub mod problem;
mod render;
#[cfg(feature = "cli")]
pub mod report;
mod rust;
mod shape;

pub use build_script::{Builder, generate};
pub use output::{Changes, OutputError, outdated, write};
pub use render::{GeneratedFile, Options, Side, render};
