//! Values that fit a schema in most of its parts.

use serde_json::{Map, Value, json};

use super::{Choices, NAMES, NUMBERS, TEXTS};

const DEEPEST: usize = 6;

/// A value for a schema of `root`, which it may refer to.
pub(crate) fn value(root: &Value, schema: &Value, choices: &mut Choices, depth: usize) -> Value {
    let Value::Object(keywords) = schema else {
        return anything(choices, depth);
    };
    if depth > DEEPEST || choices.one_in(25) {
        return anything(choices, depth);
    }
    let mut parts = Vec::new();
    parts.extend(own(root, keywords, choices, depth));
    for applied in in_place(root, keywords, choices) {
        parts.push(value(root, applied, choices, depth + 1));
    }
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return anything(choices, depth);
    };
    parts.fold(first, |mut whole, part| {
        match (&mut whole, part) {
            (Value::Object(whole), Value::Object(part)) => {
                for (name, value) in part {
                    whole.entry(name).or_insert(value);
                }
            }
            (Value::Array(whole), Value::Array(part)) => {
                whole.extend(part.into_iter().skip(whole.len()));
            }
            _ => {}
        }
        whole
    })
}

/// The schemas of the same value that a value should fit.
fn in_place<'s>(
    root: &'s Value,
    keywords: &'s Map<String, Value>,
    choices: &mut Choices,
) -> Vec<&'s Value> {
    let list = |keyword: &str| keywords.get(keyword).and_then(Value::as_array);
    let mut all: Vec<&Value> = Vec::new();
    all.extend(list("allOf").into_iter().flatten());
    for keyword in ["anyOf", "oneOf"] {
        all.extend(list(keyword).map(|branches| choices.one_of(branches)));
    }
    if let Some(Value::String(text)) = keywords.get("$ref") {
        all.push(match text.as_str() {
            "#" => root,
            "#b" => &root["$defs"]["B"],
            "#/$defs/c~1d~0%25" => &root["$defs"]["c/d~%"],
            "#/$defs/%C3%A9" => &root["$defs"]["\u{e9}"],
            _ => &root["$defs"]["A"],
        });
    }
    let branch = if choices.one_in(2) {
        ["else", "else"]
    } else {
        ["if", "then"]
    };
    all.extend(
        branch
            .into_iter()
            .filter_map(|keyword| keywords.get(keyword)),
    );
    if let Some(Value::Object(dependent)) = keywords.get("dependentSchemas")
        && choices.one_in(2)
    {
        all.extend(dependent.values());
    }
    all
}

/// What a schema says by itself; `None` if nothing.
fn own(
    root: &Value,
    keywords: &Map<String, Value>,
    choices: &mut Choices,
    depth: usize,
) -> Option<Value> {
    if let Some(constant) = keywords.get("const") {
        return Some(constant.clone());
    }
    if let Some(Value::Array(listed)) = keywords.get("enum") {
        return Some(choices.one_of(listed).clone());
    }
    let has = |names: &[&str]| names.iter().any(|name| keywords.contains_key(*name));
    let named = match keywords.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => choices.one_of(names).as_str(),
        _ => None,
    };
    let of_objects = [
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
        "unevaluatedProperties",
        "propertyNames",
        "dependentRequired",
        "minProperties",
    ];
    let of_arrays = [
        "items",
        "prefixItems",
        "contains",
        "uniqueItems",
        "unevaluatedItems",
        "minItems",
    ];
    let of_texts = ["minLength", "maxLength", "pattern"];
    let kind = named.or_else(|| {
        [
            ("object", has(&of_objects)),
            ("array", has(&of_arrays)),
            ("string", has(&of_texts)),
            (
                "number",
                has(&[
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf",
                ]),
            ),
        ]
        .into_iter()
        .find_map(|(kind, is_said)| is_said.then_some(kind))
    })?;
    Some(match kind {
        "null" => Value::Null,
        "boolean" => json!(choices.one_in(2)),
        "integer" | "number" => number(choices),
        "string" => json!(choices.one_of(TEXTS)),
        "array" => array(root, keywords, choices, depth),
        _ => object(root, keywords, choices, depth),
    })
}

fn array(
    root: &Value,
    keywords: &Map<String, Value>,
    choices: &mut Choices,
    depth: usize,
) -> Value {
    let first = keywords.get("prefixItems").and_then(Value::as_array);
    let first = first.map_or(&[] as &[Value], Vec::as_slice);
    let rest = keywords
        .get("items")
        .or_else(|| keywords.get("unevaluatedItems"));
    let length = choices.below(first.len() + 3);
    (0..length)
        .map(|index| {
            let wanted = keywords.get("contains").filter(|_| choices.one_in(2));
            let schema = wanted.or_else(|| first.get(index)).or(rest);
            value(root, schema.unwrap_or(&Value::Null), choices, depth + 1)
        })
        .collect()
}

fn object(
    root: &Value,
    keywords: &Map<String, Value>,
    choices: &mut Choices,
    depth: usize,
) -> Value {
    let mut map = Map::new();
    let properties = keywords.get("properties").and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        if !choices.one_in(3) {
            map.insert(name.clone(), value(root, schema, choices, depth + 1));
        }
    }
    let required = keywords.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !map.contains_key(name) && !choices.one_in(8) {
            map.insert(name.to_owned(), anything(choices, depth + 1));
        }
    }
    let rest = keywords
        .get("patternProperties")
        .and_then(|all| all.as_object()?.values().next());
    let rest = rest.or_else(|| keywords.get("additionalProperties"));
    for _ in 0..choices.below(3) {
        let name = *choices.one_of(NAMES);
        let other = value(root, rest.unwrap_or(&Value::Null), choices, depth + 1);
        map.entry(name).or_insert(other);
    }
    Value::Object(map)
}

fn number(choices: &mut Choices) -> Value {
    let text = *choices.one_of(NUMBERS);
    serde_json::from_str(text).unwrap()
}

/// A value of any kind, small.
pub(super) fn anything(choices: &mut Choices, depth: usize) -> Value {
    let kinds = if depth > DEEPEST { 5 } else { 7 };
    match choices.below(kinds) {
        0 => Value::Null,
        1 => json!(choices.one_in(2)),
        2 | 3 => number(choices),
        4 => json!(choices.one_of(TEXTS)),
        5 => (0..choices.below(3))
            .map(|_| anything(choices, depth + 2))
            .collect(),
        _ => {
            let mut map = Map::new();
            for _ in 0..choices.below(3) {
                map.insert(
                    (*choices.one_of(NAMES)).to_owned(),
                    anything(choices, depth + 2),
                );
            }
            Value::Object(map)
        }
    }
}
