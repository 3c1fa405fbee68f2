//! The keywords that say something about one value, and nothing about what is in it.

use serde_json::{Number, Value};
use soniq_schema::json_schema::Keywords;

use super::super::literal::{float, grouped, json_text, quoted};
use super::body::Body;
use super::only_type;

/// `enum` and `const`.
pub(super) fn any(keywords: &Keywords) -> Body {
    let mut body = Body::default();
    if let Some(values) = &keywords.enumeration {
        let strings = values.iter().map(|value| value.as_str().map(quoted));
        let strings: Option<Vec<String>> = strings.collect();
        let only_strings = keywords.types.and_then(only_type) == Some("string");
        let check = if let Some(listed) = strings {
            format!("c.one_of_str(value, &[{}]);", listed.join(", "))
        } else {
            let text = json_text(&Value::Array(values.clone()));
            body.statics.push_str(&json_static("LISTED", &text));
            "c.one_of(value, &LISTED);".to_owned()
        };
        match (keywords.open, only_strings) {
            (true, true) => body.statics.clear(),
            (true, false) => body.push(&format!("if !value.is_string() {{\n{check}\n}}")),
            (false, _) => body.push(&check),
        }
    }
    match &keywords.constant {
        Some(Value::String(text)) => {
            body.push(&format!("c.constant_str(value, {});", quoted(text)));
        }
        Some(constant) => {
            let text = json_text(constant);
            body.statics.push_str(&json_static("CONSTANT", &text));
            body.push("c.constant(value, &CONSTANT);");
        }
        None => {}
    }
    body
}

fn json_static(name: &str, text: &str) -> String {
    format!("static {name}: JsonLiteral = JsonLiteral::new({text});\n")
}

/// The keywords of strings; `format` where it is checked.
pub(super) fn string(keywords: &Keywords, format: Option<&str>) -> Body {
    let mut body = Body::default();
    if let Some(format) = format
        && soniq_rules::format_is_known(format)
    {
        body.push(&format!("c.format(text, {});", quoted(format)));
    }
    body.limit("min_length", "text", keywords.min_length);
    body.limit("max_length", "text", keywords.max_length);
    if let Some(pattern) = &keywords.pattern {
        let regex = quoted(pattern.regex.as_str());
        let pattern = format!("static PATTERN: TextPattern = TextPattern::new({regex});\n");
        body.statics.push_str(&pattern);
        body.push("c.pattern(text, &PATTERN);");
    }
    body
}

/// The keywords of numbers; `format` where it is checked.
pub(super) fn number(keywords: &Keywords, format: Option<&str>) -> Body {
    let mut body = Body::default();
    if let Some(format) = format
        && !soniq_rules::format_is_known(format)
    {
        body.push(&format!("c.number_format(number, {});", quoted(format)));
    }
    for (method, bound) in [
        ("minimum", &keywords.minimum),
        ("maximum", &keywords.maximum),
        ("exclusive_minimum", &keywords.exclusive_minimum),
        ("exclusive_maximum", &keywords.exclusive_maximum),
        ("multiple_of", &keywords.multiple_of),
    ] {
        if let Some(bound) = bound {
            let bound = suffixed(bound);
            body.push(&format!("c.{method}(number, {bound});"));
        }
    }
    body
}

/// A number with the type in which Rust holds it exactly.
fn suffixed(number: &Number) -> String {
    if let Some(integer) = number.as_i64() {
        let literal = grouped(integer.unsigned_abs().into(), "i64");
        if integer < 0 {
            format!("-{literal}")
        } else {
            literal
        }
    } else if let Some(integer) = number.as_u64() {
        grouped(integer.into(), "u64")
    } else {
        float(number.as_f64().unwrap_or_default())
    }
}
