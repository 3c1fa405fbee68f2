//! JSON values as Rust expressions of a given shape: for defaults and constants.

use std::fmt::Write as _;

use serde_json::Value;

use super::Scope;
use crate::shape::{ItemId, ItemKind, Presence, Shape, Struct, Union};

/// How deep a default may nest.
const DEEPEST: usize = 64;

impl Scope<'_> {
    /// `value` as an expression of the shape's type.
    ///
    /// The value fits the shape's schema, which [`problems`](crate::problem) made sure of; one that
    /// does not is an expression that does not compile rather than another value.
    pub(super) fn literal(self, shape: &Shape, value: &Value) -> String {
        self.try_literal(shape, value).unwrap_or_else(|| {
            let message = format!("{value} does not fit its type");
            format!("compile_error!({})", quoted(&message))
        })
    }

    /// [`literal`](Self::literal), or `None` where the value is not one of the shape's.
    pub(crate) fn try_literal(self, shape: &Shape, value: &Value) -> Option<String> {
        self.expression(shape, value, 0)
    }

    /// `depth` ends a default that contains itself: a struct's default may leave out a field whose
    /// default is such a struct again.
    fn expression(self, shape: &Shape, value: &Value, depth: usize) -> Option<String> {
        let depth = (depth < DEEPEST).then_some(depth + 1)?;
        Some(match shape {
            Shape::Unit => value.is_null().then(|| "()".to_owned())?,
            Shape::Bool => value.as_bool()?.to_string(),
            Shape::Int(width) => integer(width, value)?,
            Shape::Float => float(value.as_f64()?),
            Shape::Text => format!("{}.to_owned()", quoted(value.as_str()?)),
            // These are parsed where they are needed. Their text was checked when the contract was
            // read, so what stands for a failure never shows.
            Shape::Uuid | Shape::DateTime | Shape::Date => {
                let text = quoted(value.as_str()?);
                format!("{text}.parse::<{}>().unwrap_or_default()", self.ty(shape))
            }
            Shape::Json => json(value),
            Shape::List(inner) => {
                let items = self.each(inner, value.as_array()?, depth)?;
                if items.is_empty() {
                    "Vec::new()".to_owned()
                } else {
                    format!("Vec::from([{}])", items.join(", "))
                }
            }
            Shape::Tuple(shapes) => {
                let values = value.as_array().filter(|v| v.len() == shapes.len())?;
                let elements: Option<Vec<_>> = std::iter::zip(shapes, values)
                    .map(|(shape, value)| self.expression(shape, value, depth))
                    .collect();
                match elements?.as_slice() {
                    [only] => format!("({only},)"),
                    elements => format!("({})", elements.join(", ")),
                }
            }
            Shape::Map(inner) => {
                let map = value.as_object()?;
                self.map(inner, map.iter(), depth)?
            }
            Shape::Nullable(_) if value.is_null() => "None".to_owned(),
            Shape::Nullable(inner) => {
                format!("Some({})", self.expression(inner, value, depth)?)
            }
            Shape::Boxed(inner) => {
                format!("Box::new({})", self.expression(inner, value, depth)?)
            }
            Shape::Item(id) => self.item_literal(*id, value, depth)?,
        })
    }

    fn item_literal(self, id: ItemId, value: &Value, depth: usize) -> Option<String> {
        let path = self.item(id);
        Some(match &self.input.shapes.item(id).kind {
            ItemKind::Alias(shape) => self.expression(shape, value, depth)?,
            ItemKind::Newtype(shape) => {
                format!("{path}({})", self.expression(shape, value, depth)?)
            }
            ItemKind::Enum(values) => {
                let text = value.as_str()?;
                match values.variants.iter().find(|(listed, _)| listed == text) {
                    Some((_, variant)) => format!("{path}::{variant}"),
                    None if values.open => {
                        let text = quoted(text);
                        format!(
                            "{path}::Other(::soniq_runtime::__private::unknown_value({text}.to_owned()))"
                        )
                    }
                    None => return None,
                }
            }
            ItemKind::Struct(fields) => self.struct_literal(&path, fields, value, depth)?,
            ItemKind::Union(union) => self.union_literal(&path, union, value, depth)?,
            ItemKind::Check => return None,
        })
    }

    /// The first variant that holds the value; where a tag tells them apart, the one with its text.
    fn union_literal(
        self,
        path: &str,
        union: &Union,
        value: &Value,
        depth: usize,
    ) -> Option<String> {
        let tag = union
            .tag
            .as_deref()
            .and_then(|tag| value.get(tag)?.as_str());
        union.variants.iter().find_map(|variant| {
            if variant.value.as_deref() != tag {
                return None;
            }
            let value = self.expression(&variant.shape, value, depth)?;
            Some(format!("{path}::{}({value})", variant.name))
        })
    }

    fn struct_literal(
        self,
        path: &str,
        fields: &Struct,
        value: &Value,
        depth: usize,
    ) -> Option<String> {
        let map = value.as_object()?;
        let older = fields.fields.iter().flat_map(|field| {
            let older = field.aliases.iter();
            older.map(|old| (old.as_str(), field.key.as_str()))
        });
        let older: Vec<(&str, &str)> = older.collect();
        let renamed = soniq_rules::renamed(map, &older);
        let map = renamed
            .as_ref()
            .and_then(|renamed| renamed.object.as_object())
            .unwrap_or(map);
        let mut written = Vec::new();
        for field in &fields.fields {
            let value = match (map.get(&field.key), &field.presence) {
                (Some(value), Presence::Optional) => {
                    format!("Some({})", self.expression(&field.shape, value, depth)?)
                }
                (Some(value), _) | (None, Presence::Defaulted(value)) => {
                    self.expression(&field.shape, value, depth)?
                }
                (None, Presence::Optional) => "None".to_owned(),
                (None, _) => return None,
            };
            written.push(format!("{}: {value}", field.ident));
        }
        if let Some((name, shape)) = &fields.additional {
            let declared = |key: &str| fields.fields.iter().any(|field| field.key == key);
            let rest = map.iter().filter(|(key, _)| !declared(key));
            let value = self.map(shape, rest, depth)?;
            written.push(format!("{name}: {value}"));
        }
        Some(structure(path, &written))
    }

    fn map<'v>(
        self,
        shape: &Shape,
        entries: impl Iterator<Item = (&'v String, &'v Value)>,
        depth: usize,
    ) -> Option<String> {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let mut pairs = Vec::new();
        for (key, value) in entries {
            let value = self.expression(shape, value, depth)?;
            pairs.push(format!("({}.to_owned(), {value})", quoted(key)));
        }
        Some(if pairs.is_empty() {
            "BTreeMap::new()".to_owned()
        } else {
            format!("BTreeMap::from([{}])", pairs.join(", "))
        })
    }

    fn each(self, shape: &Shape, values: &[Value], depth: usize) -> Option<Vec<String>> {
        values
            .iter()
            .map(|value| self.expression(shape, value, depth))
            .collect()
    }
}

