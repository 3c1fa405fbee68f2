//! Fingerprints: one text for all spellings of a schema, and its SHA-256.
//!
//! The canonical form is JSON Schema again. Two schemas have the same one if they differ in nothing
//! but annotations, the order of keys, of `required` and of `enum`, keywords that say nothing
//! (`minLength: 0`), the spelling of numbers (`1.0`), and in which parts stand under `[types]`.
//!
//! The last of these is where the work is. Every schema that can be reached is a state; states that
//! admit the same walk are merged by refining a partition until it is stable. What is merged,
//! reached more than once and has parts of its own becomes a numbered entry of `$defs`, everything
//! else is written in place. So a recursive type has a canonical form as well, and a type that is
//! used a thousand times is written once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use crate::json_schema::{SchemaId, SchemaRef};

/// The canonical form of a schema: JSON on one line, keys sorted.
///
/// ```
/// let text = r##"
///     edition = "2026"
///     namespace = "a"
///     [types.Id]
///     type = "string"
///     format = "uuid"
///     [tasks.t]
///     version = 1
///     [tasks.t.args]
///     type = "object"
///     description = "Prose is left out."
///     properties.id = { "$ref" = "#/types/Id" }
/// "##;
/// let contracts = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
/// let args = contracts.schemas.get(contracts.contracts[0].tasks[0].args);
/// assert_eq!(
///     soniq_schema::canonical(args),
///     r#"{"properties":{"id":{"format":"uuid","type":"string"}},"type":"object"}"#
/// );
/// ```
pub fn canonical(schema: SchemaRef<'_>) -> String {
    let graph = Graph::reachable_from(schema);
    let classes = graph.classes();
    Writer::new(&graph, &classes).document().to_string()
}

/// SHA-256 of the [`canonical`] form, as 64 lower-case hexadecimal digits.
pub fn fingerprint(schema: SchemaRef<'_>) -> String {
    let digest = hmac_sha256::Hash::hash(canonical(schema).as_bytes());
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A schema as its place sees it: `$ref`s that stand alone are followed, and a `default` that is
/// met on the way belongs to the place.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    id: SchemaId,
    default: Option<String>,
}

/// All states that can be reached; children are indices.
struct Graph<'a> {
    root: SchemaRef<'a>,
    states: Vec<State>,
    index: HashMap<State, usize>,
}

