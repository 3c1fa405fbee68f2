//! The keywords of a schema: one table of those that are supported, one list of those that are not.
//!
//! To support another keyword: a field in `Keywords`, a line in [`KEYWORDS`] with its reader below,
//! a step in `evaluate`, a line in `canonical`, and its name off the list of [`UNSUPPORTED`].

use serde_json::{Number, Value};

use super::context::{Context, Pending};
use super::json::{self, Json};
use super::suggest::nearest;
use super::table::{Entry, Table};
use super::{pattern, reference, schema};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Keywords, SchemaId, Types};

/// Every keyword that is supported, with the function that reads it.
const KEYWORDS: &[(&str, fn(&mut Reader<'_, '_>, &Entry<'_>))] = &[
    ("$ref", |r, e| r.reference(e)),
    ("type", |r, e| r.types(e)),
    ("enum", |r, e| r.enumeration(e)),
    ("const", |r, e| r.constant(e)),
    ("x-open", |r, e| r.keywords.open = r.flag(e)),
    ("title", |r, e| r.keywords.title = r.text(e)),
    ("description", |r, e| r.keywords.description = r.text(e)),
    ("deprecated", |r, e| r.keywords.deprecated = r.flag(e)),
    ("default", |r, e| r.default(e)),
    ("examples", |r, e| r.examples(e)),
    ("format", |r, e| r.keywords.format = r.text(e)),
    ("minLength", |r, e| r.keywords.min_length = r.count(e)),
    ("maxLength", |r, e| r.keywords.max_length = r.count(e)),
    ("pattern", |r, e| r.pattern(e)),
    ("minimum", |r, e| r.keywords.minimum = r.number(e)),
    ("maximum", |r, e| r.keywords.maximum = r.number(e)),
    ("exclusiveMinimum", |r, e| {
        r.keywords.exclusive_minimum = r.number(e)
    }),
    ("exclusiveMaximum", |r, e| {
        r.keywords.exclusive_maximum = r.number(e)
    }),
    ("multipleOf", |r, e| r.multiple_of(e)),
    ("items", |r, e| r.keywords.items = Some(r.child(e, "items"))),
    ("prefixItems", |r, e| r.prefix_items(e)),
    ("minItems", |r, e| r.keywords.min_items = r.count(e)),
    ("maxItems", |r, e| r.keywords.max_items = r.count(e)),
    ("uniqueItems", |r, e| r.keywords.unique_items = r.flag(e)),
    ("properties", |r, e| r.properties(e)),
    ("required", |r, e| r.required(e)),
    ("additionalProperties", |r, e| {
        r.keywords.additional_properties = Some(r.child(e, "additionalProperties"));
    }),
    ("minProperties", |r, e| {
        r.keywords.min_properties = r.count(e)
    }),
    ("maxProperties", |r, e| {
        r.keywords.max_properties = r.count(e)
    }),
];

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

const TYPE_NAMES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// Reads one key of a schema.
pub(super) fn read(reader: &mut Reader<'_, '_>, entry: &Entry<'_>) {
    if let Some((_, read)) = KEYWORDS.iter().find(|(name, _)| *name == entry.key) {
        return read(reader, entry);
    }
    let at = &entry.key_location;
    if UNSUPPORTED.contains(&entry.key) {
        let message = format!("`{}` is not supported by this release", entry.key);
        let diagnostic = Diagnostic::new(codes::UNSUPPORTED_KEYWORD, message, at);
        return reader.context.report(diagnostic.label("not supported"));
    }
    let known: Vec<_> = KEYWORDS.iter().map(|(name, _)| *name).collect();
    let message = format!("`{}` is not a JSON Schema keyword", entry.key);
    let diagnostic = Diagnostic::new(codes::UNKNOWN_KEYWORD, message, at).label("not known");
    reader.context.report(match nearest(entry.key, &known) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    });
}

/// Collects the keywords of one schema.
pub(super) struct Reader<'c, 's> {
    context: &'c mut Context<'s>,
    id: SchemaId,
    pointer: String,
    depth: usize,
    keywords: Keywords,
}

impl<'c, 's> Reader<'c, 's> {
    pub(super) fn new(
        context: &'c mut Context<'s>,
        id: SchemaId,
        pointer: String,
        depth: usize,
    ) -> Self {
        Reader {
            context,
            id,
            pointer,
            depth,
            keywords: Keywords::default(),
        }
    }

    /// The keywords, after what they say together has been checked.
    pub(super) fn finish(mut self, table: &Table<'_>) -> Keywords {
        self.check_format(table);
        self.check_open(table);
        self.check_ranges(table);
        self.keywords
    }

    // Values of keywords.

    fn text(&mut self, entry: &Entry<'_>) -> Option<String> {
        Some(entry.string(self.context)?.value.to_owned())
    }

    fn flag(&mut self, entry: &Entry<'_>) -> bool {
        entry.boolean(self.context).is_some_and(|flag| flag.value)
    }

    fn count(&mut self, entry: &Entry<'_>) -> Option<u64> {
        let count = entry.integer(self.context, 0..=i64::MAX)?;
        u64::try_from(count.value).ok()
    }

    fn number(&mut self, entry: &Entry<'_>) -> Option<Number> {
        match json::read(self.context, entry.item)?.value {
            Value::Number(number) => Some(number),
            _ => {
                entry.item.wrong_type(self.context, entry.key, "a number");
                None
            }
        }
    }

    fn child(&mut self, entry: &Entry<'_>, step: &str) -> SchemaId {
        let pointer = format!("{}/{step}", self.pointer);
        schema::read(self.context, entry.item, pointer, self.depth + 1)
    }

    fn bad_value(&mut self, message: String, entry: &Entry<'_>) -> Diagnostic {
        Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &entry.item.location())
    }

    /// Has the value checked against this schema once all schemas are there.
    fn check_later(&mut self, json: Json, what: &str) {
        self.context.pending.push(Pending::Value {
            schema: self.id,
            json,
            code: codes::BAD_SCHEMA_VALUE,
            what: what.to_owned(),
        });
    }

    // Readers of keywords, in the order of the table.

    fn reference(&mut self, entry: &Entry<'_>) {
        if let Some(text) = entry.string(self.context) {
            self.keywords.reference = reference::resolve(self.context, &text);
        }
    }

    fn types(&mut self, entry: &Entry<'_>) {
        let names = match entry.item.str() {
            Some(_) => entry.string(self.context).into_iter().collect(),
            None if entry.item.array().is_some() => entry.strings(self.context),
            None => {
                return entry
                    .item
                    .wrong_type(self.context, "type", "a string or an array");
            }
        };
        let mut types = Types::default();
        for name in &names {
            let member = match name.value {
                "null" => &mut types.null,
                "boolean" => &mut types.boolean,
                "integer" => &mut types.integer,
                "number" => &mut types.number,
                "string" => &mut types.string,
                "array" => &mut types.array,
                "object" => &mut types.object,
                other => {
                    let message = format!("there is no type {other:?}");
                    let diagnostic =
                        Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
                    self.context.report(match nearest(other, &TYPE_NAMES) {
                        Some(near) => diagnostic.help(format!("did you mean {near:?}?")),
                        None => diagnostic.help(format!("types: {}", TYPE_NAMES.join(", "))),
                    });
                    return;
                }
            };
            if std::mem::replace(member, true) {
                let message = format!("the type {:?} is listed twice", name.value);
                let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
                self.context.report(diagnostic.help("list it once"));
            }
        }
        if names.is_empty() {
            let diagnostic = self.bad_value("`type` lists no type".to_owned(), entry);
            return self
                .context
                .report(diagnostic.help("name at least one type"));
        }
        self.keywords.types = Some(types);
    }

    fn enumeration(&mut self, entry: &Entry<'_>) {
        let Some(items) = entry.array(self.context) else {
            return;
        };
        let mut values: Vec<Value> = Vec::new();
        for item in &items {
            let Some(json) = json::read(self.context, *item) else {
                continue;
            };
            if values
                .iter()
                .any(|value| soniq_rules::equal(value, &json.value))
            {
                let message = format!("{} is listed twice", json.value);
                let at = item.location();
                let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &at);
                self.context.report(diagnostic.help("list it once"));
                continue;
            }
            values.push(json.value.clone());
            self.check_later(json, "a value of `enum`");
        }
        if items.is_empty() {
            let diagnostic = self.bad_value("`enum` lists no value".to_owned(), entry);
            return self
                .context
                .report(diagnostic.help("list at least one value"));
        }
        self.keywords.enumeration = Some(values);
    }

    fn constant(&mut self, entry: &Entry<'_>) {
        if let Some(json) = json::read(self.context, entry.item) {
            self.keywords.constant = Some(json.value.clone());
            self.check_later(json, "the value of `const`");
        }
    }

    fn default(&mut self, entry: &Entry<'_>) {
        if let Some(json) = json::read(self.context, entry.item) {
            self.keywords.default = Some(json.value.clone());
            self.check_later(json, "the default");
        }
    }

    fn examples(&mut self, entry: &Entry<'_>) {
        for item in entry.array(self.context).unwrap_or_default() {
            if let Some(json) = json::read(self.context, item) {
                self.keywords.examples.push(json.value.clone());
                self.check_later(json, "an example");
            }
        }
    }

    fn pattern(&mut self, entry: &Entry<'_>) {
        let Some(text) = entry.string(self.context) else {
            return;
        };
        match pattern::compile(text.value) {
            Ok(pattern) => self.keywords.pattern = Some(pattern),
            Err(reason) => {
                let message = format!("the pattern {:?} cannot be used: {reason}", text.value);
                let diagnostic = Diagnostic::new(codes::BAD_PATTERN, message, &text.location);
                self.context.report(diagnostic);
            }
        }
    }

    fn multiple_of(&mut self, entry: &Entry<'_>) {
        let Some(number) = self.number(entry) else {
            return;
        };
        if soniq_rules::compare(&number, &Number::from(0)).is_gt() {
            self.keywords.multiple_of = Some(number);
        } else {
            let diagnostic = self.bad_value("`multipleOf` must be above 0".to_owned(), entry);
            self.context
                .report(diagnostic.help("give a positive number"));
        }
    }

    fn prefix_items(&mut self, entry: &Entry<'_>) {
        for (index, item) in entry
            .array(self.context)
            .unwrap_or_default()
            .into_iter()
            .enumerate()
        {
            let entry = Entry {
                item,
                ..entry.clone()
            };
            let id = self.child(&entry, &format!("prefixItems/{index}"));
            self.keywords.prefix_items.push(id);
        }
    }

    fn properties(&mut self, entry: &Entry<'_>) {
        let Some(table) = entry.table(self.context) else {
            return;
        };
        for property in &table.entries {
            let name = property.key;
            let step = name.replace('~', "~0").replace('/', "~1");
            let id = self.child(property, &format!("properties/{step}"));
            self.keywords.properties.push((name.to_owned(), id));
        }
    }

    fn required(&mut self, entry: &Entry<'_>) {
        for name in entry.strings(self.context) {
            if self
                .keywords
                .required
                .iter()
                .any(|known| known == name.value)
            {
                let message = format!("{:?} is listed twice", name.value);
                let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
                self.context.report(diagnostic.help("list it once"));
                continue;
            }
            self.keywords.required.push(name.value.to_owned());
            self.context.pending.push(Pending::Required {
                schema: self.id,
                name: name.value.to_owned(),
                location: name.location,
            });
        }
    }

    // What keywords say together.

    fn check_format(&mut self, table: &Table<'_>) {
        let (Some(format), Some(entry)) = (self.keywords.format.clone(), table.get("format"))
        else {
            return;
        };
        let types = self.keywords.types;
        let is_integer = types.is_some_and(|types| types.integer && !types.number);
        let fits = if soniq_rules::format_is_known(&format) {
            types.is_none_or(|types| types.string)
        } else if soniq_rules::integer_width(&format).is_some() {
            is_integer
        } else if soniq_rules::float_fits(&format, &Number::from(0)).is_some() {
            types.is_some_and(|types| types.number)
        } else {
            let message = format!("the format {format:?} is not known");
            let diagnostic =
                Diagnostic::new(codes::UNKNOWN_FORMAT, message, &entry.item.location());
            return self.context.report(match nearest(&format, FORMATS) {
                Some(near) => diagnostic.help(format!("did you mean {near:?}?")),
                None => diagnostic,
            });
        };
        if !fits {
            let message = format!("the format {format:?} does not go with the schema's type");
            let at = entry.item.location();
            self.context
                .report(Diagnostic::new(codes::UNKNOWN_FORMAT, message, &at));
        }
    }

    fn check_open(&mut self, table: &Table<'_>) {
        let Some(entry) = table.get("x-open").filter(|_| self.keywords.open) else {
            return;
        };
        let values = self.keywords.enumeration.as_deref().unwrap_or_default();
        if !values.iter().any(Value::is_string) {
            let message = "`x-open` stands beside no `enum` of strings";
            let diagnostic = Diagnostic::new(codes::BAD_OPEN_ENUM, message, &entry.key_location);
            self.context.report(diagnostic);
        }
    }

    fn check_ranges(&mut self, table: &Table<'_>) {
        let k = &self.keywords;
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
            self.context.report(
                Diagnostic::new(codes::EMPTY_RANGE, message, &high_entry.item.location())
                    .label("the upper bound")
                    .secondary(&low_entry.item.location(), "the lower bound"),
            );
        }
    }
}

/// Every name that `format` may have, for suggestions.
const FORMATS: &[&str] = &[
    "uuid",
    "date-time",
    "date",
    "time",
    "email",
    "uri",
    "ipv4",
    "ipv6",
    "hostname",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_keyword_is_both_supported_and_not() {
        for (name, _) in KEYWORDS {
            assert!(!UNSUPPORTED.contains(name), "{name}");
        }
    }

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
