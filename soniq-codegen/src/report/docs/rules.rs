//! What a schema asks of a value beyond its type, a sentence each.

use serde_json::Value;
use soniq_schema::json_schema::{Keywords, SchemaRef};

use super::text::Text;

/// The rules of one schema, without those of its parts.
pub(super) fn rules(schema: SchemaRef<'_>) -> Vec<Text> {
    let keywords = &schema.node().keywords;
    let mut rules = Vec::new();
    values(keywords, &mut rules);
    strings(keywords, &mut rules);
    numbers(keywords, &mut rules);
    arrays(schema, &mut rules);
    objects(schema, &mut rules);
    annotations(keywords, &mut rules);
    rules
}

fn values(keywords: &Keywords, rules: &mut Vec<Text>) {
    if let Some(value) = &keywords.constant {
        rules.push(Text::new("always ").code(value.to_string()));
    }
    if let Some(values) = &keywords.enumeration {
        let text = Text::new("one of ").then(codes(values.iter().map(Value::to_string)));
        rules.push(if keywords.open {
            text.plain("; others are accepted")
        } else {
            text
        });
    }
}

fn strings(keywords: &Keywords, rules: &mut Vec<Text>) {
    let characters = (keywords.min_length, keywords.max_length);
    rules.extend(count(characters, "character", "characters"));
    if let Some(pattern) = &keywords.pattern {
        rules.push(Text::new("matches ").code(&pattern.source));
    }
    let media = keywords.content_media_type.as_ref();
    for (words, content) in [
        ("encoded as ", keywords.content_encoding.as_ref()),
        ("holds ", media),
    ] {
        rules.extend(content.map(|content| Text::new(words).code(content)));
    }
}

fn numbers(keywords: &Keywords, rules: &mut Vec<Text>) {
    for (words, bound) in [
        ("at least ", &keywords.minimum),
        ("more than ", &keywords.exclusive_minimum),
        ("at most ", &keywords.maximum),
        ("less than ", &keywords.exclusive_maximum),
        ("a multiple of ", &keywords.multiple_of),
    ] {
        let bound = bound.as_ref();
        rules.extend(bound.map(|bound| Text::new(words).code(bound.to_string())));
    }
}

fn arrays(schema: SchemaRef<'_>, rules: &mut Vec<Text>) {
    let keywords = &schema.node().keywords;
    rules.extend(count(
        (keywords.min_items, keywords.max_items),
        "item",
        "items",
    ));
    if keywords.unique_items {
        rules.push(Text::new("no two items alike"));
    }
    if keywords.contains.is_some() {
        let least = keywords.min_contains.or(Some(1));
        let how_many = count((least, keywords.max_contains), "item", "items");
        let how_many = how_many.unwrap_or_else(|| Text::new("any number of items"));
        rules.push(how_many.plain(" like ").code("[contains]"));
    }
    let is_false = |id| schema.at(id).node().boolean == Some(false);
    if keywords.items.is_some_and(is_false) {
        rules.push(match keywords.prefix_items.len() {
            0 => Text::new("no items"),
            n => Text::new(format!("no items after the first {n}")),
        });
    }
    if keywords.unevaluated_items.is_some_and(is_false) {
        rules.push(Text::new("no items that nothing else describes"));
    }
}

fn objects(schema: SchemaRef<'_>, rules: &mut Vec<Text>) {
    let keywords = &schema.node().keywords;
    let names = (keywords.min_properties, keywords.max_properties);
    rules.extend(count(names, "property", "properties"));
    for (name, needed) in &keywords.dependent_required {
        if !needed.is_empty() {
            let with = Text::new("with ").code(name).plain(" also ");
            rules.push(with.then(codes(needed.iter().cloned())));
        }
    }
    let is_false = |id| schema.at(id).node().boolean == Some(false);
    if keywords.additional_properties.is_some_and(is_false) {
        rules.push(Text::new("no other properties"));
    }
    if keywords.unevaluated_properties.is_some_and(is_false) {
        rules.push(Text::new("no properties that nothing else describes"));
    }
}

fn annotations(keywords: &Keywords, rules: &mut Vec<Text>) {
    if !keywords.aliases.is_empty() {
        rules.push(Text::new("formerly ").then(codes(keywords.aliases.iter().cloned())));
    }
    if !keywords.examples.is_empty() {
        let examples = keywords.examples.iter().map(Value::to_string);
        rules.push(Text::new("for example ").then(codes(examples)));
    }
    for (is_so, words) in [
        (keywords.deprecated, "deprecated"),
        (keywords.read_only, "read only"),
        (keywords.write_only, "write only"),
    ] {
        rules.extend(is_so.then(|| Text::new(words)));
    }
}

/// Names of properties that must be there.
pub(super) fn needs<'n>(names: impl Iterator<Item = &'n String>) -> Option<Text> {
    let names = codes(names.cloned());
    (!names.is_empty()).then(|| Text::new("needs ").then(names))
}

fn codes(codes: impl Iterator<Item = String>) -> Text {
    Text::joined(codes.map(Text::of_code), ", ")
}

fn count((least, most): (Option<u64>, Option<u64>), one: &str, many: &str) -> Option<Text> {
    let words = |n: u64| if n == 1 { one } else { many };
    let text = match (least.filter(|n| *n > 0), most) {
        (None, None) => return None,
        (Some(n), Some(m)) if n == m => format!("exactly {n} {}", words(n)),
        (Some(n), Some(m)) => format!("{n} to {m} {}", words(m)),
        (Some(n), None) => format!("at least {n} {}", words(n)),
        (None, Some(m)) => format!("at most {m} {}", words(m)),
    };
    Some(Text::new(text))
}
