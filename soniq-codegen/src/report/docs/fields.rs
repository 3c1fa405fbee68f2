//! From a schema to the rows of its table: one for each part that a phrase cannot tell of.
//!
//! Schemas written in place are followed, a `$ref` is a link; so a recursive type ends at itself.

use soniq_schema::json_schema::{SchemaId, SchemaRef};

use super::links::Links;
use super::page::{Field, Schema};
use super::phrase::{self, is_nullable, map_values, parts};
use super::rules::{needs, rules};
use super::text::Text;

/// All that a schema says.
pub(super) fn schema(schema: SchemaRef<'_>, links: &mut Links<'_>) -> Schema {
    let mut table = Table {
        links,
        fields: Vec::new(),
    };
    let kind = phrase::of(schema, table.links);
    table.below(schema, "");
    Schema {
        kind,
        rules: all_rules(schema),
        prose: prose(schema),
        fields: table.fields,
    }
}

struct Table<'t, 'a> {
    links: &'t mut Links<'a>,
    fields: Vec<Field>,
}

impl Table<'_, '_> {
    /// Rows for the parts of a schema.
    fn below(&mut self, schema: SchemaRef<'_>, path: &str) {
        let parts = parts(schema);
        let is_required = |key: &String| {
            let mut all = parts.iter().flat_map(|part| &part.node().keywords.required);
            all.any(|name| name == key)
        };
        for part in &parts {
            for (key, id) in &part.node().keywords.properties {
                let path = property(path, key);
                self.property(part.at(*id), &path, is_required(key));
            }
        }
        for part in &parts {
            self.other_properties(*part, path);
            self.items(*part, path);
            self.alternatives(*part, path);
            self.conditions(*part, path);
        }
    }

    fn property(&mut self, schema: SchemaRef<'_>, path: &str, is_required: bool) {
        let default = schema.default_value();
        // A default stands in for what is left out.
        let mut presence = Text::new(match (is_required, default) {
            (true, None) => "required",
            _ => "optional",
        });
        if is_nullable(schema) {
            presence = presence.plain(", nullable");
        }
        if let Some(value) = default {
            presence = presence.plain(", default ").code(value.to_string());
        }
        let kind = phrase::of_property(schema, self.links);
        self.row(schema, path, kind, presence);
    }

    /// A part that is no property, if there is more to say of it than its phrase says.
    fn part(&mut self, schema: SchemaRef<'_>, path: &str) {
        let kind = phrase::of(schema, self.links);
        let presence = match schema.node().keywords.default.as_ref() {
            Some(value) => Text::new("default ").code(value.to_string()),
            None => Text::default(),
        };
        self.row(schema, path, kind, presence);
    }

    fn part_unless_told(&mut self, schema: SchemaRef<'_>, path: &str) {
        let first = self.fields.len();
        self.part(schema, path);
        let rows = &self.fields[first..];
        let row = &rows[0];
        let is_told = rows.len() == 1
            && row.rules.is_empty()
            && row.prose.is_empty()
            && row.presence.is_empty();
        if is_told {
            self.fields.truncate(first);
        }
    }

    fn row(&mut self, schema: SchemaRef<'_>, path: &str, kind: Text, presence: Text) {
        self.fields.push(Field {
            path: path.to_owned(),
            kind,
            presence,
            rules: all_rules(schema),
            prose: prose(schema),
        });
        self.below(schema, path);
    }

    fn other_properties(&mut self, schema: SchemaRef<'_>, path: &str) {
        let keywords = &schema.node().keywords;
        for one in &keywords.pattern_properties {
            let path = child(path, &format!("/{}/", one.pattern.source));
            self.part(schema.at(one.schema), &path);
        }
        if let Some(values) = map_values(schema) {
            self.part_unless_told(schema.at(values), &child(path, "*"));
        } else {
            self.not_boolean(schema, keywords.additional_properties, &child(path, "*"));
        }
        let left = format!("{} (not described elsewhere)", child(path, "*"));
        self.not_boolean(schema, keywords.unevaluated_properties, &left);
        self.not_boolean(
            schema,
            keywords.property_names,
            &labelled(path, "each name"),
        );
    }

