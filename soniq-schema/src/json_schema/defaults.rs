//! Writing out what a schema takes for granted.

use serde_json::Value;

use super::SchemaRef;

/// How deep defaults are filled in; ends a type whose default holds itself.
const MAX_DEPTH: usize = 128;

/// Adds every property that `value` lacks and `schema` has a `default` for, at any depth, the
/// insides of added defaults included. A producer does so before it enqueues, so that a later
/// change of a default does not change what a row means.
///
/// ```
/// use serde_json::json;
///
/// let loaded = soniq_schema::load_sources([(
///     "emails.toml".to_owned(),
///     r#"
///         edition = "2026"
///         namespace = "emails"
///         [tasks.digest]
///         version = 1
///         args.type = "object"
///         args.properties.preview = { type = "boolean", default = false }
///     "#
///     .to_owned(),
/// )]);
/// let contracts = loaded.contracts;
/// let schema = contracts.schemas.get(contracts.contracts[0].tasks[0].args);
/// let mut args = json!({});
/// soniq_schema::fill_defaults(schema, &mut args);
/// assert_eq!(args, json!({ "preview": false }));
/// ```
pub fn fill_defaults(schema: SchemaRef<'_>, value: &mut Value) {
    fill(schema, value, MAX_DEPTH);
}

fn fill(schema: SchemaRef<'_>, value: &mut Value, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let keywords = &schema.node().keywords;
    match value {
        Value::Object(members) => {
            for (name, id) in &keywords.properties {
                let property = schema.at(*id);
                if !members.contains_key(name)
                    && let Some(default) = property.default_value()
                {
                    members.insert(name.clone(), default.clone());
                }
                if let Some(member) = members.get_mut(name) {
                    fill(property, member, depth);
                }
            }
            if let Some(id) = keywords.additional_properties {
                let declared = |name: &String| keywords.properties.iter().any(|(p, _)| p == name);
                for (_, member) in members.iter_mut().filter(|(name, _)| !declared(name)) {
                    fill(schema.at(id), member, depth);
                }
            }
        }
        Value::Array(items) => {
            let prefix = keywords.prefix_items.iter().copied().map(Some);
            let elements = prefix.chain(std::iter::repeat(keywords.items));
            for (item, element) in items.iter_mut().zip(elements) {
                if let Some(id) = element {
                    fill(schema.at(id), item, depth);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    if let Some(target) = keywords.reference {
        fill(schema.at(target), value, depth);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(schema: &str, mut value: Value) -> Value {
        let text = format!(
            "edition = '2026'\nnamespace = 'a'\n{schema}\n[tasks.t]\nversion = 1\nargs = {{ '$ref' = '#/types/Args' }}"
        );
        let loaded = crate::load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = loaded.contracts;
        let schema = contracts.schemas.get(contracts.contracts[0].tasks[0].args);
        fill_defaults(schema, &mut value);
        value
    }

    #[test]
    fn fills_at_any_depth_and_keeps_what_is_there() {
        let schema = r#"
            [types.Who]
            type = "object"
            properties.locale = { type = "string", default = "en" }
            [types.Args]
            type = "object"
            properties.to = { "$ref" = "\#/types/Who" }
            properties.from = { "$ref" = "\#/types/Who", default = {} }
            properties.copies = { type = "integer", default = 1 }
            properties.all = { type = "array", items = { "$ref" = "\#/types/Who" } }
            properties.map = { type = "object", additionalProperties = { "$ref" = "\#/types/Who" } }
        "#
        .replace("\\#", "#");
        assert_eq!(
            filled(
                &schema,
                json!({ "all": [{}], "map": { "x": {} }, "other": {} })
            ),
            json!({
                "from": { "locale": "en" },
                "copies": 1,
                "all": [{ "locale": "en" }],
                "map": { "x": { "locale": "en" } },
                "other": {},
            })
        );
        assert_eq!(
            filled(
                &schema,
                json!({ "to": { "locale": "de" }, "from": null, "copies": 7 })
            ),
            json!({ "to": { "locale": "de" }, "from": null, "copies": 7 })
        );
    }
}
