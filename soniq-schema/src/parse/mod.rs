//! Reading: contract files in, [`Contracts`] and all diagnostics out.
//!
//! Invariant: parsing never fails by panic or by first error. Every function here reports what is
//! wrong to the [`Context`] and goes on with what is left, so one run shows every problem.
//!
//! A run has four steps, because a file may name what stands in a file that is read after it:
//!
//! 1. the JSON files that the contracts lead to are found, and every file becomes a tree;
//! 2. every contract is read: its envelope, its types, its tasks and their schemas;
//! 3. every `$ref` is resolved, which reads the schemas in JSON files that something refers to;
//! 4. what needs finished schemas is checked: circles of `$ref`, examples, defaults, templates, and
//!    names across files.

mod behaviour;
mod checks;
mod context;
mod contract;
mod duration;
mod files;
mod folder;
mod item;
mod json;
pub mod json_text;
mod known_keys;
#[cfg(feature = "compat")]
mod lock;
mod names;
mod percent;
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

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use crate::contract::Contracts;
use crate::cores::on_all_cores;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, Sources};
use context::Context;
use toml_file::TomlFile;

pub use duration::parse_duration;
pub use files::MAX_LENGTH;
pub use folder::load;
#[cfg(feature = "compat")]
pub use folder::load_lock;
pub use known_keys::known_keys;
#[cfg(feature = "compat")]
pub use lock::read_lock;

/// How deep tables, arrays and schemas may nest.
const MAX_DEPTH: usize = 128;

/// How many bytes of TOML are parsed before a thread has started.
const WORTH_A_THREAD: usize = 16 * 1024;

/// How many files are held as trees, at most.
const TREES_AT_ONCE: usize = 8;

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
/// A file whose name ends in `.json` is a schema that contracts may refer to, every other one is a
/// contract. `$ref = "other.toml#/types/Name"` and `$ref = "schemas/money.json"` are looked for
/// beside the referring file, and must not leave the folder that all contracts are in.
///
/// ```
/// let loaded = soniq_schema::load_sources([("a.toml".to_owned(), "edition = '2026'".to_owned())]);
/// assert_eq!(loaded.diagnostics[0].code.id, "E005"); // `namespace` is missing
/// ```
pub fn load_sources(files: impl IntoIterator<Item = (String, String)>) -> Loaded {
    let is_schema = |name: &str| Path::new(name).extension() == Some(OsStr::new("json"));
    let (schemas, contracts): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(name, _)| is_schema(name));
    let schemas: BTreeMap<String, String> = schemas.into_iter().collect();
    load_files(contracts, &mut |name| Ok(schemas.get(name).cloned()))
}

/// Reads contracts, and by `open` the JSON files that they lead to.
fn load_files(
    contracts: Vec<(String, String)>,
    open: &mut dyn FnMut(&str) -> files::Opened,
) -> Loaded {
    let mut files = files::gather(contracts, open);
    let sources = std::mem::take(&mut files.sources);
    let mut context = Context::new(&sources, &files);
    let mut contracts = Vec::new();
    // A tree is many times as large as its file, and of no use once it was read.
    for some in files.contracts.chunks(TREES_AT_ONCE) {
        for mut file in parse(&sources, some) {
            context.take_problems(&mut file);
            contracts.extend(contract::read(&mut context, &file));
        }
    }
    schema::resolve_references(&mut context);
    checks::run(&mut context, &mut contracts);

    let (schemas, diagnostics) = context.finish();
    Loaded {
        contracts: Contracts {
            sources,
            contracts,
            schemas,
        },
        diagnostics,
    }
}

fn parse<'s>(sources: &'s Sources, files: &[FileId]) -> Vec<TomlFile<'s>> {
    let lengths = files.iter().map(|file| sources.get(*file).text.len());
    let length = lengths.sum::<usize>().max(1);
    let worth_a_thread = files.len() * WORTH_A_THREAD / length + 1;
    on_all_cores(files, worth_a_thread, |file| {
        TomlFile::parse(sources, *file)
    })
}
