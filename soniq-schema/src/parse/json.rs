//! JSON values in files: defaults, constants, examples, the args of schedules.

use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::context::Context;
use super::item::{Item, Literal};
use super::table::Table;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Location;

/// The key that carries what TOML cannot say, as JSON text.
const X_JSON: &str = "x-json";

/// A value with the places of its parts.
#[derive(Debug, Clone)]
pub(super) struct Json {
    pub(super) value: Value,
    /// JSON pointer and place of every part; the whole value's place is the first.
    places: Vec<(String, Location)>,
}

impl Json {
    /// The empty object, standing at `location`.
    pub(super) fn empty_object(location: Location) -> Json {
        Json {
            value: Value::Object(Map::new()),
            places: vec![(String::new(), location)],
        }
    }

    /// Where the part at `pointer` stands, or the nearest part around it that has a place.
    pub(super) fn place_of(&self, pointer: &str) -> &Location {
        let mut pointer = pointer;
        loop {
            if let Some((_, location)) = self.places.iter().find(|(at, _)| at == pointer) {
                return location;
            }
            pointer = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }
}

/// Reads a JSON value; `None` after a report.
pub(super) fn read(context: &mut Context<'_>, item: Item<'_>) -> Option<Json> {
    let mut reader = Reader {
        context,
        places: Vec::new(),
    };
    let mut value = reader.value(item, "", 0)?;
    // `serde_json` sorts keys or not, as some crate of the build chose: what is made from contracts
    // must not depend on that.
    value.sort_all_objects();
    Some(Json {
        value,
        places: reader.places,
    })
}

struct Reader<'c, 's> {
    context: &'c mut Context<'s>,
    places: Vec<(String, Location)>,
}

impl Reader<'_, '_> {
    fn value(&mut self, item: Item<'_>, pointer: &str, depth: usize) -> Option<Value> {
        self.places.push((pointer.to_owned(), item.location()));
        if depth > MAX_DEPTH {
            let message = format!("the value is nested more than {MAX_DEPTH} levels deep");
            self.report(codes::TOO_DEEP, message, &item);
            return None;
        }
        match item.literal() {
            Literal::Null => Some(Value::Null),
            Literal::String(text) => Some(Value::from(text)),
            Literal::Boolean(boolean) => Some(Value::from(boolean)),
            Literal::Number(number) => Some(Value::Number(number)),
            Literal::NoNumber(message) => {
                self.report(codes::NOT_JSON, message, &item);
                None
            }
            Literal::Date(date) => {
                let message = format!("JSON has no dates, {date} must be a string");
                self.report(codes::NOT_JSON, message, &item);
                None
            }
            Literal::Array(items) => {
                let values: Vec<_> = (0..)
                    .zip(items)
                    .map(|(index, item): (usize, _)| {
                        self.value(item, &format!("{pointer}/{index}"), depth + 1)
                    })
                    // Collected first, so that every element is read and reported.
                    .collect();
                values
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .map(Value::Array)
            }
            Literal::Table(table) => self.object(&table, item.is_json(), pointer, depth),
        }
    }

    fn object(
        &mut self,
        table: &Table<'_>,
        is_json: bool,
        pointer: &str,
        depth: usize,
    ) -> Option<Value> {
        if let [only] = table.entries.as_slice()
            && only.key == X_JSON
            // What stands in JSON needs no such help, and means what it says.
            && !is_json
        {
            let text = only.string(self.context)?;
            return match serde_json::from_str(text.value) {
                Ok(value) => Some(value),
                Err(error) => {
                    let message = format!("{:?} is not JSON: {error}", text.value);
                    let diagnostic = Diagnostic::new(codes::BAD_X_JSON, message, &text.location);
                    self.context.report(diagnostic);
                    None
                }
            };
        }
        let members: Vec<_> = table
            .entries
            .iter()
            .map(|entry| {
                let step = entry.key.replace('~', "~0").replace('/', "~1");
                let value = self.value(entry.item, &format!("{pointer}/{step}"), depth + 1);
                Some((entry.key.to_owned(), value?))
            })
            .collect();
        members
            .into_iter()
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object)
    }

    fn report(&mut self, code: &'static crate::diagnostic::Code, message: String, item: &Item<'_>) {
        self.context
            .report(Diagnostic::new(code, message, &item.location()));
    }
}
