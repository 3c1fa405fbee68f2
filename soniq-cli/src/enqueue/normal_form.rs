//! One spelling for equal arguments.
//!
//! A generated producer writes a uuid in lower case, a date-time in UTC and an integer without a
//! fraction, for it holds values and not texts. Uniqueness compares what is written, so arguments
//! that come as text are spelled the same way first.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use soniq_schema::json_schema::{Keywords, SchemaRef};
use uuid::Uuid;

/// Respells what generated types would hold as a value. The arguments fit the schema, by its present
/// names.
pub(super) fn normalize(schema: SchemaRef<'_>, value: &mut Value) {
    let schema = schema.resolved();
    let keywords = &schema.node().keywords;
    match value {
        Value::String(text) => {
            if let Some(respelled) = respelled(keywords, text) {
                *text = respelled;
            }
        }
        Value::Number(number) => {
            if is_only(keywords, |types| types.integer && !types.number)
                && let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole)
            {
                *value = Value::from(whole);
            }
        }
        Value::Array(items) => {
            // What another schema looks into is held as it came.
            if keywords.contains.is_none() && keywords.in_place().next().is_none() {
                let prefix = keywords.prefix_items.iter().copied().map(Some);
                let elements = prefix.chain(std::iter::repeat(keywords.items));
                for (item, element) in items.iter_mut().zip(elements) {
                    if let Some(id) = element {
                        normalize(schema.at(id), item);
                    }
                }
            }
        }
        Value::Object(members) => return Object::of(schema).normalize(members),
        Value::Null | Value::Bool(_) => {}
    }
    if keywords.types.is_none() {
        for id in keywords.reference.iter().chain(&keywords.all_of) {
            normalize(schema.at(*id), value);
        }
    }
}

/// What schemas say of one object: some make up its type, others are only checked.
struct Object<'a> {
    parts: Vec<SchemaRef<'a>>,
    checked: Vec<SchemaRef<'a>>,
}

impl<'a> Object<'a> {
    fn of(schema: SchemaRef<'a>) -> Self {
        let mut parts = vec![schema];
        let mut checked = Vec::new();
        let mut next = 0;
        while let Some(part) = parts.get(next).copied() {
            next += 1;
            let keywords = &part.node().keywords;
            let merged: Vec<_> = keywords.reference.iter().chain(&keywords.all_of).collect();
            for id in keywords.in_place() {
                let other = part.at(id);
                if !merged.contains(&&id) {
                    checked.push(other);
                } else if !parts.iter().any(|known| known.id == id) {
                    parts.push(other);
                }
            }
        }
        Object { parts, checked }
    }

    fn normalize(&self, members: &mut Map<String, Value>) {
        for (name, member) in members {
            let mut declared = self.parts.iter().filter_map(|part| property(*part, name));
            let schema = match (declared.next(), declared.next()) {
                (Some(one), None) if !self.checked.iter().any(|other| looks_at(*other, name)) => {
                    Some(one)
                }
                (None, _) => self.of_others(name),
                _ => None,
            };
            if let Some(schema) = schema {
                normalize(schema, member);
            }
        }
    }

    /// The one schema of a property that is not declared: it has a type where all have the same.
    fn of_others(&self, name: &str) -> Option<SchemaRef<'a>> {
        let ([part], []) = (self.parts.as_slice(), self.checked.as_slice()) else {
            return None;
        };
        let keywords = &part.node().keywords;
        let mut patterns = keywords.pattern_properties.iter();
        let rest = keywords.additional_properties.map(|id| part.at(id));
        let is_open = rest.is_none_or(|rest| rest.boolean == Some(true));
        let all = patterns.clone().map(|one| part.at(one.schema));
        let mut all = all.chain(rest.filter(|rest| rest.boolean.is_none()));
        let first = all.next().filter(|_| !is_open)?;
        let is_one = all.all(|other| other.resolved().id == first.resolved().id);
        let matches = rest.is_some_and(|rest| rest.boolean.is_none())
            || patterns.any(|one| one.pattern.regex.is_match(name));
        (is_one && matches).then_some(first)
    }
}

fn property<'a>(schema: SchemaRef<'a>, name: &str) -> Option<SchemaRef<'a>> {
    let mut properties = schema.node().keywords.properties.iter();
    let (_, id) = properties.find(|(key, _)| key == name)?;
    Some(schema.at(*id))
}

