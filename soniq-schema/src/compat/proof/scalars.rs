//! Texts and numbers.

use serde_json::{Number, Value};

use super::Proof;
use crate::compat::text::{Found, Wanted, around_format, find};
use crate::compat::writer::{Atom, Text};
use crate::json_schema::SchemaRef;

/// Formats all of whose texts are also of another one.
const WIDER: &[(&str, &[&str])] = &[
    ("uri", &["uri-reference", "iri", "iri-reference"]),
    ("uri-reference", &["iri-reference"]),
    ("iri", &["iri-reference"]),
];

impl<'a> Proof<'_, 'a> {
    pub(super) fn string(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let text = self.writer.text(atom);
        let mut proven = true;
        if let Some(format) = keywords.format.as_deref()
            && soniq_rules::format_is_known(format)
            && !text
                .formats
                .iter()
                .any(|written| is_within(written, format))
        {
            proven &= self.fail(atom, schema.id, "format", None, Vec::new());
        }
        if let Some(min) = keywords.min_length
            && text.min < min
        {
            let shorter = Wanted {
                max: Some(min - 1),
                ..wanted(&text)
            };
            proven &= self.no_text(atom, schema, "minLength", &shorter);
        }
        if let Some(max) = keywords.max_length
            && text.max.is_none_or(|longest| longest > max)
        {
            let longer = Wanted {
                min: max + 1,
                ..wanted(&text)
            };
            proven &= self.no_text(atom, schema, "maxLength", &longer);
        }
        if let Some(pattern) = &keywords.pattern
            && !text
                .patterns
                .iter()
                .any(|written| written.source == pattern.source)
        {
            let other = Wanted {
                but_not: Some(pattern.regex.as_str()),
                ..wanted(&text)
            };
            proven &= self.no_text(atom, schema, "pattern", &other);
        }
        proven
    }

    /// Proves that no text is as wanted, or fails with one.
    fn no_text(
        &mut self,
        atom: &Atom,
        schema: SchemaRef<'a>,
        keyword: &'static str,
        wanted: &Wanted<'_>,
    ) -> bool {
        // Without expressions, only the lengths decide, and those were looked at.
        if wanted.matching.is_empty() && wanted.but_not.is_none() {
            return self.fail(atom, schema.id, keyword, None, Vec::new());
        }
        match find(wanted) {
            Found::Nothing => true,
            Found::Text(text) => self.fail(atom, schema.id, keyword, None, vec![text.into()]),
            Found::Unknown => self.fail(atom, schema.id, keyword, None, Vec::new()),
        }
    }

    pub(super) fn number(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let range = self.writer.range(atom);
        let width = keywords
            .format
            .as_deref()
            .and_then(soniq_rules::integer_width);
        let mut proven = true;
        if let Some(types) = keywords.types
            && !types.number
        {
            let is_within =
                width.is_some() || range.is_within(&(i64::MIN.into()..=i64::MAX.into()));
            if !range.is_integral || !is_within {
                let hints = vec![Value::from(0.5), Value::from(1.5), Value::from(u64::MAX)];
                proven &= self.fail(atom, schema.id, "type", None, hints);
            }
        }
        if let Some(width) = width
            && !(range.is_integral && range.is_within(&width))
        {
            let ends = [width.start() - 1, width.end() + 1];
            let hints = ends.iter().filter_map(|end| integer(*end)).collect();
            proven &= self.fail(atom, schema.id, "format", None, hints);
        }
        if keywords.format.as_deref() == Some("float") {
            let ends = [f64::from(f32::MIN), f64::from(f32::MAX)].map(Number::from_f64);
            let is_within = match ends {
                [Some(low), Some(high)] => {
                    range.is_above(&low, false) && range.is_below(&high, false)
                }
                _ => false,
            };
            if !is_within {
                proven &= self.fail(atom, schema.id, "format", None, vec![Value::from(1e39)]);
            }
        }
        for (keyword, bound, is_open) in [
            ("minimum", &keywords.minimum, false),
            ("exclusiveMinimum", &keywords.exclusive_minimum, true),
        ] {
            if let Some(bound) = bound
                && !range.is_above(bound, is_open)
            {
                let hints = beside(bound);
                proven &= self.fail(atom, schema.id, keyword, None, hints);
            }
        }
        for (keyword, bound, is_open) in [
            ("maximum", &keywords.maximum, false),
            ("exclusiveMaximum", &keywords.exclusive_maximum, true),
        ] {
            if let Some(bound) = bound
                && !range.is_below(bound, is_open)
            {
                let hints = beside(bound);
                proven &= self.fail(atom, schema.id, keyword, None, hints);
            }
        }
        if let Some(divisor) = &keywords.multiple_of {
            let one = Number::from(1);
            let is_multiple = range
                .multiples
                .iter()
                .any(|multiple| soniq_rules::is_multiple_of(multiple, divisor))
                || range.is_integral && soniq_rules::is_multiple_of(&one, divisor);
            if !is_multiple {
                proven &= self.fail(atom, schema.id, "multipleOf", None, Vec::new());
            }
        }
        proven
    }
}

fn is_within(written: &str, read: &str) -> bool {
    let mut wider = WIDER.iter().filter(|(format, _)| *format == written);
    written == read || wider.any(|(_, formats)| formats.contains(&read))
}

/// The writer's texts, as far as expressions and lengths say.
fn wanted<'t>(text: &Text<'t>) -> Wanted<'t> {
    let patterns = text.patterns.iter().map(|pattern| pattern.regex.as_str());
    let formats = text
        .formats
        .iter()
        .filter_map(|format| around_format(format));
    Wanted {
        matching: patterns.chain(formats).collect(),
        but_not: None,
        min: text.min,
        max: text.max,
    }
}

fn integer(value: i128) -> Option<Value> {
    let signed = i64::try_from(value).ok().map(Value::from);
    signed.or_else(|| u64::try_from(value).ok().map(Value::from))
}

/// Numbers at a bound and close to it.
pub(in crate::compat) fn beside(bound: &Number) -> Vec<Value> {
    let mut values = Vec::new();
    if let Some(whole) = bound.as_i64() {
        values.extend(
            [whole.checked_sub(1), whole.checked_add(1)]
                .into_iter()
                .flatten()
                .map(Value::from),
        );
    }
    values.push(Value::Number(bound.clone()));
    if let Some(float) = bound.as_f64() {
        for delta in [0.5, 0.01] {
            values.extend([float - delta, float + delta].map(Value::from));
        }
    }
    values
}
