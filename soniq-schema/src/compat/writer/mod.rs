//! What a writer can write, as unions of simpler sets.
//!
//! A [`Set`] is what several schemas admit together. It is taken apart into [`Atom`]s: values of one
//! JSON type, each with the schemas that are known to hold for them. Every approximation here goes
//! the same way: an atom may admit a value too many, never one too few. So what is proven for all
//! atoms holds for every value, and a value that seems to speak against it has to be confirmed.

mod facts;
mod members;
mod typing;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

pub(super) use facts::Text;
pub(super) use members::{Member, Part};
pub(super) use typing::{is_typed_union, tag, tag_value};

use crate::json_schema::{Keywords, SchemaId, SchemaRef, Schemas, evaluate};

/// How many atoms one set is taken apart into; beyond, alternatives are no longer told apart.
const MAX_ATOMS: usize = 48;

/// The longest range of integers that is looked at number by number.
const MAX_COUNTED: i64 = 64;

/// The JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Bool,
    Number,
    String,
    Array,
    Object,
    Null,
}

/// In the order in which a value is chosen where any will do.
const KINDS: [Kind; 6] = [
    Kind::String,
    Kind::Number,
    Kind::Bool,
    Kind::Array,
    Kind::Object,
    Kind::Null,
];

impl Kind {
    pub(super) fn of(value: &Value) -> Kind {
        match value {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Number(_) => Kind::Number,
            Value::String(_) => Kind::String,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    /// Whether `type` lists it.
    pub(super) fn is_in(self, keywords: &Keywords) -> bool {
        keywords.types.is_none_or(|types| match self {
            Kind::Null => types.null,
            Kind::Bool => types.boolean,
            Kind::Number => types.number || types.integer,
            Kind::String => types.string,
            Kind::Array => types.array,
            Kind::Object => types.object,
        })
    }
}

/// Which Rust type the producer holds the values in. It decides which undeclared properties can be
/// among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Typing {
    /// The struct that stands for a task's arguments.
    Args,
    /// The type that the generator makes of the schema.
    Typed,
    /// `serde_json::Value`: any JSON that passes the checks.
    Json,
}

/// What several schemas admit together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Set {
    /// Sorted; `$ref`s that stand alone are followed.
    pub(super) all: Vec<SchemaId>,
    pub(super) typing: Typing,
    /// The one JSON type that the values have, if that is known.
    pub(super) only: Option<Kind>,
}

/// Values of one JSON type.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub(super) kind: Kind,
    /// Every schema that is known to admit all of the values.
    pub(super) nodes: Vec<SchemaId>,
    /// Schemas that are known to admit none.
    pub(super) negated: Vec<SchemaId>,
    /// All values, where they can be listed.
    pub(super) values: Option<Vec<Value>>,
    /// The schema whose Rust type holds the values; none where that is `serde_json::Value`.
    pub(super) top: Option<SchemaId>,
    pub(super) typing: Typing,
    /// Properties that are known to be there.
    pub(super) present: Vec<String>,
    /// Properties that are known to be absent.
    pub(super) absent: Vec<String>,
    /// Properties that are known to have a value.
    pub(super) pinned: Vec<(String, Value)>,
    /// Properties that the reader fills in, each with its default.
    pub(super) filled: Vec<(String, Value)>,
    /// Older names that the reader knows, each with the present one.
    pub(super) renamed: Vec<(String, String)>,
}

/// Structs by their schema, and whether it is that of a task's arguments; none where it makes none.
type Structs = HashMap<(SchemaId, bool), Option<Rc<typing::Struct>>>;

/// The writer's schemas.
pub(super) struct Writer<'a> {
    schemas: &'a Schemas,
    atoms: HashMap<Set, Rc<[Atom]>>,
    /// How the objects of a schema are written, once as a task's arguments and once elsewhere.
    structs: RefCell<Structs>,
}