/// `Path { field: value, .. }`
pub(super) fn structure(path: &str, fields: &[String]) -> String {
    if fields.is_empty() {
        [path, " {}"].concat()
    } else {
        [path, " { ", &fields.join(", "), " }"].concat()
    }
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A list of string literals: `&["a", "b"]`.
pub(super) fn quoted_list<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(text)).collect();
    format!("&[{}]", texts.join(", "))
}

/// JSON of any shape, from its text.
fn json(value: &Value) -> String {
    if value.is_null() {
        return "JsonValue::Null".to_owned();
    }
    format!("JsonLiteral::new({}).get().clone()", json_text(value))
}

/// JSON as a raw string, so that it can be read: `r#"{"a":1}"#`.
pub(super) fn json_text(value: &Value) -> String {
    let text = without_direction(&canonical(value).to_string());
    if !text.contains(['"', '\\']) {
        return quoted(&text);
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    // Every JSON text has a raw form: it holds no carriage return.
    format!("r{hashes}\"{text}\"{hashes}")
}

/// JSON without characters that change the direction of text, which rustc refuses to see in a
/// literal as they are.
fn without_direction(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        if changes_direction(character) {
            // Writing to a `String` does not fail.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether source that holds this character may not be what it looks like (CVE-2021-42574).
pub(super) fn changes_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The value with the keys of its objects sorted, whatever `serde_json` keeps: its features are
/// the whole build's.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            entries
                .into_iter()
                .map(|(key, value)| (key.clone(), canonical(value)))
                .collect()
        }
        other => other.clone(),
    }
}

/// An integer with its digits in groups of three: `604_800`.
pub(super) fn grouped(number: u128, suffix: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    if !suffix.is_empty() {
        text.push('_');
        text.push_str(suffix);
    }
    text
}

/// The shortest text that gives the same float.
pub(super) fn float(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

/// An integer of the given width; `1.0` is one too.
fn integer(width: &str, value: &Value) -> Option<String> {
    let number = value.as_number()?;
    let number = number
        .as_i128()
        .or_else(|| whole(number.as_f64()?))
        .filter(|number| range(width).contains(number))?;
    let literal = grouped(number.unsigned_abs(), "");
    Some(if number < 0 {
        format!("-{literal}")
    } else {
        literal
    })
}

fn whole(float: f64) -> Option<i128> {
    // Within these bounds the conversion is exact.
    if float.fract() != 0.0 || float.abs() > 18_446_744_073_709_551_616.0 {
        return None;
    }
    format!("{float:.0}").parse().ok()
}

fn range(width: &str) -> std::ops::RangeInclusive<i128> {
    match width {
        "i8" => i8::MIN.into()..=i8::MAX.into(),
        "i16" => i16::MIN.into()..=i16::MAX.into(),
        "i32" => i32::MIN.into()..=i32::MAX.into(),
        "u8" => 0..=u8::MAX.into(),
        "u16" => 0..=u16::MAX.into(),
        "u32" => 0..=u32::MAX.into(),
        "u64" => 0..=u64::MAX.into(),
        _ => i64::MIN.into()..=i64::MAX.into(),
    }
}
