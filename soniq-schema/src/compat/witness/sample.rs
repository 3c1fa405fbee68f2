//! Values of a set: first the simplest one, then others.
//!
//! Which value comes in which round is a function of the schemas alone.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

use super::format::OF_FORMAT;
use super::pool::Pool;
use crate::compat::proof::{Into, Step};
use crate::compat::text::{Found, Wanted, find};
use crate::compat::writer::{Atom, Kind, Member, Set, Writer};

/// How deep values nest.
const MAX_DEPTH: usize = 12;

/// The longest array that is made.
const MAX_ITEMS: u64 = 300;

/// How many texts and numbers are tried for one value.
const MAX_CANDIDATES: usize = 200;

/// Makes values.
pub(super) struct Sampler<'w, 'a> {
    pub(super) writer: &'w mut Writer<'a>,
    pool: Pool,
    state: u64,
    /// Texts that were looked for already.
    found: HashMap<Searched, Option<String>>,
}

/// Expressions with the least and the greatest length.
type Searched = (Vec<String>, u64, Option<u64>);

impl<'w, 'a> Sampler<'w, 'a> {
    pub(super) fn new(writer: &'w mut Writer<'a>, pool: Pool) -> Self {
        Sampler {
            writer,
            pool,
            state: 0x9e37_79b9_7f4a_7c15,
            found: HashMap::new(),
        }
    }