/// An atom whose alternatives are not chosen yet.
#[derive(Clone)]
struct Partial {
    nodes: Vec<SchemaId>,
    negated: Vec<SchemaId>,
    pending: Vec<SchemaId>,
    choices: Vec<Vec<Choice>>,
    top: Option<SchemaId>,
}

/// One alternative: what holds in it, what does not, and the type that it moves to.
#[derive(Clone)]
struct Choice {
    holds: Vec<SchemaId>,
    negated: Vec<SchemaId>,
    top: Top,
}

/// What a choice does to the Rust type of the whole.
#[derive(Clone, Copy)]
enum Top {
    Stays,
    Becomes(SchemaId),
    /// `serde_json::Value`
    Json,
}

impl<'a> Writer<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Writer {
            schemas,
            atoms: HashMap::new(),
            structs: RefCell::new(HashMap::new()),
        }
    }

    pub(super) fn schema(&self, id: SchemaId) -> SchemaRef<'a> {
        self.schemas.get(id)
    }

    pub(super) fn keywords(&self, id: SchemaId) -> &'a Keywords {
        &self.schema(id).node().keywords
    }

    /// What these schemas admit together.
    pub(super) fn set(&self, all: impl IntoIterator<Item = SchemaId>, typing: Typing) -> Set {
        let resolved = all.into_iter().map(|id| self.schema(id).resolved());
        let mut all: Vec<_> = resolved
            .filter(|schema| schema.boolean != Some(true))
            .map(|schema| schema.id)
            .collect();
        all.sort_unstable();
        all.dedup();
        Set {
            all,
            typing,
            only: None,
        }
    }

    /// The set taken apart.
    pub(super) fn atoms(&mut self, set: &Set) -> Rc<[Atom]> {
        if let Some(atoms) = self.atoms.get(set) {
            return atoms.clone();
        }
        let atoms: Rc<[Atom]> = self.take_apart(set).into();
        self.atoms.insert(set.clone(), atoms.clone());
        atoms
    }

    fn take_apart(&self, set: &Set) -> Vec<Atom> {
        let top = match (set.typing, set.all.as_slice()) {
            (Typing::Args | Typing::Typed, [one]) => Some(*one),
            _ => None,
        };
        let mut waiting = vec![Partial {
            nodes: Vec::new(),
            negated: Vec::new(),
            pending: set.all.clone(),
            choices: Vec::new(),
            top,
        }];
        let mut done = Vec::new();
        while let Some(mut partial) = waiting.pop() {
            if !self.complete(&mut partial, set.typing) {
                continue;
            }
            let Some(choices) = partial.choices.pop() else {
                done.push(partial);
                continue;
            };
            if waiting.len() + done.len() + choices.len() > MAX_ATOMS {
                // Without the choice, the rest admits more.
                partial.top = None;
                waiting.push(partial);
                continue;
            }
            for choice in choices.into_iter().rev() {
                let mut chosen = partial.clone();
                chosen.pending.extend(choice.holds);
                chosen.negated.extend(choice.negated);
                match choice.top {
                    Top::Stays => {}
                    Top::Becomes(top) => chosen.top = Some(top),
                    Top::Json => chosen.top = None,
                }
                waiting.push(chosen);
            }
        }
        let mut atoms = Vec::new();
        for kind in KINDS {
            if set.only.is_none_or(|only| only == kind) {
                atoms.extend(
                    done.iter()
                        .filter_map(|partial| self.atom(partial, kind, set.typing)),
                );
            }
        }
        atoms
    }

    /// Adds all that holds without a choice; `false` where nothing is admitted.
    fn complete(&self, partial: &mut Partial, typing: Typing) -> bool {
        while let Some(id) = partial.pending.pop() {
            let schema = self.schema(id).resolved();
            if partial.nodes.contains(&schema.id) {
                continue;
            }
            if let Some(admits) = schema.boolean {
                if !admits {
                    return false;
                }
                continue;
            }
            partial.nodes.push(schema.id);
            let keywords = &schema.node().keywords;
            partial.pending.extend(keywords.reference);
            partial.pending.extend(&keywords.all_of);
            partial.negated.extend(keywords.not);
            let is_top = partial.top == Some(schema.id) && typing != Typing::Args;
            partial.choices.extend(Self::choices(schema, is_top));
        }
        true
    }

    fn choices(schema: SchemaRef<'a>, is_top: bool) -> Vec<Vec<Choice>> {
        let keywords = &schema.node().keywords;
        let mut choices = Vec::new();
        let union = is_top.then(|| is_typed_union(schema)).flatten();
        for (branches, is_exclusive) in [(&keywords.any_of, false), (&keywords.one_of, true)] {
            if branches.is_empty() {
                continue;
            }
            let choice = |(index, id): (usize, &SchemaId)| {
                let others = branches.iter().enumerate();
                let others = others.filter(|(other, _)| is_exclusive && *other != index);
                Choice {
                    holds: vec![*id],
                    negated: others.map(|(_, id)| *id).collect(),
                    top: match union {
                        None => Top::Stays,
                        Some(true) => Top::Becomes(schema.at(*id).resolved().id),
                        Some(false) => Top::Json,
                    },
                }
            };
            choices.push(branches.iter().enumerate().map(choice).collect());
        }
        if let Some(condition) = keywords.condition {
            let then = Choice {
                holds: [Some(condition.test), condition.then]
                    .into_iter()
                    .flatten()
                    .collect(),
                negated: Vec::new(),
                top: Top::Stays,
            };
            let otherwise = Choice {
                holds: condition.otherwise.into_iter().collect(),
                negated: vec![condition.test],
                top: Top::Stays,
            };
            choices.push(vec![then, otherwise]);
        }
        choices
    }

    fn atom(&self, partial: &Partial, kind: Kind, typing: Typing) -> Option<Atom> {
        let mut nodes = partial.nodes.iter();
        if !nodes.all(|id| kind.is_in(self.keywords(*id))) {
            return None;
        }
        let mut atom = Atom {
            kind,
            nodes: partial.nodes.clone(),
            negated: partial.negated.clone(),
            values: None,
            top: partial.top,
            typing,
            present: Vec::new(),
            absent: Vec::new(),
            pinned: Vec::new(),
            filled: Vec::new(),
            renamed: Vec::new(),
        };
        atom.values = self.listed(&atom);
        let is_empty = match (&atom.values, kind) {
            (Some(values), _) => values.is_empty(),
            (None, Kind::Number) => self.range(&atom).is_empty(),
            (None, Kind::String) => self.text(&atom).is_empty(),
            _ => false,
        };
        (!is_empty).then_some(atom)
    }

    /// All values of an atom, where a schema lists them.
    fn listed(&self, atom: &Atom) -> Option<Vec<Value>> {
        let of_nodes = atom.nodes.iter().filter_map(|id| {
            let keywords = self.keywords(*id);
            let is_open = keywords.open && atom.kind == Kind::String;
            let listed = keywords.enumeration.as_ref().filter(|_| !is_open);
            let constant = keywords.constant.as_ref().map(std::slice::from_ref);
            constant.or(listed.map(Vec::as_slice))
        });
        let values: Vec<Value> = match (of_nodes.min_by_key(|values| values.len()), atom.kind) {
            (Some(values), _) => values.to_vec(),
            (None, Kind::Null) => vec![Value::Null],
            (None, Kind::Bool) => vec![false.into(), true.into()],
            (None, Kind::Number) => self.range(atom).counted(MAX_COUNTED)?,
            (None, _) => return None,
        };
        let of_kind = values
            .into_iter()
            .filter(|value| Kind::of(value) == atom.kind);
        Some(of_kind.filter(|value| self.admits(atom, value)).collect())
    }

    /// Whether all that is known of an atom's values by schema is true of this one.
    pub(super) fn admits(&self, atom: &Atom, value: &Value) -> bool {
        let fits = |id: &SchemaId| evaluate(self.schema(*id), value).is_empty();
        Kind::of(value) == atom.kind
            && atom.nodes.iter().all(fits)
            && !atom.negated.iter().any(fits)
    }
}
