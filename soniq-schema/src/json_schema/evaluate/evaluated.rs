//! Which parts of a value some schema has spoken of: what `unevaluatedItems` and
//! `unevaluatedProperties` leave alone.

use std::collections::BTreeSet;

/// The evaluated items and properties of one value.
#[derive(Debug, Default)]
pub(super) struct Evaluated<'v> {
    /// Whether anything asks; if not, nothing is noted.
    wanted: bool,
    /// That many items from the first on.
    first_items: usize,
    /// Single items beyond those.
    items: BTreeSet<usize>,
    all_properties: bool,
    properties: BTreeSet<&'v str>,
}

impl<'v> Evaluated<'v> {
    pub(super) fn new(wanted: bool) -> Self {
        Evaluated {
            wanted,
            ..Evaluated::default()
        }
    }

    /// One for a schema that applies to the same value.
    pub(super) fn like(&self) -> Self {
        Evaluated::new(self.wanted)
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.wanted
    }

    pub(super) fn first_items(&mut self, count: usize) {
        self.first_items = self.first_items.max(count);
    }

    pub(super) fn all_items(&mut self) {
        self.first_items = usize::MAX;
    }

    pub(super) fn item(&mut self, index: usize) {
        if self.wanted && index >= self.first_items {
            self.items.insert(index);
        }
    }

    pub(super) fn has_item(&self, index: usize) -> bool {
        index < self.first_items || self.items.contains(&index)
    }

    pub(super) fn all_properties(&mut self) {
        self.all_properties = true;
    }

    pub(super) fn property(&mut self, name: &'v str) {
        if self.wanted && !self.all_properties {
            self.properties.insert(name);
        }
    }

    pub(super) fn has_property(&self, name: &str) -> bool {
        self.all_properties || self.properties.contains(name)
    }

    /// Adds what another schema has spoken of.
    pub(super) fn add(&mut self, other: Evaluated<'v>) {
        if self.wanted {
            self.first_items(other.first_items);
            self.items.extend(other.items);
            self.all_properties |= other.all_properties;
            self.properties.extend(other.properties);
        }
    }
}
