//! JSON values in TOML.

use toml_edit::{Array, InlineTable, Value};

use super::model::Json;

/// The key that carries what TOML cannot say.
const X_JSON: &str = "x-json";

/// A value in TOML: as it is, or as the JSON text that `x-json` carries.
pub(super) fn literal(json: &Json) -> Value {
    match json {
        Json::Null => x_json(json),
        Json::Boolean(flag) => Value::from(*flag),
        Json::Number(text) => number(text).unwrap_or_else(|| x_json(json)),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(literal).collect::<Array>()),
        // It would be read as what it carries.
        Json::Object(members) if matches!(members.as_slice(), [(key, _)] if key == X_JSON) => {
            x_json(json)
        }
        Json::Object(members) => {
            let members = members.iter();
            let table: InlineTable = members
                .map(|(key, value)| (key.as_str(), literal(value)))
                .collect();
            Value::InlineTable(table)
        }
    }
}

/// A number as it was written; `None` if it is an integer beyond 64 bits.
fn number(text: &str) -> Option<Value> {
    if text.contains(['.', 'e', 'E']) {
        // Every such number of JSON is a float of TOML.
        return text.parse().ok();
    }
    text.parse::<i64>().ok().map(Value::from)
}

fn x_json(json: &Json) -> Value {
    Value::InlineTable(std::iter::once((X_JSON, Value::from(json.to_string()))).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use soniq_schema::json_text::parse;

    use super::{Json, literal};

    #[test]
    fn values_are_written_as_toml_has_them() {
        for (json, toml) in [
            ("1", "1"),
            ("-0", "0"),
            ("1.50", "1.50"),
            ("1E5", "1E5"),
            ("9223372036854775807", "9223372036854775807"),
            (
                "9223372036854775808",
                r#"{ x-json = "9223372036854775808" }"#,
            ),
            ("null", r#"{ x-json = "null" }"#),
            ("[1, null]", r#"[1, { x-json = "null" }]"#),
            (r#"{"b": 1, "a": {}}"#, "{ b = 1, a = {} }"),
            (
                r#"{"x-json": [1, "a"]}"#,
                r#"{ x-json = '{"x-json": [1, "a"]}' }"#,
            ),
        ] {
            let value = Json::of(&parse(json).unwrap(), json);
            assert_eq!(literal(&value).to_string().trim(), toml, "{json}");
        }
    }
}
