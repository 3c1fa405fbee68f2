//! Containment: is every value that a writer can write one that a reader takes?
//!
//! The reader's schema is a conjunction of keywords, so each is held against each atom of the
//! writer's set by itself. What holds for the atoms holds for the values, whatever was left out on
//! the way there; what does not hold is a [`Failure`], to be confirmed by a value. Pairs of a set and
//! a schema that are met again inside of themselves are taken as proven: if they are not, some other
//! keyword on the way says so.

mod arrays;
mod disjoint;
mod objects;
mod scalars;

mod unions;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

pub(super) use scalars::beside;

use super::reader::{Place, Reader};
use super::writer::{Atom, Kind, Member, Set, Typing, Writer};
use crate::fingerprint::canonical;
use crate::json_schema::{SchemaId, SchemaRef};

/// How many pairs of an atom and a schema are looked at.
const MAX_STEPS: usize = 50_000;

/// How deep places lie in each other.
const MAX_DEPTH: usize = 96;

/// How many failures are kept.
const MAX_FAILURES: usize = 64;

/// A keyword that could not be proven at a place.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// From the root to the place of the value: names, indices, and `*` for any of them.
    pub(super) path: Vec<String>,
    /// The reader's keyword.
    pub(super) keyword: &'static str,
    /// The property that the keyword is about, for `required` and its like.
    pub(super) name: Option<String>,
    /// The reader's schema.
    pub(super) reader: SchemaId,
    /// The atom that may hold values which the reader refuses.
    pub(super) atom: Rc<Atom>,
    /// The way from the root down to the atom.
    pub(super) way: Vec<Step>,
    /// Values worth trying.
    pub(super) hints: Vec<Value>,
}

/// One step from an object or array into a part of it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) atom: Rc<Atom>,
    pub(super) into: Into,
}

/// Where a step leads.
#[derive(Debug, Clone)]
pub(super) enum Into {
    Property(String),
    /// Some property that no schema names.
    Other,
    Item(usize),
    /// The name of some property.
    Name,
}

/// What came of a proof.
pub(super) struct Outcome {
    /// Nothing: it is proven.
    pub(super) failures: Vec<Failure>,
    /// Whether it was given up.
    pub(super) is_cut: bool,
}

/// A proof on its way.
pub(super) struct Proof<'w, 'a> {
    pub(super) writer: &'w mut Writer<'a>,
    pub(super) reader: Reader<'a>,
    /// Whether the reader's defaults are taken to be filled in before it looks.
    fills: bool,
    steps: usize,
    is_cut: bool,
    /// Whether failures are only to be noticed.
    silent: bool,
    /// Pairs that are proven if everything else is; those that turned out otherwise.
    assumed: HashSet<(Set, SchemaId)>,
    refuted: HashSet<(Set, SchemaId)>,
    trail: Vec<(Set, SchemaId)>,
    path: Vec<String>,
    way: Vec<Step>,
    failures: Vec<Failure>,
    places: HashMap<SchemaId, Rc<Place>>,
    texts_of_writer: HashMap<SchemaId, Rc<str>>,
    texts_of_reader: HashMap<SchemaId, Rc<str>>,
}

impl<'w, 'a> Proof<'w, 'a> {
    /// Tries to prove that the reader takes all that is written.
    pub(super) fn run(
        writer: &'w mut Writer<'a>,
        written: &Set,
        reader: Reader<'a>,
        read: SchemaId,
        fills: bool,
    ) -> Outcome {
        let mut proof = Proof {
            writer,
            reader,
            fills,
            steps: 0,
            is_cut: false,
            silent: false,
            assumed: HashSet::new(),
            refuted: HashSet::new(),
            trail: Vec::new(),
            path: Vec::new(),
            way: Vec::new(),
            failures: Vec::new(),
            places: HashMap::new(),
            texts_of_writer: HashMap::new(),
            texts_of_reader: HashMap::new(),
        };
        let proven = proof.place(written, read);
        debug_assert!(proven || proof.is_cut || !proof.failures.is_empty());
        Outcome {
            is_cut: proof.is_cut || (!proven && proof.failures.is_empty()),
            failures: proof.failures,
        }
    }

