//! What all readers of one run share: the schemas so far, the diagnostics, and what is left to check.

use std::collections::{BTreeMap, VecDeque};

use super::files::Files;
use super::json::Json;
use super::names::WireName;
use super::schema::{Aliases, Places, Reference};
use super::toml_file::TomlFile;
use crate::contract::Template;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::json_schema::{Pattern, SchemaId, Schemas};
use crate::source::{FileId, Location, Sources};

/// The state of one run.
pub(super) struct Context<'s> {
    pub(super) sources: &'s Sources,
    pub(super) files: &'s Files,
    pub(super) schemas: Schemas,
    /// Where each schema stands.
    pub(super) places: Places,
    /// Every `pattern` so far: contracts say the same ones again and again.
    pub(super) patterns: BTreeMap<String, Pattern>,
    /// What is still to be resolved, in the order in which it was read.
    pub(super) references: VecDeque<Reference>,
    /// Where each schema with `x-aliases` has them.
    pub(super) aliases: BTreeMap<SchemaId, Aliases>,
    /// Files whose TOML is broken, so that some of their types may be missing, and on which lines.
    pub(super) broken_files: BTreeMap<FileId, Vec<usize>>,
    /// Schemas whose type could not be read, so that nothing follows from it.
    pub(super) untyped: Vec<SchemaId>,
    /// Every name under which rows of some task may lie.
    pub(super) wire_names: Vec<WireName>,
    /// What can only be checked once every schema is there.
    pub(super) pending: Vec<Pending>,
    diagnostics: Vec<Diagnostic>,
}

/// A check that needs finished schemas.
pub(super) enum Pending {
    /// The value has to fit the schema.
    Value {
        schema: SchemaId,
        json: Json,
        code: &'static Code,
        /// What a violation means: `the default does not fit its schema`.
        what: String,
    },
    /// The same of a default in a JSON file, where JSON Schema allows one that does not fit.
    Default { schema: SchemaId, json: Json },
    /// The template's fields have to be there in every value of the schema.
    Template {
        args: SchemaId,
        template: Template,
        location: Location,
    },
    /// The property is looked for among those that the schema declares.
    Required {
        schema: SchemaId,
        name: String,
        location: Location,
    },
    /// The schema has to be of an object, and has none of the reserved properties.
    Args {
        args: SchemaId,
        location: Location,
        reserved: Vec<(String, Location)>,
    },
}

impl<'s> Context<'s> {
    pub(super) fn new(sources: &'s Sources, files: &'s Files) -> Self {
        Context {
            sources,
            files,
            schemas: Schemas::default(),
            places: Places::default(),
            patterns: BTreeMap::new(),
            references: VecDeque::new(),
            aliases: BTreeMap::new(),
            broken_files: BTreeMap::new(),
            untyped: Vec::new(),
            wire_names: Vec::new(),
            pending: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports what could not be parsed.
    pub(super) fn take_problems(&mut self, file: &mut TomlFile<'_>) {
        self.diagnostics.append(&mut file.problems);
        if !file.broken_lines.is_empty() {
            self.broken_files
                .insert(file.id, std::mem::take(&mut file.broken_lines));
        }
    }

    /// The schemas and the diagnostics in the order in which they are shown.
    ///
    /// A file whose TOML is broken was read as far as it could be. What the broken lines would have
    /// said is missing from it, so diagnostics on those lines, and about missing keys, are dropped:
    /// they would speak of the first mistake again.
    pub(super) fn finish(mut self) -> (Schemas, Vec<Diagnostic>) {
        self.diagnostics.retain(|diagnostic| {
            let Some(location) = &diagnostic.location else {
                return true;
            };
            let broken = self.broken_files.get(&location.file);
            let line = || self.sources.line_column(location).0;
            // Those that say what is broken.
            diagnostic.code == codes::SYNTAX
                || diagnostic.code == codes::TOO_DEEP
                || broken.is_none_or(|lines| {
                    diagnostic.code != codes::MISSING_KEY && !lines.contains(&line())
                })
        });
        self.diagnostics
            .sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        (self.schemas, self.diagnostics)
    }
}
