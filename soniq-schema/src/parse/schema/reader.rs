//! The keywords of one schema, each read from its TOML value.

use serde_json::{Number, Value};

use super::{pattern, reference, together};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Keywords, SchemaId, Types};
use crate::parse::context::{Context, Pending};
use crate::parse::json::{self, Json};
use crate::parse::suggest::nearest;
use crate::parse::table::{Entry, Table};

const TYPE_NAMES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// Collects the keywords of one schema.
pub(super) struct Reader<'c, 's> {
    pub(super) context: &'c mut Context<'s>,
    id: SchemaId,
    pointer: String,
    depth: usize,
    pub(super) keywords: Keywords,
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
    pub(super) fn finish(self, table: &Table<'_>) -> Keywords {
        together::check(self.context, &self.keywords, table);
        self.keywords
    }

    // Values of keywords.

    pub(super) fn text(&mut self, entry: &Entry<'_>) -> Option<String> {
        Some(entry.string(self.context)?.value.to_owned())
    }

    pub(super) fn flag(&mut self, entry: &Entry<'_>) -> bool {
        entry.boolean(self.context).is_some_and(|flag| flag.value)
    }

    pub(super) fn count(&mut self, entry: &Entry<'_>) -> Option<u64> {
        let count = entry.integer(self.context, 0..=i64::MAX)?;
        u64::try_from(count.value).ok()
    }

    pub(super) fn number(&mut self, entry: &Entry<'_>) -> Option<Number> {
        if let Value::Number(number) = json::read(self.context, entry.item)?.value {
            return Some(number);
        }
        entry.item.wrong_type(self.context, entry.key, "a number");
        None
    }

    pub(super) fn child(&mut self, entry: &Entry<'_>, step: &str) -> SchemaId {
        let pointer = format!("{}/{step}", self.pointer);
        super::read(self.context, entry.item, pointer, self.depth + 1)
    }

    /// Has the value checked against this schema once all schemas are there.
    fn check_later(&mut self, json: Json, what: &str) {
        self.context.pending.push(Pending::Value {
            schema: self.id,
            json,
            code: codes::BAD_SCHEMA_VALUE,
            what: format!("{what} does not fit its schema"),
        });
    }

    // Readers of keywords, in the order of the table.

    pub(super) fn reference(&mut self, entry: &Entry<'_>) {
        if let Some(text) = entry.string(self.context) {
            self.keywords.reference = reference::resolve(self.context, &text);
            if self.keywords.reference.is_none() {
                self.context.untyped.push(self.id);
            }
        }
    }

    pub(super) fn types(&mut self, entry: &Entry<'_>) {
        self.keywords.types = self.read_types(entry);
        if self.keywords.types.is_none() {
            self.context.untyped.push(self.id);
        }
    }

    fn read_types(&mut self, entry: &Entry<'_>) -> Option<Types> {
        let names = match entry.item.str() {
            Some(_) => entry.string(self.context).into_iter().collect(),
            None if entry.item.array().is_some() => entry.strings(self.context),
            None => {
                entry
                    .item
                    .wrong_type(self.context, "type", "a string or an array");
                return None;
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
                    return None;
                }
            };
            if std::mem::replace(member, true) {
                let message = format!("the type {:?} is listed twice", name.value);
                let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
                self.context.report(diagnostic.help("list it once"));
            }
        }
        if names.is_empty() {
            let diagnostic = bad_value("`type` lists no type".to_owned(), entry);
            self.context
                .report(diagnostic.help("name at least one type"));
            return None;
        }
        Some(types)
    }

    pub(super) fn enumeration(&mut self, entry: &Entry<'_>) {
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
            let diagnostic = bad_value("`enum` lists no value".to_owned(), entry);
            return self
                .context
                .report(diagnostic.help("list at least one value"));
        }
        self.keywords.enumeration = Some(values);
    }

    pub(super) fn constant(&mut self, entry: &Entry<'_>) {
        if let Some(json) = json::read(self.context, entry.item) {
            self.keywords.constant = Some(json.value.clone());
            self.check_later(json, "the value of `const`");
        }
    }

    pub(super) fn default(&mut self, entry: &Entry<'_>) {
        if let Some(json) = json::read(self.context, entry.item) {
            self.keywords.default = Some(json.value.clone());
            self.check_later(json, "the default");
        }
    }

    pub(super) fn examples(&mut self, entry: &Entry<'_>) {
        for item in entry.array(self.context).unwrap_or_default() {
            if let Some(json) = json::read(self.context, item) {
                self.keywords.examples.push(json.value.clone());
                self.check_later(json, "an example");
            }
        }
    }

    pub(super) fn pattern(&mut self, entry: &Entry<'_>) {
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

    pub(super) fn multiple_of(&mut self, entry: &Entry<'_>) {
        let Some(number) = self.number(entry) else {
            return;
        };
        if soniq_rules::compare(&number, &Number::from(0)).is_gt() {
            self.keywords.multiple_of = Some(number);
        } else {
            let diagnostic = bad_value("`multipleOf` must be above 0".to_owned(), entry);
            self.context
                .report(diagnostic.help("give a positive number"));
        }
    }

    pub(super) fn prefix_items(&mut self, entry: &Entry<'_>) {
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

    pub(super) fn properties(&mut self, entry: &Entry<'_>) {
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

    pub(super) fn required(&mut self, entry: &Entry<'_>) {
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
}

fn bad_value(message: String, entry: &Entry<'_>) -> Diagnostic {
    Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &entry.item.location())
}
