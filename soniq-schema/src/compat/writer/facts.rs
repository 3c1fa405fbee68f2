//! What the schemas of an atom say together about numbers, texts and arrays.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{Atom, Typing, Writer};
use crate::json_schema::{Pattern, SchemaId};

/// One end of a range of numbers.
#[derive(Debug, Clone)]
pub(in crate::compat) struct Bound {
    pub(in crate::compat) value: Number,
    /// Whether the number itself lies outside.
    pub(in crate::compat) is_open: bool,
}

/// A range of numbers.
#[derive(Debug, Clone, Default)]
pub(in crate::compat) struct Range<'a> {
    pub(in crate::compat) low: Option<Bound>,
    pub(in crate::compat) high: Option<Bound>,
    pub(in crate::compat) is_integral: bool,
    pub(in crate::compat) multiples: Vec<&'a Number>,
}

impl Range<'_> {
    fn raise(&mut self, value: Number, is_open: bool) {
        let is_higher =
            self.low
                .as_ref()
                .is_none_or(|low| match soniq_rules::compare(&value, &low.value) {
                    Ordering::Greater => true,
                    Ordering::Equal => is_open,
                    Ordering::Less => false,
                });
        if is_higher {
            self.low = Some(Bound { value, is_open });
        }
    }

    fn lower(&mut self, value: Number, is_open: bool) {
        let is_lower =
            self.high
                .as_ref()
                .is_none_or(|high| match soniq_rules::compare(&value, &high.value) {
                    Ordering::Less => true,
                    Ordering::Equal => is_open,
                    Ordering::Greater => false,
                });
        if is_lower {
            self.high = Some(Bound { value, is_open });
        }
    }

    fn within(&mut self, range: std::ops::RangeInclusive<i128>) {
        if let (Some(low), Some(high)) = (integer(*range.start()), integer(*range.end())) {
            self.raise(low, false);
            self.lower(high, false);
        }
    }

    /// Whole numbers have whole bounds.
    fn tighten(&mut self) {
        if !self.is_integral {
            return;
        }
        let low = self.low.as_ref().and_then(|low| {
            let floor = floor(&low.value)?;
            let is_whole = soniq_rules::is_integer(&low.value);
            integer(if is_whole && !low.is_open {
                floor
            } else {
                floor + 1
            })
        });
        let high = self.high.as_ref().and_then(|high| {
            let floor = floor(&high.value)?;
            let is_whole = soniq_rules::is_integer(&high.value);
            integer(if is_whole && high.is_open {
                floor - 1
            } else {
                floor
            })
        });
        let closed = |value| Bound {
            value,
            is_open: false,
        };
        self.low = low.map(closed).or(self.low.take());
        self.high = high.map(closed).or(self.high.take());
    }

    pub(in crate::compat) fn is_empty(&self) -> bool {
        let (Some(low), Some(high)) = (&self.low, &self.high) else {
            return false;
        };
        match soniq_rules::compare(&low.value, &high.value) {
            Ordering::Less => false,
            Ordering::Equal => low.is_open || high.is_open,
            Ordering::Greater => true,
        }
    }

    /// Whether every number is at least `bound`, or above it.
    pub(in crate::compat) fn is_above(&self, bound: &Number, is_open: bool) -> bool {
        self.low
            .as_ref()
            .is_some_and(|low| match soniq_rules::compare(&low.value, bound) {
                Ordering::Greater => true,
                Ordering::Equal => low.is_open || !is_open,
                Ordering::Less => false,
            })
    }

    /// Whether every number is at most `bound`, or below it.
    pub(in crate::compat) fn is_below(&self, bound: &Number, is_open: bool) -> bool {
        self.high
            .as_ref()
            .is_some_and(|high| match soniq_rules::compare(&high.value, bound) {
                Ordering::Less => true,
                Ordering::Equal => high.is_open || !is_open,
                Ordering::Greater => false,
            })
    }

    /// Whether every number lies in the range of integers.
    pub(in crate::compat) fn is_within(&self, range: &std::ops::RangeInclusive<i128>) -> bool {
        match (integer(*range.start()), integer(*range.end())) {
            (Some(low), Some(high)) => self.is_above(&low, false) && self.is_below(&high, false),
            _ => false,
        }
    }

    /// The integers one by one, if there are at most so many.
    pub(super) fn counted(&self, most: i64) -> Option<Vec<Value>> {
        if !self.is_integral {
            return None;
        }
        let low = self.low.as_ref()?.value.as_i64()?;
        let high = self.high.as_ref()?.value.as_i64()?;
        (high.checked_sub(low)? < most).then(|| (low..=high).map(Value::from).collect())
    }
}

/// The greatest integer that is not above the number; none beyond 64 bits.
fn floor(number: &Number) -> Option<i128> {
    if let Some(integer) = number.as_i128() {
        return Some(integer);
    }
    let float = number.as_f64()?.floor();
    #[allow(clippy::cast_possible_truncation, reason = "in range")]
    (float.abs() < 1e18).then_some(float as i128)
}

fn integer(value: i128) -> Option<Number> {
    let signed = i64::try_from(value).ok().map(Number::from);
    signed.or_else(|| u64::try_from(value).ok().map(Number::from))
}

/// What is known of an atom of strings.
#[derive(Debug, Clone, Default)]
pub(in crate::compat) struct Text<'a> {
    pub(in crate::compat) min: u64,
    pub(in crate::compat) max: Option<u64>,
    pub(in crate::compat) formats: Vec<&'a str>,
    pub(in crate::compat) patterns: Vec<&'a Pattern>,
}

