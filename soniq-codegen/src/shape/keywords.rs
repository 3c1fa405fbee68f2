//! What the keywords of one schema say about its Rust type.

use serde_json::Value;
use soniq_schema::json_schema::{Keywords, SchemaRef};

use super::object::Parts;

/// A struct that may be null: where it is referred to, an `Option` of it.
pub(super) fn is_nullable_struct(schema: SchemaRef<'_>) -> bool {
    let is_reference = schema.keywords.is_only_reference();
    let parts = Parts::of(schema).filter(|_| !is_reference);
    parts.is_some_and(|parts| parts.nullable && parts.is_struct())
}

/// The one type beside null that a schema allows, and whether null is allowed too.
///
/// `None` where there is no one type.
pub(super) fn single_type(keywords: &Keywords) -> Option<(&'static str, bool)> {
    let listed_null = |null: bool| {
        null && keywords
            .enumeration
            .as_ref()
            .is_none_or(|values| values.iter().any(Value::is_null))
            && keywords.constant.as_ref().is_none_or(Value::is_null)
    };
    let Some(types) = keywords.types else {
        return type_of_values(keywords);
    };
    let mut names = Vec::new();
    for (name, allowed) in [
        ("boolean", types.boolean),
        ("integer", types.integer && !types.number),
        ("number", types.number),
        ("string", types.string),
        ("array", types.array),
        ("object", types.object),
    ] {
        if allowed {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => types.null.then_some(("null", false)),
        [name] => Some((name, listed_null(types.null))),
        _ => None,
    }
}

/// The type of a schema that lists its values and leaves `type` out.
pub(super) fn type_of_values(keywords: &Keywords) -> Option<(&'static str, bool)> {
    let values: Vec<&Value> = match (&keywords.constant, &keywords.enumeration) {
        (Some(constant), _) => vec![constant],
        (None, Some(values)) => values.iter().collect(),
        (None, None) => return None,
    };
    let nullable = values.iter().any(|value| value.is_null());
    let strings = values.iter().filter(|value| value.is_string()).count();
    let nulls = values.iter().filter(|value| value.is_null()).count();
    // Values that an open enum does not list are strings as well.
    (strings > 0 && strings + nulls == values.len()).then_some(("string", nullable))
}

/// The values of a string enum; `None` where the schema lists none.
pub(super) fn string_values(keywords: &Keywords) -> Option<Vec<String>> {
    let values: Vec<String> = keywords
        .enumeration
        .as_ref()?
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    (!values.is_empty()).then_some(values)
}

/// The one text that a schema allows.
pub(super) fn string_constant(keywords: &Keywords) -> Option<&str> {
    match (&keywords.constant, keywords.enumeration.as_deref()) {
        (Some(constant), _) => constant.as_str(),
        (None, Some([one])) if !keywords.open => one.as_str(),
        _ => None,
    }
}

pub(super) fn integer_type(format: Option<&str>) -> &'static str {
    match format {
        Some("int8") => "i8",
        Some("int16") => "i16",
        Some("int32") => "i32",
        Some("uint8") => "u8",
        Some("uint16") => "u16",
        Some("uint32") => "u32",
        Some("uint64") => "u64",
        _ => "i64",
    }
}
