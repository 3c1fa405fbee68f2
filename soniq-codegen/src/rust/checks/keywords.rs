//! The keywords that say something about one value, and nothing about what is in it.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Number, Value};
use soniq_schema::json_schema::Keywords;

use super::super::ident;
use super::super::literal::{float, grouped, json_text};
use super::body::Body;
use super::only_type;

/// `enum` and `const`.
pub(super) fn any(keywords: &Keywords) -> Body {
    let mut body = Body::default();
    if let Some(values) = &keywords.enumeration {
        let strings: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
        let only_strings = keywords.types.and_then(only_type) == Some("string");
        let check = if let Some(listed) = strings {
            quote!(c.one_of_str(value, &[#(#listed),*]);)
        } else {
            let text = json_text(&Value::Array(values.clone()));
            body.statics.extend(json_static("LISTED", &text));
            quote!(c.one_of(value, &LISTED);)
        };
        match (keywords.open, only_strings) {
            (true, true) => body.statics = TokenStream::new(),
            (true, false) => body.push(&quote!(if !value.is_string() { #check })),
            (false, _) => body.push(&check),
        }
    }
    match &keywords.constant {
        Some(Value::String(text)) => body.push(&quote!(c.constant_str(value, #text);)),
        Some(constant) => {
            let text = json_text(constant);
            body.statics.extend(json_static("CONSTANT", &text));
            body.push(&quote!(c.constant(value, &CONSTANT);));
        }
        None => {}
    }
    body
}

fn json_static(name: &str, text: &Literal) -> TokenStream {
    let name = ident(name);
    quote! {
        static #name: JsonLiteral =
            JsonLiteral::new(#text);
    }
}

/// The keywords of strings; `format` where it is checked.
pub(super) fn string(keywords: &Keywords, format: Option<&str>) -> Body {
    let mut body = Body::default();
    if let Some(format) = format
        && soniq_rules::format_is_known(format)
    {
        body.push(&quote!(c.format(text, #format);));
    }
    body.limit("min_length", "text", keywords.min_length);
    body.limit("max_length", "text", keywords.max_length);
    if let Some(pattern) = &keywords.pattern {
        let regex = pattern.regex.as_str();
        body.statics.extend(quote! {
            static PATTERN: TextPattern =
                TextPattern::new(#regex);
        });
        body.push(&quote!(c.pattern(text, &PATTERN);));
    }
    body
}

/// The keywords of numbers; `format` where it is checked.
pub(super) fn number(keywords: &Keywords, format: Option<&str>) -> Body {
    let mut body = Body::default();
    if let Some(format) = format
        && !soniq_rules::format_is_known(format)
    {
        body.push(&quote!(c.number_format(number, #format);));
    }
    for (method, bound) in [
        ("minimum", &keywords.minimum),
        ("maximum", &keywords.maximum),
        ("exclusive_minimum", &keywords.exclusive_minimum),
        ("exclusive_maximum", &keywords.exclusive_maximum),
        ("multiple_of", &keywords.multiple_of),
    ] {
        if let Some(bound) = bound {
            let method = ident(method);
            let bound = suffixed(bound);
            body.push(&quote!(c.#method(number, #bound);));
        }
    }
    body
}

/// A number with the type in which Rust holds it exactly.
fn suffixed(number: &Number) -> TokenStream {
    if let Some(integer) = number.as_i64() {
        let literal = grouped(integer.unsigned_abs().into(), "i64");
        if integer < 0 {
            quote!(-#literal)
        } else {
            literal
        }
    } else if let Some(integer) = number.as_u64() {
        grouped(integer.into(), "u64")
    } else {
        float(number.as_f64().unwrap_or_default())
    }
}
