//! Values of a schema as a producer writes them, what a reader makes of them before it looks, and
//! the schema as a validator of JSON Schema has to see it.

use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::schemas::{FORMATS, PATTERNS};

/// Values of one schema.
pub struct Values<'s> {
    root: &'s Value,
}

impl<'s> Values<'s> {
    pub fn of(root: &'s Value) -> Self {
        Values { root }
    }

    fn resolve(&self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => self
                .root
                .pointer(reference.trim_start_matches('#'))
                .unwrap(),
            None => schema,
        }
    }

    /// A value that may well be one of the schema's.
    pub fn draw(&self, random: &mut Random) -> Option<Value> {
        self.value(&[self.root], random, 0)
    }

    /// A value for several schemas at once.
    fn value(&self, schemas: &[&'s Value], random: &mut Random, depth: usize) -> Option<Value> {
        if depth > 7 {
            return None;
        }
        let mut all: Vec<&Value> = Vec::new();
        let mut waiting: Vec<&Value> = schemas.to_vec();
        while let Some(schema) = waiting.pop() {
            let schema = self.resolve(schema);
            all.push(schema);
            waiting.extend(schema["allOf"].as_array().into_iter().flatten());
            for keyword in ["oneOf", "anyOf"] {
                if let Some(branches) = schema[keyword].as_array() {
                    waiting.push(random.of(branches));
                }
            }
        }
        for schema in &all {
            if let Some(constant) = schema.get("const") {
                return Some(constant.clone());
            }
            if let Some(values) = schema["enum"].as_array() {
                if schema["x-open"] == true && random.percent(30) {
                    return Some(json!(random.of(&["zz", "a", "", "b"])));
                }
                return Some(random.of(values).clone());
            }
        }
        let types: Vec<Vec<&str>> = all
            .iter()
            .filter_map(|schema| match &schema["type"] {
                Value::String(one) => Some(vec![one.as_str()]),
                Value::Array(several) => Some(several.iter().filter_map(Value::as_str).collect()),
                _ => None,
            })
            .collect();
        let kind = types
            .iter()
            .min_by_key(|types| types.len())
            .map_or("string", |types| *random.of(types));
        Some(match kind {
            "null" => Value::Null,
            "boolean" => json!(random.percent(50)),
            "integer" => self.integer(&all, random),
            "number" if random.percent(50) => self.integer(&all, random),
            "number" => json!(f64::from(u32::try_from(random.below(200)).unwrap()) / 4.0 - 10.0),
            "string" => text(&all, random),
            "array" => return self.array(&all, random, depth),
            _ => return self.object(&all, random, depth),
        })
    }

    fn integer(&self, all: &[&Value], random: &mut Random) -> Value {
        let low = all
            .iter()
            .filter_map(|schema| {
                schema["minimum"]
                    .as_i64()
                    .or(schema["exclusiveMinimum"].as_i64())
            })
            .max();
        let high = all
            .iter()
            .filter_map(|schema| schema["maximum"].as_i64())
            .min();
        let near = |random: &mut Random| i64::try_from(random.below(9)).unwrap() - 3;
        match random.below(8) {
            0 => json!(255 + near(random)),
            1 => json!(near(random) * 60),
            2 => json!(i64::MAX),
            3 => json!(near(random) * 1_000_000_000),
            4 | 5 => json!(low.unwrap_or(0) + near(random)),
            6 => json!(high.unwrap_or(0) + near(random)),
            _ => json!(near(random)),
        }
    }

    fn array(&self, all: &[&'s Value], random: &mut Random, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        let length = random.below(5);
        for index in 0..length {
            let mut schemas: Vec<&Value> = Vec::new();
            for schema in all {
                let element = schema["prefixItems"].get(index).or(schema.get("items"));
                match element {
                    Some(Value::Bool(false)) => return Some(Value::Array(items)),
                    Some(element) => schemas.push(element),
                    None => {}
                }
                if index == 0 {
                    schemas.extend(schema.get("contains"));
                }
            }
            match items.first().cloned() {
                Some(first) if random.percent(15) => items.push(first),
                _ => items.push(self.value(&schemas, random, depth + 1)?),
            }
        }
        Some(Value::Array(items))
    }

    fn object(&self, all: &[&'s Value], random: &mut Random, depth: usize) -> Option<Value> {
        let mut properties: Map<String, Value> = Map::new();
        let mut schemas: Vec<(&String, Vec<&'s Value>)> = Vec::new();
        for schema in all {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                match schemas.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, known)) => known.push(property),
                    None => schemas.push((name, vec![property])),
                }
            }
        }
        let is_required = |name: &str| {
            all.iter().any(|schema| {
                schema["required"]
                    .as_array()
                    .is_some_and(|names| names.iter().any(|one| one == name))
            })
        };
        for (name, property) in schemas {
            let default = property.iter().find_map(|one| one.get("default"));
            if default.is_none() && !is_required(name) && random.percent(50) {
                continue;
            }
            let value = match default {
                Some(default) if random.percent(40) => default.clone(),
                _ => match self.value(&property, random, depth + 1) {
                    Some(value) => value,
                    None if is_required(name) => return None,
                    None => continue,
                },
            };
            properties.insert(name.clone(), value);
        }
        for schema in all {
            if let Some(additional) = schema
                .get("additionalProperties")
                .filter(|one| one.is_object())
            {
                for name in ["n1", "zz", "a", "renamed"] {
                    if random.percent(25) && !properties.contains_key(name) {
                        properties.insert(
                            name.to_owned(),
                            self.value(&[additional], random, depth + 1)?,
                        );
                    }
                }
            }
            for (_, one) in schema["patternProperties"]
                .as_object()
                .into_iter()
                .flatten()
            {
                if random.percent(50) && !properties.contains_key("x2") {
                    properties.insert("x2".to_owned(), self.value(&[one], random, depth + 1)?);
                }
            }
        }
        Some(Value::Object(properties))
    }
}

