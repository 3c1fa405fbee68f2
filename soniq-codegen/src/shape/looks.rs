//! What the schemas that are applied to an object's own place look at.
//!
//! A struct leaves out properties that no field is for, and some types write a value in another way
//! than it came: an instant in another offset, a UUID in capitals. What `not` or `anyOf` has looked
//! at must come out as it went in, or a value would be accepted and then, once more, not.

use std::collections::BTreeSet;

use serde_json::Value;
use soniq_schema::json_schema::{Keywords, Pattern, SchemaId, SchemaRef};

/// The properties of one object that are looked at.
pub(super) struct Looks<'a> {
    /// The properties that fields are for.
    declared: BTreeSet<&'a str>,
    /// The older names of properties, which fields are read from as well.
    older: BTreeSet<&'a str>,
    /// Whether others are looked at.
    others: bool,
    /// Whether all declared ones are looked into.
    all: bool,
    /// The declared ones that are looked into.
    inside: BTreeSet<&'a str>,
    seen: BTreeSet<SchemaId>,
}

impl<'a> Looks<'a> {
    pub(super) fn new(declared: BTreeSet<&'a str>, older: BTreeSet<&'a str>) -> Self {
        Looks {
            declared,
            older,
            others: false,
            all: false,
            inside: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Whether properties beside the declared ones are looked at.
    pub(super) fn has_others(&self) -> bool {
        self.others
    }

    /// Whether the value of a declared property is looked at.
    pub(super) fn is_inside(&self, key: &str) -> bool {
        self.all || self.inside.contains(key)
    }

    /// Notes that the value of a property is looked at.
    pub(super) fn inside(&mut self, key: &'a str) {
        if self.declared.contains(key) {
            self.inside.insert(key);
        } else {
            self.others = true;
        }
    }

    /// Notes that the values of the properties are looked at whose names match.
    pub(super) fn matching(&mut self, pattern: &Pattern) {
        let matching = self
            .declared
            .iter()
            .filter(|key| pattern.regex.is_match(key));
        self.inside.extend(matching);
        self.others = true;
    }

    /// Notes that every value is looked at.
    pub(super) fn everywhere(&mut self) {
        self.others = true;
        self.all = true;
    }

    /// Notes what the keywords look at that speak of names and numbers of properties.
    pub(super) fn at_names(&mut self, keywords: &'a Keywords) {
        let dependent = keywords.dependent_required.iter();
        let dependent = dependent.flat_map(|(name, needed)| needed.iter().chain([name]));
        let schemas = keywords.dependent_schemas.iter().map(|(name, _)| name);
        let mut names = keywords.required.iter().chain(dependent).chain(schemas);
        let counts = [keywords.min_properties, keywords.max_properties];
        self.others |= names.any(|name| !self.declared.contains(name.as_str()))
            || counts.iter().any(Option::is_some);
        // What an alternative alone reads by an older name is written as it came.
        let mut older = keywords.renames.iter();
        self.others |= older.any(|(old, _)| !self.older.contains(old.as_str()));
        let mut listed = keywords
            .enumeration
            .iter()
            .flatten()
            .chain(&keywords.constant);
        if listed.any(Value::is_object) {
            self.everywhere();
        }
    }

    /// Notes what a schema of the object looks at.
    pub(super) fn at(&mut self, schema: SchemaRef<'a>) {
        if !self.seen.insert(schema.id) {
            return;
        }
        let keywords = &schema.node().keywords;
        self.at_names(keywords);
        for (key, id) in &keywords.properties {
            if schema.at(*id).boolean != Some(true) {
                self.inside(key);
            }
        }
        let by_other_means = keywords.additional_properties.is_some()
            || keywords.unevaluated_properties.is_some()
            || keywords.property_names.is_some()
            || !keywords.pattern_properties.is_empty();
        if by_other_means {
            self.everywhere();
        }
        for id in keywords.in_place() {
            self.at(schema.at(id));
        }
    }
}
