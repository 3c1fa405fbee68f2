//! Values for a schema: mostly such as it accepts, now and then broken in one place.

use serde_json::{Map, Number, Value, json};
use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef};

/// How deep values of recursive schemas go.
const DEEPEST: usize = 6;

/// A source of decisions; it ends in zeros, the plainest choice everywhere, so that a failing value
/// shrinks.
pub(crate) struct Choices<'a> {
    rest: std::slice::Iter<'a, u32>,
    /// One value in so many is broken.
    breaks: u32,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(choices: &'a [u32]) -> Self {
        let mut rest = choices.iter();
        let breaks = [1_000_000, 1_000_000, 40, 8][below(rest.next(), 4)];
        Choices { rest, breaks }
    }

    fn below(&mut self, end: usize) -> usize {
        below(self.rest.next(), end)
    }

    /// True once in `n` times; never at the end of the choices.
    fn one_in(&mut self, n: u32) -> bool {
        self.rest.next().is_some_and(|choice| choice % n == n - 1)
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }
}

fn below(choice: Option<&u32>, end: usize) -> usize {
    choice.map_or(0, |choice| *choice as usize % end.max(1))
}

/// A fixed sequence that looks random.
pub(crate) fn mixed(seed: u32, step: u32) -> u32 {
    let mut x = u64::from(seed) << 32 | u64::from(step);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((x ^ (x >> 31)) >> 32).unwrap_or(0)
}

/// A value for `schema`.
pub(crate) fn for_schema(schema: SchemaRef<'_>, choices: &mut Choices<'_>) -> Value {
    value(schema, choices, 0)
}

fn value(schema: SchemaRef<'_>, choices: &mut Choices<'_>, depth: usize) -> Value {
    let breaks = choices.breaks;
    if choices.one_in(breaks) {
        return anything(choices);
    }
    let mut parts = Vec::new();
    parts.extend(own(schema, choices, depth));
    for id in in_place(schema, choices, depth) {
        parts.push(value(schema.at(id), choices, depth));
    }
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return anything(choices);
    };
    // Each part of an object says something of it; of anything else the first part says enough.
    parts.fold(first, |mut whole, part| {
        if let (Value::Object(whole), Value::Object(part)) = (&mut whole, part) {
            for (key, value) in part {
                if !whole.contains_key(&key) {
                    whole.insert(key, value);
                }
            }
        }
        whole
    })
}

/// The schemas of the same value that a value should fit.
fn in_place(schema: SchemaRef<'_>, choices: &mut Choices<'_>, depth: usize) -> Vec<SchemaId> {
    let keywords = &schema.node().keywords;
    let mut ids: Vec<SchemaId> = keywords.reference.into_iter().collect();
    ids.extend(&keywords.all_of);
    for branches in [&keywords.any_of, &keywords.one_of] {
        if depth > DEEPEST {
            ids.extend(branches.first());
        } else if !branches.is_empty() {
            ids.push(choices.one_of(branches));
        }
    }
    if let Some(condition) = keywords.condition {
        let wanted = if choices.one_in(2) {
            [Some(condition.test), condition.then]
        } else {
            [condition.otherwise, None]
        };
        ids.extend(wanted.into_iter().flatten());
    }
    for (_, id) in &keywords.dependent_schemas {
        if choices.one_in(3) {
            ids.push(*id);
        }
    }
    ids
}

/// What a schema says of a value by itself; `None` if nothing.
fn own(schema: SchemaRef<'_>, choices: &mut Choices<'_>, depth: usize) -> Option<Value> {
    let keywords = &schema.node().keywords;
    if let Some(constant) = &keywords.constant {
        return Some(constant.clone());
    }
    if let Some(listed) = &keywords.enumeration {
        return Some(if keywords.open && choices.one_in(3) {
            json!("unlisted")
        } else {
            choices.one_of(listed)
        });
    }
    let mut names: Vec<&str> = match keywords.types {
        Some(types) => types.names().collect(),
        None => implied_types(keywords),
    };
    if depth > DEEPEST && names.contains(&"null") {
        names = vec!["null"];
    }
    if names.is_empty() {
        return None;
    }
    Some(match choices.one_of(&names) {
        "null" => Value::Null,
        "boolean" => json!(choices.one_in(2)),
        "integer" => integer(keywords, choices),
        "number" => number(keywords, choices),
        "string" => json!(text(keywords, choices)),
        "array" => array(schema, choices, depth),
        _ => {
            let mut map = Map::new();
            properties(schema, &mut map, choices, depth);
            additional(schema, &mut map, choices, depth);
            Value::Object(map)
        }
    })
}

