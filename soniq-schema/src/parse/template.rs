//! Keys with fields of the args in braces: `invoice:{invoice_id}`.

use serde_json::Value;

use super::context::Context;
use super::table::Entry;
use crate::contract::{Template, TemplatePart};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::SchemaRef;

/// Reads a template, reporting one that cannot be read.
pub(super) fn read(context: &mut Context<'_>, entry: &Entry<'_>) -> Option<Template> {
    let text = entry.string(context)?;
    match parse(text.value) {
        Ok(template) => Some(template),
        Err(reason) => {
            let message = format!("{:?} is not a template: {reason}", text.value);
            context.report(Diagnostic::new(
                codes::BAD_TEMPLATE,
                message,
                &text.location,
            ));
            None
        }
    }
}

fn parse(text: &str) -> Result<Template, &'static str> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            literal.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            literal.push('}');
            rest = after;
        } else if let Some(after) = from.strip_prefix('{') {
            let (field, after) = after.split_once('}').ok_or("a brace is not closed")?;
            if field.split('.').any(str::is_empty) || field.contains('{') {
                return Err("a field has no name");
            }
            if !literal.is_empty() {
                parts.push(TemplatePart::Literal(std::mem::take(&mut literal)));
            }
            let path = field.split('.').map(str::to_owned).collect();
            parts.push(TemplatePart::Field(path));
            rest = after;
        } else {
            return Err("a brace is closed that was not opened");
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(literal));
    }
    if parts.is_empty() {
        return Err("it is empty");
    }
    Ok(Template { parts })
}

/// Why a field cannot be used in a template, if it cannot.
pub(super) fn check_field(args: SchemaRef<'_>, path: &[String]) -> Result<(), String> {
    let mut schema = args;
    for name in path {
        let (property, required) =
            property(schema, name).ok_or_else(|| format!("there is no property `{name}`"))?;
        if !required && property.default_value().is_none() {
            return Err(format!("`{name}` is not always there"));
        }
        schema = property;
    }
    if is_plain(schema) {
        Ok(())
    } else {
        Err("it is not a string, an integer or a boolean".to_owned())
    }
}

/// The property `name` of an object schema or of what its `$ref` and `allOf` name, and whether it is
/// required by any of them.
pub(super) fn property<'a>(schema: SchemaRef<'a>, name: &str) -> Option<(SchemaRef<'a>, bool)> {
    let mut found = None;
    let mut required = false;
    for schema in always_applied(schema) {
        let keywords = &schema.node().keywords;
        required |= keywords.required.iter().any(|key| key == name);
        if found.is_none() {
            let mut properties = keywords.properties.iter();
            found = properties
                .find(|(key, _)| key == name)
                .map(|(_, id)| schema.at(*id));
        }
    }
    Some((found?, required))
}

/// The schema and what its `$ref` and `allOf` name: whatever the value, all of them apply to it.
///
/// For use when circles have been cut.
pub(super) fn always_applied(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
    let mut found = vec![schema];
    let mut next = 0;
    while let Some(schema) = found.get(next).copied() {
        let keywords = &schema.node().keywords;
        let more = keywords.reference.iter().chain(&keywords.all_of);
        found.extend(more.map(|id| schema.at(*id)));
        next += 1;
    }
    found
}

/// Whether every value of the schema is a string, an integer or a boolean.
fn is_plain(schema: SchemaRef<'_>) -> bool {
    let keywords = &schema.node().keywords;
    if let Some(types) = keywords.types {
        let (plain, other) = (
            types.string || types.integer || types.boolean,
            types.null || types.number || types.array || types.object,
        );
        return plain && !other;
    }
    let plain = |value: &Value| value.is_string() || value.is_i64() || value.is_boolean();
    if let Some(values) = &keywords.enumeration {
        return values.iter().all(plain);
    }
    if let Some(value) = &keywords.constant {
        return plain(value);
    }
    let mut others = keywords.reference.iter().chain(&keywords.all_of);
    others.any(|id| is_plain(schema.at(*id)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn literal(text: &str) -> TemplatePart {
        TemplatePart::Literal(text.to_owned())
    }

    fn field(path: &[&str]) -> TemplatePart {
        TemplatePart::Field(path.iter().map(|step| (*step).to_owned()).collect())
    }

    #[test]
    fn templates() {
        let parts = |text| parse(text).unwrap().parts;
        assert_eq!(parts("all"), [literal("all")]);
        assert_eq!(parts("{a}"), [field(&["a"])]);
        assert_eq!(
            parts("x:{a}-{b.c}{{}}"),
            [
                literal("x:"),
                field(&["a"]),
                literal("-"),
                field(&["b", "c"]),
                literal("{}")
            ]
        );
        for bad in [
            "", "{", "}", "{}", "{a", "a}", "{a.}", "{.a}", "{a{b}}", "{a}}",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn literals_survive(text in "[a-z{}:]{1,12}") {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(parse(&escaped).unwrap().parts, [literal(&text)]);
        }
    }
}
