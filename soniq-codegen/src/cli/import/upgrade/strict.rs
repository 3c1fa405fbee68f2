//! What JSON Schema allows and a contract does not: keywords that say nothing where they stand,
//! values that are listed twice, formats that nobody checks.

use std::collections::BTreeSet;

use soniq_schema::json_schema::Types;

use crate::cli::import::convert::Converter;
use crate::cli::import::model::{Json, Keyword, Keywords};
use crate::cli::import::pointer::child;

/// Patterns of exporters that a contract cannot carry as they are, each with one that matches the
/// same texts.
const REWRITTEN: &[(&str, &str)] = &[
    // zod's e-mail address: neither a dot at its beginning nor two in a row, by look-ahead.
    (
        r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
        r"^(?:[A-Za-z0-9_'+\-]+\.)*[A-Za-z0-9_'+\-]*[A-Za-z0-9_+\-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
    ),
];

impl Converter<'_, '_> {
    /// Leaves out what says nothing without another keyword that is not there.
    pub(in crate::cli::import) fn idle(&mut self, out: &mut Keywords, pointer: &str) {
        for (keyword, needed) in [
            ("then", "if"),
            ("else", "if"),
            ("minContains", "contains"),
            ("maxContains", "contains"),
        ] {
            if out.has(keyword) && !out.has(needed) {
                out.remove(keyword);
                let message = format!("left out: without `{needed}` `{keyword}` says nothing");
                self.report.note(&child(pointer, keyword), message);
            }
        }
    }

    /// Lists each value once.
    pub(in crate::cli::import) fn repetitions(&mut self, out: &mut Keywords, pointer: &str) {
        for keyword in ["type", "enum", "required"] {
            let Some(Keyword::Literal(Json::Array(values))) = out.get_mut(keyword) else {
                continue;
            };
            let before = values.len();
            // Lists are long where they are of strings.
            let mut texts: BTreeSet<String> = BTreeSet::new();
            let mut others: Vec<serde_json::Value> = Vec::new();
            values.retain(|value| {
                if let Json::String(text) = value {
                    return texts.insert(text.clone());
                }
                let value = value.value();
                let is_new = others.iter().all(|one| !soniq_rules::equal(one, &value));
                others.push(value);
                is_new
            });
            if values.len() < before {
                let message = format!("`{keyword}` lists each value once");
                self.report.note(&child(pointer, keyword), message);
            }
        }
    }

    /// Leaves out a format that says nothing about the schema's values.
    pub(in crate::cli::import) fn format(&mut self, out: &mut Keywords, pointer: &str) {
        let Some(format) = out.literal("format").and_then(Json::as_str) else {
            return;
        };
        let types = types(out);
        let is_string = types.is_none_or(|types| types.string);
        let message = if soniq_rules::format_is_known(format) {
            (!is_string).then(|| format!("left out: the format {format:?} is one of strings"))
        } else if soniq_rules::integer_width(format).is_some() {
            let fits = types.is_some_and(|types| types.integer && !types.number);
            (!fits).then(|| format!("left out: the format {format:?} is one of integers"))
        } else if soniq_rules::float_fits(format, &0.into()).is_some() {
            let fits = types.is_some_and(|types| types.number);
            (!fits).then(|| format!("left out: the format {format:?} is one of numbers"))
        } else {
            Some(format!("left out: nobody checks the format {format:?}"))
        };
        if let Some(message) = message {
            out.remove("format");
            self.report.note(&child(pointer, "format"), message);
        }
    }

    /// Writes a known pattern in the words of a contract.
    pub(in crate::cli::import) fn pattern(&mut self, out: &mut Keywords, pointer: &str) {
        let Some(pattern) = out.literal("pattern").and_then(Json::as_str) else {
            return;
        };
        let known = REWRITTEN.iter().find(|(known, _)| *known == pattern);
        if let Some((_, rewritten)) = known {
            out.set_literal("pattern", Json::text(*rewritten));
            let message = "the pattern is written without look-ahead; it matches the same texts";
            self.report.note(&child(pointer, "pattern"), message);
        }
    }
}

fn types(out: &Keywords) -> Option<Types> {
    let names = out.types();
    if names.is_empty() {
        return None;
    }
    Some(Types {
        integer: names.contains(&"integer"),
        number: names.contains(&"number"),
        string: names.contains(&"string"),
        ..Types::default()
    })
}

#[cfg(test)]
mod tests {
    use super::REWRITTEN;

    /// A matcher of its own: what the look-aheads of the original say, in Rust.
    fn is_zod_email(text: &str) -> bool {
        let Some((local, domain)) = text.split_once('@') else {
            return false;
        };
        let is_local = |c: char| c.is_ascii_alphanumeric() || "_'+-.".contains(c);
        let is_last = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
        let labels: Vec<&str> = domain.split('.').collect();
        let Some((top, others)) = labels.split_last() else {
            return false;
        };
        !text.starts_with('.')
            && !text.contains("..")
            && local.chars().all(is_local)
            && local.ends_with(is_last)
            && !others.is_empty()
            && others.iter().all(|label| {
                label.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
            && top.len() >= 2
            && top.chars().all(|c| c.is_ascii_alphabetic())
    }

    proptest::proptest! {
        #[test]
        fn the_pattern_of_addresses_matches_the_same(text in "[a'.+_-]{0,6}@([a-]{1,3}[.]){0,3}[ab]{0,3}") {
            let contract = format!(
                "edition = '2026'\nnamespace = 'a'\ntypes.T = {{ pattern = {:?} }}",
                REWRITTEN[0].1
            );
            let loaded = soniq_schema::load_sources([("a.toml".to_owned(), contract)]);
            proptest::prop_assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
            let schema = loaded.contracts.contracts[0].types[0].schema;
            let schema = loaded.contracts.schemas.get(schema);
            let is_match = soniq_schema::evaluate(schema, &text.as_str().into()).is_empty();
            proptest::prop_assert_eq!(is_match, is_zod_email(&text));
        }
    }
}
