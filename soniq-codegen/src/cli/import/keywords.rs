//! The keywords of all drafts: what their values are, and since when they say something.

use soniq_schema::json_text::{JsonNode, JsonValue};

use super::draft::Draft;
use super::pointer::{child, members};

/// What the value of a keyword is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A schema.
    Schema,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Named,
    /// Schemas by name that others refer to.
    Definitions,
    /// A schema, or a list of them before 2020-12.
    Items,
    /// By name a schema or a list of names.
    Dependencies,
    /// A value that says how values must be.
    Rule,
    /// A value that says nothing about values.
    Annotation,
}

/// What a keyword's value is; `None` if it is not one that a contract could take in some form.
pub(super) fn kind(keyword: &str) -> Option<Kind> {
    Some(match keyword {
        "additionalItems"
        | "contains"
        | "unevaluatedItems"
        | "additionalProperties"
        | "propertyNames"
        | "unevaluatedProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => Kind::Schema,
        "prefixItems" | "allOf" | "anyOf" | "oneOf" => Kind::List,
        "properties" | "patternProperties" | "dependentSchemas" => Kind::Named,
        "$defs" | "definitions" => Kind::Definitions,
        "items" => Kind::Items,
        "dependencies" => Kind::Dependencies,
        "type" | "enum" | "const" | "x-open" | "format" | "minLength" | "maxLength" | "pattern"
        | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"
        | "minContains" | "maxContains" | "minItems" | "maxItems" | "uniqueItems" | "required"
        | "dependentRequired" | "minProperties" | "maxProperties" => Kind::Rule,
        "$comment" | "title" | "description" | "deprecated" | "readOnly" | "writeOnly"
        | "default" | "examples" | "contentEncoding" | "contentMediaType" => Kind::Annotation,
        _ => return None,
    })
}

/// The first draft in which a rule says something.
pub(super) fn since(keyword: &str) -> Draft {
    match keyword {
        "const" | "contains" | "propertyNames" => Draft::Six,
        "if" | "then" | "else" => Draft::Seven,
        "dependentRequired"
        | "dependentSchemas"
        | "minContains"
        | "maxContains"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Draft::Of2019,
        "prefixItems" => Draft::Of2020,
        _ => Draft::Four,
    }
}

/// The schemas directly inside a schema, each with its JSON pointer.
pub(super) fn children<'d>(pointer: &str, schema: &'d JsonNode) -> Vec<(String, &'d JsonNode)> {
    let mut out = Vec::new();
    for member in members(schema) {
        let Some(kind) = kind(&member.key) else {
            continue;
        };
        let at = child(pointer, &member.key);
        match (kind, &member.node.value) {
            (Kind::List | Kind::Items, JsonValue::Array(items)) => {
                let items = items.iter().enumerate();
                out.extend(items.map(|(index, item)| (format!("{at}/{index}"), item)));
            }
            (Kind::Named | Kind::Definitions | Kind::Dependencies, JsonValue::Object(named)) => {
                let is_schema = |node: &JsonNode| !matches!(node.value, JsonValue::Array(_));
                let named = named.iter().filter(|named| is_schema(&named.node));
                out.extend(named.map(|named| (child(&at, &named.key), &named.node)));
            }
            (Kind::Schema | Kind::Items, _) => out.push((at, &member.node)),
            // Values, and what is not as the keyword wants it.
            _ => {}
        }
    }
    out
}
