//! What the types of a contract are called, and the contract's namespace.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::keywords::{self, Kind};
use super::pointer::{steps, text};
use super::report::Report;
use crate::shape::{camel, snake, type_name, unraw};

/// The names of types by the pointers of their schemas, in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct TypeNames {
    names: BTreeMap<String, String>,
    pub(super) order: Vec<String>,
    /// As Rust has them: two names of a contract may be one there.
    taken: BTreeSet<String>,
    /// The last number that was given to a name.
    numbers: BTreeMap<String, usize>,
}

impl TypeNames {
    pub(super) fn get(&self, pointer: &str) -> Option<&str> {
        self.names.get(pointer).map(String::as_str)
    }

    /// The names as Rust has them.
    pub(super) fn taken(&self) -> &BTreeSet<String> {
        &self.taken
    }

    /// Names the root after its title, or else after the file.
    pub(super) fn add_root(
        &mut self,
        index: &Index<'_>,
        pointer: &str,
        stem: &str,
        report: &mut Report,
    ) {
        if pointer.is_empty() || !index.is_definition(pointer) {
            let title = index.schema(pointer).and_then(|node| text(node, "title"));
            let last = steps(pointer).pop();
            match title.or(last.as_deref()) {
                Some(wanted) => self.add(pointer, wanted, report),
                None => self.add(pointer, &camel(stem), report),
            }
        } else {
            self.add_target(index, pointer, report);
        }
    }

    /// Names a schema that is defined or referred to.
    pub(super) fn add_target(&mut self, index: &Index<'_>, pointer: &str, report: &mut Report) {
        if self.names.contains_key(pointer) {
            return;
        }
        let steps = steps(pointer);
        let title = || text(index.schema(pointer)?, "title").map(str::to_owned);
        let wanted = if index.is_definition(pointer) {
            steps.last().cloned()
        } else {
            title().or_else(|| way(&steps))
        };
        self.add(pointer, &wanted.unwrap_or("root".to_owned()), report);
    }

    fn add(&mut self, pointer: &str, wanted: &str, report: &mut Report) {
        let first = if is_type_name(wanted) {
            wanted.to_owned()
        } else {
            // `Page<Item>` is `PageItem`: brackets hold names together.
            camel(&wanted.replace(['<', '>', '[', ']'], " "))
        };
        let mut name = first.clone();
        while !self.is_free(&name) {
            // Goes on where it ended: many names may be one in Rust.
            let number = self.numbers.entry(type_name(&first)).or_insert(1);
            *number += 1;
            name = format!("{first}{number}");
        }
        if name != wanted {
            let why = if name == first {
                "a type's name is of letters, digits and `_`"
            } else {
                "the name is taken"
            };
            report.note(pointer, format!("{wanted:?} is called `{name}`: {why}"));
        }
        let rust = type_name(&name);
        // Structs have builders.
        self.taken.insert(format!("{rust}Builder"));
        self.taken.insert(rust);
        self.names.insert(pointer.to_owned(), name);
        self.order.push(pointer.to_owned());
    }

    fn is_free(&self, name: &str) -> bool {
        let rust = type_name(name);
        let builder = format!("{rust}Builder");
        !self.taken.contains(&rust) && !self.taken.contains(&builder)
    }
}

/// The keys on the way that are not JSON Schema's own.
fn way(steps: &[String]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut steps = steps.iter();
    while let Some(step) = steps.next() {
        match keywords::kind(step) {
            Some(Kind::Named | Kind::Definitions | Kind::Dependencies) => {
                names.extend(steps.next().map(String::as_str));
            }
            Some(Kind::Items) => names.push("item"),
            Some(Kind::Schema | Kind::List) => {}
            _ => names.push(step),
        }
    }
    (!names.is_empty()).then(|| names.join("_"))
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a text can be a namespace or the key of a task.
pub(super) fn is_segment(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The namespace that a file's stem gives.
pub(super) fn namespace(stem: &str) -> String {
    let name = snake(stem);
    let name = unraw(&name).trim_matches('_');
    if is_segment(name) {
        name.to_owned()
    } else {
        format!("schema_{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::{is_segment, namespace, way};
    use crate::cli::import::pointer::steps;

    #[test]
    fn namespaces() {
        for (stem, name) in [
            ("invoice", "invoice"),
            ("SendInvoice", "send_invoice"),
            ("2026-invoice", "schema_2026_invoice"),
            ("type", "type"),
            ("\u{e4}", "ue4"),
            ("", "empty"),
            ("-", "minus"),
        ] {
            assert_eq!(namespace(stem), name, "{stem:?}");
            assert!(is_segment(&namespace(stem)));
        }
    }

    #[test]
    fn ways_leave_out_keywords() {
        let of = |pointer| way(&steps(pointer)).unwrap_or_default();
        assert_eq!(of("/properties/lines/items"), "lines_item");
        assert_eq!(of("/definitions/Order/properties/address"), "Order_address");
        assert_eq!(of("/properties/properties/anyOf/0"), "properties_0");
    }
}
