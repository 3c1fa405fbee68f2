//! One spelling for equal arguments.
//!
//! A generated producer writes a uuid in lower case, a date-time in UTC and an integer without a
//! fraction, for it holds values and not texts. Uniqueness compares what is written, so arguments
//! that come as text are spelled the same way first.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use soniq_schema::json_schema::{Keywords, SchemaRef};
use uuid::Uuid;

/// Respells what generated types would hold as a value. The arguments fit the schema.
pub(super) fn normalize(schema: SchemaRef<'_>, value: &mut Value) {
    let keywords = &schema.node().keywords;
    match value {
        Value::String(text) => {
            if let Some(respelled) = respelled(keywords, text) {
                *text = respelled;
            }
        }
        Value::Number(number) => {
            if is_only(keywords, |types| types.integer && !types.number)
                && let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole)
            {
                *value = Value::from(whole);
            }
        }
        Value::Array(items) => {
            let prefix = keywords.prefix_items.iter().copied().map(Some);
            let elements = prefix.chain(std::iter::repeat(keywords.items));
            for (item, element) in items.iter_mut().zip(elements) {
                if let Some(id) = element {
                    normalize(schema.at(id), item);
                }
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let declared = keywords.properties.iter().find(|(key, _)| key == name);
                if let Some(id) = declared
                    .map(|(_, id)| *id)
                    .or(keywords.additional_properties)
                {
                    normalize(schema.at(id), member);
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    if let Some(target) = keywords.reference {
        normalize(schema.at(target), value);
    }
}

/// The text of a value that has a type of its own in Rust; not of one that `enum` or `const`
/// compare as text.
fn respelled(keywords: &Keywords, text: &str) -> Option<String> {
    let is_text = is_only(keywords, |types| types.string);
    if !is_text || keywords.enumeration.is_some() || keywords.constant.is_some() {
        return None;
    }
    match keywords.format.as_deref()? {
        "uuid" => Some(Uuid::parse_str(text).ok()?.to_string()),
        "date-time" => {
            let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
            Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
        _ => None,
    }
}

fn is_only(keywords: &Keywords, test: impl Fn(&soniq_schema::json_schema::Types) -> bool) -> bool {
    keywords.types.as_ref().is_some_and(|types| {
        let others = types.names().filter(|name| *name != "null").count();
        others == 1 && test(types)
    })
}

/// The integer that a float stands for, as far as floats are exact.
fn whole(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() > EXACT {
        return None;
    }
    format!("{float:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn normal(properties: &str, mut args: Value) -> Value {
        let text = format!(
            "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\n\
             args.type = 'object'\n[tasks.t.args.properties]\n{properties}"
        );
        let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = loaded.contracts;
        normalize(
            contracts.schemas.get(contracts.contracts[0].tasks[0].args),
            &mut args,
        );
        args
    }

    #[test]
    fn values_have_one_spelling() {
        let properties = "
            at = { type = ['string', 'null'], format = 'date-time' }
            ids = { type = 'array', items = { type = 'string', format = 'uuid' } }
            count = { type = 'integer' }
            share = { type = 'number' }
            note = { type = 'string' }";
        let id = "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11";
        assert_eq!(
            normal(
                properties,
                json!({
                    "at": "2026-12-01T08:00:00.500+01:00",
                    "ids": [id],
                    "count": -3.0,
                    "share": 1.0,
                    "note": id,
                    "more": id,
                })
            ),
            json!({
                "at": "2026-12-01T07:00:00.500Z",
                "ids": [id.to_lowercase()],
                "count": -3,
                "share": 1.0,
                "note": id,
                "more": id,
            })
        );
        assert_eq!(
            normal(properties, json!({ "at": null })),
            json!({ "at": null })
        );
    }
}