fn text(all: &[&Value], random: &mut Random) -> Value {
    let samples: [&[&str]; 4] = [
        &[
            "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
            "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
        ],
        &["2020-02-29", "1999-12-31"],
        &["127.0.0.1", "1.2.3.4"],
        &["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00"],
    ];
    for schema in all {
        if let Some(index) = FORMATS
            .iter()
            .position(|format| schema["format"] == *format)
        {
            return json!(random.of(samples[index]));
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let index = PATTERNS.iter().position(|one| *one == pattern).unwrap();
            let fitting: [&[&str]; 5] = [
                &["a", "abc", "abcdef"],
                &["", "a1", "abc", "9"],
                &["x", "x1", "xYZ"],
                &["1", "a1b", "A9"],
                &["AB", "ZZ"],
            ];
            return json!(random.of(fitting[index]));
        }
    }
    json!(random.of(&[
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcdefgh",
        "A",
        "AB",
        "1",
        "x1",
        "\u{e4}\u{f6}"
    ]))
}

/// The value as the reader has it before it looks: present names, defaults filled in.
pub fn normalized(root: &Value, schema: &Value, value: &mut Value) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match value {
        Value::Object(members) => {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                for old in property["x-aliases"].as_array().into_iter().flatten() {
                    if let Some(moved) = members.remove(old.as_str().unwrap()) {
                        members.insert(name.clone(), moved);
                    }
                }
                if let (false, Some(default)) =
                    (members.contains_key(name), property.get("default"))
                {
                    members.insert(name.clone(), default.clone());
                }
                if let Some(member) = members.get_mut(name) {
                    normalized(root, property, member);
                }
            }
            let declared = schema["properties"].as_object();
            if let Some(additional) = schema.get("additionalProperties") {
                for (name, member) in members.iter_mut() {
                    if declared.is_none_or(|declared| !declared.contains_key(name)) {
                        normalized(root, additional, member);
                    }
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Some(element) = schema["prefixItems"].get(index).or(schema.get("items")) {
                    normalized(root, element, item);
                }
            }
        }
        _ => {}
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        normalized(root, part, value);
    }
    // A reader knows which branch is meant by its tag.
    for branch in schema["oneOf"].as_array().into_iter().flatten() {
        let tag = &branch["properties"]["kind"]["const"];
        if tag.is_string() && *tag == value["kind"] {
            normalized(root, branch, value);
        }
    }
}

/// The schema in the words of JSON Schema alone: open enums, widths and defaults spelled out.
pub fn plain(schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return match schema {
            Value::Array(items) => items.iter().map(plain).collect(),
            other => other.clone(),
        };
    };
    let mut result: Map<String, Value> = Map::new();
    for (keyword, value) in members {
        let value = match keyword.as_str() {
            "enum" | "const" | "default" | "required" | "dependentRequired" => value.clone(),
            "x-open" | "x-aliases" => continue,
            _ => plain(value),
        };
        result.insert(keyword.clone(), value);
    }
    if schema["x-open"] == true {
        result.remove("enum");
    }
    let width = match schema["format"].as_str() {
        Some("uint8") => Some((0, 255)),
        Some("int8") => Some((-128, 127)),
        Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        Some("uint16") => Some((0, 65_535)),
        _ => None,
    };
    if let Some((low, high)) = width {
        result.remove("format");
        result.insert(
            "allOf".to_owned(),
            json!([{ "minimum": low, "maximum": high }]),
        );
    }
    // A property named like a keyword does not come up.
    let has_default = |name: &Value| {
        let property = &schema["properties"][name.as_str().unwrap_or_default()];
        property.get("default").is_some()
    };
    if let Some(Value::Array(names)) = result.get_mut("required") {
        names.retain(|name| !has_default(name));
    }
    Value::Object(result)
}
