//! What the keywords of one schema say together.

use serde_json::{Number, Value};

use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::Keywords;
use crate::parse::context::Context;
use crate::parse::suggest::nearest;
use crate::parse::table::Table;
use crate::source::Location;

/// Every name that `format` may have, for suggestions.
const FORMATS: &[&str] = &[
    "uuid",
    "date-time",
    "date",
    "time",
    "email",
    "duration",
    "uri",
    "uri-reference",
    "uri-template",
    "iri",
    "iri-reference",
    "json-pointer",
    "relative-json-pointer",
    "ipv4",
    "ipv6",
    "hostname",
    "regex",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float",
    "double",
];

/// Formats of JSON Schema that are not checked, each with what stands in the way.
const UNCHECKED: &[(&str, &str)] = &[
    (
        "idn-email",
        "its check needs the tables of IDNA, too much for a build script: write `email`, whose addresses are ASCII, or a `pattern`",
    ),
    (
        "idn-hostname",
        "its check needs the tables of IDNA, too much for a build script: write `hostname`, whose names are ASCII, or a `pattern`",
    ),
];

/// Reports formats that are not known or do not go with the type, `x-open` without an enum, empty
/// ranges, and keywords that say nothing without another one.
///
/// The last two are legal JSON Schema, and only an error in a contract: a schema in a JSON file may
/// have come out of a machine. There, a format that is not known is a warning, and left out.
pub(super) fn check(
    context: &mut Context<'_>,
    keywords: &mut Keywords,
    table: &Table<'_>,
    is_json: bool,
) {
    check_format(context, keywords, table, is_json);
    check_open(context, keywords, table);
    if !is_json {
        check_ranges(context, keywords, table);
        check_idle(context, table);
    }
}

/// Keywords that modify another one, which is not there.
fn check_idle(context: &mut Context<'_>, table: &Table<'_>) {
    for (keyword, needed) in [
        ("then", "if"),
        ("else", "if"),
        ("minContains", "contains"),
        ("maxContains", "contains"),
    ] {
        let Some(entry) = table.get(keyword) else {
            continue;
        };
        if table.get(needed).is_none() {
            let message = format!("`{keyword}` says nothing without `{needed}`");
            let diagnostic =
                Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &entry.key_location);
            context.report(diagnostic.help(format!("add `{needed}`, or remove `{keyword}`")));
        }
    }
}

fn check_format(context: &mut Context<'_>, k: &mut Keywords, table: &Table<'_>, is_json: bool) {
    let (Some(format), Some(entry)) = (k.format.as_deref(), table.get("format")) else {
        return;
    };
    let at = entry.item.location();
    let types = k.types;
    let is_integer = types.is_some_and(|types| types.integer && !types.number);
    let fits = if soniq_rules::format_is_known(format) {
        types.is_none_or(|types| types.string)
    } else if soniq_rules::integer_width(format).is_some() {
        is_integer
    } else if soniq_rules::float_fits(format, &Number::from(0)).is_some() {
        types.is_some_and(|types| types.number)
    } else {
        context.report(unknown_format(format, &at, is_json));
        k.format = None;
        return;
    };
    if !fits {
        let message = format!("the format {format:?} does not go with the schema's type");
        context.report(Diagnostic::new(codes::UNKNOWN_FORMAT, message, &at));
    }
}

fn unknown_format(format: &str, at: &Location, is_json: bool) -> Diagnostic {
    if is_json {
        let message = format!("the format {format:?} is not checked");
        return Diagnostic::new(codes::UNCHECKED_FORMAT, message, at);
    }
    if let Some((_, help)) = UNCHECKED.iter().find(|(name, _)| *name == format) {
        let message = format!("the format {format:?} is not supported by this release");
        return Diagnostic::new(codes::UNKNOWN_FORMAT, message, at).help(*help);
    }
    let message = format!("the format {format:?} is not known");
    let diagnostic = Diagnostic::new(codes::UNKNOWN_FORMAT, message, at);
    match nearest(format, FORMATS) {
        Some(near) => diagnostic.help(format!("did you mean {near:?}?")),
        None => diagnostic,
    }
}

fn check_open(context: &mut Context<'_>, k: &Keywords, table: &Table<'_>) {
    let Some(entry) = table.get("x-open").filter(|_| k.open) else {
        return;
    };
    let values = k.enumeration.as_deref().unwrap_or_default();
    if !values.iter().any(Value::is_string) {
        let message = "`x-open` stands beside no `enum` of strings";
        let diagnostic = Diagnostic::new(codes::BAD_OPEN_ENUM, message, &entry.key_location);
        context.report(diagnostic);
    }
}

fn check_ranges(context: &mut Context<'_>, k: &Keywords, table: &Table<'_>) {
    let above = |low: Option<u64>, high: Option<u64>| low.zip(high).is_some_and(|(l, h)| l > h);
    let order = |low: &Option<Number>, high: &Option<Number>| {
        Some(soniq_rules::compare(low.as_ref()?, high.as_ref()?))
    };
    let strictly = |low, high| order(low, high).is_some_and(std::cmp::Ordering::is_gt);
    let closed = |low, high| order(low, high).is_some_and(std::cmp::Ordering::is_ge);
    let empty = [
        ("minLength", "maxLength", above(k.min_length, k.max_length)),
        ("minItems", "maxItems", above(k.min_items, k.max_items)),
        (
            "minContains",
            "maxContains",
            above(k.min_contains, k.max_contains),
        ),
        (
            "minProperties",
            "maxProperties",
            above(k.min_properties, k.max_properties),
        ),
        ("minimum", "maximum", strictly(&k.minimum, &k.maximum)),
        (
            "exclusiveMinimum",
            "maximum",
            closed(&k.exclusive_minimum, &k.maximum),
        ),
        (
            "minimum",
            "exclusiveMaximum",
            closed(&k.minimum, &k.exclusive_maximum),
        ),
        (
            "exclusiveMinimum",
            "exclusiveMaximum",
            closed(&k.exclusive_minimum, &k.exclusive_maximum),
        ),
    ];
    for (low, high, _) in empty.into_iter().filter(|(_, _, is_empty)| *is_empty) {
        let (Some(low_entry), Some(high_entry)) = (table.get(low), table.get(high)) else {
            continue;
        };
        let message = format!("no value is within `{low}` and `{high}`");
        context.report(
            Diagnostic::new(codes::EMPTY_RANGE, message, &high_entry.item.location())
                .label("the upper bound")
                .secondary(&low_entry.item.location(), "the lower bound"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suggested_format_is_one() {
        for format in FORMATS {
            let known = soniq_rules::format_is_known(format)
                || soniq_rules::integer_width(format).is_some()
                || soniq_rules::float_fits(format, &Number::from(0)).is_some();
            assert!(known, "{format}");
        }
    }
}