    /// A number below `bound` (xorshift).
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or(0) % bound.max(1)
    }

    /// A value of the set; in round 0 the simplest.
    pub(super) fn value(&mut self, set: &Set, round: usize, depth: usize) -> Option<Value> {
        let atoms = self.writer.atoms(set);
        let first = if round == 0 {
            0
        } else {
            self.below(atoms.len())
        };
        (0..atoms.len()).find_map(|index| {
            let atom = &atoms[(first + index) % atoms.len()];
            self.atom(atom, round, depth)
        })
    }

    /// A value of the atom.
    pub(super) fn atom(&mut self, atom: &Atom, round: usize, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(values) = &atom.values {
            let index = if round == 0 {
                0
            } else {
                self.below(values.len())
            };
            return values.get(index).cloned();
        }
        match atom.kind {
            Kind::Number => {
                let candidates = self.numbers(atom);
                self.choose(atom, round, candidates)
            }
            Kind::String => {
                let candidates = self.texts(atom);
                self.choose(atom, round, candidates)
            }
            Kind::Array => self.array(atom, None, round, depth),
            Kind::Object => self.object(atom, None, round, depth),
            Kind::Null | Kind::Bool => None,
        }
    }

    /// The value around one that is to stand at the end of the way.
    pub(super) fn embed(&mut self, way: &[Step], value: Value) -> Option<Value> {
        let mut value = value;
        for step in way.iter().rev() {
            let forced = std::mem::take(&mut value);
            let around = (0..4).find_map(|round| match &step.into {
                Into::Property(name) => self.with_property(&step.atom, name, &forced, round),
                Into::Other => self.with_other(&step.atom, &forced, round),
                Into::Name => {
                    let name = forced.as_str()?.to_owned();
                    let value = self.member(&step.atom, &name, round, 0)?;
                    self.with_property(&step.atom, &name, &value, round)
                }
                Into::Item(index) => self.array(&step.atom, Some((*index, &forced)), round, 0),
            });
            value = around?;
        }
        Some(value)
    }

    /// The property under the name that it is written by: the present one, or where the writer has
    /// only an older one, that.
    fn with_property(
        &mut self,
        atom: &Atom,
        name: &str,
        value: &Value,
        round: usize,
    ) -> Option<Value> {
        let olds = atom
            .renamed
            .iter()
            .filter(|(_, new)| new == name)
            .map(|(old, _)| old.clone());
        let names: Vec<String> = [name.to_owned()].into_iter().chain(olds).collect();
        names
            .into_iter()
            .find(|name| self.writer.written(atom, name).may)
            .and_then(|name| self.object(atom, Some((&name, value)), round, 0))
    }

    fn with_other(&mut self, atom: &Atom, value: &Value, round: usize) -> Option<Value> {
        let known = self.writer.names(atom);
        let names: Vec<String> = self
            .pool
            .names
            .iter()
            .filter(|name| !known.contains(*name))
            .cloned()
            .collect();
        names
            .iter()
            .find_map(|name| self.object(atom, Some((name, value)), round, 0))
    }

    fn choose(&mut self, atom: &Atom, round: usize, candidates: Vec<Value>) -> Option<Value> {
        let mut fitting: Vec<Value> = Vec::new();
        for candidate in candidates.into_iter().take(MAX_CANDIDATES) {
            if self.writer.admits(atom, &candidate) {
                if round == 0 {
                    return Some(candidate);
                }
                fitting.push(candidate);
            }
        }
        // The first rounds go through them in turn, so that none is missed.
        let index = if round < fitting.len() {
            round
        } else {
            self.below(fitting.len())
        };
        (!fitting.is_empty()).then(|| fitting.swap_remove(index))
    }

    fn numbers(&mut self, atom: &Atom) -> Vec<Value> {
        let range = self.writer.range(atom);
        let mut candidates: Vec<Value> = vec![0.into(), 1.into(), (-1).into()];
        for bound in [&range.low, &range.high].into_iter().flatten() {
            candidates.extend(crate::compat::proof::beside(&bound.value));
        }
        candidates.extend(
            self.pool
                .values
                .iter()
                .filter(|value| value.is_number())
                .cloned(),
        );
        for multiple in &range.multiples {
            for factor in [1.0, 2.0, 3.0, -1.0, 7.0, 10.0] {
                let product = multiple.as_f64().unwrap_or(1.0) * factor;
                candidates.extend(number(product));
                if let Some(low) = range.low.as_ref().and_then(|low| low.value.as_f64()) {
                    let step = multiple.as_f64().unwrap_or(1.0);
                    candidates.extend(number(
                        (low / step).ceil().mul_add(step, step * (factor - 1.0)),
                    ));
                }
            }
        }
        candidates.extend([
            2.into(),
            3.into(),
            0.5.into(),
            1.5.into(),
            1e10.into(),
            i64::MAX.into(),
            i64::MIN.into(),
            u64::MAX.into(),
            1e300.into(),
        ]);
        candidates
    }

    fn texts(&mut self, atom: &Atom) -> Vec<Value> {
        let text = self.writer.text(atom);
        let mut candidates: Vec<String> = Vec::new();
        for format in &text.formats {
            let known = OF_FORMAT.iter().filter(|(name, _)| name == format);
            for sample in known.flat_map(|(_, samples)| *samples) {
                candidates.push((*sample).to_owned());
                // Many formats go on for as long as one likes.
                let length = soniq_rules::length(sample);
                for wanted in self.pool.lengths.iter().chain([&text.min]) {
                    let missing = usize::try_from(wanted.saturating_sub(length)).unwrap_or(0);
                    if missing > 0 {
                        let more = "a".repeat(missing);
                        candidates.push(format!("{more}{sample}"));
                        candidates.push(format!("{sample}{more}"));
                    }
                }
            }
        }
        if !text.patterns.is_empty() {
            let patterns = text.patterns.iter();
            let patterns: Vec<String> = patterns
                .map(|pattern| pattern.regex.as_str().to_owned())
                .collect();
            let lengths = self
                .pool
                .lengths
                .iter()
                .map(|length| (*length, Some(*length)));
            for (min, max) in [(text.min, text.max)].into_iter().chain(lengths.take(8)) {
                let (min, max) = (min.max(text.min), max.or(text.max));
                let key = (patterns.clone(), min, max);
                let found = self
                    .found
                    .entry(key)
                    .or_insert_with(|| matching(&patterns, min, max));
                candidates.extend(found.clone());
            }
        }
        let lengths = self.pool.lengths.iter().copied().chain([text.min]);
        let lengths = [1, 0].into_iter().chain(text.max).chain(lengths);
        for length in lengths.filter(|length| *length < 70_000) {
            candidates.push("a".repeat(usize::try_from(length).unwrap_or(0)));
        }
        candidates.extend(self.pool.texts.iter().cloned());
        candidates.extend(["b", "A", "0", "\u{e4}", " "].map(str::to_owned));
        candidates.into_iter().map(Value::from).collect()
    }

    fn array(
        &mut self,
        atom: &Atom,
        forced: Option<(usize, &Value)>,
        round: usize,
        depth: usize,
    ) -> Option<Value> {
        let facts = self.writer.items(atom);
        let least = facts
            .min
            .max(forced.map_or(0, |(index, _)| index as u64 + 1));
        let lengths: Vec<u64> = self.pool.lengths.iter().copied().collect();
        for attempt in 0..4 {
            let mut length = least;
            if round + attempt > 0 && forced.is_none() {
                let index = self.below(lengths.len() + 3);
                length = lengths
                    .get(index)
                    .copied()
                    .unwrap_or(index as u64 % 4)
                    .max(least);
            }
            length += if forced.is_some() { attempt as u64 } else { 0 };
            if length > MAX_ITEMS.max(least) || facts.max.is_some_and(|max| length > max) {
                length = least;
            }
            let length = usize::try_from(length.min(2_000)).unwrap_or(0);
            let mut items: Vec<Value> = Vec::with_capacity(length);
            for index in 0..length {
                if let Some((at, value)) = forced
                    && at == index
                {
                    items.push(value.clone());
                    continue;
                }
                // Equal items are as good as different ones, and rarer.
                if round % 3 == 1
                    && !facts.is_unique
                    && let Some(first) = items.first()
                {
                    items.push(first.clone());
                    continue;
                }
                let set = self.item_of(atom, index);
                let mut item = self.value(&set, round + attempt, depth + 1);
                let mut again = 1;
                while facts.is_unique
                    && again < 24
                    && item
                        .as_ref()
                        .is_some_and(|item| is_among(item, &items, forced))
                {
                    item = self.value(&set, again, depth + 1);
                    again += 1;
                }
                items.push(item?);
            }
            let value = Value::Array(items);
            if self.writer.admits(atom, &value) {
                return Some(value);
            }
        }
        None
    }

    /// What an item can be; the first ones are what the array has to contain.
    fn item_of(&mut self, atom: &Atom, index: usize) -> Set {
        let mut set = self.writer.item(atom, index);
        for id in atom.nodes.clone() {
            let keywords = self.writer.keywords(id);
            if let Some(contains) = keywords.contains
                && (index as u64) < keywords.min_contains.unwrap_or(1)
            {
                let all = set.all.iter().copied().chain([contains]);
                set = self.writer.set(all, set.typing);
            }
        }
        set
    }

    fn object(
        &mut self,
        atom: &Atom,
        forced: Option<(&str, &Value)>,
        round: usize,
        depth: usize,
    ) -> Option<Value> {
        let names: Vec<String> = self.writer.names(atom).into_iter().collect();
        for attempt in 0..6 {
            let mut members = Map::new();
            for name in &names {
                if forced.is_some_and(|(key, _)| key == name) {
                    continue;
                }
                let part = self.writer.written(atom, name);
                let wanted = round + attempt > 0 && self.below(2) == 0;
                if part.may && (part.always || wanted) {
                    let member = self.member(atom, name, round, depth);
                    match member {
                        Some(value) => drop(members.insert(name.clone(), value)),
                        None if part.always => return None,
                        None => {}
                    }
                }
            }
            if let Some((name, value)) = forced {
                members.insert(name.to_owned(), value.clone());
            }
            self.complete(atom, &mut members, round + attempt, depth);
            let value = Value::Object(members);
            if self.writer.admits(atom, &value) {
                return Some(value);
            }
        }
        None
    }

    /// Adds what other properties ask for, or a number of properties.
    fn complete(
        &mut self,
        atom: &Atom,
        members: &mut Map<String, Value>,
        round: usize,
        depth: usize,
    ) {
        let mut wanted: Vec<String> = Vec::new();
        let mut least = 0;
        for id in atom.nodes.clone() {
            let keywords = self.writer.keywords(id);
            for (name, needed) in &keywords.dependent_required {
                if members.contains_key(name) {
                    wanted.extend(needed.iter().cloned());
                }
            }
            least = least.max(keywords.min_properties.unwrap_or(0));
        }
        let others: Vec<String> = self
            .writer
            .names(atom)
            .into_iter()
            .chain(self.pool.names.iter().cloned())
            .collect();
        if round > 0 && self.writer.others(atom).is_some() {
            let index = self.below(others.len());
            wanted.extend(others.get(index).cloned());
        }
        for name in wanted.into_iter().chain(others) {
            let is_enough = members.len() as u64 >= least;
            let is_asked = !members.contains_key(&name);
            if !is_asked || is_enough && round == 0 && least > 0 {
                continue;
            }
            if (is_enough && least == 0 && members.len() > 12)
                || (is_enough && self.below(8) != 0 && round > 0)
            {
                continue;
            }
            if is_enough && round == 0 {
                // Only what is asked for.
                let needed = atom.nodes.iter().any(|id| {
                    let keywords = self.writer.keywords(*id);
                    let mut dependent = keywords.dependent_required.iter();
                    dependent
                        .any(|(key, needed)| members.contains_key(key) && needed.contains(&name))
                });
                if !needed {
                    continue;
                }
            }
            if let Some(value) = self.member(atom, &name, round, depth) {
                members.insert(name, value);
            }
        }
    }

    /// A value of a property, as it is written.
    fn member(&mut self, atom: &Atom, name: &str, round: usize, depth: usize) -> Option<Value> {
        let part = self.writer.written(atom, name);
        part.from.iter().find_map(|member| match member {
            Member::Value(value) => Some(value.clone()),
            Member::Set(set) => self.value(set, round, depth + 1),
        })
    }
}

fn is_among(item: &Value, items: &[Value], forced: Option<(usize, &Value)>) -> bool {
    items
        .iter()
        .chain(forced.map(|(_, value)| value))
        .any(|other| soniq_rules::equal(item, other))
}

/// A text that matches all of the expressions.
fn matching(expressions: &[String], min: u64, max: Option<u64>) -> Option<String> {
    let wanted = Wanted {
        matching: expressions.iter().map(String::as_str).collect(),
        but_not: None,
        min,
        max,
    };
    match find(&wanted) {
        Found::Text(text) => Some(text),
        Found::Nothing | Found::Unknown => None,
    }
}

/// A number in the shortest spelling.
fn number(value: f64) -> Option<Value> {
    #[allow(clippy::cast_possible_truncation, reason = "in range")]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Some(Value::from(value as i64));
    }
    // Products of decimals are off by the last binary digits.
    let rounded: f64 = format!("{value:.9}").parse().ok()?;
    Number::from_f64(rounded).map(Value::Number)
}