    /// Counts one step; `false` once there were too many.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.is_cut |= self.steps > MAX_STEPS || self.way.len() > MAX_DEPTH;
        !self.is_cut
    }

    /// Every value of the set, at a place of its own, against the reader's schema.
    fn place(&mut self, set: &Set, read: SchemaId) -> bool {
        let read = self.reader.schema(read).resolved().id;
        let pair = (set.clone(), read);
        if self.silent && self.refuted.contains(&pair) {
            return false;
        }
        if self.assumed.contains(&pair) {
            return true;
        }
        if !self.step() {
            return false;
        }
        self.assumed.insert(pair.clone());
        self.trail.push(pair.clone());
        let proven = self.atoms_of(set, read);
        if !proven {
            self.refuted.insert(pair.clone());
            if self.silent {
                self.assumed.remove(&pair);
            }
        }
        proven
    }

    fn atoms_of(&mut self, set: &Set, read: SchemaId) -> bool {
        if set.all.iter().any(|id| self.is_same(*id, read)) {
            return true;
        }
        let atoms = self.writer.atoms(set);
        let mut proven = true;
        for atom in atoms.iter() {
            if self.is_impossible(atom) {
                continue;
            }
            proven &= self.atom(atom, read);
        }
        proven
    }

    /// Whether an atom has no values, for a part that every one of them needs has none.
    fn is_impossible(&mut self, atom: &Atom) -> bool {
        if atom.values.is_some() {
            return false;
        }
        match atom.kind {
            Kind::Object => {
                let lacks = self.writer.lacks(atom);
                lacks || {
                    let names = self.writer.names(atom).into_iter();
                    let parts: Vec<_> =
                        names.map(|name| self.writer.written(atom, &name)).collect();
                    parts.iter().filter(|part| part.always).any(|part| {
                        part.from.iter().all(|member| match member {
                            Member::Set(set) => self.is_nothing(set),
                            Member::Value(_) => false,
                        })
                    })
                }
            }
            Kind::Array => {
                let items = self.writer.items(atom);
                if items.max.is_some_and(|max| max < items.min) {
                    return true;
                }
                let least = usize::try_from(items.min).unwrap_or(0).min(16);
                let contained = self.writer.contained(atom);
                (0..least).any(|index| {
                    let set = self.writer.item(atom, index);
                    self.is_nothing(&set)
                }) || contained.iter().any(|set| self.is_nothing(set))
            }
            _ => false,
        }
    }

    /// The atom as a schema has it before it looks: objects renamed and filled in. What the schemas
    /// around it did stays done.
    fn entered<'s>(&mut self, atom: &'s Atom, read: SchemaId) -> Cow<'s, Atom> {
        if atom.kind != Kind::Object || atom.values.is_some() {
            return Cow::Borrowed(atom);
        }
        let reader = self.reader;
        let place = self
            .places
            .entry(read)
            .or_insert_with(|| reader.place(read).into());
        let place = place.clone();
        let mut entered = Cow::Borrowed(atom);
        for pair in &place.renamed {
            if !entered.renamed.contains(pair) {
                entered.to_mut().renamed.push(pair.clone());
            }
        }
        for (name, default) in place.defaults.iter().filter(|_| self.fills) {
            if !self.writer.part(&entered, name).always {
                entered
                    .to_mut()
                    .filled
                    .push((name.clone(), default.clone()));
            }
        }
        entered
    }

    /// Every value of the atom against a schema that looks at the same value.
    fn atom(&mut self, atom: &Atom, read: SchemaId) -> bool {
        if !self.step() {
            return false;
        }
        let schema = self.reader.schema(read).resolved();
        let atom = &*self.entered(atom, schema.id);
        match schema.boolean {
            Some(true) => return true,
            Some(false) => return self.fail(atom, schema.id, "false", None, Vec::new()),
            None => {}
        }
        if let Some(values) = &atom.values {
            let refused: Vec<_> = values
                .iter()
                .filter(|value| !self.reader.takes(schema.id, value))
                .cloned()
                .collect();
            return refused.is_empty() || self.fail_listed(atom, schema, refused);
        }
        // What holds for a value may not hold once it was renamed and filled in.
        if is_untouched(atom) && atom.nodes.iter().any(|id| self.is_same(*id, schema.id)) {
            return true;
        }
        if !Kind::is_in(atom.kind, &schema.keywords) {
            return self.fail(atom, schema.id, "type", None, Vec::new());
        }
        let listed = self.listed(atom, schema);
        let by_kind = match atom.kind {
            Kind::String => self.string(atom, schema),
            Kind::Number => self.number(atom, schema),
            Kind::Array => self.array(atom, schema),
            Kind::Object => self.object(atom, schema),
            Kind::Null | Kind::Bool => true,
        };
        let in_place = self.in_place(atom, schema);
        listed && by_kind && in_place
    }

    /// `enum` and `const` against values that are not listed: there is one that is in neither.
    fn listed(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let is_open = keywords.open && atom.kind == Kind::String;
        let listed = keywords.enumeration.as_ref().filter(|_| !is_open);
        if listed.is_none() && keywords.constant.is_none() {
            return true;
        }
        let keyword = if listed.is_some() { "enum" } else { "const" };
        self.fail(atom, schema.id, keyword, None, Vec::new())
    }

    /// Values that the reader refuses, by the keyword that it gives.
    fn fail_listed(&mut self, atom: &Atom, schema: SchemaRef<'a>, refused: Vec<Value>) -> bool {
        let violations = crate::json_schema::evaluate(schema, &refused[0]);
        let keyword = violations
            .first()
            .map_or("enum", |violation| violation.rule);
        self.fail(atom, schema.id, keyword, None, refused)
    }

    /// Notes a keyword that is not proven; always `false`.
    fn fail(
        &mut self,
        atom: &Atom,
        read: SchemaId,
        keyword: &'static str,
        name: Option<&str>,
        hints: Vec<Value>,
    ) -> bool {
        if !self.silent && self.failures.len() < MAX_FAILURES {
            self.failures.push(Failure {
                path: self.path.clone(),
                keyword,
                name: name.map(str::to_owned),
                reader: read,
                atom: Rc::new(atom.clone()),
                way: self.way.clone(),
                hints,
            });
        }
        false
    }

    /// Goes into a part of the atom.
    fn within(&mut self, atom: &Atom, into: Into, look: impl FnOnce(&mut Self) -> bool) -> bool {
        self.path.push(match &into {
            Into::Property(name) => name.clone(),
            Into::Item(_) | Into::Other | Into::Name => "*".to_owned(),
        });
        self.way.push(Step {
            atom: Rc::new(atom.clone()),
            into,
        });
        let proven = look(self);
        self.way.pop();
        self.path.pop();
        proven
    }

    /// Finds out whether something can be proven, without a word where it cannot.
    fn silently(&mut self, look: impl FnOnce(&mut Self) -> bool) -> bool {
        let was_silent = std::mem::replace(&mut self.silent, true);
        let mark = self.trail.len();
        let proven = look(self);
        self.silent = was_silent;
        if !proven {
            // What was proven on the way may rest on what was not.
            for pair in self.trail.split_off(mark) {
                self.assumed.remove(&pair);
            }
        }
        proven
    }

    /// Whether a schema of the writer and one of the reader are the same but for their spelling.
    fn is_same(&mut self, written: SchemaId, read: SchemaId) -> bool {
        let ours = self.texts_of_writer.entry(written);
        let schema = self.writer.schema(written);
        let ours = ours.or_insert_with(|| canonical(schema).into()).clone();
        let theirs = self.texts_of_reader.entry(read);
        let schema = self.reader.schema(read);
        *theirs.or_insert_with(|| canonical(schema).into()) == ours
    }

    /// A set of the writer's, held as JSON, of one JSON type.
    fn of_kind(&self, all: impl IntoIterator<Item = SchemaId>, kind: Kind) -> Set {
        Set {
            only: Some(kind),
            ..self.writer.set(all, Typing::Json)
        }
    }
}

/// Whether the reader sees the atom's values as they were written.
fn is_untouched(atom: &Atom) -> bool {
    atom.filled.is_empty() && atom.renamed.is_empty()
}
