//! Schemas as a graph of states, and which of the states are the same.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use serde_json::Value;

use super::body::{Body, names, normal};
use crate::json_schema::{SchemaId, SchemaRef};

/// A schema as its place sees it: `$ref`s that stand alone are followed, and a `default` that is
/// met on the way belongs to the place.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) id: SchemaId,
    default: Option<String>,
}

/// All states that can be reached; children are indices.
pub(super) struct Graph<'a> {
    pub(super) root: SchemaRef<'a>,
    pub(super) states: Vec<State>,
    /// The states that each state refers to, in the order of its body.
    pub(super) parts: Vec<Vec<usize>>,
    /// A number for what each state says apart from them, equal where it is the same.
    labels: Vec<usize>,
    index: HashMap<State, usize>,
    /// Whether any of the schemas has `unevaluatedItems` or `unevaluatedProperties`.
    looks_for_unevaluated: bool,
}

impl<'a> Graph<'a> {
    pub(super) fn reachable_from(root: SchemaRef<'a>) -> Self {
        let mut graph = Graph {
            root,
            states: Vec::new(),
            parts: Vec::new(),
            labels: Vec::new(),
            index: HashMap::new(),
            looks_for_unevaluated: false,
        };
        graph.add(root);
        let mut next = 0;
        while let Some(state) = graph.states.get(next) {
            let schema = root.at(state.id);
            let keywords = &schema.node().keywords;
            graph.looks_for_unevaluated |=
                keywords.unevaluated_items.is_some() || keywords.unevaluated_properties.is_some();
            for child in children(schema) {
                graph.add(child);
            }
            next += 1;
        }
        graph.label();
        graph
    }

    /// Takes each state apart, once: what it says itself stays as it is while classes are refined.
    fn label(&mut self) {
        let mut numbers = HashMap::new();
        for state in 0..self.states.len() {
            let mut parts = Vec::new();
            let body = self.body(state, &mut |child| {
                parts.push(child);
                Value::Null
            });
            self.labels.push(number(&mut numbers, body.to_string()));
            self.parts.push(parts);
        }
    }

    fn add(&mut self, schema: SchemaRef<'_>) {
        let state = state_of(schema);
        if !self.index.contains_key(&state) {
            self.index.insert(state.clone(), self.states.len());
            self.states.push(state);
        }
    }

    fn index_of(&self, schema: SchemaRef<'_>) -> usize {
        self.index.get(&state_of(schema)).copied().unwrap_or(0)
    }

    /// Which states are the same: a number for each state, equal where nothing tells them apart.
    pub(super) fn classes(&self) -> Vec<usize> {
        let mut classes = self.labels.clone();
        let mut count = 0;
        loop {
            let mut numbers = HashMap::new();
            let states = classes.iter().zip(&self.parts);
            let refined = states.map(|(class, parts)| {
                let of_parts: Vec<usize> = parts.iter().map(|part| classes[*part]).collect();
                number(&mut numbers, (*class, of_parts))
            });
            classes = refined.collect();
            // A refinement only ever splits classes: the same number of them is the same partition.
            if numbers.len() == count {
                return classes;
            }
            count = numbers.len();
        }
    }

    /// The keywords of a state, each child as `write` puts it.
    pub(super) fn body(&self, state: usize, write: &mut dyn FnMut(usize) -> Value) -> Value {
        let State { id, default } = &self.states[state];
        let schema = self.root.at(*id);
        if let Some(boolean) = schema.boolean {
            return Value::Bool(boolean);
        }
        let mut body = Body::default();
        body.rules(schema);
        if let Some(default) = default {
            // It was written by `normal`, so it reads back as it was.
            let default = serde_json::from_str(default).unwrap_or_default();
            body.put("default", Some(default));
        }
        self.parts(schema, &mut body, write);
        body.into_value()
    }

