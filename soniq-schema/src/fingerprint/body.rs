//! The keywords of one schema in one spelling.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::json_schema::SchemaRef;

/// Keywords that say something, each once.
#[derive(Default)]
pub(super) struct Body(Vec<(&'static str, Value)>);

impl Body {
    pub(super) fn put(&mut self, keyword: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.push((keyword, value));
        }
    }

    /// The keywords that hold no schemas.
    pub(super) fn rules(&mut self, schema: SchemaRef<'_>) {
        let k = &schema.node().keywords;
        self.put("type", k.types.map(|types| one_or_list(types.names())));
        self.put("enum", k.enumeration.as_deref().map(sorted));
        self.put("x-open", k.open.then_some(Value::Bool(true)));
        self.put("const", k.constant.as_ref().map(normal));
        self.put("format", k.format.clone().map(Value::from));
        self.put(
            "minLength",
            k.min_length.filter(|n| *n > 0).map(Value::from),
        );
        self.put("maxLength", k.max_length.map(Value::from));
        self.put(
            "pattern",
            k.pattern.as_ref().map(|p| Value::from(p.source.as_str())),
        );
        self.put("minimum", k.minimum.as_ref().map(normal_number));
        self.put("maximum", k.maximum.as_ref().map(normal_number));
        self.put(
            "exclusiveMinimum",
            k.exclusive_minimum.as_ref().map(normal_number),
        );
        self.put(
            "exclusiveMaximum",
            k.exclusive_maximum.as_ref().map(normal_number),
        );
        self.put("multipleOf", k.multiple_of.as_ref().map(normal_number));
        self.put("minItems", k.min_items.filter(|n| *n > 0).map(Value::from));
        self.put("maxItems", k.max_items.map(Value::from));
        self.put("uniqueItems", k.unique_items.then_some(Value::Bool(true)));
        self.put(
            "minProperties",
            k.min_properties.filter(|n| *n > 0).map(Value::from),
        );
        self.put("maxProperties", k.max_properties.map(Value::from));
        if k.contains.is_some() {
            // One is what `contains` asks for by itself.
            let min = k.min_contains.filter(|n| *n != 1);
            self.put("minContains", min.map(Value::from));
            self.put("maxContains", k.max_contains.map(Value::from));
        }
        self.put("required", names(&k.required));
        let dependent: BTreeMap<_, _> = k
            .dependent_required
            .iter()
            .filter_map(|(key, needed)| Some((key.clone(), names(needed)?)))
            .collect();
        if !dependent.is_empty() {
            let dependent = Value::Object(dependent.into_iter().collect());
            self.put("dependentRequired", Some(dependent));
        }
    }

    /// No keyword is the schema `true`.
    pub(super) fn into_value(mut self) -> Value {
        if self.0.is_empty() {
            return Value::Bool(true);
        }
        // Sorted here, since `serde_json`'s own map may keep the order of insertion.
        self.0.sort_unstable_by_key(|(keyword, _)| *keyword);
        let members = self.0.into_iter();
        Value::Object(
            members
                .map(|(keyword, value)| (keyword.to_owned(), value))
                .collect(),
        )
    }
}

/// A value in one spelling: keys sorted, whole numbers without a fraction.
pub(super) fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => normal_number(number),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().map(|(key, v)| (key, normal(v))).collect();
            Value::Object(
                sorted
                    .into_iter()
                    .map(|(key, v)| (key.clone(), v))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

fn normal_number(number: &Number) -> Value {
    if let Some(integer) = number.as_i64() {
        return Value::from(integer);
    }
    // As text, a whole float is an integer's digits and `.0`, until it becomes `1e20`.
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    let whole = if whole == "-0" { "0" } else { whole };
    match whole.parse::<i64>() {
        Ok(integer) => Value::from(integer),
        Err(_) => Value::Number(number.clone()),
    }
}

/// A set of names, where there are any.
pub(super) fn names(names: &[String]) -> Option<Value> {
    let names: Vec<_> = names
        .iter()
        .map(|name| Value::from(name.as_str()))
        .collect();
    (!names.is_empty()).then(|| sorted(&names))
}

fn sorted(values: &[Value]) -> Value {
    let mut values: Vec<_> = values.iter().map(normal).collect();
    values.sort_by_cached_key(ToString::to_string);
    Value::Array(values)
}

fn one_or_list(names: impl Iterator<Item = &'static str>) -> Value {
    let mut names: Vec<_> = names.map(Value::from).collect();
    match names.len() {
        1 => names.remove(0),
        _ => Value::Array(names),
    }
}
