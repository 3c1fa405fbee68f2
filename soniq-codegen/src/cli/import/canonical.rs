//! A canonical schema, as lock files have it, back in TOML.

use soniq_schema::json_text::{self, JsonNode, JsonValue};
use toml_edit::Table;

use super::keywords::{Kind, kind};
use super::layout::insert;
use super::model::{Body, Json, Keyword, Keywords, Schema};
use super::pointer::members;

/// Adds a schema to a table under a key. Its text is one that [`soniq_schema::canonical`] wrote; `None`
/// if it is not.
pub(in crate::cli) fn insert_canonical(table: &mut Table, key: &str, text: &str) -> Option<()> {
    let node = json_text::parse(text).ok()?;
    insert(table, key, &schema(&node, text), true);
    Some(())
}

fn schema(node: &JsonNode, text: &str) -> Schema {
    let keywords = members(node).iter();
    let keywords = keywords.map(|one| (one.key.clone(), keyword(&one.key, &one.node, text)));
    let body = match node.value {
        JsonValue::Boolean(flag) => Body::Boolean(flag),
        JsonValue::Null
        | JsonValue::Number(_)
        | JsonValue::String(_)
        | JsonValue::Array(_)
        | JsonValue::Object(_) => Body::Keywords(Keywords(keywords.collect())),
    };
    Schema {
        from: String::new(),
        body,
    }
}

fn keyword(key: &str, node: &JsonNode, text: &str) -> Keyword {
    match (kind(key), &node.value) {
        (Some(Kind::Schema | Kind::Items), _) => Keyword::Schema(schema(node, text)),
        (Some(Kind::List), JsonValue::Array(items)) => {
            Keyword::List(items.iter().map(|item| schema(item, text)).collect())
        }
        (Some(Kind::Named | Kind::Definitions), JsonValue::Object(named)) => {
            let named = named.iter();
            Keyword::Named(
                named
                    .map(|one| (one.key.clone(), schema(&one.node, text)))
                    .collect(),
            )
        }
        _ => Keyword::Literal(Json::of(node, text)),
    }
}
