//! Witnesses: values that one side writes and the other refuses.
//!
//! Whatever a value comes from, it counts only once both sides were asked: the writer's schema and
//! the type that the producer holds it in, and the reader's schema. Then it is made as small as it
//! can be.

mod format;
mod pool;
mod sample;
mod shrink;

use serde_json::Value;

use super::proof::Failure;
use super::reader::Reader;
use super::writer::{Atom, Kind, Member, Set, Writer};
use crate::json_schema::{SchemaId, Violation, evaluate};
use pool::Pool;
use sample::Sampler;

/// How many values are tried for one failure.
const TRIES: usize = 48;

/// How many whole values are drawn where nothing better is known.
const DRAWS: usize = 160;

/// Looks for witnesses of one pair of schemas.
pub(super) struct Search<'w, 'a> {
    sampler: Sampler<'w, 'a>,
    reader: Reader<'a>,
    written: Set,
    read: SchemaId,
    /// Values that are refused, drawn once for all failures.
    drawn: Option<Vec<Value>>,
}

impl<'w, 'a> Search<'w, 'a> {
    pub(super) fn new(
        writer: &'w mut Writer<'a>,
        written: Set,
        reader: Reader<'a>,
        read: SchemaId,
    ) -> Self {
        let pool = Pool::of(writer, &written, reader.schema(read));
        Search {
            sampler: Sampler::new(writer, pool),
            reader,
            written,
            read,
            drawn: None,
        }
    }

    /// A value that shows the failure.
    pub(super) fn witness(&mut self, failure: &Failure) -> Option<Value> {
        let found = self
            .aimed(failure)
            .or_else(|| self.drawn_at(&failure.path))?;
        Some(self.smallest(found, Some(&failure.path)))
    }

    /// A value that is refused, whatever for.
    pub(super) fn any(&mut self) -> Option<Value> {
        let drawn = self.draws().first().cloned()?;
        Some(self.smallest(drawn, None))
    }

    /// A value with one at the failure's place that breaks the keyword.
    fn aimed(&mut self, failure: &Failure) -> Option<Value> {
        let mut candidates = failure.hints.clone();
        candidates.extend(failure.atom.values.iter().flatten().cloned());
        for round in 0..TRIES {
            let candidate = match candidates.get(round) {
                Some(candidate) => candidate.clone(),
                None => match self
                    .sampler
                    .atom(&failure.atom, round - candidates.len(), 0)
                {
                    Some(candidate) => candidate,
                    None => continue,
                },
            };
            if !self.sampler.writer.admits(&failure.atom, &candidate)
                || self.reader.takes(failure.reader, &candidate)
            {
                continue;
            }
            let whole = self.sampler.embed(&failure.way, candidate);
            if let Some(whole) = whole
                && self.is_refused(&whole)
            {
                return Some(whole);
            }
        }
        None
    }

    fn drawn_at(&mut self, path: &[String]) -> Option<Value> {
        let (reader, read) = (self.reader, self.read);
        let at_path = |value: &&Value| {
            let violations = evaluate(reader.schema(read), value);
            violations.iter().any(|violation| is_at(violation, path))
        };
        self.draws().iter().find(at_path).cloned()
    }

    fn draws(&mut self) -> &[Value] {
        if self.drawn.is_none() {
            let mut refused = Vec::new();
            for round in 0..DRAWS {
                let value = self.sampler.value(&self.written.clone(), round, 0);
                if let Some(value) = value.filter(|value| self.is_refused(value)) {
                    refused.push(value);
                }
            }
            refused.sort_by_key(|value| value.to_string().len());
            self.drawn = Some(refused);
        }
        self.drawn.as_deref().unwrap_or_default()
    }

    /// Whether the one side writes the value and the other refuses it.
    fn is_refused(&mut self, value: &Value) -> bool {
        !self.reader.takes(self.read, value) && writes(self.sampler.writer, &self.written, value)
    }

    fn smallest(&mut self, value: Value, path: Option<&[String]>) -> Value {
        let schema = self.reader.schema(self.read);
        let is_shown = |value: &Value| {
            path.is_none_or(|path| evaluate(schema, value).iter().any(|one| is_at(one, path)))
        };
        // Where the reader's own words point elsewhere, any refusal will do.
        let keeps_place = is_shown(&value);
        shrink::shrink(value, &mut |smaller| {
            self.is_refused(smaller) && (!keeps_place || is_shown(smaller))
        })
    }
}

/// Whether a violation is at the place, or at the object or array around it.
fn is_at(violation: &Violation, path: &[String]) -> bool {
    let unescaped = violation.pointer.replace("~1", "\u{1}");
    let mut steps = unescaped
        .split('/')
        .skip(1)
        .map(|step| step.replace('\u{1}', "/").replace("~0", "~"));
    path.iter().all(|expected| {
        steps
            .next()
            .is_some_and(|step| expected == "*" || *expected == step)
    })
}

/// Whether the producer can write the value: its checks admit it, its types leave nothing of it out,
/// and have nothing to fill in.
pub(super) fn writes(writer: &mut Writer<'_>, set: &Set, value: &Value) -> bool {
    let fits = |id: &SchemaId| evaluate(writer.schema(*id), value).is_empty();
    if !set.all.iter().all(fits) {
        return false;
    }
    let atoms = writer.atoms(set);
    let mut atoms = atoms.iter();
    atoms.any(|atom| {
        atom.kind == Kind::of(value)
            && writer.admits(atom, value)
            && writes_parts(writer, atom, value)
    })
}

fn writes_parts(writer: &mut Writer<'_>, atom: &Atom, value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            if !writer.is_filled_in(atom, members) {
                return false;
            }
            members.iter().all(|(name, value)| {
                let part = writer.written(atom, name);
                part.from.iter().any(|member| match member {
                    Member::Set(set) => writes(writer, set, value),
                    Member::Value(only) => soniq_rules::equal(only, value),
                })
            })
        }
        Value::Array(items) => items.iter().enumerate().all(|(index, item)| {
            let set = writer.item(atom, index);
            writes(writer, &set, item)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