    fn items(&mut self, schema: SchemaRef<'_>, path: &str) {
        let keywords = &schema.node().keywords;
        for (index, id) in keywords.prefix_items.iter().enumerate() {
            self.part(schema.at(*id), &format!("{path}[{index}]"));
        }
        if keywords.prefix_items.is_empty() {
            if let Some(items) = keywords.items.filter(|id| is_described(schema.at(*id))) {
                self.part_unless_told(schema.at(items), &format!("{path}[]"));
            }
        } else {
            let rest = format!("{path}[{}…]", keywords.prefix_items.len());
            self.not_boolean(schema, keywords.items, &rest);
        }
        if let Some(contains) = keywords.contains {
            self.part(schema.at(contains), &format!("{path}[contains]"));
        }
        let left = format!("{path}[] (not described elsewhere)");
        self.not_boolean(schema, keywords.unevaluated_items, &left);
    }

    fn alternatives(&mut self, schema: SchemaRef<'_>, path: &str) {
        let keywords = &schema.node().keywords;
        for branches in [&keywords.one_of, &keywords.any_of] {
            for (index, id) in branches.iter().enumerate() {
                let branch = schema.at(*id);
                let label = match &branch.node().keywords.title {
                    Some(title) => title.clone(),
                    None => format!("alternative {}", index + 1),
                };
                self.part_unless_told(branch, &labelled(path, &label));
            }
        }
    }

    fn conditions(&mut self, schema: SchemaRef<'_>, path: &str) {
        let keywords = &schema.node().keywords;
        if let Some(not) = keywords.not {
            self.part(schema.at(not), &labelled(path, "never"));
        }
        if let Some(condition) = &keywords.condition {
            let branches = [
                ("if", Some(condition.test)),
                ("then", condition.then),
                ("else", condition.otherwise),
            ];
            for (label, id) in branches {
                if let Some(id) = id {
                    self.part(schema.at(id), &labelled(path, label));
                }
            }
        }
        for (key, id) in &keywords.dependent_schemas {
            self.part(schema.at(*id), &labelled(path, &format!("with {key}")));
        }
        if let Some(content) = keywords.content_schema {
            self.part(schema.at(content), &labelled(path, "content"));
        }
    }

    /// A row for a schema that is more than true or false.
    fn not_boolean(&mut self, parent: SchemaRef<'_>, id: Option<SchemaId>, path: &str) {
        if let Some(schema) = id.map(|id| parent.at(id)).filter(|s| is_described(*s)) {
            self.part(schema, path);
        }
    }
}

fn is_described(schema: SchemaRef<'_>) -> bool {
    schema.node().boolean.is_none()
}

/// The rules of a schema and its `allOf`, and the names that it needs without describing them.
fn all_rules(schema: SchemaRef<'_>) -> Vec<Text> {
    let parts = parts(schema);
    let mut all = Vec::new();
    for part in &parts {
        all.extend(
            rules(*part)
                .into_iter()
                .filter(|rule| !all.contains(rule))
                .collect::<Vec<_>>(),
        );
    }
    let is_described = |name: &String| {
        let mut properties = parts
            .iter()
            .flat_map(|part| &part.node().keywords.properties);
        properties.any(|(key, _)| key == name)
    };
    let required = parts.iter().flat_map(|part| &part.node().keywords.required);
    all.extend(needs(required.filter(|name| !is_described(name))));
    all
}

/// Titles and descriptions.
fn prose(schema: SchemaRef<'_>) -> Vec<String> {
    let mut prose = Vec::new();
    for part in parts(schema) {
        let keywords = &part.node().keywords;
        prose.extend(keywords.title.clone());
        prose.extend(keywords.description.clone());
    }
    prose
}

/// `items[].price`
fn child(path: &str, step: &str) -> String {
    if path.is_empty() {
        step.to_owned()
    } else {
        format!("{path}.{step}")
    }
}

/// A name that would be taken for another step is quoted.
fn property(path: &str, key: &str) -> String {
    let is_plain = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || "_-$@".contains(c));
    if is_plain {
        child(path, key)
    } else {
        child(path, &serde_json::Value::from(key).to_string())
    }
}

/// `event (created)`
fn labelled(path: &str, label: &str) -> String {
    if path.is_empty() {
        format!("({label})")
    } else {
        format!("{path} ({label})")
    }
}
