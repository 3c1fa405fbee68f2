//! The keywords of a schema: one table of those that are supported, one of those that are not.
//!
//! To support another keyword: a field in `Keywords`, a line in [`SUPPORTED`] and in [`read_supported`],
//! a step in `evaluate`, a line in `canonical`, and its name off the table of [`UNSUPPORTED`].

use super::reader::Reader;
use crate::diagnostic::{Diagnostic, codes};
use crate::parse::suggest::nearest;
use crate::parse::table::Entry;

/// Every keyword that is supported; [`read_supported`] has a reader for each.
pub(in crate::parse) const SUPPORTED: &[&str] = &[
    "$schema",
    "$id",
    "$anchor",
    "$ref",
    "$defs",
    "$comment",
    "type",
    "enum",
    "const",
    "x-open",
    "x-aliases",
    "title",
    "description",
    "deprecated",
    "readOnly",
    "writeOnly",
    "default",
    "examples",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
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
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "properties",
    "required",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
];

/// Reads a supported keyword; `false` if it is none.
fn read_supported(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    read_core(r, e) || read_annotation(r, e) || read_rule(r, e) || read_applicator(r, e)
}

fn read_core(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    match e.key {
        "$schema" => r.dialect(e),
        "$id" => r.identity(e),
        "$anchor" => r.anchor(e),
        "$ref" => r.reference(e),
        "$defs" => r.keywords.definitions = r.named_schemas(e),
        "$comment" => drop(r.text(e)),
        _ => return false,
    }
    true
}

fn read_annotation(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    match e.key {
        "title" => r.keywords.title = r.text(e),
        "description" => r.keywords.description = r.text(e),
        "deprecated" => r.keywords.deprecated = r.flag(e),
        "readOnly" => r.keywords.read_only = r.flag(e),
        "writeOnly" => r.keywords.write_only = r.flag(e),
        "default" => r.default(e),
        "examples" => r.examples(e),
        "contentEncoding" => r.keywords.content_encoding = r.text(e),
        "contentMediaType" => r.keywords.content_media_type = r.text(e),
        "contentSchema" => r.keywords.content_schema = Some(r.child(e, e.key)),
        _ => return false,
    }
    true
}

fn read_rule(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    match e.key {
        "type" => r.types(e),
        "enum" => r.enumeration(e),
        "const" => r.constant(e),
        "x-open" => r.open(e),
        "x-aliases" => r.aliases(e),
        "format" => r.keywords.format = r.text(e),
        "minLength" => r.keywords.min_length = r.count(e),
        "maxLength" => r.keywords.max_length = r.count(e),
        "pattern" => r.pattern(e),
        "minimum" => r.keywords.minimum = r.number(e),
        "maximum" => r.keywords.maximum = r.number(e),
        "exclusiveMinimum" => r.keywords.exclusive_minimum = r.number(e),
        "exclusiveMaximum" => r.keywords.exclusive_maximum = r.number(e),
        "multipleOf" => r.multiple_of(e),
        "minContains" => r.keywords.min_contains = r.count(e),
        "maxContains" => r.keywords.max_contains = r.count(e),
        "minItems" => r.keywords.min_items = r.count(e),
        "maxItems" => r.keywords.max_items = r.count(e),
        "uniqueItems" => r.keywords.unique_items = r.flag(e),
        "required" => r.required(e),
        "dependentRequired" => r.dependent_required(e),
        "minProperties" => r.keywords.min_properties = r.count(e),
        "maxProperties" => r.keywords.max_properties = r.count(e),
        _ => return false,
    }
    true
}

fn read_applicator(r: &mut Reader<'_, '_>, e: &Entry<'_>) -> bool {
    match e.key {
        "items" => r.keywords.items = Some(r.child(e, e.key)),
        "prefixItems" => r.keywords.prefix_items = r.schemas(e),
        "contains" => r.keywords.contains = Some(r.child(e, e.key)),
        "unevaluatedItems" => r.keywords.unevaluated_items = Some(r.child(e, e.key)),
        "properties" => r.keywords.properties = r.named_schemas(e),
        "patternProperties" => r.pattern_properties(e),
        "additionalProperties" => r.keywords.additional_properties = Some(r.child(e, e.key)),
        "propertyNames" => r.keywords.property_names = Some(r.child(e, e.key)),
        "dependentSchemas" => r.keywords.dependent_schemas = r.named_schemas(e),
        "unevaluatedProperties" => r.keywords.unevaluated_properties = Some(r.child(e, e.key)),
        "allOf" => r.keywords.all_of = r.schemas(e),
        "anyOf" => r.keywords.any_of = r.schemas(e),
        "oneOf" => r.keywords.one_of = r.schemas(e),
        "not" => r.keywords.not = Some(r.child(e, e.key)),
        "if" => r.branches.test = Some(r.child(e, e.key)),
        "then" => r.branches.then = Some(r.child(e, e.key)),
        "else" => r.branches.otherwise = Some(r.child(e, e.key)),
        _ => return false,
    }
    true
}

/// Keywords of JSON Schema, 2020-12 and older, and of ours that are refused, each with what to do.
const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "$dynamicAnchor",
        "write `$anchor`: a reference has one target, whoever refers",
    ),
    (
        "$dynamicRef",
        "write `$ref`: a reference has one target, whoever refers",
    ),
    (
        "$recursiveAnchor",
        "remove it: `$ref = \"#\"` names the schema itself",
    ),
    ("$recursiveRef", "write `$ref`"),
    (
        "$vocabulary",
        "remove it: the keywords are those of JSON Schema 2020-12",
    ),
    (
        "additionalItems",
        "write the first items as `prefixItems` and those after them as `items`",
    ),
    ("definitions", "write `$defs`"),
    (
        "dependencies",
        "write `dependentRequired` or `dependentSchemas`",
    ),
];

/// Reads one key of a schema.
pub(super) fn read(reader: &mut Reader<'_, '_>, entry: &Entry<'_>) {
    if read_supported(reader, entry) {
        return;
    }
    let at = &entry.key_location;
    if let Some((_, help)) = UNSUPPORTED.iter().find(|(name, _)| *name == entry.key) {
        let message = format!("`{}` is not supported by this release", entry.key);
        let diagnostic = Diagnostic::new(codes::UNSUPPORTED_KEYWORD, message, at);
        return reader
            .context
            .report(diagnostic.label("not supported").help(*help));
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
        for (keyword, _) in UNSUPPORTED {
            assert_eq!(
                codes_of(keyword),
                [codes::UNSUPPORTED_KEYWORD.id],
                "{keyword}"
            );
        }
        assert_eq!(codes_of("x-anything"), [codes::UNKNOWN_KEYWORD.id]);
    }
}