impl Text<'_> {
    pub(in crate::compat) fn is_empty(&self) -> bool {
        self.max.is_some_and(|max| max < self.min)
    }

    fn within(&mut self, min: u64, max: Option<u64>) {
        self.min = self.min.max(min);
        self.max = match (self.max, max) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// How long texts of a format are, as far as that is certain.
fn lengths(format: &str) -> (u64, Option<u64>) {
    match format {
        "uuid" => (36, Some(36)),
        "date" => (10, Some(10)),
        "date-time" => (20, None),
        "time" => (9, None),
        "ipv4" => (7, Some(15)),
        "ipv6" => (2, Some(45)),
        "hostname" => (1, Some(253)),
        "email" => (3, None),
        "duration" | "uri" | "iri" => (2, None),
        "relative-json-pointer" => (1, None),
        _ => (0, None),
    }
}

/// What is known of an atom of arrays.
#[derive(Debug, Clone, Default)]
pub(in crate::compat) struct Items {
    pub(in crate::compat) min: u64,
    pub(in crate::compat) max: Option<u64>,
    pub(in crate::compat) is_unique: bool,
    /// How many first items have schemas of their own.
    pub(in crate::compat) prefix: usize,
}

impl<'a> Writer<'a> {
    /// What is known of an atom's numbers.
    pub(in crate::compat) fn range(&self, atom: &Atom) -> Range<'a> {
        let mut range = Range::default();
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            let width = keywords
                .format
                .as_deref()
                .and_then(soniq_rules::integer_width);
            if let Some(types) = keywords.types
                && types.integer
                && !types.number
            {
                range.is_integral = true;
                if width.is_none() {
                    range.within(i64::MIN.into()..=i64::MAX.into());
                }
            }
            if let Some(width) = width {
                range.is_integral = true;
                range.within(width);
            }
            if keywords.format.as_deref() == Some("float")
                && let Some(largest) = Number::from_f64(f64::from(f32::MAX))
                && let Some(smallest) = Number::from_f64(f64::from(f32::MIN))
            {
                range.raise(smallest, false);
                range.lower(largest, false);
            }
            for (bound, is_open) in [
                (&keywords.minimum, false),
                (&keywords.exclusive_minimum, true),
            ] {
                if let Some(bound) = bound {
                    range.raise(bound.clone(), is_open);
                }
            }
            for (bound, is_open) in [
                (&keywords.maximum, false),
                (&keywords.exclusive_maximum, true),
            ] {
                if let Some(bound) = bound {
                    range.lower(bound.clone(), is_open);
                }
            }
            range.multiples.extend(&keywords.multiple_of);
        }
        range.is_integral |= range
            .multiples
            .iter()
            .any(|multiple| soniq_rules::is_integer(multiple));
        range.tighten();
        range
    }

    /// What is known of an atom's strings.
    pub(in crate::compat) fn text(&self, atom: &Atom) -> Text<'a> {
        let mut text = Text::default();
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            text.within(keywords.min_length.unwrap_or(0), keywords.max_length);
            text.patterns.extend(&keywords.pattern);
            if let Some(format) = keywords.format.as_deref()
                && soniq_rules::format_is_known(format)
            {
                let (min, max) = lengths(format);
                text.within(min, max);
                text.formats.push(format);
            }
        }
        text
    }

    /// What is known of an atom's arrays.
    pub(in crate::compat) fn items(&self, atom: &Atom) -> Items {
        let mut items = Items::default();
        for id in &atom.nodes {
            let keywords = self.keywords(*id);
            items.min = items.min.max(keywords.min_items.unwrap_or(0));
            if keywords.contains.is_some() {
                items.min = items.min.max(keywords.min_contains.unwrap_or(1));
            }
            items.is_unique |= keywords.unique_items;
            let prefix = keywords.prefix_items.len();
            items.prefix = items.prefix.max(prefix);
            let is_closed = keywords
                .items
                .is_some_and(|id| self.schema(id).resolved().boolean == Some(false));
            for most in [keywords.max_items, is_closed.then_some(prefix as u64)]
                .into_iter()
                .flatten()
            {
                items.max = Some(items.max.map_or(most, |max| max.min(most)));
            }
        }
        items
    }

    /// What an array of the atom has at least one item of.
    pub(in crate::compat) fn contained(&self, atom: &Atom) -> Vec<super::Set> {
        let items = self.items(atom);
        if items.prefix > 0 {
            return Vec::new();
        }
        let wanted = atom.nodes.iter().filter_map(|id| {
            let keywords = self.keywords(*id);
            keywords
                .contains
                .filter(|_| keywords.min_contains != Some(0))
        });
        let of_items = self.item(atom, 0);
        let sets =
            wanted.map(|id| self.set(of_items.all.iter().copied().chain([id]), Typing::Json));
        sets.collect()
    }

    /// What the item at an index can be.
    pub(in crate::compat) fn item(&self, atom: &Atom, index: usize) -> super::Set {
        let of_node = |id: &SchemaId| {
            let keywords = self.keywords(*id);
            keywords.prefix_items.get(index).copied().or(keywords.items)
        };
        let all: Vec<SchemaId> = atom.nodes.iter().filter_map(of_node).collect();
        let typing = match atom.top {
            Some(top) if all.len() == 1 && super::typing::has_typed_items(self.schema(top)) => {
                Typing::Typed
            }
            _ => Typing::Json,
        };
        self.set(all, typing)
    }
}