    /// The keywords that hold schemas.
    fn parts(&self, schema: SchemaRef<'_>, body: &mut Body, write: &mut dyn FnMut(usize) -> Value) {
        let mut child = |id: SchemaId| write(self.index_of(schema.at(id)));
        let k = &schema.node().keywords;
        body.put("$ref", k.reference.map(&mut child));
        // `true` admits every part, and so says nothing but to `unevaluated...` beside or around it.
        let is_idle = |id: &SchemaId| {
            !self.looks_for_unevaluated && schema.at(*id).resolved().boolean == Some(true)
        };
        let items = k.items.filter(|id| !is_idle(id));
        body.put("items", items.map(&mut child));
        let additional = k.additional_properties.filter(|id| !is_idle(id));
        body.put("additionalProperties", additional.map(&mut child));
        for (keyword, id) in [
            ("contains", k.contains),
            ("propertyNames", k.property_names),
            ("unevaluatedItems", k.unevaluated_items),
            ("unevaluatedProperties", k.unevaluated_properties),
            ("not", k.not),
            ("if", k.condition.map(|condition| condition.test)),
            ("then", k.condition.and_then(|condition| condition.then)),
            (
                "else",
                k.condition.and_then(|condition| condition.otherwise),
            ),
        ] {
            body.put(keyword, id.map(&mut child));
        }
        for (keyword, ids) in [
            ("prefixItems", &k.prefix_items),
            ("allOf", &k.all_of),
            ("anyOf", &k.any_of),
            ("oneOf", &k.one_of),
        ] {
            let list = ids.iter().map(|id| child(*id)).collect();
            body.put(keyword, (!ids.is_empty()).then_some(Value::Array(list)));
        }
        let mut properties: Vec<_> = k.properties.iter().collect();
        properties.sort_unstable_by_key(|(key, _)| key);
        let properties = properties.into_iter().map(|(key, id)| {
            let aliases = names(&schema.at(*id).node().keywords.aliases);
            (key.clone(), with_aliases(child(*id), aliases))
        });
        let properties = Value::Object(properties.collect());
        body.put(
            "properties",
            (!k.properties.is_empty()).then_some(properties),
        );
        let patterns = k.pattern_properties.iter();
        let patterns = patterns.map(|one| (one.pattern.source.as_str(), one.schema));
        let dependent = k
            .dependent_schemas
            .iter()
            .map(|(key, id)| (key.as_str(), *id));
        for (keyword, named) in [
            ("patternProperties", patterns.collect::<BTreeMap<_, _>>()),
            ("dependentSchemas", dependent.collect()),
        ] {
            let is_empty = named.is_empty();
            let members = named
                .into_iter()
                .map(|(key, id)| (key.to_owned(), child(id)));
            let members = Value::Object(members.collect());
            body.put(keyword, (!is_empty).then_some(members));
        }
    }
}

/// A property's schema with its older names, which are the property's even where the schema is
/// another one's too.
fn with_aliases(schema: Value, aliases: Option<Value>) -> Value {
    let Some(aliases) = aliases else {
        return schema;
    };
    let mut members = match schema {
        Value::Object(members) => members.into_iter().collect(),
        Value::Bool(true) => BTreeMap::new(),
        other => BTreeMap::from([("allOf".to_owned(), Value::Array(vec![other]))]),
    };
    members.insert("x-aliases".to_owned(), aliases);
    Value::Object(members.into_iter().collect())
}

/// The number of a key: that of its like, or else the next one.
fn number<K: Eq + Hash>(numbers: &mut HashMap<K, usize>, key: K) -> usize {
    let next = numbers.len();
    *numbers.entry(key).or_insert(next)
}

fn state_of(schema: SchemaRef<'_>) -> State {
    State {
        id: schema.resolved().id,
        default: schema
            .default_value()
            .map(|value| normal(value).to_string()),
    }
}

pub(super) fn children(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
    let children = schema.node().keywords.children();
    children.map(|id| schema.at(id)).collect()
}
