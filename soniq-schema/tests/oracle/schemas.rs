//! Random schemas, and the edits that people make to them.

use serde_json::{Map, Value, json};

use crate::random::Random;

const NAMES: [&str; 5] = ["a", "b", "c", "x1", "kind"];
pub const PATTERNS: [&str; 5] = ["^[a-z]+$", "^[a-z0-9]*$", "^x", "[0-9]", "^[A-Z]{2}$"];
pub const FORMATS: [&str; 4] = ["uuid", "date", "ipv4", "date-time"];
const WIDTHS: [&str; 4] = ["uint8", "int8", "int32", "uint16"];

/// An object schema for arguments.
pub fn args(random: &mut Random) -> Value {
    let mut schema = object(random, 0);
    if random.percent(15) {
        schema["$defs"] = json!({ "Node": {
            "type": "object",
            "required": ["v"],
            "properties": {
                "v": scalar(random),
                "next": { "$ref": "#/$defs/Node" },
                "all": { "type": "array", "items": { "$ref": "#/$defs/Node" } },
            },
        }});
        schema["properties"]["node"] = json!({ "$ref": "#/$defs/Node" });
    }
    schema
}

pub fn schema(random: &mut Random, depth: usize) -> Value {
    if depth > 2 {
        return scalar(random);
    }
    match random.below(20) {
        0..10 => scalar(random),
        10..13 => object(random, depth),
        13..16 => array(random, depth),
        16 => tagged(random, depth),
        17 => any_of(random),
        18 => {
            json!({ "allOf": [object(random, depth + 1), object(random, depth + 1)], "type": "object" })
        }
        _ => with_logic(random),
    }
}

fn scalar(random: &mut Random) -> Value {
    let mut schema = match random.below(12) {
        0..3 => string(random),
        3..6 => integer(random),
        6 => json!({ "type": "number" }),
        7 => json!({ "type": "boolean" }),
        8 | 9 => enumeration(random),
        10 => json!({ "const": "a" }),
        _ => {
            let mut number = json!({ "type": "number" });
            bound(random, &mut number);
            number
        }
    };
    if random.percent(10)
        && let Some(one) = schema["type"].as_str().map(str::to_owned)
        && schema.get("enum").is_none()
    {
        schema["type"] = json!([one, "null"]);
    }
    schema
}

fn string(random: &mut Random) -> Value {
    let mut schema = json!({ "type": "string" });
    match random.below(8) {
        0 => schema["minLength"] = json!(random.below(4)),
        1 => schema["maxLength"] = json!(random.below(4) + 3),
        2 => schema["pattern"] = json!(random.of(&PATTERNS)),
        3 => schema["format"] = json!(random.of(&FORMATS)),
        4 => {
            schema["minLength"] = json!(random.below(3));
            schema["maxLength"] = json!(random.below(4) + 3);
        }
        _ => {}
    }
    schema
}

fn integer(random: &mut Random) -> Value {
    let mut schema = json!({ "type": "integer" });
    if random.percent(30) {
        schema["format"] = json!(random.of(&WIDTHS));
    }
    if random.percent(15) {
        schema["multipleOf"] = json!(random.below(4) + 1);
    }
    bound(random, &mut schema);
    schema
}

fn bound(random: &mut Random, schema: &mut Value) {
    let low = i64::try_from(random.below(8)).unwrap() - 3;
    match random.below(6) {
        0 => schema["minimum"] = json!(low),
        1 => schema["maximum"] = json!(low + 20),
        2 => schema["exclusiveMinimum"] = json!(low),
        3 => {
            schema["minimum"] = json!(low);
            schema["maximum"] = json!(low + 12);
        }
        _ => {}
    }
}

fn enumeration(random: &mut Random) -> Value {
    let all = ["a", "b", "c", "dd"];
    let count = random.below(3) + 1;
    let mut schema = json!({ "type": "string", "enum": all[..count] });
    if random.percent(30) {
        schema["x-open"] = json!(true);
    }
    schema
}

fn object(random: &mut Random, depth: usize) -> Value {
    let mut properties = Map::new();
    for _ in 0..=random.below(3) {
        let mut property = schema(random, depth + 1);
        if random.percent(15) {
            with_default(&mut property);
        }
        properties.insert((*random.of(&NAMES)).to_owned(), property);
    }
    let names: Vec<String> = properties.keys().cloned().collect();
    let required: Vec<&String> = names.iter().filter(|_| random.percent(50)).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required });
    match random.below(14) {
        0 | 1 => schema["additionalProperties"] = json!(false),
        2 => schema["additionalProperties"] = scalar(random),
        3 => schema["minProperties"] = json!(random.below(3)),
        4 => schema["maxProperties"] = json!(random.below(3) + 2),
        5 => schema["dependentRequired"] = json!({ "a": ["b"] }),
        6 => schema["patternProperties"] = json!({ "^x": scalar(random) }),
        7 => schema["propertyNames"] = json!({ "maxLength": random.below(3) + 1 }),
        8 => schema["dependentSchemas"] = json!({ "a": { "required": ["b"] } }),
        _ => {}
    }
    if depth > 0 && random.percent(8) {
        return json!({ "type": "object", "additionalProperties": scalar(random) });
    }
    schema
}

