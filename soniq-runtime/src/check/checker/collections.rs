//! Keywords of arrays and objects.

use serde_json::{Map, Value};

use super::Checker;

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

    /// `additionalProperties`: the names of the properties that are not `declared`, sorted
    pub fn additional<'v>(
        &self,
        object: &'v Map<String, Value>,
        declared: &[&str],
    ) -> Vec<&'v str> {
        let mut rest: Vec<&str> = object
            .keys()
            .map(String::as_str)
            .filter(|key| !declared.contains(key))
            .collect();
        // The map may keep the order of the text: features of serde_json are the whole build's.
        rest.sort_unstable();
        rest
    }

    /// `additionalProperties = false`
    pub fn no_additional(&mut self, object: &Map<String, Value>, declared: &[&str]) {
        for key in self.additional(object, declared) {
            self.step(key);
            self.violation("additionalProperties", "is not a property of this object");
            self.leave();
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