/// The types that the keywords of a schema without `type` are about.
fn implied_types(keywords: &Keywords) -> Vec<&'static str> {
    let of_objects = !keywords.properties.is_empty()
        || !keywords.required.is_empty()
        || !keywords.pattern_properties.is_empty();
    let of_arrays = !keywords.prefix_items.is_empty() || keywords.items.is_some();
    [(of_objects, "object"), (of_arrays, "array")]
        .into_iter()
        .filter_map(|(is_said, name)| is_said.then_some(name))
        .collect()
}

fn integer(keywords: &Keywords, choices: &mut Choices<'_>) -> Value {
    let limits = keywords
        .format
        .as_deref()
        .and_then(soniq_rules_width)
        .unwrap_or((i64::MIN.into(), i64::MAX.into()));
    let bound = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_i128);
    let (min, max) = (bound(&keywords.minimum), bound(&keywords.maximum));
    let mut near = vec![0, 1, 2, 3, 6, limits.0, limits.1];
    for bound in [min, max].into_iter().flatten() {
        near.extend([bound, bound + 1, bound - 1]);
    }
    if choices.one_in(12) {
        near.extend([limits.0 - 1, limits.1 + 1]);
    }
    let multiple = keywords.multiple_of.as_ref().and_then(Number::as_i128);
    let mut number = choices.one_of(&near);
    if let Some(multiple) = multiple
        && !choices.one_in(8)
    {
        number -= number % multiple;
    }
    if !choices.one_in(8) {
        number = number.clamp(min.unwrap_or(limits.0), max.unwrap_or(limits.1));
    }
    let plain = Number::from_i128(number).unwrap_or_else(|| 0.into());
    if choices.one_in(6) {
        // An integer to JSON Schema all the same.
        return json!(plain.as_f64());
    }
    Value::Number(plain)
}

fn soniq_rules_width(format: &str) -> Option<(i128, i128)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        _ => return None,
    })
}

fn number(keywords: &Keywords, choices: &mut Choices<'_>) -> Value {
    let mut near = vec![json!(0.5), json!(1), json!(0.25), json!(0.75)];
    if choices.one_in(4) {
        near.extend([json!(1.0), json!(-2.5), json!(1e300), json!(7), json!(0.1)]);
    }
    near.extend(keywords.maximum.clone().map(Value::Number));
    choices.one_of(&near)
}

fn text(keywords: &Keywords, choices: &mut Choices<'_>) -> String {
    let samples: &[&str] = match keywords.format.as_deref() {
        Some("uuid") => &[
            "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
            "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
            "00000000-0000-0000-0000-000000000000",
            "3f0c9a527d3e4a579a550d7d3c7f1a11",
        ],
        Some("date") => &[
            "2026-02-28",
            "0000-01-01",
            "9999-12-31",
            "2024-02-29",
            "2026-02-30",
        ],
        Some("date-time") => &[
            "2026-02-28T12:00:00Z",
            "2026-02-28t12:00:00.123456789+05:30",
            "1990-12-31T23:59:60Z",
            "0001-01-01T00:00:00-23:59",
            "9999-12-31T23:59:59.999999999999Z",
            "9999-12-31T23:59:59-01:00",
            "2026-02-28 12:00:00Z",
        ],
        Some("time") => &["12:00:00Z", "12:00:00.5+01:00", "12:00"],
        Some("email") => &["ada@example.com", "a@b", "\"x y\"@example.com", "ada"],
        Some("uri") => &["https://example.com/a?b#c", "urn:x:y", "/relative"],
        Some("hostname") => &["example.com", "a", "-a"],
        Some("ipv4") => &["127.0.0.1", "256.0.0.1"],
        Some(_) => &["::1", "x"],
        None => &[
            "abc",
            "ab",
            "a",
            "report_1",
            "DE",
            "long enough for most",
            "",
            "größe",
            "x\u{0}y",
            "\u{1f980}\u{1f980}\u{1f980}",
        ],
    };
    // The first ones are the ones that fit.
    let end = if choices.one_in(5) {
        samples.len()
    } else {
        3.min(samples.len())
    };
    let text = samples[choices.below(end)];
    if keywords
        .pattern
        .as_ref()
        .is_some_and(|p| !p.regex.is_match(text))
        && !choices.one_in(9)
    {
        for other in ["DE", "abc", "12345", "ABC-123", "a.b"] {
            if keywords
                .pattern
                .as_ref()
                .is_some_and(|p| p.regex.is_match(other))
            {
                return other.to_owned();
            }
        }
    }
    text.to_owned()
}

