//! Values as draws say: the plainest one, or any.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use soniq_schema::json_schema::{SchemaId, Schemas};

use super::gather::draw;
use super::{Array, Draw, Object, number, text};

/// How many `$ref`s deep values go.
const DEEPEST: usize = 32;

/// From here on nothing is drawn that need not be.
const DEEP: usize = 3;

/// The longest list, and the largest object.
const LARGEST: usize = 2_000;

/// Where decisions come from.
#[derive(Debug, Clone)]
pub(super) struct Choices {
    state: Option<u64>,
}

impl Choices {
    /// Always the first, which is the plainest.
    pub(super) fn plain() -> Self {
        Choices { state: None }
    }

    /// As if at random, the same for the same seed.
    pub(super) fn random(seed: u64) -> Self {
        Choices { state: Some(seed) }
    }

    pub(super) fn are_plain(&self) -> bool {
        self.state.is_none()
    }

    /// An index below `end`; 0 where there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let Some(state) = &mut self.state else {
            return 0;
        };
        // SplitMix64: a step that visits every state, and a mix of its bits.
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % (end.max(1) as u64)).unwrap_or(0)
    }
}

/// Makes values; keeps the draws of the schemas that it met.
pub(super) struct Sampler<'a> {
    schemas: &'a Schemas,
    draws: BTreeMap<SchemaId, Option<Rc<Draw<'a>>>>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Sampler {
            schemas,
            draws: BTreeMap::new(),
        }
    }

    /// A candidate for a value of the schema; `None` if these choices led to none.
    pub(super) fn value(&mut self, schema: SchemaId, choices: &mut Choices) -> Option<Value> {
        self.of_schema(schema, choices, 0)
    }

    fn of_schema(&mut self, id: SchemaId, choices: &mut Choices, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let schemas = self.schemas;
        let known = self.draws.entry(id);
        let draw = known
            .or_insert_with(|| draw(schemas.get(id)).map(Rc::new))
            .clone()?;
        self.of(&draw, choices, depth + 1)
    }

    fn of(&mut self, draw: &Draw<'a>, choices: &mut Choices, depth: usize) -> Option<Value> {
        match draw {
            Draw::Value(values) => Some(values[choices.below(values.len())].clone()),
            Draw::OneOf(ways) => {
                // The last one is the smallest: null, where it is among them.
                let first = if depth > DEEP {
                    ways.len() - 1
                } else {
                    choices.below(ways.len())
                };
                // One that leads nowhere, or back to where it came from, leaves the others.
                let mut from_there = ways.iter().cycle().skip(first).take(ways.len());
                from_there.find_map(|way| self.of(way, choices, depth))
            }
            Draw::Any => {
                Some(["text".into(), Value::from(1), Value::Null][choices.below(3)].clone())
            }
            Draw::Integer { low, high, step } => number::integer((*low, *high), *step, choices),
            Draw::Number { low, high, step } => number::number((*low, *high), *step, choices),
            Draw::Text(draw) => text::text(draw, choices).map(Value::String),
            Draw::Array(draw) => self.array(draw, choices, depth),
            Draw::Object(draw) => self.object(draw, choices, depth),
            Draw::Schema(id) => self.of_schema(*id, choices, depth),
        }
    }

    fn array(&mut self, draw: &Array<'a>, choices: &mut Choices, depth: usize) -> Option<Value> {
        let more = if depth > DEEP { 0 } else { choices.below(3) };
        let most = draw.max.unwrap_or(LARGEST).min(LARGEST);
        let wanted = draw.min.max(draw.first.len()) + more;
        let length = wanted.min(most);
        let mut items: Vec<Value> = Vec::new();
        let mut others = Choices::random(0);
        // Where elements differ, some are drawn for nothing.
        for draws in 0..length.saturating_mul(4) {
            if items.len() == length {
                break;
            }
            // The plainest element is always the same one.
            let is_repeated = draw.is_unique && draws > items.len() && choices.are_plain();
            let choices = if is_repeated {
                &mut others
            } else {
                &mut *choices
            };
            let Some(of_item) = draw.first.get(items.len()).or(draw.rest.as_deref()) else {
                break;
            };
            let Some(item) = self.of(of_item, choices, depth + 1) else {
                break;
            };
            let mut same = items.iter();
            if !draw.is_unique || !same.any(|other| soniq_rules::equal(other, &item)) {
                items.push(item);
            }
        }
        (items.len() >= draw.min).then_some(Value::Array(items))
    }

    fn object(&mut self, draw: &Object<'a>, choices: &mut Choices, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        for property in &draw.properties {
            let is_wanted = depth <= DEEP && choices.below(2) == 1;
            if !property.is_required && !is_wanted {
                continue;
            }
            match self.of(&property.value, choices, depth + 1) {
                Some(value) => drop(members.insert(property.name.to_owned(), value)),
                None if property.is_required => return None,
                None => {}
            }
        }
        self.add_needed(draw, &mut members, choices, depth);
        let optional = draw.properties.iter();
        for property in optional {
            if members.len() < draw.min && !members.contains_key(property.name) {
                let value = self.of(&property.value, choices, depth + 1);
                members.extend(value.map(|value| (property.name.to_owned(), value)));
            }
        }
        if let Some(others) = &draw.others {
            let more = if depth > DEEP { 0 } else { choices.below(3) };
            let most = draw.max.unwrap_or(LARGEST).min(LARGEST);
            let wanted = (members.len() + more).max(draw.min).min(most);
            for _ in 0..wanted.saturating_mul(4) {
                if members.len() >= wanted {
                    break;
                }
                self.add_other(draw, others, &mut members, choices, depth);
            }
        }
        (members.len() >= draw.min).then_some(Value::Object(members))
    }

    /// What the members that are there ask for, and what that asks for.
    fn add_needed(
        &mut self,
        draw: &Object<'a>,
        members: &mut Map<String, Value>,
        choices: &mut Choices,
        depth: usize,
    ) {
        for _ in 0..draw.needs.len() {
            for (name, needed) in &draw.needs {
                if !members.contains_key(*name) {
                    continue;
                }
                for name in *needed {
                    let mut properties = draw.properties.iter();
                    let property = properties.find(|property| property.name == name);
                    if let Some(property) = property.filter(|_| !members.contains_key(name)) {
                        let value = self.of(&property.value, choices, depth + 1);
                        members.extend(value.map(|value| (name.clone(), value)));
                    }
                }
            }
        }
    }

    fn add_other(
        &mut self,
        draw: &Object<'a>,
        (name, value): &(Draw<'a>, Draw<'a>),
        members: &mut Map<String, Value>,
        choices: &mut Choices,
        depth: usize,
    ) {
        let Some(Value::String(mut name)) = self.of(name, choices, depth + 1) else {
            return;
        };
        // The plainest name is always the same one.
        if members.contains_key(&name) {
            name = format!("{name}{}", members.len());
        }
        let is_property = draw.properties.iter().any(|property| property.name == name);
        if let Some(value) = self.of(value, choices, depth + 1).filter(|_| !is_property) {
            members.insert(name, value);
        }
    }
}
