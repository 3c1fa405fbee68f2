//! Schemas as a graph of states, and which of the states are the same.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::body::{Body, normal};
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
    index: HashMap<State, usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn reachable_from(root: SchemaRef<'a>) -> Self {
        let mut graph = Graph {
            root,
            states: Vec::new(),
            index: HashMap::new(),
        };
        graph.add(root);
        let mut next = 0;
        while let Some(state) = graph.states.get(next) {
            let schema = root.at(state.id);
            for child in children(schema) {
                graph.add(child);
            }
            next += 1;
        }
        graph
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
        let mut classes = vec![0; self.states.len()];
        let mut count = 1;
        loop {
            let mut numbers: HashMap<String, usize> = HashMap::new();
            let refined: Vec<usize> = (0..self.states.len())
                .map(|state| {
                    let text = self.body(state, &mut |child| Value::from(classes[child]));
                    let next = numbers.len();
                    *numbers.entry(text.to_string()).or_insert(next)
                })
                .collect();
            let refined_count = numbers.len();
            classes = refined;
            // A refinement only ever splits classes: the same number of them is the same partition.
            if refined_count == count {
                return classes;
            }
            count = refined_count;
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
        let mut child = |id: SchemaId| write(self.index_of(schema.at(id)));
        let keywords = &schema.node().keywords;
        body.put("$ref", keywords.reference.map(&mut child));
        let is_true = |id: &SchemaId| schema.at(*id).resolved().boolean == Some(true);
        let items = keywords.items.filter(|id| !is_true(id));
        body.put("items", items.map(&mut child));
        let additional = keywords.additional_properties.filter(|id| !is_true(id));
        body.put("additionalProperties", additional.map(&mut child));
        if !keywords.prefix_items.is_empty() {
            let items = keywords.prefix_items.iter().map(|id| child(*id)).collect();
            body.put("prefixItems", Some(Value::Array(items)));
        }
        if !keywords.properties.is_empty() {
            let sorted: BTreeMap<_, _> =
                keywords.properties.iter().map(|(k, id)| (k, id)).collect();
            let members = sorted
                .into_iter()
                .map(|(key, id)| (key.clone(), child(*id)));
            body.put("properties", Some(Value::Object(members.collect())));
        }
        body.into_value()
    }
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
    let keywords = &schema.node().keywords;
    let properties = keywords.properties.iter().map(|(_, id)| id);
    properties
        .chain(&keywords.reference)
        .chain(&keywords.items)
        .chain(&keywords.prefix_items)
        .chain(&keywords.additional_properties)
        .map(|id| schema.at(*id))
        .collect()
}
