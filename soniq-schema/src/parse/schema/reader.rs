//! The keywords of one schema, each read from its TOML value.

use serde_json::{Number, Value};

use super::aliases::Aliases;
use super::places::Place;
use super::{pattern, together};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Condition, Keywords, Pattern, SchemaId, Types};
use crate::parse::context::{Context, Pending};
use crate::parse::json::{self, Json};
use crate::parse::suggest::nearest;
use crate::parse::table::{At, Entry, Table};
use crate::source::Location;

const TYPE_NAMES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// Collects the keywords of one schema.
pub(super) struct Reader<'c, 's> {
    pub(super) context: &'c mut Context<'s>,
    pub(super) id: SchemaId,
    pub(super) place: Place,
    /// Whether the schema stands in a JSON file. Such a file was not written for contracts alone:
    /// what JSON Schema allows there is taken as it is, even where it cannot have been meant.
    is_json: bool,
    depth: usize,
    pub(super) keywords: Keywords,
    pub(super) branches: Branches,
}

/// `if`, `then` and `else` as they come.
#[derive(Default)]
pub(super) struct Branches {
    pub(super) test: Option<SchemaId>,
    pub(super) then: Option<SchemaId>,
    pub(super) otherwise: Option<SchemaId>,
}

impl<'c, 's> Reader<'c, 's> {
    pub(super) fn new(
        context: &'c mut Context<'s>,
        id: SchemaId,
        place: &Place,
        is_json: bool,
        depth: usize,
    ) -> Self {
        Reader {
            context,
            id,
            place: place.clone(),
            is_json,
            depth,
            keywords: Keywords::default(),
            branches: Branches::default(),
        }
    }

    /// The keywords, after what they say together has been checked.
    pub(super) fn finish(mut self, table: &Table<'_>) -> Keywords {
        let Branches {
            test,
            then,
            otherwise,
        } = self.branches;
        self.keywords.condition = test.map(|test| Condition {
            test,
            then,
            otherwise,
        });
        together::check(self.context, &mut self.keywords, table, self.is_json);
        self.keywords
    }

    // Values of keywords.

    pub(super) fn text(&mut self, entry: &Entry<'_>) -> Option<String> {
        Some(entry.string(self.context)?.value.to_owned())
    }

    pub(super) fn flag(&mut self, entry: &Entry<'_>) -> bool {
        entry.boolean(self.context).is_some_and(|flag| flag.value)
    }

    /// A count: JSON Schema takes `2.0` for one as well, and one beyond 64 bits is as good as the
    /// largest.
    pub(super) fn count(&mut self, entry: &Entry<'_>) -> Option<u64> {
        let number = self.number(entry)?;
        if !soniq_rules::is_integer(&number) {
            entry.item.wrong_type(self.context, entry.key, "an integer");
            return None;
        }
        if soniq_rules::compare(&number, &Number::from(0)).is_lt() {
            let message = format!("`{}` must be at least 0", entry.key);
            let location = entry.item.location();
            self.context
                .report(Diagnostic::new(codes::OUT_OF_RANGE, message, &location));
            return None;
        }
        let whole = number
            .as_u64()
            .or_else(|| format!("{:.0}", number.as_f64()?).parse().ok());
        Some(whole.unwrap_or(u64::MAX))
    }

    pub(super) fn number(&mut self, entry: &Entry<'_>) -> Option<Number> {
        if let Value::Number(number) = json::read(self.context, entry.item)?.value {
            return Some(number);
        }
        entry.item.wrong_type(self.context, entry.key, "a number");
        None
    }

    pub(super) fn child(&mut self, entry: &Entry<'_>, steps: &str) -> SchemaId {
        let place = self.place.child(steps);
        super::read_entry(self.context, entry, &place, self.depth + 1)
    }

