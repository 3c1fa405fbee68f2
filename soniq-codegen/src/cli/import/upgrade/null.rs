//! Null beside one type, which exporters write as an alternative: a contract lists it in `type`.

use crate::cli::import::convert::Converter;
use crate::cli::import::model::{Json, Keyword, Keywords, Schema};
use crate::cli::import::pointer::child;

/// What stands around the alternatives and says nothing about values.
const AROUND: &[&str] = &[
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
];

/// What may be said of the other type: each says nothing about null.
const INSIDE: &[&str] = &[
    "type",
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
    "contentEncoding",
    "contentMediaType",
];

impl Converter<'_, '_> {
    /// Makes two alternatives, one of them null, a list of types.
    pub(in crate::cli::import) fn null_in_type(&mut self, out: &mut Keywords, pointer: &str) {
        for keyword in ["anyOf", "oneOf"] {
            let others = out.0.iter().filter(|(key, _)| key != keyword);
            if !others
                .clone()
                .all(|(key, _)| AROUND.contains(&key.as_str()))
            {
                continue;
            }
            let Some(Keyword::List(branches)) = out.get(keyword) else {
                continue;
            };
            let Some(said) = beside_null(branches).cloned() else {
                continue;
            };
            out.remove(keyword);
            for (key, value) in said.0 {
                out.set(&key, value);
            }
            let types = out.types().into_iter().chain(["null"]);
            let types = types.map(Json::text).collect();
            out.set_literal("type", Json::Array(types));
            let message = format!("null as an alternative in `{keyword}` is null in `type`");
            self.report.note(&child(pointer, keyword), message);
            return;
        }
    }
}

/// The one alternative to null, if it is of one type.
fn beside_null(branches: &[Schema]) -> Option<&Keywords> {
    let [first, second] = branches else {
        return None;
    };
    let (first, second) = (first.keywords()?, second.keywords()?);
    let is_null = |said: &Keywords| said.0.len() == 1 && said.types() == ["null"];
    let said = match (is_null(first), is_null(second)) {
        (true, false) => second,
        (false, true) => first,
        _ => return None,
    };
    let is_one_type = matches!(said.literal("type"), Some(Json::String(_)));
    let fits = said.0.iter().all(|(key, _)| INSIDE.contains(&key.as_str()));
    (is_one_type && fits).then_some(said)
}
