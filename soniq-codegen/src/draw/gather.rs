//! What the values of a schema are made of.
//!
//! A value that several schemas apply to (`$ref` beside other keywords, `allOf`, the branch of an
//! `anyOf`) is drawn for all of them at once: their bounds are narrowed to what they share, their
//! properties are put together.

use std::collections::BTreeSet;

use serde_json::Value;
use soniq_schema::evaluate;
use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef};

use super::{Array, Draw, Object, Property, Text, number};

/// How many combinations of branches are looked at for one value.
const MOST_WAYS: usize = 16;

/// How many schemas are looked at for one draw; ends what branches without end.
const MOST_STEPS: usize = 5_000;

/// How deep branches lie in branches.
const DEEPEST: usize = 32;

/// How to draw values of the schema; `None` if it has none, or none that could be told.
pub(crate) fn draw(schema: SchemaRef<'_>) -> Option<Draw<'_>> {
    let mut gathering = Gathering {
        schema,
        open: Vec::new(),
        steps: MOST_STEPS,
    };
    gathering.together(&[schema.resolved().id])
}

struct Gathering<'a> {
    /// A schema of the arena.
    schema: SchemaRef<'a>,
    /// What is being drawn, from the outermost to the innermost.
    open: Vec<Vec<SchemaId>>,
    steps: usize,
}