    /// Has the value checked against this schema once all schemas are there.
    fn check_later(&mut self, json: Json, what: &str) {
        if self.is_json {
            return;
        }
        self.context.pending.push(Pending::Value {
            schema: self.id,
            json,
            code: codes::BAD_SCHEMA_VALUE,
            what: format!("{what} does not fit its schema"),
        });
    }

    // Readers of keywords, in the order of the table.

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
        let read = items.iter().filter_map(|item| {
            let json = json::read(self.context, *item)?;
            Some((item.location(), json))
        });
        let read: Vec<_> = read.collect();
        let all: Vec<&Value> = read.iter().map(|(_, json)| &json.value).collect();
        let mut repeated = soniq_rules::repeated(&all).into_iter().peekable();
        let mut values = Vec::new();
        for (index, (at, json)) in read.into_iter().enumerate() {
            if repeated.next_if_eq(&index).is_some() {
                let message = format!("{} is listed twice", json.value);
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

    pub(super) fn open(&mut self, entry: &Entry<'_>) {
        if let Some(open) = entry.boolean(self.context) {
            self.keywords.open = open.value;
            self.keywords.closed = !open.value;
        }
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
            if self.is_json {
                let schema = self.id;
                self.context.pending.push(Pending::Default { schema, json });
            } else {
                self.check_later(json, "the default");
            }
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
        if let Some(text) = entry.string(self.context) {
            self.keywords.pattern = self.compiled(text.value, &text.location);
        }
    }

    /// A regular expression; `None` after a report.
    pub(super) fn compiled(&mut self, source: &str, location: &Location) -> Option<Pattern> {
        if let Some(known) = self.context.patterns.get(source) {
            return Some(known.clone());
        }
        let reason = match pattern::compile(source) {
            Ok(pattern) => {
                let patterns = &mut self.context.patterns;
                patterns.insert(source.to_owned(), pattern.clone());
                return Some(pattern);
            }
            Err(reason) => reason,
        };
        let message = format!("the pattern {source:?} cannot be used: {reason}");
        let diagnostic = Diagnostic::new(codes::BAD_PATTERN, message, location);
        self.context.report(diagnostic);
        None
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

    pub(super) fn required(&mut self, entry: &Entry<'_>) {
        for name in self.names(entry) {
            self.keywords.required.push(name.value.to_owned());
            if !self.is_json {
                self.context.pending.push(Pending::Required {
                    schema: self.id,
                    name: name.value.to_owned(),
                    location: name.location,
                });
            }
        }
    }

    pub(super) fn dependent_required(&mut self, entry: &Entry<'_>) {
        let Some(table) = entry.table(self.context) else {
            return;
        };
        for property in &table.entries {
            let names = self.names(property).into_iter();
            let names = names.map(|name| name.value.to_owned()).collect();
            let entry = (property.key.to_owned(), names);
            self.keywords.dependent_required.push(entry);
        }
    }

    pub(super) fn aliases(&mut self, entry: &Entry<'_>) {
        let names = self.names(entry);
        self.keywords.aliases = names.iter().map(|name| name.value.to_owned()).collect();
        self.context.aliases.insert(
            self.id,
            Aliases {
                key: entry.key_location.clone(),
                names: names.into_iter().map(|name| name.location).collect(),
                may_be_property: self.is_json && self.place.is_below("properties"),
            },
        );
    }

    /// Names of properties, each once.
    fn names<'a>(&mut self, entry: &Entry<'a>) -> Vec<At<&'a str>> {
        let mut names: Vec<At<&str>> = Vec::new();
        for name in entry.strings(self.context) {
            if names.iter().any(|known| known.value == name.value) {
                let message = format!("{:?} is listed twice", name.value);
                let diagnostic = Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &name.location);
                self.context.report(diagnostic.help("list it once"));
                continue;
            }
            names.push(name);
        }
        names
    }
}

pub(super) fn bad_value(message: String, entry: &Entry<'_>) -> Diagnostic {
    Diagnostic::new(codes::BAD_KEYWORD_VALUE, message, &entry.item.location())
}
