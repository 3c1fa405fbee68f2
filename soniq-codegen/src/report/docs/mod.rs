//! The catalogue of all tasks: for those who look for a task, or for what it takes.
//!
//! ```
//! use soniq_codegen::report::docs::{Format, catalogue};
//!
//! let text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'";
//! let contracts = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
//! let files = catalogue(&contracts, &[Format::Html, Format::Markdown]);
//! let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
//! assert_eq!(names, ["index.html", "tasks.md", "tasks-a.md"]);
//! assert!(files[2].text.contains("a.t.v1"));
//! ```
//!
//! Contracts become a `page::Catalogue`, in which all that is to be said is said; `html` and
//! `markdown` only spell it, and escape it: nothing that a contract says is markup.

mod behaviour;
mod example;
mod fields;
mod html;
mod links;
mod markdown;
mod page;
mod phrase;
mod read;
mod retry;
mod rules;
mod text;

use soniq_schema::Contracts;

use crate::render::GeneratedFile;

/// How a catalogue is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One page, `index.html`, that needs nothing beside it and no script to be read.
    Html,
    /// `tasks.md`, and a `tasks-NAMESPACE.md` for each namespace.
    Markdown,
}

/// The files of the catalogue, in the order of `formats`.
///
/// The contracts come from a load without errors. They need not give Rust: what only
/// [`render`](crate::render()) refuses is documented all the same.
pub fn catalogue(contracts: &Contracts, formats: &[Format]) -> Vec<GeneratedFile> {
    let catalogue = read::catalogue(contracts);
    let files = formats.iter().flat_map(|format| match format {
        Format::Html => vec![html::file(&catalogue)],
        Format::Markdown => markdown::files(&catalogue),
    });
    files.collect()
}
