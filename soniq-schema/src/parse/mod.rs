//! Reading: contract files in, [`Contracts`] and all diagnostics out.
//!
//! Invariant: parsing never fails by panic or by first error. Every function here reports what is
//! wrong to the [`Context`] and goes on with what is left, so one run shows every problem.
//!
//! A run has three steps, because a file may name types of a file that is read after it:
//!
//! 1. every file becomes a TOML tree, and the types of all files are declared;
//! 2. every file is read: its envelope, its types, its tasks and their schemas;
//! 3. what needs finished schemas is checked: circles of `$ref`, examples, defaults, templates, and
//!    names across files.

mod behaviour;
mod checks;
mod context;
mod contract;
mod duration;
mod folder;
mod json;
mod names;
mod retired;
mod retry;
mod schedule;
mod schema;
mod suggest;
mod table;
mod task;
mod template;
mod toml_file;
mod waiver;

use crate::contract::Contracts;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;
use context::Context;
use toml_file::TomlFile;

pub use duration::parse_duration;
pub use folder::load;

/// How deep tables, arrays and schemas may nest.
const MAX_DEPTH: usize = 128;

/// The outcome of a load: what could be read, and everything that is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// What the files say. With errors among the diagnostics it is incomplete, and only good for
    /// showing those: [`sources`](Contracts::sources) holds every file's text.
    pub contracts: Contracts,
    /// All problems of all files, by file and position.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// Whether the contracts can be used: no diagnostic is an error.
    pub fn is_ok(&self) -> bool {
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity() == Severity::Error;
        !self.diagnostics.iter().any(is_error)
    }
}

/// Reads contracts from texts: pairs of a file's name, as it is to be shown, and its content. The
/// order of the pairs does not matter. Touches no file.
///
/// `$ref = "other.toml#/types/Name"` looks for a name in the same folder as the referring file's.
///
/// ```
/// let loaded = soniq_schema::load_sources([("a.toml".to_owned(), "edition = '2026'".to_owned())]);
/// assert_eq!(loaded.diagnostics[0].code.id, "E005"); // `namespace` is missing
/// ```
pub fn load_sources(files: impl IntoIterator<Item = (String, String)>) -> Loaded {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort();
    let mut sources = Sources::default();
    let ids: Vec<_> = files
        .into_iter()
        .map(|(name, text)| sources.add(name, text))
        .collect();

    let mut context = Context::new(&sources);
    let parsed: Vec<_> = ids
        .into_iter()
        .map(|file| TomlFile::parse(&mut context, file))
        .collect();
    for file in &parsed {
        schema::declare_types(&mut context, file);
    }
    let mut contracts: Vec<_> = parsed
        .iter()
        .filter_map(|file| contract::read(&mut context, file))
        .collect();
    checks::run(&mut context, &mut contracts);

    let (schemas, diagnostics) = context.finish(&parsed);
    Loaded {
        contracts: Contracts {
            sources,
            contracts,
            schemas,
        },
        diagnostics,
    }
}
