//! A schema on its way from JSON to TOML: keywords of JSON Schema 2020-12, in order, and which of
//! their values are schemas.

use std::fmt;

use serde_json::Value;
use soniq_schema::json_text::{JsonNode, JsonValue};

/// A JSON value whose numbers are as they were written and whose keys are in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Boolean(bool),
    /// The number's text: what 64 bits do not hold is not rounded on the way.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value of a node of `text`.
    pub(super) fn of(node: &JsonNode, text: &str) -> Json {
        match &node.value {
            JsonValue::Null => Json::Null,
            JsonValue::Boolean(flag) => Json::Boolean(*flag),
            JsonValue::Number(_) => Json::Number(text[node.range.clone()].to_owned()),
            JsonValue::String(string) => Json::String(string.clone()),
            JsonValue::Array(items) => {
                Json::Array(items.iter().map(|item| Json::of(item, text)).collect())
            }
            JsonValue::Object(members) => {
                let members = members.iter();
                let pair = |member: &soniq_schema::json_text::JsonMember| {
                    (member.key.clone(), Json::of(&member.node, text))
                };
                Json::Object(members.map(pair).collect())
            }
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Json {
        Json::String(text.into())
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value as the rules of JSON Schema take it.
    pub(super) fn value(&self) -> Value {
        match self {
            Json::Null => Value::Null,
            Json::Boolean(flag) => Value::from(*flag),
            Json::Number(text) => {
                serde_json::from_str(text).expect("it was read as a number of JSON")
            }
            Json::String(text) => Value::from(text.as_str()),
            Json::Array(items) => items.iter().map(Json::value).collect(),
            Json::Object(members) => {
                let pair = |(key, value): &(String, Json)| (key.clone(), value.value());
                members.iter().map(pair).collect()
            }
        }
    }
}

/// As JSON text.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| Value::from(text).to_string();
        match self {
            Json::Null => f.write_str("null"),
            Json::Boolean(flag) => write!(f, "{flag}"),
            Json::Number(text) => f.write_str(text),
            Json::String(text) => f.write_str(&quoted(text)),
            Json::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}: {value}", quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A schema.
#[derive(Debug, Clone)]
pub(super) struct Schema {
    /// JSON pointer of where it stood.
    pub(super) from: String,
    pub(super) body: Body,
}

/// What a schema says.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Boolean(bool),
    Keywords(Keywords),
}

/// The value of a keyword.
#[derive(Debug, Clone)]
pub(super) enum Keyword {
    Literal(Json),
    Schema(Schema),
    List(Vec<Schema>),
    Named(Vec<(String, Schema)>),
}

/// The keywords of one schema.
#[derive(Debug, Clone, Default)]
pub(super) struct Keywords(pub(super) Vec<(String, Keyword)>);

impl Keywords {
    pub(super) fn get(&self, name: &str) -> Option<&Keyword> {
        let mut all = self.0.iter();
        all.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Keyword> {
        let mut all = self.0.iter_mut();
        all.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn literal(&self, name: &str) -> Option<&Json> {
        match self.get(name)? {
            Keyword::Literal(json) => Some(json),
            _ => None,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Keyword> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    /// Gives a keyword a value, whatever it had.
    pub(super) fn set(&mut self, name: &str, value: Keyword) {
        match self.get_mut(name) {
            Some(old) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub(super) fn set_literal(&mut self, name: &str, value: Json) {
        self.set(name, Keyword::Literal(value));
    }

    /// The names in `type`; none if it is missing.
    pub(super) fn types(&self) -> Vec<&str> {
        match self.literal("type") {
            Some(Json::String(name)) => vec![name],
            Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

impl Schema {
    pub(super) fn of(from: &str, keywords: Keywords) -> Schema {
        Schema {
            from: from.to_owned(),
            body: Body::Keywords(keywords),
        }
    }

    /// A schema of literals alone.
    pub(super) fn made(from: &str, keywords: &[(&str, Json)]) -> Schema {
        let pair =
            |(key, value): &(&str, Json)| ((*key).to_owned(), Keyword::Literal(value.clone()));
        Schema::of(from, Keywords(keywords.iter().map(pair).collect()))
    }

    pub(super) fn keywords(&self) -> Option<&Keywords> {
        match &self.body {
            Body::Keywords(keywords) => Some(keywords),
            Body::Boolean(_) => None,
        }
    }

    pub(super) fn keywords_mut(&mut self) -> Option<&mut Keywords> {
        match &mut self.body {
            Body::Keywords(keywords) => Some(keywords),
            Body::Boolean(_) => None,
        }
    }

    /// The schema and all that are written inside it.
    pub(super) fn each<'a>(&'a self, see: &mut dyn FnMut(&'a Schema)) {
        see(self);
        for (_, value) in self.keywords().iter().flat_map(|keywords| &keywords.0) {
            match value {
                Keyword::Literal(_) => {}
                Keyword::Schema(schema) => schema.each(see),
                Keyword::List(schemas) => schemas.iter().for_each(|schema| schema.each(see)),
                Keyword::Named(named) => named.iter().for_each(|(_, schema)| schema.each(see)),
            }
        }
    }

    /// The schema and all that are written inside it, to be changed; the key that each has in a
    /// table of schemas comes along.
    pub(super) fn each_mut(
        &mut self,
        key: Option<&str>,
        see: &mut dyn FnMut(Option<&str>, &mut Schema),
    ) {
        see(key, self);
        let Some(keywords) = self.keywords_mut() else {
            return;
        };
        for (_, value) in &mut keywords.0 {
            match value {
                Keyword::Literal(_) => {}
                Keyword::Schema(schema) => schema.each_mut(None, see),
                Keyword::List(schemas) => {
                    for schema in schemas {
                        schema.each_mut(None, see);
                    }
                }
                Keyword::Named(named) => {
                    for (name, schema) in named {
                        schema.each_mut(Some(name), see);
                    }
                }
            }
        }
    }

    /// The schema at the end of a JSON pointer from here.
    pub(super) fn at_mut(&mut self, pointer: &str) -> Option<&mut Schema> {
        let mut schema = self;
        let mut steps = pointer.split('/').skip(1);
        while let Some(step) = steps.next() {
            schema = match schema.keywords_mut()?.get_mut(step)? {
                Keyword::Literal(_) => return None,
                Keyword::Schema(schema) => schema,
                Keyword::List(schemas) => schemas.get_mut(steps.next()?.parse::<usize>().ok()?)?,
                Keyword::Named(named) => {
                    let name = super::pointer::unescaped(steps.next()?);
                    let mut named = named.iter_mut();
                    named
                        .find(|(key, _)| *key == name)
                        .map(|(_, schema)| schema)?
                }
            };
        }
        Some(schema)
    }
}