fn with_default(schema: &mut Value) {
    let default = match schema["type"].as_str() {
        Some("string") if schema.get("enum").is_some() => json!("a"),
        Some("string") if schema.get("format").is_none() && schema.get("pattern").is_none() => {
            json!("aaa")
        }
        Some("integer" | "number") => json!(4),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => return,
    };
    schema["default"] = default;
}

fn array(random: &mut Random, depth: usize) -> Value {
    let mut schema = json!({ "type": "array", "items": self::schema(random, depth + 1) });
    match random.below(9) {
        0 => schema["minItems"] = json!(random.below(3)),
        1 => schema["maxItems"] = json!(random.below(3) + 1),
        2 => schema["uniqueItems"] = json!(true),
        3 => schema["contains"] = scalar(random),
        4 => {
            let prefix = [scalar(random), scalar(random)];
            let count = random.below(2) + 1;
            schema["prefixItems"] = json!(prefix[..count]);
            schema["items"] = if random.percent(50) {
                json!(false)
            } else {
                scalar(random)
            };
        }
        _ => {}
    }
    schema
}

fn branch(random: &mut Random, tag: &str, depth: usize) -> Value {
    let mut branch = object(random, depth + 2);
    if branch.get("properties").is_none() {
        branch = json!({ "type": "object", "properties": {}, "required": [] });
    }
    branch["properties"]["kind"] = json!({ "const": tag });
    let mut required: Vec<Value> = branch["required"].as_array().unwrap().clone();
    required.retain(|name| name != "kind");
    required.push(json!("kind"));
    branch["required"] = json!(required);
    for keyword in [
        "minProperties",
        "maxProperties",
        "propertyNames",
        "patternProperties",
    ] {
        branch.as_object_mut().unwrap().remove(keyword);
    }
    branch
}

fn tagged(random: &mut Random, depth: usize) -> Value {
    let count = random.below(2) + 2;
    let branches: Vec<_> = ["a", "b", "c"][..count]
        .iter()
        .map(|tag| branch(random, tag, depth))
        .collect();
    json!({ "oneOf": branches })
}

fn any_of(random: &mut Random) -> Value {
    let branches = [scalar(random), scalar(random), json!({ "type": "null" })];
    let count = random.below(2) + 2;
    json!({ "anyOf": branches[..count] })
}

fn with_logic(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!({ "type": "integer", "not": integer(random) }),
        1 => json!({ "type": "string", "not": { "const": "a" } }),
        2 => json!({
            "type": "object",
            "properties": { "k": { "type": "boolean" }, "v": scalar(random) },
            "required": ["k"],
            "if": { "properties": { "k": { "const": true } } },
            "then": { "required": ["v"] },
        }),
        _ => json!({ "oneOf": [integer(random), string(random)] }),
    }
}

/// The schema after one to three edits.
pub fn edited(random: &mut Random, old: &Value) -> Value {
    let mut new = old.clone();
    for _ in 0..=random.below(3) {
        let mut places = Vec::new();
        collect(&new, String::new(), &mut places);
        let place = random.of(&places).clone();
        if let Some(schema) = new.pointer_mut(&place) {
            edit(random, schema, place.is_empty());
        }
    }
    new
}

/// Pointers of all schemas in a schema.
fn collect(schema: &Value, pointer: String, places: &mut Vec<String>) {
    let Value::Object(members) = schema else {
        return;
    };
    places.push(pointer.clone());
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(named)) => {
                for (name, schema) in named {
                    collect(schema, format!("{pointer}/{keyword}/{name}"), places);
                }
            }
            ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(list)) => {
                for (index, schema) in list.iter().enumerate() {
                    collect(schema, format!("{pointer}/{keyword}/{index}"), places);
                }
            }
            ("items" | "additionalProperties" | "contains", Value::Object(_)) => {
                collect(value, format!("{pointer}/{keyword}"), places);
            }
            _ => {}
        }
    }
}

