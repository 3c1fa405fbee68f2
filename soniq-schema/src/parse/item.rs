//! Values with their places, whether the file is a contract in TOML or a schema in JSON.

use serde_json::Number;
use toml::Spanned;
use toml::de::DeValue;

use super::context::Context;
use super::json_text::{JsonNode, JsonValue};
use super::table::Table;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Location};

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) file: FileId,
    syntax: Syntax<'a>,
}

#[derive(Clone, Copy)]
enum Syntax<'a> {
    Toml(&'a Spanned<DeValue<'a>>),
    Json(&'a JsonNode),
}

/// What a value is.
pub(super) enum Literal<'a> {
    Null,
    Boolean(bool),
    /// A number that JSON has.
    Number(Number),
    /// One that it has not, and why.
    NoNumber(String),
    String(&'a str),
    /// A date or time of TOML.
    Date(String),
    Array(Vec<Item<'a>>),
    Table(Table<'a>),
}

impl<'a> Item<'a> {
    pub(super) fn toml(file: FileId, value: &'a Spanned<DeValue<'a>>) -> Self {
        let syntax = Syntax::Toml(value);
        Item { file, syntax }
    }

    pub(super) fn json(file: FileId, node: &'a JsonNode) -> Self {
        let syntax = Syntax::Json(node);
        Item { file, syntax }
    }

    /// Whether it stands in a file of JSON, which was not written for contracts alone.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.syntax, Syntax::Json(_))
    }

    pub(super) fn location(&self) -> Location {
        Location {
            file: self.file,
            range: match self.syntax {
                Syntax::Toml(value) => value.span(),
                Syntax::Json(node) => node.range.clone(),
            },
        }
    }

    /// The value's type in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.syntax {
            Syntax::Toml(value) => match value.get_ref() {
                DeValue::String(_) => "a string",
                DeValue::Integer(_) => "an integer",
                DeValue::Float(_) => "a float",
                DeValue::Boolean(_) => "a boolean",
                DeValue::Datetime(_) => "a date or time",
                DeValue::Array(_) => "an array",
                DeValue::Table(_) => "a table",
            },
            Syntax::Json(node) => match &node.value {
                JsonValue::Null => "null",
                JsonValue::Boolean(_) => "a boolean",
                JsonValue::Number(_) => "a number",
                JsonValue::String(_) => "a string",
                JsonValue::Array(_) => "an array",
                JsonValue::Object(_) => "an object",
            },
        }
    }

    pub(super) fn literal(&self) -> Literal<'a> {
        match self.syntax {
            Syntax::Toml(value) => match value.get_ref() {
                DeValue::String(text) => Literal::String(text),
                DeValue::Boolean(flag) => Literal::Boolean(*flag),
                DeValue::Integer(text) => match self.integer() {
                    Some(integer) => Literal::Number(integer.into()),
                    None => Literal::NoNumber(format!("the integer {text} is beyond 64 bits")),
                },
                DeValue::Float(text) => {
                    match text.as_str().parse().ok().and_then(Number::from_f64) {
                        Some(number) => Literal::Number(number),
                        None => Literal::NoNumber(format!("JSON has no number {text}")),
                    }
                }
                DeValue::Datetime(date) => Literal::Date(date.to_string()),
                DeValue::Array(_) => Literal::Array(self.array().unwrap_or_default()),
                DeValue::Table(table) => {
                    Literal::Table(Table::toml(self.file, self.location(), table))
                }
            },
            Syntax::Json(node) => match &node.value {
                JsonValue::Null => Literal::Null,
                JsonValue::Boolean(flag) => Literal::Boolean(*flag),
                JsonValue::Number(number) => Literal::Number(number.clone()),
                JsonValue::String(text) => Literal::String(text),
                JsonValue::Array(_) => Literal::Array(self.array().unwrap_or_default()),
                JsonValue::Object(members) => {
                    Literal::Table(Table::json(self.file, self.location(), members))
                }
            },
        }
    }

    pub(super) fn table(&self) -> Option<Table<'a>> {
        match self.syntax {
            Syntax::Toml(value) => {
                let table = value.get_ref().as_table()?;
                Some(Table::toml(self.file, self.location(), table))
            }
            Syntax::Json(node) => match &node.value {
                JsonValue::Object(members) => {
                    Some(Table::json(self.file, self.location(), members))
                }
                _ => None,
            },
        }
    }

    pub(super) fn array(&self) -> Option<Vec<Item<'a>>> {
        let file = self.file;
        match self.syntax {
            Syntax::Toml(value) => {
                let items = value.get_ref().as_array()?.iter();
                Some(items.map(|value| Item::toml(file, value)).collect())
            }
            Syntax::Json(node) => match &node.value {
                JsonValue::Array(items) => {
                    Some(items.iter().map(|node| Item::json(file, node)).collect())
                }
                _ => None,
            },
        }
    }

    pub(super) fn str(&self) -> Option<&'a str> {
        match self.syntax {
            Syntax::Toml(value) => value.get_ref().as_str(),
            Syntax::Json(node) => match &node.value {
                JsonValue::String(text) => Some(text),
                _ => None,
            },
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self.syntax {
            Syntax::Toml(value) => value.get_ref().as_bool(),
            Syntax::Json(node) => match node.value {
                JsonValue::Boolean(flag) => Some(flag),
                _ => None,
            },
        }
    }

    /// The integer, if it is one that 64 bits hold.
    pub(super) fn integer(&self) -> Option<i64> {
        match self.syntax {
            Syntax::Toml(value) => {
                let integer = value.get_ref().as_integer()?;
                i64::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            Syntax::Json(node) => match &node.value {
                JsonValue::Number(number) => number.as_i64(),
                _ => None,
            },
        }
    }

    pub(super) fn is_integer(&self) -> bool {
        match self.syntax {
            Syntax::Toml(value) => value.get_ref().is_integer(),
            Syntax::Json(node) => matches!(node.value, JsonValue::Number(_)),
        }
    }

    /// Reports that the value is not what `what` names.
    pub(super) fn wrong_type(&self, context: &mut Context<'_>, key: &str, what: &str) {
        let message = format!("`{key}` is {}, expected {what}", self.kind());
        let diagnostic = Diagnostic::new(codes::WRONG_TYPE, message, &self.location());
        context.report(diagnostic.label(format!("expected {what}")));
    }
}