fn array(schema: SchemaRef<'_>, choices: &mut Choices<'_>, depth: usize) -> Value {
    let keywords = &schema.node().keywords;
    let least = keywords.min_items.max(keywords.min_contains).unwrap_or(0);
    let least = usize::try_from(least).unwrap_or(0);
    let more = if depth > DEEPEST { 0 } else { choices.below(3) };
    let closed = keywords
        .items
        .is_some_and(|items| schema.at(items).boolean == Some(false));
    let mut length = least + more;
    if closed && !choices.one_in(6) {
        length = keywords.prefix_items.len();
    }
    let rest = keywords.items.or(keywords.unevaluated_items);
    let element = |index: usize| keywords.prefix_items.get(index).copied().or(rest);
    (0..length)
        .map(|index| {
            let own = element(index).filter(|_| keywords.contains.is_none() || choices.one_in(3));
            match own.or(keywords.contains) {
                Some(id) => value(schema.at(id), choices, depth + 1),
                None => anything(choices),
            }
        })
        .collect()
}

fn properties(
    schema: SchemaRef<'_>,
    map: &mut Map<String, Value>,
    choices: &mut Choices<'_>,
    depth: usize,
) {
    let keywords = &schema.node().keywords;
    for (key, id) in &keywords.properties {
        let required = keywords.required.contains(key);
        let wanted = if required {
            !choices.one_in(40)
        } else if depth > DEEPEST {
            false
        } else {
            choices.one_in(3)
        };
        let mut names = vec![key];
        let older = &schema.at(*id).node().keywords.aliases;
        if !older.is_empty() {
            match choices.below(9) {
                0 => names.extend(older.first()),
                1..4 => names = vec![&older[choices.below(older.len())]],
                _ => {}
            }
        }
        for name in names.into_iter().filter(|_| wanted) {
            map.insert(name.clone(), value(schema.at(*id), choices, depth + 1));
        }
    }
}

/// Properties that are not declared.
fn additional(
    schema: SchemaRef<'_>,
    map: &mut Map<String, Value>,
    choices: &mut Choices<'_>,
    depth: usize,
) {
    let keywords = &schema.node().keywords;
    let others = keywords
        .additional_properties
        .or(keywords.unevaluated_properties);
    let rate = match others {
        Some(id) if schema.at(id).boolean == Some(false) => 30,
        Some(_) => 2,
        None => 6,
    };
    let unlisted = keywords.required.iter().map(String::as_str);
    let unlisted: Vec<&str> = unlisted.filter(|name| !map.contains_key(*name)).collect();
    for name in unlisted {
        if !keywords.properties.iter().any(|(key, _)| key == name) && !choices.one_in(20) {
            map.insert(name.to_owned(), json!(3));
        }
    }
    for key in ["zeta", "alpha", "a/b", "~", "", "unlisted"] {
        let mut patterns = keywords.pattern_properties.iter();
        let pattern = patterns.find(|one| one.pattern.regex.is_match(key));
        let rate = if pattern.is_some() { 2 } else { rate };
        if depth > DEEPEST || !choices.one_in(rate) {
            continue;
        }
        let value = match pattern.map(|one| one.schema).or(others) {
            Some(id) => value(schema.at(id), choices, depth + 1),
            None => anything(choices),
        };
        map.insert(key.to_owned(), value);
    }
}

fn anything(choices: &mut Choices<'_>) -> Value {
    choices.one_of(&[
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(2.5),
        json!(300),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("text"),
        json!([]),
        json!([1, 1.0]),
        json!({}),
        json!({"a": null, "node": {"name": "n", "left": null}, "x": 1, "value": 3}),
    ])
}
