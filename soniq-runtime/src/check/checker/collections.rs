//! Keywords of arrays and objects.

use serde_json::{Map, Value};

use super::{Branch, Checker};
use crate::check::TextPattern;

/// Keywords of arrays.
impl Checker {
    /// `items = false`: no element from `first` on
    pub fn no_items(&mut self, items: &[Value], first: usize) {
        for index in first..items.len() {
            self.step(&index.to_string());
            self.violation("items", "is one item too many");
            self.leave();
        }
    }

    /// `unevaluatedItems = false`
    pub fn no_unevaluated_items(&mut self, items: &[Value]) {
        for index in self.unevaluated_items(items) {
            self.step(&index.to_string());
            self.violation("unevaluatedItems", "is one item too many");
            self.leave();
        }
    }

    /// `minItems`
    pub fn min_items(&mut self, items: &[Value], min: u64) {
        self.at_least(items.len(), min, "minItems", "items");
    }

    /// `maxItems`
    pub fn max_items(&mut self, items: &[Value], max: u64) {
        self.at_most(items.len(), max, "maxItems", "items");
    }

    /// `uniqueItems`
    pub fn unique_items(&mut self, items: &[Value]) {
        if soniq_rules::has_duplicates(items) {
            self.violation("uniqueItems", "has two equal items");
        }
    }

    fn at_least(&mut self, count: usize, min: u64, rule: &'static str, what: &str) {
        if (count as u64) < min {
            self.violation(
                rule,
                format!("has {count} {what}, at least {min} are needed"),
            );
        }
    }

    fn at_most(&mut self, count: usize, max: u64, rule: &'static str, what: &str) {
        if count as u64 > max {
            self.violation(
                rule,
                format!("has {count} {what}, at most {max} are allowed"),
            );
        }
    }
}

/// Keywords of objects.
impl Checker {
    /// `required`: the names that have no default
    pub fn required(&mut self, object: &Map<String, Value>, names: &[&str]) {
        for name in names {
            if !object.contains_key(*name) {
                self.violation("required", format!("lacks the property {name:?}"));
            }
        }
    }

    /// `patternProperties`: the names that match, sorted
    pub fn matching<'v>(
        &self,
        object: &'v Map<String, Value>,
        pattern: &TextPattern,
    ) -> Vec<&'v str> {
        names(object, |name| pattern.is_match(name))
    }

    /// `additionalProperties`: the names of the properties that are neither `declared` nor match
    /// any pattern, sorted
    pub fn additional<'v>(
        &self,
        object: &'v Map<String, Value>,
        declared: &[&str],
        patterns: &[TextPattern],
    ) -> Vec<&'v str> {
        names(object, |name| {
            !declared.contains(&name) && !patterns.iter().any(|pattern| pattern.is_match(name))
        })
    }

    /// `additionalProperties = false`
    pub fn no_additional(
        &mut self,
        object: &Map<String, Value>,
        declared: &[&str],
        patterns: &[TextPattern],
    ) {
        for key in self.additional(object, declared, patterns) {
            self.step(key);
            self.violation("additionalProperties", "is not a property of this object");
            self.leave();
        }
    }

    /// `unevaluatedProperties = false`
    pub fn no_unevaluated(&mut self, object: &Map<String, Value>) {
        for key in self.unevaluated(object) {
            self.step(key);
            self.violation("unevaluatedProperties", "is not a property of this object");
            self.leave();
        }
    }

    /// `propertyNames`: each name, sorted, as a value of its own
    pub fn property_names(&mut self, object: &Map<String, Value>, branch: Branch) {
        for name in names(object, |_| true) {
            if !self.fits(&Value::String(name.to_owned()), branch) {
                self.step(name);
                self.violation("propertyNames", "has a name that is not allowed here");
                self.leave();
            }
        }
    }

    /// `dependentRequired`: what an object with `name` needs as well
    pub fn dependent_required(&mut self, object: &Map<String, Value>, name: &str, needed: &[&str]) {
        if !object.contains_key(name) {
            return;
        }
        for other in needed {
            if !object.contains_key(*other) {
                let message = format!("has {name:?} and so needs the property {other:?}");
                self.violation("dependentRequired", message);
            }
        }
    }

    /// `minProperties`
    pub fn min_properties(&mut self, object: &Map<String, Value>, min: u64) {
        self.at_least(object.len(), min, "minProperties", "properties");
    }

    /// `maxProperties`
    pub fn max_properties(&mut self, object: &Map<String, Value>, max: u64) {
        self.at_most(object.len(), max, "maxProperties", "properties");
    }
}

/// The names that are wanted, sorted: the map may keep the order of the text, for features of
/// `serde_json` are the whole build's.
fn names(object: &Map<String, Value>, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    let keys = object.keys().map(String::as_str);
    let mut names: Vec<&str> = keys.filter(|name| wanted(name)).collect();
    names.sort_unstable();
    names
}
