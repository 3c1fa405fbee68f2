//! Which names are taken, and by what: a name that two keys give is a diagnostic with both places.

use std::collections::BTreeMap;

use soniq_schema::diagnostic::Diagnostic;
use soniq_schema::source::Location;

use super::Module;
use crate::problem::{NAME_COLLISION, at, with_first};

/// The types and modules of every module.
#[derive(Default)]
pub(super) struct Claims {
    /// By module, `None` being the root: each name with the key and the place that it comes from.
    names: BTreeMap<(Option<Module>, String), (String, Location)>,
    /// The names that were wanted twice.
    pub(super) problems: Vec<Diagnostic>,
}

impl Claims {
    /// Takes a name in a module; `None` is the root.
    pub(super) fn claim(
        &mut self,
        module: Option<Module>,
        name: String,
        key: &str,
        location: &Location,
    ) -> String {
        let claim = (key.to_owned(), location.clone());
        if let Some((first, place)) = self.names.insert((module, name.clone()), claim) {
            self.collision(&name, (&first, &place), (key, location));
        }
        name
    }

    /// Reports that two keys give one name.
    pub(super) fn collision(
        &mut self,
        name: &str,
        first: (&str, &Location),
        second: (&str, &Location),
    ) {
        let message = if first.0 == second.0 {
            format!("two schemas give the same Rust name `{name}`")
        } else {
            let (first, second) = (first.0, second.0);
            format!("`{first}` and `{second}` give the same Rust name `{name}`")
        };
        let diagnostic = at(NAME_COLLISION, message, second.1);
        self.problems.push(with_first(diagnostic, first.1));
    }
}