fn edit(random: &mut Random, schema: &mut Value, is_root: bool) {
    let is_object = schema["type"] == "object" && schema["properties"].is_object();
    if is_object {
        return edit_object(random, schema);
    }
    if is_root {
        return;
    }
    match random.below(10) {
        0 => *schema = self::schema(random, 2),
        1 => {
            if let Some(one) = schema["type"].as_str().map(str::to_owned)
                && schema.get("enum").is_none()
            {
                schema["type"] = json!([one, "null"]);
            }
        }
        2 => {
            schema.as_object_mut().unwrap().remove("default");
        }
        3 => with_default(schema),
        _ => edit_rules(random, schema),
    }
}

fn edit_rules(random: &mut Random, schema: &mut Value) {
    let keywords: Vec<String> = schema.as_object().unwrap().keys().cloned().collect();
    let keyword = random.of(&keywords).clone();
    let step = i64::try_from(random.below(3)).unwrap() - 1;
    match keyword.as_str() {
        "minimum" | "maximum" | "exclusiveMinimum" => {
            schema[&keyword] = json!(schema[&keyword].as_i64().unwrap_or(0) + step);
        }
        "minLength" | "maxLength" | "minItems" | "maxItems" | "multipleOf" => {
            let least = if keyword == "multipleOf" { 1 } else { 0 };
            let moved = schema[&keyword].as_i64().unwrap_or(0) + step;
            schema[&keyword] = json!(moved.max(least));
        }
        "pattern" => schema["pattern"] = json!(random.of(&PATTERNS)),
        "enum" => {
            let count = random.below(4) + 1;
            schema["enum"] = json!(["a", "b", "c", "dd"][..count]);
        }
        "x-open" | "uniqueItems" | "not" | "contains" => {
            schema.as_object_mut().unwrap().remove(&keyword);
        }
        "oneOf" => {
            let branches = schema["oneOf"].as_array_mut().unwrap();
            if random.percent(50) && branches.len() > 1 {
                branches.remove(0);
            } else if branches[0]["properties"]["kind"].is_object() {
                let branch = branch(random, "d", 1);
                branches.insert(0, branch);
            }
        }
        "anyOf" => {
            let branches = schema["anyOf"].as_array_mut().unwrap();
            branches.reverse();
            if random.percent(50) {
                branches.push(json!({ "type": "boolean" }));
            }
        }
        "type" => match schema["type"].as_str() {
            Some("string") if random.percent(50) => schema["maxLength"] = json!(5),
            Some("integer") if random.percent(50) && schema.get("format").is_none() => {
                schema["type"] = json!("number");
            }
            Some("integer") => bound(random, schema),
            Some("array") => schema["maxItems"] = json!(random.below(3) + 1),
            _ => {}
        },
        "format" => {
            schema.as_object_mut().unwrap().remove("format");
        }
        _ => {}
    }
}

fn edit_object(random: &mut Random, schema: &mut Value) {
    let names: Vec<String> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let some = if names.is_empty() {
        "a".to_owned()
    } else {
        random.of(&names).clone()
    };
    let mut required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    match random.below(10) {
        0 | 1 => {
            let name = *random.of(&["n1", "n2", "a", "x2"]);
            schema["properties"][name] = self::schema(random, 2);
            if random.percent(30) {
                with_default(&mut schema["properties"][name]);
            }
            if random.percent(30) && !required.contains(&json!(name)) {
                required.push(json!(name));
            }
        }
        2 => {
            schema["properties"].as_object_mut().unwrap().remove(&some);
            required.retain(|name| *name != json!(some));
        }
        3 => required.retain(|name| *name != json!(some)),
        4 => {
            if names.contains(&some) && !required.contains(&json!(some)) {
                required.push(json!(some));
            }
        }
        5 => schema["additionalProperties"] = json!(false),
        6 => {
            schema
                .as_object_mut()
                .unwrap()
                .remove("additionalProperties");
        }
        7 => schema["description"] = json!("Prose."),
        8 if names.contains(&some) => {
            let moved = schema["properties"]
                .as_object_mut()
                .unwrap()
                .remove(&some)
                .unwrap();
            let mut renamed = moved.clone();
            if renamed.is_object() {
                renamed["x-aliases"] = json!([some]);
            }
            schema["properties"]["renamed"] = renamed;
            for name in &mut required {
                if *name == json!(some) {
                    *name = json!("renamed");
                }
            }
            for keyword in ["dependentRequired", "dependentSchemas"] {
                schema.as_object_mut().unwrap().remove(keyword);
            }
        }
        _ => {
            if let Some(property) = schema["properties"]
                .get_mut(&some)
                .filter(|one| one.is_object())
            {
                with_default(property);
            }
        }
    }
    schema["required"] = json!(required);
}
