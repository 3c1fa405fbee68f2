//! Keywords that apply other schemas to the same value.

use serde_json::Value;

use super::Proof;
use crate::compat::writer::{Atom, Kind, Member, tag, tag_value};
use crate::json_schema::{SchemaId, SchemaRef};

impl<'a> Proof<'_, 'a> {
    pub(super) fn in_place(&mut self, atom: &Atom, schema: SchemaRef<'a>) -> bool {
        let keywords = &schema.node().keywords;
        let mut proven = true;
        for id in keywords.reference.iter().chain(&keywords.all_of) {
            proven &= self.atom(atom, *id);
        }
        if !keywords.any_of.is_empty() {
            proven &= self.alternatives(atom, schema, &keywords.any_of, "anyOf");
        }
        if !keywords.one_of.is_empty() {
            proven &= self.alternatives(atom, schema, &keywords.one_of, "oneOf");
        }
        if let Some(id) = keywords.not
            && !self.silently(|proof| proof.disjoint(atom, id, 0))
        {
            proven &= self.fail(atom, schema.id, "not", None, Vec::new());
        }
        if let Some(condition) = keywords.condition {
            proven &= self.condition(atom, condition);
        }
        proven
    }

    fn alternatives(
        &mut self,
        atom: &Atom,
        schema: SchemaRef<'a>,
        branches: &[SchemaId],
        keyword: &'static str,
    ) -> bool {
        if let Some((tag, pinned)) = self.by_tag(atom, schema, branches) {
            let mut proven = true;
            for (value, atom) in pinned {
                // The tag says which alternative is meant, and that it is no other one.
                let mut each = branches.iter();
                let meant = each.find(|id| {
                    let branch = schema.at(**id).resolved();
                    value.is_string() && tag_value(branch, tag) == value.as_str()
                });
                proven &= match meant {
                    Some(id) => self.atom(&atom, *id),
                    None => self.alternatives_of(&atom, schema, branches, keyword),
                };
            }
            return proven;
        }
        self.alternatives_of(atom, schema, branches, keyword)
    }

    fn alternatives_of(
        &mut self,
        atom: &Atom,
        schema: SchemaRef<'a>,
        branches: &[SchemaId],
        keyword: &'static str,
    ) -> bool {
        let possible: Vec<SchemaId> = branches
            .iter()
            .copied()
            .filter(|id| !self.silently(|proof| proof.disjoint(atom, *id, 0)))
            .collect();
        match possible.as_slice() {
            [] => {
                // The one of the right type, if there is one, is the one that was meant.
                let mut of_kind = branches.iter().filter(|id| {
                    let branch = schema.at(**id).resolved();
                    branch.boolean.is_none() && Kind::is_in(atom.kind, &branch.keywords)
                });
                match (of_kind.next(), of_kind.next()) {
                    (Some(one), None) => {
                        // It is refused there, whatever comes of a closer look.
                        let known = self.failures.len();
                        let _ = self.atom(atom, *one);
                        if self.failures.len() == known {
                            self.fail(atom, schema.id, keyword, None, Vec::new());
                        }
                        false
                    }
                    _ => self.fail(atom, schema.id, keyword, None, Vec::new()),
                }
            }
            // What is wrong with the one branch that is meant says more than that none fits.
            [one] => self.atom(atom, *one),
            _ if keyword == "anyOf" => {
                let fits = possible
                    .iter()
                    .any(|id| self.silently(|proof| proof.atom(atom, *id)));
                fits || self.fail(atom, schema.id, keyword, None, Vec::new())
            }
            _ => self.fail(atom, schema.id, keyword, None, Vec::new()),
        }
    }

    /// The atom once for each value of the property that tells the branches apart, if it has one
    /// that can be listed.
    fn by_tag(
        &mut self,
        atom: &Atom,
        schema: SchemaRef<'a>,
        branches: &[SchemaId],
    ) -> Option<(&'a str, Vec<(Value, Atom)>)> {
        if atom.kind != Kind::Object {
            return None;
        }
        let objects: Vec<_> = branches
            .iter()
            .map(|id| schema.at(*id).resolved())
            .filter(|branch| Kind::is_in(Kind::Object, &branch.keywords))
            .collect();
        let name = tag(&objects)?;
        debug_assert!(
            objects
                .iter()
                .all(|branch| tag_value(*branch, name).is_some())
        );
        let part = self.writer.part(atom, name);
        if !part.always || atom.pinned.iter().any(|(pinned, _)| pinned == name) {
            return None;
        }
        let mut values: Vec<Value> = Vec::new();
        for member in &part.from {
            match member {
                Member::Value(value) => values.push(value.clone()),
                Member::Set(set) => {
                    for atom in self.writer.atoms(set).iter() {
                        values.extend(atom.values.clone()?);
                    }
                }
            }
        }
        let pinned = values.into_iter().map(|value| {
            let mut pinned = atom.clone();
            pinned.pinned.push((name.to_owned(), value.clone()));
            (value, pinned)
        });
        Some((name, pinned.collect()))
    }

    fn condition(&mut self, atom: &Atom, condition: crate::json_schema::Condition) -> bool {
        let fits = self.silently(|proof| proof.atom(atom, condition.test));
        let never = !fits && self.silently(|proof| proof.disjoint(atom, condition.test, 0));
        let mut proven = true;
        if !never && let Some(id) = condition.then {
            proven &= self.atom(atom, id);
        }
        if !fits && let Some(id) = condition.otherwise {
            proven &= self.atom(atom, id);
        }
        proven
    }
}
