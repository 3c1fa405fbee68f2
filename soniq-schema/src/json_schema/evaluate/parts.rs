//! The keywords that look into arrays and objects.

use serde_json::{Map, Value};

use super::Walk;
use super::evaluated::Evaluated;
use super::scalars::counted;
use crate::json_schema::SchemaRef;
use crate::json_schema::keywords::Keywords;

impl Walk {
    pub(super) fn array<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        items: &'v [Value],
        evaluated: &mut Evaluated<'v>,
    ) {
        let keywords = &schema.node().keywords;
        for (index, item) in items.iter().enumerate() {
            let (element, rule) = match keywords.prefix_items.get(index) {
                Some(id) => (Some(*id), "false"),
                None => (keywords.items, "items"),
            };
            if let Some(id) = element {
                self.member(&index.to_string(), schema.at(id), item, rule);
            }
        }
        match keywords.items {
            Some(_) => evaluated.all_items(),
            None => evaluated.first_items(keywords.prefix_items.len()),
        }
        self.count(
            items.len(),
            ("minItems", keywords.min_items),
            ("maxItems", keywords.max_items),
            ("item", "items"),
        );
        if keywords.unique_items && soniq_rules::has_duplicates(items) {
            self.report("uniqueItems", "has two equal items".to_owned());
        }
        if let Some(id) = keywords.contains {
            self.contains(keywords, schema.at(id), items, evaluated);
        }
    }

    fn contains(
        &mut self,
        keywords: &Keywords,
        wanted: SchemaRef<'_>,
        items: &[Value],
        evaluated: &mut Evaluated<'_>,
    ) {
        let mut count = 0;
        for (index, item) in items.iter().enumerate() {
            self.steps += 1;
            let fits = self.fits(wanted, item, &mut Evaluated::new(false));
            self.steps -= 1;
            if fits {
                count += 1;
                evaluated.item(index);
            }
        }
        let found = || counted(count, ("item", "items"));
        match keywords.min_contains {
            None if count == 0 => {
                let message = "has no item that fits `contains`";
                self.report("contains", message.to_owned());
            }
            Some(min) if count < min => {
                let message = format!(
                    "has {} that fit `contains`, at least {min} are needed",
                    found()
                );
                self.report("minContains", message);
            }
            None | Some(_) => {}
        }
        if let Some(max) = keywords.max_contains
            && count > max
        {
            let message = format!(
                "has {} that fit `contains`, at most {max} are allowed",
                found()
            );
            self.report("maxContains", message);
        }
    }

    pub(super) fn object<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        map: &'v Map<String, Value>,
        evaluated: &mut Evaluated<'v>,
    ) {
        let keywords = &schema.node().keywords;
        for name in &keywords.required {
            if !map.contains_key(name) && !self.has_default(schema, name) {
                self.report("required", format!("lacks the property {name:?}"));
            }
        }
        for (name, id) in &keywords.properties {
            if let Some((name, value)) = map.get_key_value(name) {
                self.part(name, schema.at(*id), value);
                evaluated.property(name);
            }
        }
        let sorted = sorted(map, keywords);
        for property in &keywords.pattern_properties {
            for (name, value) in &sorted {
                if property.pattern.regex.is_match(name) {
                    self.part(name, schema.at(property.schema), value);
                    evaluated.property(name);
                }
            }
        }
        if let Some(id) = keywords.additional_properties {
            for (name, value) in &sorted {
                if !is_declared(keywords, name) {
                    self.member(name, schema.at(id), value, "additionalProperties");
                }
            }
            evaluated.all_properties();
        }
        self.count(
            map.len(),
            ("minProperties", keywords.min_properties),
            ("maxProperties", keywords.max_properties),
            ("property", "properties"),
        );
        if let Some(id) = keywords.property_names {
            self.names(schema.at(id), &sorted);
        }
        self.dependent_required(schema, map);
    }

    fn names(&mut self, schema: SchemaRef<'_>, sorted: &[(&String, &Value)]) {
        for (name, _) in sorted {
            let value = Value::from(name.as_str());
            if !self.fits(schema, &value, &mut Evaluated::new(false)) {
                self.within(name, |walk| {
                    let message = "has a name that is not allowed here";
                    walk.report("propertyNames", message.to_owned());
                });
            }
        }
    }

    fn dependent_required(&mut self, schema: SchemaRef<'_>, map: &Map<String, Value>) {
        for (name, needed) in &schema.node().keywords.dependent_required {
            if !map.contains_key(name) {
                continue;
            }
            for other in needed {
                if !map.contains_key(other) && !self.has_default(schema, other) {
                    let message = format!("lacks the property {other:?}, which {name:?} needs");
                    self.report("dependentRequired", message);
                }
            }
        }
    }

    /// What is left once every other keyword of the schema has been looked at.
    pub(super) fn unevaluated<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        evaluated: &mut Evaluated<'v>,
    ) {
        let keywords = &schema.node().keywords;
        match value {
            Value::Array(items) => {
                let Some(id) = keywords.unevaluated_items else {
                    return;
                };
                for (index, item) in items.iter().enumerate() {
                    if !evaluated.has_item(index) {
                        self.member(&index.to_string(), schema.at(id), item, "unevaluatedItems");
                    }
                }
                evaluated.all_items();
            }
            Value::Object(map) => {
                let Some(id) = keywords.unevaluated_properties else {
                    return;
                };
                for (name, value) in by_name(map) {
                    if !evaluated.has_property(name) {
                        self.member(name, schema.at(id), value, "unevaluatedProperties");
                    }
                }
                evaluated.all_properties();
            }
            _ => {}
        }
    }

    /// A value that a general keyword governs: the boolean schema `false` there closes the array or
    /// object, which is said by the keyword's own name.
    fn member(&mut self, step: &str, schema: SchemaRef<'_>, value: &Value, rule: &'static str) {
        let message = match (schema.node().boolean, rule) {
            (Some(false), "items" | "unevaluatedItems") => "is one item too many",
            (Some(false), "additionalProperties" | "unevaluatedProperties") => {
                "is not a property of this object"
            }
            _ => return self.part(step, schema, value),
        };
        self.within(step, |walk| walk.report(rule, message.to_owned()));
    }

    fn count(
        &mut self,
        count: usize,
        (min_rule, min): (&'static str, Option<u64>),
        (max_rule, max): (&'static str, Option<u64>),
        what: (&str, &str),
    ) {
        let count = count as u64;
        if let Some(min) = min
            && count < min
        {
            self.report(
                min_rule,
                format!("has {}, at least {min} are needed", counted(count, what)),
            );
        }
        if let Some(max) = max
            && count > max
        {
            self.report(
                max_rule,
                format!("has {}, at most {max} are allowed", counted(count, what)),
            );
        }
    }
}

/// Whether `properties` or `patternProperties` speak of a name.
fn is_declared(keywords: &Keywords, name: &str) -> bool {
    keywords.properties.iter().any(|(key, _)| key == name)
        || keywords
            .pattern_properties
            .iter()
            .any(|property| property.pattern.regex.is_match(name))
}

/// The members by name, where a keyword of the schema goes through them.
fn sorted<'v>(map: &'v Map<String, Value>, keywords: &Keywords) -> Vec<(&'v String, &'v Value)> {
    let is_asked = !keywords.pattern_properties.is_empty()
        || keywords.additional_properties.is_some()
        || keywords.property_names.is_some();
    if is_asked { by_name(map) } else { Vec::new() }
}

fn by_name(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = map.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}
