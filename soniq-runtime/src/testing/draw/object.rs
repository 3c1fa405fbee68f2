//! Objects.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value};

use super::Draw;

/// How many more properties than it must an object has of those that are not listed.
const MORE: usize = 3;

/// Objects; a builder.
#[derive(Debug, Clone, Default)]
pub struct Object {
    properties: Vec<(&'static str, bool, Draw)>,
    needs: Vec<(&'static str, &'static [&'static str])>,
    others: Option<(Draw, Draw)>,
    min: usize,
    max: Option<usize>,
}

/// An object with these properties and no others.
pub fn object() -> Object {
    Object::default()
}

impl Object {
    /// A property that is always there.
    #[must_use]
    pub fn required(mut self, name: &'static str, value: Draw) -> Self {
        self.properties.push((name, true, value));
        self
    }

    /// A property that may be there.
    #[must_use]
    pub fn optional(mut self, name: &'static str, value: Draw) -> Self {
        self.properties.push((name, false, value));
        self
    }

    /// With the property `name` the others are there too.
    #[must_use]
    pub fn needs(mut self, name: &'static str, others: &'static [&'static str]) -> Self {
        self.needs.push((name, others));
        self
    }

    /// Properties that are not listed.
    #[must_use]
    pub fn others(mut self, names: Draw, values: Draw) -> Self {
        self.others = Some((names, values));
        self
    }

    /// So many properties at least.
    #[must_use]
    pub fn min(mut self, properties: usize) -> Self {
        self.min = properties;
        self
    }

    /// So many properties at most.
    #[must_use]
    pub fn max(mut self, properties: usize) -> Self {
        self.max = Some(properties);
        self
    }

    /// The finished draw.
    pub fn draw(self) -> Draw {
        let mut strategies = Vec::new();
        let mut listed = Vec::new();
        for (name, is_required, value) in self.properties {
            match value.0 {
                Some(value) => {
                    let wanted = if is_required {
                        Just(true).boxed()
                    } else {
                        proptest::bool::ANY.boxed()
                    };
                    strategies.push((wanted, value));
                    listed.push(Listed { name, is_required });
                }
                None if is_required => return super::none(),
                None => {}
            }
        }
        let max = self.max.unwrap_or(usize::MAX);
        let required = listed.iter().filter(|one| one.is_required).count();
        let others = others(self.others, self.min.saturating_sub(required), max);
        let (needs, min) = (self.needs, self.min);
        Draw::new((strategies, others).prop_map(move |(drawn, others)| {
            let mut drawn: Vec<Drawn> = drawn
                .into_iter()
                .zip(&listed)
                .map(|((is_wanted, value), listed)| Drawn {
                    listed: *listed,
                    is_wanted,
                    value,
                })
                .collect();
            add_needed(&mut drawn, &needs);
            let mut missing = min.saturating_sub(count(&drawn) + others.len());
            for one in drawn.iter_mut().filter(|one| !one.is_wanted) {
                one.is_wanted = missing > 0;
                missing = missing.saturating_sub(1);
            }
            let mut excess = count(&drawn).saturating_sub(max);
            for one in drawn.iter_mut().rev().filter(|one| !one.listed.is_required) {
                let is_dropped = one.is_wanted && excess > 0;
                one.is_wanted &= !is_dropped;
                excess -= usize::from(is_dropped);
            }
            together(drawn, others, max)
        }))
    }
}

/// A property of the list.
#[derive(Debug, Clone, Copy)]
struct Listed {
    name: &'static str,
    is_required: bool,
}

/// A property of the list with the value that it has if it is there.
struct Drawn {
    listed: Listed,
    is_wanted: bool,
    value: Value,
}

fn count(drawn: &[Drawn]) -> usize {
    drawn.iter().filter(|one| one.is_wanted).count()
}

fn others(
    others: Option<(Draw, Draw)>,
    missing: usize,
    max: usize,
) -> BoxedStrategy<Vec<(Value, Value)>> {
    match others {
        Some((Draw(Some(names)), Draw(Some(values)))) => {
            let most = missing.saturating_add(MORE).min(max);
            vec((names, values), missing.min(most)..=most).boxed()
        }
        _ => Just(Vec::new()).boxed(),
    }
}

/// Adds what properties that are there ask for, and what that asks for.
fn add_needed(drawn: &mut [Drawn], needs: &[(&str, &[&str])]) {
    for _ in needs {
        for (name, needed) in needs {
            let is_there = |one: &Drawn| one.is_wanted && one.listed.name == *name;
            if drawn.iter().any(is_there) {
                for one in drawn.iter_mut() {
                    one.is_wanted |= needed.contains(&one.listed.name);
                }
            }
        }
    }
}

fn together(drawn: Vec<Drawn>, others: Vec<(Value, Value)>, max: usize) -> Value {
    let names: Vec<&str> = drawn.iter().map(|one| one.listed.name).collect();
    let mut members = Map::new();
    let mut rest = Vec::new();
    for (name, value) in others {
        if let Value::String(name) = name
            && !names.contains(&name.as_str())
        {
            rest.push((name, value));
        }
    }
    for one in drawn.into_iter().filter(|one| one.is_wanted) {
        members.insert(one.listed.name.to_owned(), one.value);
    }
    for (name, value) in rest {
        if members.len() < max {
            members.insert(name, value);
        }
    }
    Value::Object(members)
}
