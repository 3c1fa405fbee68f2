//! The keywords of a schema: one table of those that are supported, one list of those that are not.
//!
//! To support another keyword: a field in `Keywords`, a line in [`SUPPORTED`] and in [`read_supported`],
//! a step in `evaluate`, a line in `canonical`, and its name off the list of [`UNSUPPORTED`].

use super::reader::Reader;
use crate::diagnostic::{Diagnostic, codes};
use crate::parse::suggest::nearest;
use crate::parse::table::Entry;

/// Every keyword that is supported; [`read_supported`] has a reader for each.
const SUPPORTED: &[&str] = &[
    "$ref",
    "type",
    "enum",
    "const",
    "x-open",
    "title",
    "description",
    "deprecated",
    "default",
    "examples",
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
];

/// Reads a supported keyword; `false` if it is none.
fn read_supported(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    match e.key {
        "$ref" => r.reference(e),
        "type" => r.types(e),
        "enum" => r.enumeration(e),
        "const" => r.constant(e),
        "x-open" => r.keywords.open = r.flag(e),
        "title" => r.keywords.title = r.text(e),
        "description" => r.keywords.description = r.text(e),
        "deprecated" => r.keywords.deprecated = r.flag(e),
        "default" => r.default(e),
        "examples" => r.examples(e),
        "format" => r.keywords.format = r.text(e),
        "minLength" => r.keywords.min_length = r.count(e),
        "maxLength" => r.keywords.max_length = r.count(e),
        "pattern" => r.pattern(e),
        "minimum" => r.keywords.minimum = r.number(e),
        "maximum" => r.keywords.maximum = r.number(e),
        "exclusiveMinimum" => r.keywords.exclusive_minimum = r.number(e),
        "exclusiveMaximum" => r.keywords.exclusive_maximum = r.number(e),
        "multipleOf" => r.multiple_of(e),
        "items" => r.keywords.items = Some(r.child(e, "items")),
        "prefixItems" => r.prefix_items(e),
        "minItems" => r.keywords.min_items = r.count(e),
        "maxItems" => r.keywords.max_items = r.count(e),
        "uniqueItems" => r.keywords.unique_items = r.flag(e),
        "properties" => r.properties(e),
        "required" => r.required(e),
        "additionalProperties" => {
            r.keywords.additional_properties = Some(r.child(e, "additionalProperties"));
        }
        "minProperties" => r.keywords.min_properties = r.count(e),
        "maxProperties" => r.keywords.max_properties = r.count(e),
        _ => return false,
    }
    true
}

/// Keywords of JSON Schema, 2020-12 and older, and of ours that this release does not carry.
const UNSUPPORTED: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$schema",
    "$vocabulary",
    "additionalItems",
    "allOf",
    "anyOf",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "oneOf",
    "patternProperties",
    "propertyNames",
    "readOnly",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "writeOnly",
    "x-aliases",
];

/// Reads one key of a schema.
pub(super) fn read(reader: &mut Reader<'_, '_>, entry: &Entry<'_>) {
    if read_supported(reader, entry) {
        return;
    }
    let at = &entry.key_location;
    if UNSUPPORTED.contains(&entry.key) {
        let message = format!("`{}` is not supported by this release", entry.key);
        let diagnostic = Diagnostic::new(codes::UNSUPPORTED_KEYWORD, message, at);
        return reader.context.report(diagnostic.label("not supported"));
    }
    let message = format!("`{}` is not a JSON Schema keyword", entry.key);
    let diagnostic = Diagnostic::new(codes::UNKNOWN_KEYWORD, message, at).label("not known");
    reader.context.report(match nearest(entry.key, SUPPORTED) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of the diagnostics about a schema with this one key.
    fn codes_of(keyword: &str) -> Vec<&'static str> {
        let text = format!("edition = '2026'\nnamespace = 'a'\ntypes.T.'{keyword}' = 1");
        let loaded = crate::load_sources([("a.toml".to_owned(), text)]);
        loaded.diagnostics.iter().map(|one| one.code.id).collect()
    }

    #[test]
    fn every_keyword_is_either_read_or_refused() {
        for keyword in SUPPORTED {
            let refused = [codes::UNSUPPORTED_KEYWORD.id, codes::UNKNOWN_KEYWORD.id];
            assert!(
                !codes_of(keyword).iter().any(|code| refused.contains(code)),
                "{keyword}"
            );
        }
        for keyword in UNSUPPORTED {
            assert_eq!(
                codes_of(keyword),
                [codes::UNSUPPORTED_KEYWORD.id],
                "{keyword}"
            );
        }
        assert_eq!(codes_of("x-anything"), [codes::UNKNOWN_KEYWORD.id]);
    }
}