impl<'a> Graph<'a> {
    fn reachable_from(root: SchemaRef<'a>) -> Self {
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
    fn classes(&self) -> Vec<usize> {
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
    fn body(&self, state: usize, write: &mut dyn FnMut(usize) -> Value) -> Value {
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

fn children(schema: SchemaRef<'_>) -> Vec<SchemaRef<'_>> {
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

/// Keywords by name, those that say something.
#[derive(Default)]
struct Body(BTreeMap<&'static str, Value>);

impl Body {
    fn put(&mut self, keyword: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(keyword, value);
        }
    }

    /// The keywords that hold no schemas.
    fn rules(&mut self, schema: SchemaRef<'_>) {
        let k = &schema.node().keywords;
        self.put("type", k.types.map(|types| one_or_list(types.names())));
        self.put("enum", k.enumeration.as_deref().map(sorted));
        self.put("x-open", k.open.then_some(Value::Bool(true)));
        self.put("const", k.constant.as_ref().map(normal));
        self.put("format", k.format.clone().map(Value::from));
        self.put(
            "minLength",
            k.min_length.filter(|n| *n > 0).map(Value::from),
        );
        self.put("maxLength", k.max_length.map(Value::from));
        self.put(
            "pattern",
            k.pattern.as_ref().map(|p| Value::from(p.source.as_str())),
        );
        self.put("minimum", k.minimum.as_ref().map(normal_number));
        self.put("maximum", k.maximum.as_ref().map(normal_number));
        self.put(
            "exclusiveMinimum",
            k.exclusive_minimum.as_ref().map(normal_number),
        );
        self.put(
            "exclusiveMaximum",
            k.exclusive_maximum.as_ref().map(normal_number),
        );
        self.put("multipleOf", k.multiple_of.as_ref().map(normal_number));
        self.put("minItems", k.min_items.filter(|n| *n > 0).map(Value::from));
        self.put("maxItems", k.max_items.map(Value::from));
        self.put("uniqueItems", k.unique_items.then_some(Value::Bool(true)));
        self.put(
            "minProperties",
            k.min_properties.filter(|n| *n > 0).map(Value::from),
        );
        self.put("maxProperties", k.max_properties.map(Value::from));
        if !k.required.is_empty() {
            let names: Vec<_> = k
                .required
                .iter()
                .map(|name| Value::from(name.as_str()))
                .collect();
            self.put("required", Some(sorted(&names)));
        }
        if !k.aliases.is_empty() {
            let names: Vec<_> = k
                .aliases
                .iter()
                .map(|name| Value::from(name.as_str()))
                .collect();
            self.put("x-aliases", Some(sorted(&names)));
        }
    }

    /// No keyword is the schema `true`.
    fn into_value(self) -> Value {
        if self.0.is_empty() {
            return Value::Bool(true);
        }
        let members = self
            .0
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Object(members.collect())
    }
}

/// Writes classes as one document, shared ones under `$defs`.
struct Writer<'g> {
    graph: &'g Graph<'g>,
    classes: &'g [usize],
    /// How often each class is referred to; those with parts and more than one mention are shared.
    mentions: HashMap<usize, usize>,
    /// Numbers of shared classes, in the order in which they are met.
    numbers: HashMap<usize, usize>,
    definitions: BTreeMap<usize, Value>,
}

impl<'g> Writer<'g> {
    fn new(graph: &'g Graph<'g>, classes: &'g [usize]) -> Self {
        let mut mentions = HashMap::from([(classes[0], 1)]);
        let mut counted = HashSet::new();
        for (state, class) in classes.iter().enumerate() {
            // One state speaks for its class.
            if !counted.insert(*class) {
                continue;
            }
            graph.body(state, &mut |child| {
                *mentions.entry(classes[child]).or_default() += 1;
                Value::Null
            });
        }
        Writer {
            graph,
            classes,
            mentions,
            numbers: HashMap::new(),
            definitions: BTreeMap::new(),
        }
    }

    fn document(mut self) -> Value {
        let root = self.write(0);
        if self.definitions.is_empty() {
            return root;
        }
        let definitions = std::mem::take(&mut self.definitions).into_iter();
        let definitions: Map<_, _> = definitions.map(|(n, body)| (n.to_string(), body)).collect();
        let mut members = BTreeMap::from([("$defs".to_owned(), Value::Object(definitions))]);
        if let Value::Object(root) = root {
            members.extend(root);
        }
        Value::Object(members.into_iter().collect())
    }

    fn write(&mut self, state: usize) -> Value {
        let class = self.classes[state];
        let id = self.graph.states[state].id;
        let has_parts = !children(self.graph.root.at(id)).is_empty();
        let is_shared = has_parts && self.mentions.get(&class).is_some_and(|count| *count > 1);
        let graph = self.graph;
        if !is_shared {
            return graph.body(state, &mut |child| self.write(child));
        }
        let next = self.numbers.len();
        let number = *self.numbers.entry(class).or_insert(next);
        if number == next {
            let body = graph.body(state, &mut |child| self.write(child));
            self.definitions.insert(number, body);
        }
        let reference = Value::from(format!("#/$defs/{number}"));
        Value::Object(Map::from_iter([("$ref".to_owned(), reference)]))
    }
}

/// A value in one spelling: keys sorted, whole numbers without a fraction.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => normal_number(number),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().map(|(key, v)| (key, normal(v))).collect();
            Value::Object(
                sorted
                    .into_iter()
                    .map(|(key, v)| (key.clone(), v))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

fn normal_number(number: &Number) -> Value {
    // As text, a whole float is an integer's digits and `.0`, until it becomes `1e20`.
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    let whole = if whole == "-0" { "0" } else { whole };
    match whole.parse::<i64>() {
        Ok(integer) => Value::from(integer),
        Err(_) => Value::Number(number.clone()),
    }
}

fn sorted(values: &[Value]) -> Value {
    let mut values: Vec<_> = values.iter().map(normal).collect();
    values.sort_by_key(ToString::to_string);
    Value::Array(values)
}

fn one_or_list(names: impl Iterator<Item = &'static str>) -> Value {
    let mut names: Vec<_> = names.map(Value::from).collect();
    match names.len() {
        1 => names.remove(0),
        _ => Value::Array(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::load_sources;

    /// The canonical form of the args of the task `t` in a contract with these types and args.
    fn canonical_of(types: &str, args: &str) -> String {
        let text = format!(
            "edition = '2026'\nnamespace = 'a'\n{types}\n[tasks.t]\nversion = 1\n[tasks.t.args]\n{args}"
        );
        let loaded = load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = &loaded.contracts;
        canonical(contracts.schemas.get(contracts.contracts[0].tasks[0].args))
    }

    const INLINE: &str = "
        type = 'object'
        required = ['a', 'b']
        properties.a = { type = 'string', enum = ['x', 'y'], default = 'x' }
        properties.b = { type = 'array', items = { type = 'integer', minimum = 1 } }";

    #[test]
    fn spelling_does_not_matter() {
        let expected = canonical_of("", INLINE);
        let reordered = "
            description = 'Prose.'
            required = ['b', 'a']
            properties.b = { items = { minimum = 1.0, type = ['integer'], title = 'N' }, type = 'array', minItems = 0, uniqueItems = false }
            properties.a = { default = 'x', examples = ['y'], enum = ['y', 'x'], type = 'string', deprecated = true }
            additionalProperties = true
            type = 'object'";
        assert_eq!(canonical_of("", reordered), expected);
    }

    #[test]
    fn inlining_does_not_matter() {
        let types = "
            [types]
            A = { type = 'string', enum = ['x', 'y'] }
            N = { '$ref' = '#/types/M', description = 'Prose.' }
            M = { type = 'integer', minimum = 1 }";
        let referring = "
            type = 'object'
            required = ['a', 'b']
            properties.a = { '$ref' = '#/types/A', default = 'x' }
            properties.b = { type = 'array', items = { '$ref' = '#/types/N' } }";
        assert_eq!(canonical_of(types, referring), canonical_of("", INLINE));
    }

    #[test]
    fn unrolling_a_recursive_type_does_not_matter() {
        let types = "
            [types.Tree]
            type = 'object'
            properties.children = { type = 'array', items = { '$ref' = '#/types/Tree' } }";
        let rolled = canonical_of(
            types,
            "type = 'object'\nproperties.root = { '$ref' = '#/types/Tree' }",
        );
        let unrolled = canonical_of(
            types,
            "type = 'object'\nproperties.root = { type = 'object', properties = { children = { type = 'array', items = { '$ref' = '#/types/Tree' } } } }",
        );
        assert_eq!(rolled, unrolled);
        insta::assert_snapshot!(rolled, @r##"{"$defs":{"0":{"properties":{"children":{"items":{"$ref":"#/$defs/0"},"type":"array"}},"type":"object"}},"properties":{"root":{"$ref":"#/$defs/0"}},"type":"object"}"##);
    }

    #[test]
    fn what_is_used_often_is_written_once() {
        // Each type uses the next one twice: written in place, this would be 2^40 copies.
        let mut types = String::from("[types]\nT40 = { type = 'string' }\n");
        for n in 0..40 {
            let next = n + 1;
            let _ = writeln!(
                types,
                "T{n} = {{ type = 'object', properties = {{ a = {{ '$ref' = '#/types/T{next}' }}, b = {{ '$ref' = '#/types/T{next}' }} }} }}"
            );
        }
        let text = canonical_of(
            &types,
            "type = 'object'\nproperties.x = { '$ref' = '#/types/T0' }",
        );
        assert!(text.len() < 10_000, "{} bytes", text.len());
    }

    #[test]
    fn every_rule_matters() {
        let texts = [
            INLINE.to_owned(),
            INLINE.replace("minimum = 1", "minimum = 2"),
            INLINE.replace("minimum = 1", "exclusiveMinimum = 1"),
            INLINE.replace("'a', 'b'", "'a'"),
            INLINE.replace("default = 'x'", "default = 'y'"),
            INLINE.replace("default = 'x'", "x-open = true"),
            INLINE.replace("'x', 'y'", "'x', 'z'"),
            INLINE.replace("properties.b", "additionalProperties = false\nproperties.b"),
            INLINE.replace("'integer'", "'number'"),
            INLINE.replace("type = 'array'", "type = ['array', 'null']"),
            INLINE.replace("type = 'array'", "type = 'array', uniqueItems = true"),
        ];
        let mut forms: Vec<_> = texts.iter().map(|text| canonical_of("", text)).collect();
        forms.sort();
        forms.dedup();
        assert_eq!(forms.len(), texts.len());
    }

    #[test]
    fn a_fingerprint_is_the_hash_of_the_canonical_form() {
        let text = "edition = '2026'\nnamespace = 'a'\n[types]\nA = true";
        let contracts = load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
        let schema = contracts
            .schemas
            .get(contracts.contracts[0].types[0].schema);
        assert_eq!(canonical(schema), "true");
        assert_eq!(
            fingerprint(schema),
            // printf true | sha256sum
            "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
        );
    }
}