impl<'a> Gathering<'a> {
    fn keywords(&self, id: SchemaId) -> &'a Keywords {
        &self.schema.at(id).node().keywords
    }

    /// A part of a value that all of these apply to.
    fn part(&mut self, all: &[SchemaId]) -> Option<Draw<'a>> {
        match all {
            [] => Some(Draw::Any),
            [one] if self.keywords(*one).is_only_reference() => {
                let target = Draw::Schema(self.schema.at(*one).resolved().id);
                Some(with(self.told(all), Some(target))?)
            }
            all => self.together(all),
        }
    }

    /// A value that all of these apply to.
    fn together(&mut self, all: &[SchemaId]) -> Option<Draw<'a>> {
        self.steps = self.steps.checked_sub(1)?;
        if self.open.iter().any(|open| open == all) {
            return None;
        }
        self.open.push(all.to_vec());
        let ways = self.ways(all, 0);
        let draws: Vec<_> = ways.iter().filter_map(|way| self.way(way)).collect();
        self.open.pop();
        with(self.told(all), one_of(draws))
    }

    /// Values that the contract itself tells of: examples, and the default.
    fn told(&self, all: &[SchemaId]) -> Vec<Value> {
        let told = all.iter().flat_map(|id| {
            let keywords = self.keywords(*id);
            keywords.examples.iter().chain(&keywords.default)
        });
        told.filter(|value| self.accepted(all, value))
            .cloned()
            .collect()
    }

    fn accepted(&self, all: &[SchemaId], value: &Value) -> bool {
        let mut all = all.iter();
        all.all(|id| evaluate(self.schema.at(*id), value).is_empty())
    }

    /// All schemas that apply together, once for each combination of branches.
    fn ways(&self, all: &[SchemaId], depth: usize) -> Vec<Vec<SchemaId>> {
        let mut ways = vec![Vec::new()];
        for id in all {
            ways = each_with_each(&ways, &self.ways_of(*id, depth));
        }
        ways
    }

    fn ways_of(&self, id: SchemaId, depth: usize) -> Vec<Vec<SchemaId>> {
        let mut ways = vec![vec![id]];
        if depth > DEEPEST {
            return ways;
        }
        let keywords = self.keywords(id);
        for part in keywords.reference.iter().chain(&keywords.all_of) {
            ways = each_with_each(&ways, &self.ways_of(*part, depth + 1));
        }
        for branches in [&keywords.any_of, &keywords.one_of] {
            if !branches.is_empty() {
                let branches = branches.iter();
                let branches: Vec<_> = branches
                    .flat_map(|branch| self.ways_of(*branch, depth + 1))
                    .collect();
                ways = each_with_each(&ways, &branches);
            }
        }
        if let Some(condition) = keywords.condition {
            let otherwise: Vec<SchemaId> = condition.otherwise.into_iter().collect();
            let then: Vec<SchemaId> = [condition.test].into_iter().chain(condition.then).collect();
            let mut branches = self.ways(&otherwise, depth + 1);
            branches.extend(self.ways(&then, depth + 1));
            ways = each_with_each(&ways, &branches);
        }
        ways
    }

    /// A value that all of these apply to; no branches are left to choose.
    fn way(&mut self, way: &[SchemaId]) -> Option<Draw<'a>> {
        let nodes: Vec<_> = way.iter().map(|id| self.schema.at(*id).node()).collect();
        if nodes.iter().any(|node| node.boolean == Some(false)) {
            return None;
        }
        let all: Vec<&'a Keywords> = nodes.iter().map(|node| &node.keywords).collect();
        if let Some(values) = listed(&all) {
            let values = values.iter().filter(|value| self.accepted(way, value));
            let values: Vec<Value> = values.cloned().collect();
            return (!values.is_empty()).then_some(Draw::Value(values));
        }
        let draws = types(&all).into_iter().filter_map(|name| match name {
            "object" => self.object(&all),
            "array" => Some(self.array(&all)),
            "string" => text(&all),
            "integer" => number::integers(&all),
            "number" => number::numbers(&all),
            "boolean" => Some(Draw::Value(vec![Value::Bool(true), Value::Bool(false)])),
            "null" => Some(Draw::Value(vec![Value::Null])),
            _ => Some(Draw::Any),
        });
        one_of(draws.collect())
    }

    fn array(&mut self, all: &[&'a Keywords]) -> Draw<'a> {
        let given = all.iter().map(|keywords| keywords.prefix_items.len());
        let min = all.iter().filter_map(|one| one.min_items).max();
        let contained = all.iter().map(|one| match one.contains {
            Some(_) => one.min_contains.unwrap_or(1),
            None => 0,
        });
        let contained = count(contained.max().unwrap_or(0));
        let distinct = given.max().unwrap_or(0).max(contained.min(64));
        let mut first = Vec::new();
        for index in 0..distinct {
            let own = all.iter().filter_map(|keywords| {
                let of_index = keywords.prefix_items.get(index);
                of_index.copied().or(keywords.items)
            });
            let also = all.iter().filter_map(|keywords| keywords.contains);
            let parts: Vec<SchemaId> = if index < contained {
                own.chain(also).collect()
            } else {
                own.collect()
            };
            let Some(draw) = self.part(&parts) else { break };
            first.push(draw);
        }
        let items: Vec<SchemaId> = all
            .iter()
            .filter_map(|keywords| keywords.items.or(keywords.unevaluated_items))
            .collect();
        let max = all.iter().filter_map(|one| one.max_items).min().map(count);
        Draw::Array(Array {
            rest: self.part(&items).map(Box::new),
            min: min.map_or(0, count).max(contained),
            max: max
                .into_iter()
                .chain(all.iter().filter_map(|one| closed(self.schema, one)))
                .min(),
            is_unique: all.iter().any(|keywords| keywords.unique_items),
            first,
        })
    }

    fn object(&mut self, all: &[&'a Keywords]) -> Option<Draw<'a>> {
        let mut names: Vec<&'a str> = Vec::new();
        for keywords in all {
            let declared = keywords.properties.iter().map(|(name, _)| name);
            let names_of = declared.chain(&keywords.required);
            names.extend(names_of.map(String::as_str));
        }
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let mut properties = Vec::new();
        for name in names {
            let parts: Vec<SchemaId> = all.iter().flat_map(|one| of_member(one, name)).collect();
            let is_required = all
                .iter()
                .any(|keywords| keywords.required.iter().any(|required| required == name));
            match self.part(&parts) {
                Some(value) => properties.push(Property {
                    name,
                    is_required,
                    value,
                }),
                None if is_required => return None,
                None => {}
            }
        }
        let min = count(
            all.iter()
                .filter_map(|one| one.min_properties)
                .max()
                .unwrap_or(0),
        );
        let max = all.iter().filter_map(|one| one.max_properties).min();
        let needs = all.iter().flat_map(|keywords| &keywords.dependent_required);
        Some(Draw::Object(Object {
            others: self.others(all, properties.len() < min).map(Box::new),
            properties,
            needs: needs
                .map(|(name, needed)| (name.as_str(), needed.as_slice()))
                .collect(),
            min,
            max: max.map(count),
        }))
    }

    /// Names and values of properties that are not declared, where the schema speaks of them or
    /// they are wanted.
    fn others(&mut self, all: &[&'a Keywords], are_wanted: bool) -> Option<(Draw<'a>, Draw<'a>)> {
        let patterns = all.iter().flat_map(|keywords| &keywords.pattern_properties);
        let pattern = patterns.into_iter().next();
        let values: Vec<SchemaId> = match pattern {
            Some(pattern) => vec![pattern.schema],
            None => all
                .iter()
                .filter_map(|one| one.additional_properties.or(one.unevaluated_properties))
                .collect(),
        };
        if values.is_empty() && !are_wanted {
            return None;
        }
        let names: Vec<SchemaId> = all.iter().filter_map(|one| one.property_names).collect();
        let name = match (self.named(&names), pattern) {
            (_, Some(pattern)) => Draw::Text(Text {
                patterns: vec![&pattern.pattern],
                ..Text::default()
            }),
            (Some(draw), None) => draw,
            (None, None) => Draw::Value(vec!["key".into(), "other".into(), "a b".into()]),
        };
        Some((name, self.part(&values)?))
    }

    /// How to draw a property's name, if anything is said of it.
    fn named(&mut self, names: &[SchemaId]) -> Option<Draw<'a>> {
        let ways = self.ways(names, 0);
        let way = ways.first()?;
        let all: Vec<&'a Keywords> = way.iter().map(|id| self.keywords(*id)).collect();
        if let Some(values) = listed(&all) {
            return (!values.is_empty()).then(|| Draw::Value(values.to_vec()));
        }
        if all.is_empty() { None } else { text(&all) }
    }
}

/// The values of the first `const` or closed list.
fn listed<'a>(all: &[&'a Keywords]) -> Option<&'a [Value]> {
    let constants = all.iter().filter_map(|keywords| keywords.constant.as_ref());
    let lists = all
        .iter()
        .filter_map(|keywords| keywords.enumeration.as_deref());
    let mut values = constants.map(std::slice::from_ref).chain(lists);
    values.next()
}