/// Whether a schema that is only checked looks at the value of a property.
fn looks_at(schema: SchemaRef<'_>, name: &str) -> bool {
    let keywords = &schema.node().keywords;
    property(schema, name).is_some_and(|property| property.boolean.is_none())
        || keywords.additional_properties.is_some()
        || keywords.unevaluated_properties.is_some()
        || !keywords.pattern_properties.is_empty()
        || keywords.enumeration.is_some()
        || keywords.constant.is_some()
        || keywords.in_place().any(|id| looks_at(schema.at(id), name))
}

/// The text of a value that has a type of its own in Rust; not of one that `enum` or `const`
/// compare as text.
fn respelled(keywords: &Keywords, text: &str) -> Option<String> {
    let is_text = is_only(keywords, |types| types.string);
    if !is_text || keywords.enumeration.is_some() || keywords.constant.is_some() {
        return None;
    }
    match keywords.format.as_deref()? {
        "uuid" => Some(Uuid::parse_str(text).ok()?.to_string()),
        "date-time" => {
            let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
            Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
        _ => None,
    }
}

fn is_only(keywords: &Keywords, test: impl Fn(&soniq_schema::json_schema::Types) -> bool) -> bool {
    keywords.types.as_ref().is_some_and(|types| {
        let others = types.names().filter(|name| *name != "null").count();
        others == 1 && test(types)
    })
}

/// The integer that a float stands for, as far as floats are exact.
fn whole(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if float.fract() != 0.0 || float.abs() > EXACT {
        return None;
    }
    format!("{float:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn normal(properties: &str, mut args: Value) -> Value {
        let text = format!(
            "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\n\
             args.type = 'object'\n[tasks.t.args.properties]\n{properties}"
        );
        let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = loaded.contracts;
        normalize(
            contracts.schemas.get(contracts.contracts[0].tasks[0].args),
            &mut args,
        );
        args
    }

    #[test]
    fn values_have_one_spelling() {
        let properties = "
            at = { type = ['string', 'null'], format = 'date-time' }
            ids = { type = 'array', items = { type = 'string', format = 'uuid' } }
            count = { type = 'integer' }
            share = { type = 'number' }
            note = { type = 'string' }";
        let id = "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11";
        assert_eq!(
            normal(
                properties,
                json!({
                    "at": "2026-12-01T08:00:00.500+01:00",
                    "ids": [id],
                    "count": -3.0,
                    "share": 1.0,
                    "note": id,
                    "more": id,
                })
            ),
            json!({
                "at": "2026-12-01T07:00:00.500Z",
                "ids": [id.to_lowercase()],
                "count": -3,
                "share": 1.0,
                "note": id,
                "more": id,
            })
        );
        assert_eq!(
            normal(properties, json!({ "at": null })),
            json!({ "at": null })
        );
    }

    #[test]
    fn every_part_of_an_object_counts() {
        let (upper, lower) = (
            "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
            "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
        );
        let id = "{ type = 'string', format = 'uuid' }";
        let object = |keywords: &str| format!("o = {{ type = 'object', {keywords} }}");
        for (keywords, expected) in [
            (
                format!("allOf = [{{ properties = {{ id = {id} }} }}]"),
                lower,
            ),
            (
                format!("patternProperties = {{ '^i' = {id} }}, additionalProperties = false"),
                lower,
            ),
            (
                format!("properties = {{ id = {{ allOf = [{id}, {{ maxLength = 40 }}] }} }}"),
                lower,
            ),
            (format!("additionalProperties = {id}"), lower),
            // As generated types: text, where it is compared as text or is one of several things.
            (format!("patternProperties = {{ '^i' = {id} }}"), upper),
            (
                format!(
                    "properties = {{ id = {id} }}, not = {{ properties = {{ id = {{ const = 'x' }} }} }}"
                ),
                upper,
            ),
            (
                format!(
                    "properties = {{ id = {id} }}, allOf = [{{ properties = {{ id = {{ maxLength = 40 }} }} }}]"
                ),
                upper,
            ),
        ] {
            assert_eq!(
                normal(&object(&keywords), json!({ "o": { "id": upper } })),
                json!({ "o": { "id": expected } }),
                "{keywords}"
            );
        }
    }
}
