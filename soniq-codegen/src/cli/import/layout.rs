//! Schemas in TOML: what is small stands on one line, what is not becomes a table.

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, Value};

use super::literal::literal;
use super::model::{Body, Json, Keyword, Keywords, Schema};

/// The longest line.
const WIDTH: usize = 120;

/// The most keywords that are looked at to find whether a schema fits on a line.
const MOST_KEYWORDS: usize = 24;

/// Keywords in the order in which they are written; others stand where the rules are.
const FIRST: &[&str] = &[
    "$ref", "title", "type", "format", "enum", "const", "x-open", "required",
];
const LAST: &[&str] = &[
    "deprecated",
    "default",
    "examples",
    "description",
    "$comment",
];

/// Adds a schema to a table under a key.
pub(super) fn insert(table: &mut Table, key: &str, schema: &Schema, must_be_table: bool) {
    match small(schema).filter(|value| !must_be_table && fits(key, value)) {
        Some(value) => table.insert(key, Item::Value(value)),
        None => table.insert(key, Item::Table(full(schema))),
    };
}

/// A schema as a table.
fn full(schema: &Schema) -> Table {
    let mut table = Table::new();
    match &schema.body {
        Body::Boolean(true) => {}
        // No table admits nothing by itself.
        Body::Boolean(false) => {
            table.insert("not", Item::Value(Value::from(true)));
        }
        Body::Keywords(keywords) => {
            for (key, value) in sorted(keywords) {
                keyword(&mut table, key, value);
            }
            let has_values = table.iter().any(|(_, item)| item.is_value());
            // Without lines of its own, the headers of its parts are enough.
            table.set_implicit(!table.is_empty() && !has_values);
        }
    }
    table
}

fn keyword(table: &mut Table, key: &str, value: &Keyword) {
    match value {
        Keyword::Literal(json) => {
            table.insert(key, Item::Value(wrapped(key, literal(json))));
        }
        Keyword::Schema(schema) => insert(table, key, schema, false),
        Keyword::List(schemas) => {
            table.insert(key, list(key, schemas));
        }
        Keyword::Named(named) => {
            let item = match small_named(named).filter(|value| named.len() < 2 && fits(key, value))
            {
                Some(value) => Item::Value(value),
                None => Item::Table(named_tables(named)),
            };
            table.insert(key, item);
        }
    }
}

/// Schemas by name, in their order: behind the first one that is a table, all are.
fn named_tables(named: &[(String, Schema)]) -> Table {
    let mut table = Table::new();
    let mut is_table = false;
    for (name, schema) in named {
        insert(&mut table, name, schema, is_table);
        is_table |= table.get(name).is_some_and(Item::is_table);
    }
    let has_values = table.iter().any(|(_, item)| item.is_value());
    table.set_implicit(!table.is_empty() && !has_values);
    table
}

/// A list on one line, or with a line for each schema, or as an array of tables.
fn list(key: &str, schemas: &[Schema]) -> Item {
    let values: Option<Vec<Value>> = schemas
        .iter()
        .map(|schema| small(schema).filter(|value| fits("    ", value)))
        .collect();
    if let Some(values) = values {
        let array = values.into_iter().collect::<Array>();
        return Item::Value(wrapped(key, Value::Array(array)));
    }
    let mut tables = ArrayOfTables::new();
    for schema in schemas {
        let mut table = full(schema);
        // Its header is what makes it an element.
        table.set_implicit(false);
        tables.push(table);
    }
    Item::ArrayOfTables(tables)
}

/// An array that is too long for a line gets one for each element.
fn wrapped(key: &str, value: Value) -> Value {
    if fits(key, &value) {
        return value;
    }
    match value {
        Value::Array(mut array) => {
            for element in array.iter_mut() {
                element.decor_mut().set_prefix("\n    ");
                element.decor_mut().set_suffix("");
            }
            array.set_trailing("\n");
            array.set_trailing_comma(true);
            Value::Array(array)
        }
        value => value,
    }
}

/// A schema that may be on one line, as a value.
fn small(schema: &Schema) -> Option<Value> {
    let mut left = MOST_KEYWORDS;
    is_small(schema, &mut left).then(|| inline(schema))
}

fn small_named(named: &[(String, Schema)]) -> Option<Value> {
    let mut left = MOST_KEYWORDS;
    let small = named.iter().all(|(_, schema)| is_small(schema, &mut left));
    small.then(|| inline_named(named))
}

/// Whether a schema has few keywords, and no more than one property or item in each place.
fn is_small(schema: &Schema, left: &mut usize) -> bool {
    let Body::Keywords(keywords) = &schema.body else {
        return true;
    };
    keywords.0.iter().all(|(_, value)| {
        let Some(less) = left.checked_sub(1) else {
            return false;
        };
        *left = less;
        match value {
            Keyword::Literal(json) => is_small_literal(json),
            Keyword::Schema(schema) => is_small(schema, left),
            Keyword::List(schemas) => schemas.iter().all(|schema| is_small(schema, left)),
            Keyword::Named(named) => {
                named.len() < 2 && named.iter().all(|(_, schema)| is_small(schema, left))
            }
        }
    })
}

fn is_small_literal(json: &Json) -> bool {
    match json {
        Json::String(text) => text.len() < WIDTH && !text.contains('\n'),
        Json::Array(items) => items.len() < WIDTH && items.iter().all(is_small_literal),
        Json::Object(members) => {
            members.len() < WIDTH && members.iter().all(|(_, value)| is_small_literal(value))
        }
        _ => true,
    }
}

fn inline(schema: &Schema) -> Value {
    match &schema.body {
        Body::Boolean(flag) => Value::from(*flag),
        Body::Keywords(keywords) => {
            let pairs = sorted(keywords).into_iter().map(|(key, value)| {
                let value = match value {
                    Keyword::Literal(json) => literal(json),
                    Keyword::Schema(schema) => inline(schema),
                    Keyword::List(schemas) => {
                        Value::Array(schemas.iter().map(inline).collect::<Array>())
                    }
                    Keyword::Named(named) => inline_named(named),
                };
                (key, value)
            });
            Value::InlineTable(pairs.collect::<InlineTable>())
        }
    }
}

fn inline_named(named: &[(String, Schema)]) -> Value {
    let pairs = named.iter();
    let pairs = pairs.map(|(name, schema)| (name.as_str(), inline(schema)));
    Value::InlineTable(pairs.collect::<InlineTable>())
}

fn fits(key: &str, value: &Value) -> bool {
    let text = value.to_string();
    !text.contains('\n') && key.len() + 3 + text.chars().count() <= WIDTH
}

/// What a schema is comes first, what is said about it last.
fn sorted(keywords: &Keywords) -> Vec<(&str, &Keyword)> {
    let rank = |key: &str| {
        let first = FIRST.iter().position(|known| *known == key);
        let last = LAST.iter().position(|known| *known == key);
        let behind = last.map(|index| FIRST.len() + 1 + index);
        first.or(behind).unwrap_or(FIRST.len())
    };
    let pairs = keywords.0.iter();
    let mut sorted: Vec<_> = pairs.map(|(key, value)| (key.as_str(), value)).collect();
    sorted.sort_by_key(|(key, _)| rank(key));
    sorted
}
