//! Schemas as a graph of states, and which of the states are the same.

use std::collections::{BTreeMap, HashMap};

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
    index: HashMap<State, usize>,
    /// Whether any of the schemas has `unevaluatedItems` or `unevaluatedProperties`.
    looks_for_unevaluated: bool,
}

impl<'a> Graph<'a> {
    pub(super) fn reachable_from(root: SchemaRef<'a>) -> Self {
        let mut graph = Graph {
            root,
            states: Vec::new(),
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
        let properties: BTreeMap<_, _> = k.properties.iter().map(|(key, id)| (key, *id)).collect();
        let properties = properties.into_iter().map(|(key, id)| {
            let aliases = names(&schema.at(id).node().keywords.aliases);
            (key.clone(), with_aliases(child(id), aliases))
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
