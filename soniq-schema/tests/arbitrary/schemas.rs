//! Schemas of every keyword that is supported.

use serde_json::{Map, Value, json};

use super::{Choices, NAMES, NUMBERS, TEXTS, values};

const PATTERNS: &[&str] = &[
    "^x-", "a", "^[ab]+$", r"\d", r"^\w+$", "b$", "^.{2,}$", r"^\p{L}", r"\s", r"^\D*$", "^$",
    "\u{e9}|c", r"[^\W\d]", r"^a\/b",
];

const TYPES: &[&str] = &[
    "object", "array", "string", "integer", "number", "null", "boolean",
];

const FORMATS: &[(&str, &str)] = &[
    ("string", "uuid"),
    ("string", "date-time"),
    ("string", "date"),
    ("string", "email"),
    ("string", "ipv4"),
    ("integer", "int8"),
    ("integer", "int64"),
    ("integer", "uint64"),
    ("number", "float"),
    ("number", "double"),
];

/// Definitions, and texts that name them.
const DEFINITIONS: &[(&str, &str)] = &[
    ("A", "#/$defs/A"),
    ("B", "#b"),
    ("c/d~%", "#/$defs/c~1d~0%25"),
    ("\u{e9}", "#/$defs/%C3%A9"),
];

const DEEPEST: usize = 4;

/// Adds keywords of one kind to a schema at a depth.
type Family = fn(&mut Map<String, Value>, &mut Choices, usize);

/// A schema with all that it refers to.
pub(crate) fn schema(choices: &mut Choices) -> Value {
    let mut root = match any(choices, 0) {
        Value::Object(root) => root,
        boolean => return boolean,
    };
    let mut definitions = Map::new();
    for (name, _) in DEFINITIONS {
        definitions.insert((*name).to_owned(), any(choices, 2));
    }
    let b = &mut definitions["B"];
    if b.is_boolean() {
        *b = json!({ "not": b });
    }
    b["$anchor"] = json!("b");
    root.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(root)
}

fn any(choices: &mut Choices, depth: usize) -> Value {
    if depth > 0 && choices.one_in(10) {
        return json!(choices.one_in(2));
    }
    if depth <= DEEPEST && choices.one_in(6) {
        return match choices.below(4) {
            0 => record(choices, depth + 1),
            1 => union(choices, depth + 1),
            _ => formatted(choices),
        };
    }
    let mut schema = Map::new();
    if choices.one_in(3) {
        let types = match choices.below(3) {
            0 => json!([choices.one_of(TYPES), "null"]),
            _ => json!(choices.one_of(TYPES)),
        };
        let types = if types == json!(["null", "null"]) {
            json!(["null"])
        } else {
            types
        };
        schema.insert("type".to_owned(), types);
    }
    // A schema speaks of one kind of value for the most part.
    let families: [Family; 5] = [object, array, in_place, scalar, in_place];
    let family = choices.below(if depth > DEEPEST { 1 } else { families.len() });
    let family = if depth > DEEPEST { 3 } else { family };
    for _ in 0..=choices.below(3) {
        families[family](&mut schema, choices, depth + 1);
    }
    if choices.one_in(3) {
        let family = choices.below(4);
        if depth <= DEEPEST || family == 3 {
            families[family](&mut schema, choices, depth + 1);
        }
    }
    Value::Object(schema)
}

/// An object as people declare it.
fn record(choices: &mut Choices, depth: usize) -> Value {
    let mut properties = Map::new();
    for _ in 0..=choices.below(3) {
        let name = (*choices.one_of(NAMES)).to_owned();
        properties.insert(name, any(choices, depth));
    }
    let required: Vec<&String> = properties.keys().filter(|_| choices.one_in(2)).collect();
    let mut record = json!({ "type": "object", "required": required });
    record["properties"] = Value::Object(properties.clone());
    if choices.one_in(3) {
        record["additionalProperties"] = json!(false);
    }
    record
}

/// Alternatives that a tag tells apart, more or less.
fn union(choices: &mut Choices, depth: usize) -> Value {
    let mut branches: Vec<Value> = (0..=choices.below(3))
        .map(|index| {
            let mut branch = record(choices, depth);
            branch["properties"]["kind"] = match choices.below(4) {
                0 => json!({ "enum": [index, "t"] }),
                _ => json!({ "const": format!("t{index}") }),
            };
            if !choices.one_in(6) {
                branch["required"] = json!(["kind"]);
            }
            branch
        })
        .collect();
    if choices.one_in(4) {
        branches.push(json!({ "type": "null" }));
    }
    let keyword = *choices.one_of(&["oneOf", "anyOf"]);
    json!({ keyword: branches })
}

/// What a Rust type of its own carries.
fn formatted(choices: &mut Choices) -> Value {
    let (kind, format) = *choices.one_of(FORMATS);
    json!({ "type": kind, "format": format })
}

fn number(choices: &mut Choices) -> Value {
    let text = *choices.one_of(NUMBERS);
    serde_json::from_str(text).unwrap()
}

fn put(schema: &mut Map<String, Value>, keyword: &str, value: Value) {
    schema.insert(keyword.to_owned(), value);
}

