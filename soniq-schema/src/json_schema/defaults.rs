//! Writing a value as a producer would: by the present names, with what a schema takes for granted.

use serde_json::{Map, Value};

use super::SchemaRef;

/// How deep defaults are filled in; ends a type whose default holds itself.
const MAX_DEPTH: usize = 128;

/// How many schemas are looked at for one value; ends types whose defaults hold themselves twice.
const MAX_STEPS: usize = 100_000;

/// Adds every property that `value` lacks and `schema` has a `default` for, at any depth, the
/// insides of added defaults included. A producer does so before it enqueues, so that a later
/// change of a default does not change what a row means. For the same reason a property under an
/// older name (`x-aliases`) gets its present one.
///
/// Looked at is what applies whatever the value: `properties` and the like, items, `$ref` and
/// `allOf`. A default in one of several alternatives is left to who knows which one is meant.
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
    let mut steps = MAX_STEPS;
    fill(schema, value, MAX_DEPTH, &mut steps);
}

fn fill(schema: SchemaRef<'_>, value: &mut Value, depth: usize, steps: &mut usize) {
    let (Some(depth), Some(left)) = (depth.checked_sub(1), steps.checked_sub(1)) else {
        return;
    };
    *steps = left;
    // A chain of references may be longer than the depth.
    let schema = schema.resolved();
    let keywords = &schema.node().keywords;
    match value {
        Value::Object(members) => {
            if let Some(renamed) = soniq_rules::renamed(members, &keywords.renames)
                && renamed.doubled.is_empty()
                && let Value::Object(renamed) = renamed.object
            {
                *members = renamed;
            }
            for (name, id) in &keywords.properties {
                let property = schema.at(*id);
                if !members.contains_key(name)
                    && let Some(default) = property.default_value()
                {
                    members.insert(name.clone(), default.clone());
                }
                if let Some(member) = members.get_mut(name) {
                    fill(property, member, depth, steps);
                }
            }
            fill_undeclared(schema, members, depth, steps);
        }
        Value::Array(items) => {
            let prefix = keywords.prefix_items.iter().copied().map(Some);
            let elements = prefix.chain(std::iter::repeat(keywords.items));
            for (item, element) in items.iter_mut().zip(elements) {
                if let Some(id) = element {
                    fill(schema.at(id), item, depth, steps);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    for id in keywords.reference.iter().chain(&keywords.all_of) {
        fill(schema.at(*id), value, depth, steps);
    }
}

/// The members that `properties` does not name.
fn fill_undeclared(
    schema: SchemaRef<'_>,
    members: &mut Map<String, Value>,
    depth: usize,
    steps: &mut usize,
) {
    let keywords = &schema.node().keywords;
    if keywords.pattern_properties.is_empty() && keywords.additional_properties.is_none() {
        return;
    }
    for (name, member) in members.iter_mut() {
        let mut is_declared = keywords.properties.iter().any(|(key, _)| key == name);
        for property in &keywords.pattern_properties {
            if property.pattern.regex.is_match(name) {
                is_declared = true;
                fill(schema.at(property.schema), member, depth, steps);
            }
        }
        if let Some(id) = keywords.additional_properties
            && !is_declared
        {
            fill(schema.at(id), member, depth, steps);
        }
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

    #[test]
    fn what_always_applies_is_filled_in_and_alternatives_are_not() {
        let schema = "
            [types.Args]
            type = 'object'
            allOf = [{ properties.a = { default = 1 } }]
            anyOf = [{ properties.b = { default = 2 } }]
            properties.map = { patternProperties = { '^x' = { properties.c = { default = 3 } } }, additionalProperties = { properties.d = { default = 4 } } }
        ";
        assert_eq!(
            filled(schema, json!({ "map": { "x": {}, "y": {} } })),
            json!({ "a": 1, "map": { "x": { "c": 3 }, "y": { "d": 4 } } })
        );
    }

    #[test]
    fn older_names_give_way_before_defaults_are_filled_in() {
        let schema = "
            [types.Base]
            properties.locale = { default = 'en', x-aliases = ['language'] }
            [types.Args]
            type = 'object'
            allOf = [{ '$ref' = '#/types/Base' }]
            properties.to = { '$ref' = '#/types/Base', x-aliases = ['recipient'] }
        ";
        assert_eq!(
            filled(schema, json!({ "recipient": { "language": "de" }, "x": 1 })),
            json!({ "locale": "en", "to": { "locale": "de" }, "x": 1 })
        );
        let doubled = json!({ "locale": "de", "language": "fr" });
        assert_eq!(filled(schema, doubled.clone()), doubled);
    }

    #[test]
    fn defaults_that_hold_themselves_end() {
        // Each level fills its two halves by both branches: without a bound, 4^128 of them.
        let schema = "
            [types.Node]
            properties.l = { '$ref' = '#/types/Node', default = {} }
            properties.r = { '$ref' = '#/types/Node', default = {} }
            [types.Args]
            type = 'object'
            allOf = [{ '$ref' = '#/types/Node' }, { '$ref' = '#/types/Node' }]
        ";
        let value = filled(schema, json!({}));
        assert!(value["l"]["r"].is_object());
    }
}
