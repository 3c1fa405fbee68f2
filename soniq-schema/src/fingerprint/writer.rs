//! Classes of states as one JSON document.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::{Map, Value};

use super::graph::{Graph, children};

/// How deep schemas are written in place; what lies deeper goes to `$defs`, so that the text can be
/// read again by any parser and no walk runs out of stack.
const MAX_DEPTH: usize = 32;

/// Writes classes, shared ones under `$defs`.
pub(super) struct Writer<'g> {
    graph: &'g Graph<'g>,
    classes: &'g [usize],
    /// How often each class is referred to; those with parts and more than one mention are shared.
    mentions: HashMap<usize, usize>,
    /// Numbers of the classes in `$defs`, in the order in which they are met.
    numbers: HashMap<usize, usize>,
    /// States whose classes have a number and are still to be written, in order.
    waiting: VecDeque<usize>,
}

impl<'g> Writer<'g> {
    pub(super) fn new(graph: &'g Graph<'g>, classes: &'g [usize]) -> Self {
        let mut mentions = HashMap::from([(classes[0], 1)]);
        let mut counted = HashSet::new();
        for (state, class) in classes.iter().enumerate() {
            // One state speaks for its class.
            if !counted.insert(*class) {
                continue;
            }
            for part in &graph.parts[state] {
                *mentions.entry(classes[*part]).or_default() += 1;
            }
        }
        Writer {
            graph,
            classes,
            mentions,
            numbers: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn document(mut self) -> Value {
        let root = self.write(0, 0);
        let mut definitions = BTreeMap::new();
        while let Some(state) = self.waiting.pop_front() {
            let number = definitions.len().to_string();
            let body = self.in_place(state, 0);
            definitions.insert(number, body);
        }
        if definitions.is_empty() {
            return root;
        }
        // Through a sorted map, since `serde_json`'s own may keep the order of insertion.
        let definitions = Value::Object(definitions.into_iter().collect());
        let mut members = BTreeMap::from([("$defs".to_owned(), definitions)]);
        if let Value::Object(root) = root {
            members.extend(root);
        }
        Value::Object(members.into_iter().collect())
    }

    fn write(&mut self, state: usize, depth: usize) -> Value {
        let class = self.classes[state];
        let id = self.graph.states[state].id;
        let has_parts = !children(self.graph.root.at(id)).is_empty();
        let is_shared = self.mentions.get(&class).is_some_and(|count| *count > 1);
        if !has_parts || !(is_shared || depth > MAX_DEPTH) {
            return self.in_place(state, depth);
        }
        let next = self.numbers.len();
        let number = *self.numbers.entry(class).or_insert(next);
        if number == next {
            self.waiting.push_back(state);
        }
        let reference = Value::from(format!("#/$defs/{number}"));
        Value::Object(Map::from_iter([("$ref".to_owned(), reference)]))
    }

    fn in_place(&mut self, state: usize, depth: usize) -> Value {
        let graph = self.graph;
        graph.body(state, &mut |child| self.write(child, depth + 1))
    }
}