fn scalar(schema: &mut Map<String, Value>, choices: &mut Choices, _: usize) {
    match choices.below(12) {
        0 => put(schema, "const", values::anything(choices, 1)),
        1 | 2 => {
            let mut listed: Vec<Value> = Vec::new();
            for _ in 0..=choices.below(4) {
                let value = values::anything(choices, 1);
                if !listed.iter().any(|one| soniq_rules::equal(one, &value)) {
                    listed.push(value);
                }
            }
            put(schema, "enum", Value::Array(listed));
        }
        3 => put(schema, "minimum", number(choices)),
        4 => put(schema, "maximum", number(choices)),
        5 => put(schema, "exclusiveMinimum", number(choices)),
        6 => put(schema, "exclusiveMaximum", number(choices)),
        7 => {
            let divisor = *choices.one_of(&["2", "3", "0.5", "0.1", "0.01", "1.0", "1e-8"]);
            put(schema, "multipleOf", serde_json::from_str(divisor).unwrap());
        }
        8 => put(schema, "minLength", count(choices)),
        9 => put(schema, "maxLength", count(choices)),
        10 => put(schema, "pattern", json!(choices.one_of(PATTERNS))),
        _ => {
            put(schema, "default", values::anything(choices, 1));
            put(schema, "description", json!(choices.one_of(TEXTS)));
        }
    }
}

fn count(choices: &mut Choices) -> Value {
    match choices.below(5) {
        4 => json!(2.0),
        count => json!(count),
    }
}

fn array(schema: &mut Map<String, Value>, choices: &mut Choices, depth: usize) {
    match choices.below(11) {
        0 | 1 => put(schema, "items", any(choices, depth)),
        2 | 3 => {
            let items = (0..=choices.below(2))
                .map(|_| any(choices, depth))
                .collect();
            put(schema, "prefixItems", items);
        }
        4 | 5 => {
            put(schema, "contains", any(choices, depth));
            if choices.one_in(2) {
                put(schema, "minContains", count(choices));
            }
            if choices.one_in(2) {
                put(schema, "maxContains", count(choices));
            }
        }
        6 => put(schema, "uniqueItems", json!(!choices.one_in(5))),
        7 => put(schema, "minItems", count(choices)),
        8 => put(schema, "maxItems", count(choices)),
        _ => {
            let rest = if choices.one_in(3) {
                any(choices, depth)
            } else {
                json!(false)
            };
            put(schema, "unevaluatedItems", rest);
        }
    }
}

fn named(
    choices: &mut Choices,
    of: &[&str],
    mut value: impl FnMut(&mut Choices) -> Value,
) -> Value {
    let mut map = Map::new();
    for _ in 0..=choices.below(3) {
        map.insert((*choices.one_of(of)).to_owned(), value(choices));
    }
    Value::Object(map)
}

fn names(choices: &mut Choices) -> Value {
    let mut names: Vec<&str> = (0..choices.below(3))
        .map(|_| *choices.one_of(NAMES))
        .collect();
    names.sort_unstable();
    names.dedup();
    json!(names)
}

fn object(schema: &mut Map<String, Value>, choices: &mut Choices, depth: usize) {
    match choices.below(14) {
        0..=3 => {
            let properties = named(choices, NAMES, |choices| any(choices, depth));
            put(schema, "properties", properties);
        }
        4 => put(schema, "required", names(choices)),
        5 => {
            let properties = named(choices, PATTERNS, |choices| any(choices, depth));
            put(schema, "patternProperties", properties);
        }
        6 => {
            let rest = if choices.one_in(2) {
                any(choices, depth)
            } else {
                json!(false)
            };
            put(schema, "additionalProperties", rest);
        }
        7 => put(schema, "propertyNames", any(choices, depth)),
        8 => put(schema, "dependentRequired", named(choices, NAMES, names)),
        9 => {
            let dependent = named(choices, NAMES, |choices| any(choices, depth));
            put(schema, "dependentSchemas", dependent);
        }
        10 => put(schema, "minProperties", count(choices)),
        11 => put(schema, "maxProperties", count(choices)),
        _ => {
            let rest = if choices.one_in(3) {
                any(choices, depth)
            } else {
                json!(false)
            };
            put(schema, "unevaluatedProperties", rest);
        }
    }
}

fn in_place(schema: &mut Map<String, Value>, choices: &mut Choices, depth: usize) {
    let list = |choices: &mut Choices| -> Value {
        (0..=choices.below(3))
            .map(|_| any(choices, depth))
            .collect()
    };
    match choices.below(11) {
        0 | 1 => put(schema, "allOf", list(choices)),
        2 => put(schema, "anyOf", list(choices)),
        3 => put(schema, "oneOf", list(choices)),
        4 => put(schema, "not", any(choices, depth)),
        5 | 6 => {
            put(schema, "if", any(choices, depth));
            if !choices.one_in(4) {
                put(schema, "then", any(choices, depth));
            }
            if choices.one_in(2) {
                put(schema, "else", any(choices, depth));
            }
        }
        7 => put(schema, "$ref", json!("#")),
        _ => put(schema, "$ref", json!(choices.one_of(DEFINITIONS).1)),
    }
}
