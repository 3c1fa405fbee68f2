//! JSON values as Rust expressions of a given shape: for defaults and constants.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::{Scope, ident};
use crate::shape::{ItemId, ItemKind, Presence, Shape, Struct, Union};

/// How deep a default may nest.
const DEEPEST: usize = 64;

impl Scope<'_> {
    /// `value` as an expression of the shape's type.
    ///
    /// The value fits the shape's schema, which [`problems`](crate::problem) made sure of; one that
    /// does not is an expression that does not compile rather than another value.
    pub(super) fn literal(self, shape: &Shape, value: &Value) -> TokenStream {
        self.try_literal(shape, value).unwrap_or_else(|| {
            let message = format!("{value} does not fit its type");
            quote!(compile_error!(#message))
        })
    }

    /// [`literal`](Self::literal), or `None` where the value is not one of the shape's.
    pub(crate) fn try_literal(self, shape: &Shape, value: &Value) -> Option<TokenStream> {
        self.expression(shape, value, 0)
    }

    /// `depth` ends a default that contains itself: a struct's default may leave out a field whose
    /// default is such a struct again.
    fn expression(self, shape: &Shape, value: &Value, depth: usize) -> Option<TokenStream> {
        let depth = (depth < DEEPEST).then_some(depth + 1)?;
        Some(match shape {
            Shape::Unit => value.is_null().then(|| quote!(()))?,
            Shape::Bool => {
                let value = value.as_bool()?;
                quote!(#value)
            }
            Shape::Int(width) => integer(width, value)?,
            Shape::Float => float(value.as_f64()?),
            Shape::Text => {
                let text = value.as_str()?;
                quote!(#text.to_owned())
            }
            // These are parsed where they are needed. Their text was checked when the contract was
            // read, so what stands for a failure never shows.
            Shape::Uuid | Shape::DateTime | Shape::Date => {
                let ty = self.ty(shape);
                let text = value.as_str()?;
                quote!(#text.parse::<#ty>().unwrap_or_default())
            }
            Shape::Json => json(value),
            Shape::List(inner) => {
                let items = self.each(inner, value.as_array()?, depth)?;
                quote!(vec![#(#items),*])
            }
            Shape::Tuple(shapes) => {
                let values = value.as_array().filter(|v| v.len() == shapes.len())?;
                let elements: Option<Vec<_>> = std::iter::zip(shapes, values)
                    .map(|(shape, value)| self.expression(shape, value, depth))
                    .collect();
                let elements = elements?;
                quote!((#(#elements,)*))
            }
            Shape::Map(inner) => {
                let map = value.as_object()?;
                self.map(inner, map.iter(), depth)?
            }
            Shape::Nullable(_) if value.is_null() => quote!(None),
            Shape::Nullable(inner) => {
                let value = self.expression(inner, value, depth)?;
                quote!(Some(#value))
            }
            Shape::Boxed(inner) => {
                let value = self.expression(inner, value, depth)?;
                quote!(Box::new(#value))
            }
            Shape::Item(id) => self.item_literal(*id, value, depth)?,
        })
    }

    fn item_literal(self, id: ItemId, value: &Value, depth: usize) -> Option<TokenStream> {
        let path = self.item(id);
        Some(match &self.input.shapes.item(id).kind {
            ItemKind::Alias(shape) => self.expression(shape, value, depth)?,
            ItemKind::Newtype(shape) => {
                let value = self.expression(shape, value, depth)?;
                quote!(#path(#value))
            }
            ItemKind::Enum(values) => {
                let text = value.as_str()?;
                match values.variants.iter().find(|(listed, _)| listed == text) {
                    Some((_, variant)) => {
                        let variant = ident(variant);
                        quote!(#path::#variant)
                    }
                    None if values.open => {
                        quote!(#path::Other(::soniq_runtime::__private::unknown_value(#text.to_owned())))
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
        path: &TokenStream,
        union: &Union,
        value: &Value,
        depth: usize,
    ) -> Option<TokenStream> {
        let tag = union
            .tag
            .as_deref()
            .and_then(|tag| value.get(tag)?.as_str());
        union.variants.iter().find_map(|variant| {
            if variant.value.as_deref() != tag {
                return None;
            }
            let value = self.expression(&variant.shape, value, depth)?;
            let variant = ident(&variant.name);
            Some(quote!(#path::#variant(#value)))
        })
    }

    fn struct_literal(
        self,
        path: &TokenStream,
        fields: &Struct,
        value: &Value,
        depth: usize,
    ) -> Option<TokenStream> {
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
                    let value = self.expression(&field.shape, value, depth)?;
                    quote!(Some(#value))
                }
                (Some(value), _) | (None, Presence::Defaulted(value)) => {
                    self.expression(&field.shape, value, depth)?
                }
                (None, Presence::Optional) => quote!(None),
                (None, _) => return None,
            };
            let name = ident(&field.ident);
            written.push(quote!(#name: #value));
        }
        if let Some((name, shape)) = &fields.additional {
            let declared = |key: &str| fields.fields.iter().any(|field| field.key == key);
            let rest = map.iter().filter(|(key, _)| !declared(key));
            let value = self.map(shape, rest, depth)?;
            let name = ident(name);
            written.push(quote!(#name: #value));
        }
        Some(quote!(#path { #(#written),* }))
    }

    fn map<'v>(
        self,
        shape: &Shape,
        entries: impl Iterator<Item = (&'v String, &'v Value)>,
        depth: usize,
    ) -> Option<TokenStream> {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let mut pairs = Vec::new();
        for (key, value) in entries {
            let value = self.expression(shape, value, depth)?;
            pairs.push(quote!((#key.to_owned(), #value)));
        }
        Some(if pairs.is_empty() {
            quote!(BTreeMap::new())
        } else {
            quote!(BTreeMap::from([#(#pairs),*]))
        })
    }

    fn each(self, shape: &Shape, values: &[Value], depth: usize) -> Option<Vec<TokenStream>> {
        values
            .iter()
            .map(|value| self.expression(shape, value, depth))
            .collect()
    }
}

/// JSON of any shape, from its text.
fn json(value: &Value) -> TokenStream {
    if value.is_null() {
        return quote!(JsonValue::Null);
    }
    let text = json_text(value);
    quote!(JsonLiteral::new(#text).get().clone())
}

/// JSON as a raw string, so that it can be read: `r#"{"a":1}"#`.
pub(super) fn json_text(value: &Value) -> Literal {
    let text = canonical(value).to_string();
    if !text.contains(['"', '\\']) {
        return Literal::string(&text);
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    let raw = format!("r{hashes}\"{text}\"{hashes}");
    // Every JSON text has a raw form: it holds no carriage return.
    raw.parse().unwrap_or_else(|_| Literal::string(&text))
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
pub(super) fn grouped(number: u128, suffix: &str) -> TokenStream {
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
    // Digits, underscores and a type's name are always one literal.
    text.parse().unwrap_or_default()
}

/// The shortest text that gives the same float.
pub(super) fn float(value: f64) -> TokenStream {
    let literal = Literal::f64_unsuffixed(value.abs());
    if value.is_sign_negative() {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}

/// An integer of the given width; `1.0` is one too.
fn integer(width: &str, value: &Value) -> Option<TokenStream> {
    let number = value.as_number()?;
    let number = number
        .as_i128()
        .or_else(|| whole(number.as_f64()?))
        .filter(|number| range(width).contains(number))?;
    let literal = grouped(number.unsigned_abs(), "");
    Some(if number < 0 {
        quote!(-#literal)
    } else {
        quote!(#literal)
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
