//! Which values a schema has, in one phrase: `array of Money`.

use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef};

use super::links::Links;
use super::text::Text;

/// A schema and those of its `allOf` that are written in place: they speak of the same value, and
/// are read as one.
pub(super) fn parts(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
    let mut parts = vec![schema];
    let mut next = 0;
    while next < parts.len() {
        let part = parts[next];
        let inner = part.node().keywords.all_of.iter().map(|id| part.at(*id));
        parts.extend(inner);
        next += 1;
    }
    parts
}

/// Whether null is a value beside others.
pub(super) fn is_nullable(schema: SchemaRef<'_>) -> bool {
    let mut types = parts(schema)
        .into_iter()
        .filter_map(|part| part.node().keywords.types);
    types.any(|types| types.null && types.names().count() > 1)
}

/// The phrase for a property: that it may be null is said elsewhere.
pub(super) fn of_property(schema: SchemaRef<'_>, links: &mut Links<'_>) -> Text {
    phrase(schema, links, false)
}

/// The phrase for any other schema.
pub(super) fn of(schema: SchemaRef<'_>, links: &mut Links<'_>) -> Text {
    phrase(schema, links, true)
}

fn phrase(schema: SchemaRef<'_>, links: &mut Links<'_>, with_null: bool) -> Text {
    match schema.node().boolean {
        Some(true) => return Text::new("anything"),
        Some(false) => return Text::new("nothing"),
        None => {}
    }
    let parts = parts(schema);
    let mut phrases: Vec<Text> = Vec::new();
    for part in &parts {
        if let Some(target) = part.node().keywords.reference {
            phrases.push(links.to(target));
        }
    }
    for part in &parts {
        phrases.extend(kinds(*part, links, with_null));
    }
    for part in &parts {
        let keywords = &part.node().keywords;
        let lists = [
            ("exactly one of ", &keywords.one_of),
            ("at least one of ", &keywords.any_of),
        ];
        for (words, branches) in lists {
            if !branches.is_empty() {
                let branches = (1..).zip(branches);
                let branches = branches.map(|(n, id)| branch(part.at(*id), n, links));
                phrases.push(Text::new(words).then(Text::joined(branches, ", ")));
            }
        }
    }
    // `allOf` may well say the same twice.
    let mut told: Vec<Text> = Vec::new();
    for phrase in phrases {
        if !told.contains(&phrase) {
            told.push(phrase);
        }
    }
    if told.is_empty() {
        told.push(any());
    }
    Text::joined(told, " and ")
}

fn any() -> Text {
    Text::new("any")
}

/// The branch `n` of a union: by its title if it has one, by its number if it only has rules.
fn branch(schema: SchemaRef<'_>, n: usize, links: &mut Links<'_>) -> Text {
    let phrase = of(schema, links);
    match &schema.node().keywords.title {
        Some(title) => Text::new(format!("{title} (")).then(phrase).plain(")"),
        None if phrase == any() => Text::new(format!("alternative {n}")),
        None => phrase,
    }
}

/// The phrase of `type`, or of the values that are listed.
fn kinds(schema: SchemaRef<'_>, links: &mut Links<'_>, with_null: bool) -> Option<Text> {
    let keywords = &schema.node().keywords;
    let Some(types) = keywords.types else {
        let format = keywords.format.as_ref();
        return values(keywords).or(format.map(|format| Text::new(format!("any ({format})"))));
    };
    let only_null = types.names().eq(["null"]);
    let names = types
        .names()
        .filter(|name| with_null || only_null || *name != "null");
    let kinds = names.map(|name| match (name, &keywords.format) {
        ("array", _) => array(schema, links),
        ("object", _) => object(schema, links),
        ("string" | "integer" | "number", Some(format)) => Text::new(format!("{name} ({format})")),
        _ => Text::new(name),
    });
    Some(Text::joined(kinds.collect::<Vec<_>>(), " or "))
}

fn array(schema: SchemaRef<'_>, links: &mut Links<'_>) -> Text {
    let keywords = &schema.node().keywords;
    match keywords.items.filter(|_| keywords.prefix_items.is_empty()) {
        Some(items) => Text::new("array of ").then(of(schema.at(items), links)),
        None => Text::new("array"),
    }
}

fn object(schema: SchemaRef<'_>, links: &mut Links<'_>) -> Text {
    match map_values(schema) {
        Some(values) => Text::new("object of ").then(of(schema.at(values), links)),
        None => Text::new("object"),
    }
}

/// The schema of the values of an object that is a map.
pub(super) fn map_values(schema: SchemaRef<'_>) -> Option<SchemaId> {
    let keywords = &schema.node().keywords;
    let has_names = !keywords.properties.is_empty() || !keywords.pattern_properties.is_empty();
    let values = keywords.additional_properties?;
    (!has_names && schema.at(values).node().boolean.is_none()).then_some(values)
}

/// The types of the values in `enum` and `const`.
fn values(keywords: &Keywords) -> Option<Text> {
    let listed = keywords.enumeration.iter().flatten();
    let mut names: Vec<&str> = Vec::new();
    for value in listed.chain(&keywords.constant) {
        let name = match value {
            serde_json::Value::Null => "null",
            serde_json::Value::Bool(_) => "boolean",
            serde_json::Value::Number(_) => "number",
            serde_json::Value::String(_) => "string",
            serde_json::Value::Array(_) => "array",
            serde_json::Value::Object(_) => "object",
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| Text::new(names.join(" or ")))
}