/// The types that all of these allow, the most telling ones first; where none of them says a type,
/// that which their keywords speak of, or `""` for any.
fn types(all: &[&Keywords]) -> Vec<&'static str> {
    const NAMES: [&str; 7] = [
        "object", "array", "string", "number", "integer", "boolean", "null",
    ];
    let given: Vec<_> = all.iter().filter_map(|keywords| keywords.types).collect();
    if given.is_empty() {
        return vec![spoken_of(all)];
    }
    let is_allowed = |name: &&str| {
        let mut given = given.iter();
        given.all(|types| {
            let mut names = types.names();
            names.any(|one| one == *name || (one == "number" && *name == "integer"))
        })
    };
    let mut names: Vec<&str> = NAMES.into_iter().filter(is_allowed).collect();
    // Every integer is a number.
    if names.contains(&"number") {
        names.retain(|name| *name != "integer");
    }
    names
}

fn spoken_of(all: &[&Keywords]) -> &'static str {
    let any = |says: fn(&Keywords) -> bool| all.iter().any(|keywords| says(keywords));
    if any(|one| {
        !one.properties.is_empty()
            || !one.required.is_empty()
            || !one.pattern_properties.is_empty()
            || one.additional_properties.is_some()
            || one.property_names.is_some()
            || one.min_properties.is_some()
    }) {
        "object"
    } else if any(|one| {
        one.items.is_some()
            || !one.prefix_items.is_empty()
            || one.contains.is_some()
            || one.min_items.is_some()
    }) {
        "array"
    } else if any(|one| {
        one.pattern.is_some()
            || one.min_length.is_some()
            || one.max_length.is_some()
            || one
                .format
                .as_deref()
                .is_some_and(soniq_rules::format_is_known)
    }) {
        "string"
    } else if any(|one| {
        one.minimum.is_some()
            || one.maximum.is_some()
            || one.exclusive_minimum.is_some()
            || one.exclusive_maximum.is_some()
            || one.multiple_of.is_some()
    }) {
        "number"
    } else {
        ""
    }
}

fn text<'a>(all: &[&'a Keywords]) -> Option<Draw<'a>> {
    let formats = all.iter().filter_map(|keywords| keywords.format.as_deref());
    let text = Text {
        formats: formats
            .filter(|format| soniq_rules::format_is_known(format))
            .collect(),
        patterns: all.iter().filter_map(|one| one.pattern.as_ref()).collect(),
        min: all
            .iter()
            .filter_map(|one| one.min_length)
            .max()
            .unwrap_or(0),
        max: all.iter().filter_map(|one| one.max_length).min(),
    };
    let has_length = text.max.is_none_or(|max| text.min <= max);
    has_length.then_some(Draw::Text(text))
}

/// The schemas that one set of keywords has for a property.
fn of_member(keywords: &Keywords, name: &str) -> Vec<SchemaId> {
    let own = keywords.properties.iter().filter(|(key, _)| key == name);
    let patterns = keywords.pattern_properties.iter();
    let patterns = patterns.filter(|one| one.pattern.regex.is_match(name));
    let mut all: Vec<SchemaId> = own.map(|(_, id)| *id).collect();
    all.extend(patterns.map(|one| one.schema));
    if all.is_empty() {
        all.extend(keywords.additional_properties);
    }
    all
}

/// The length of a list that ends with its `prefixItems`.
fn closed(schema: SchemaRef<'_>, keywords: &Keywords) -> Option<usize> {
    let rest = keywords.items.or(keywords.unevaluated_items)?;
    let is_closed = schema.at(rest).boolean == Some(false);
    is_closed.then_some(keywords.prefix_items.len())
}

/// Each of one list put together with each of the other, as far as there is room.
fn each_with_each(left: &[Vec<SchemaId>], right: &[Vec<SchemaId>]) -> Vec<Vec<SchemaId>> {
    let pairs = left
        .iter()
        .flat_map(|left| right.iter().map(move |right| (left, right)));
    let together = pairs.map(|(left, right)| {
        let new = right.iter().filter(|id| !left.contains(id));
        left.iter().chain(new).copied().collect()
    });
    together.take(MOST_WAYS).collect()
}

fn one_of(mut draws: Vec<Draw<'_>>) -> Option<Draw<'_>> {
    if draws.len() > 1 {
        return Some(Draw::OneOf(draws));
    }
    draws.pop()
}

/// One of the values that the contract tells of, or as it is drawn.
fn with(told: Vec<Value>, drawn: Option<Draw<'_>>) -> Option<Draw<'_>> {
    if told.is_empty() || matches!(drawn, Some(Draw::Value(_))) {
        return drawn;
    }
    let told = Draw::Value(told);
    Some(match drawn {
        Some(drawn) => Draw::OneOf(vec![told, drawn]),
        None => told,
    })
}

fn count(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
