//! What was changed between two schemas, in the words of the table of changes.
//!
//! A change says what happened and which refusals it accounts for. Whether it does any harm is not
//! decided here: that comes from containment.

mod rules_of_values;
mod unions;
mod view;

use std::collections::{BTreeMap, HashSet};

use super::finding::Level;
use super::rules::{self, Row};
use crate::json_schema::{SchemaId, SchemaRef};
use crate::source::Location;
use view::{Presence, View};

/// How deep places lie in each other.
const MAX_DEPTH: usize = 64;

/// One change.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) row: &'static Row,
    /// The place: of a property that came or went, its own.
    pub(super) path: Vec<String>,
    /// The place under the older name, of a property that was renamed.
    pub(super) older: Option<Vec<String>>,
    pub(super) old: Location,
    pub(super) new: Location,
    pub(super) message: String,
    /// Which refusals it accounts for.
    pub(super) claims: Claims,
    /// What it says where nothing is refused: old rows, new rows, code.
    pub(super) levels: [Level; 3],
}

/// The refusals that a change accounts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claims {
    /// At its place, by one of these keywords.
    Keywords(&'static [&'static str]),
    /// Of the property that its place ends in: missing, not allowed, or whatever is in it.
    Property,
    /// At its place and below.
    All,
}

/// What a change says where nothing is refused, by direction.
const QUIET: [Level; 3] = [Level::Safe, Level::Safe, Level::Safe];
const BREAKS_CODE: [Level; 3] = [Level::Safe, Level::Safe, Level::Breaking];

/// What people call the schemas of a state, where they gave them names.
pub(super) type Names = BTreeMap<SchemaId, String>;

/// All changes from one schema to another; of names only where those of both are known.
pub(super) fn changes(
    old: SchemaRef<'_>,
    new: SchemaRef<'_>,
    names: Option<(&Names, &Names)>,
) -> Vec<Change> {
    let mut diff = Diff {
        changes: Vec::new(),
        path: Vec::new(),
        seen: HashSet::new(),
        names,
    };
    diff.place(old, new);
    diff.changes
}

struct Diff<'n> {
    changes: Vec<Change>,
    path: Vec<String>,
    seen: HashSet<(SchemaId, SchemaId)>,
    names: Option<(&'n Names, &'n Names)>,
}

impl Diff<'_> {
    fn place(&mut self, old: SchemaRef<'_>, new: SchemaRef<'_>) {
        self.name(old, new);
        let (old, new) = (View::of(old), View::of(new));
        if self.path.len() > MAX_DEPTH || !self.seen.insert((old.schema.id, new.schema.id)) {
            return;
        }
        self.types(&old, &new);
        self.values(&old, &new);
        self.object(&old, &new);
        self.array(&old, &new);
        self.union(&old, &new);
    }

    /// The name of the type that code sees.
    fn name(&mut self, old: SchemaRef<'_>, new: SchemaRef<'_>) {
        let Some((of_old, of_new)) = self.names else {
            return;
        };
        if let (Some(before), Some(after)) = (type_name(old, of_old), type_name(new, of_new))
            && before != after
        {
            let message = format!("the type `{before}` is called `{after}` now");
            let row = &rules::type_renamed::ROW;
            self.change(row, (old, new), message, Claims::Keywords(&[]), BREAKS_CODE);
        }
    }

    fn change(
        &mut self,
        row: &'static Row,
        (old, new): (SchemaRef<'_>, SchemaRef<'_>),
        message: String,
        claims: Claims,
        levels: [Level; 3],
    ) {
        self.changes.push(Change {
            row,
            path: self.path.clone(),
            older: None,
            old: old.node().location.clone(),
            new: new.node().location.clone(),
            message,
            claims,
            levels,
        });
    }

    fn within(&mut self, step: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(step.to_owned());
        look(self);
        self.path.pop();
    }

    fn object(&mut self, old: &View<'_>, new: &View<'_>) {
        let both = (old.schema, new.schema);
        match (old.is_closed(), new.is_closed()) {
            (false, true) => {
                let message = "undeclared properties are refused now".to_owned();
                let levels = [Level::Warning, Level::Safe, Level::Safe];
                let claims = Claims::Keywords(&["additionalProperties", "unevaluatedProperties"]);
                self.change(&rules::object_closed::ROW, both, message, claims, levels);
            }
            (true, false) => {
                let message = "undeclared properties are ignored now".to_owned();
                let claims = Claims::Keywords(&["additionalProperties", "unevaluatedProperties"]);
                self.change(&rules::object_opened::ROW, both, message, claims, QUIET);
            }
            _ => {}
        }
        let additional = |view: &View<'_>| {
            view.child(|keywords| keywords.additional_properties)
                .is_some()
        };
        match (
            old.child(|keywords| keywords.additional_properties),
            new.child(|keywords| keywords.additional_properties),
        ) {
            (Some(old), Some(new)) => self.within("*", |diff| diff.place(old, new)),
            (None, None) => {}
            _ => {
                let what = if additional(old) { "is gone" } else { "is new" };
                let message = format!("the schema of undeclared properties {what}");
                let row = &rules::logic_changed::ROW;
                self.change(row, both, message, Claims::All, BREAKS_CODE);
            }
        }
        let renamed = renamed(old, new);
        for (name, schema) in new.properties() {
            if let Some((before, _)) = renamed.iter().find(|(_, after)| *after == name) {
                self.renamed(old, new, before, name);
            } else if let Some(before) = old.property(name) {
                self.kept(old, new, name);
                self.within(name, |diff| diff.place(before, schema));
            } else {
                self.added(old, new, name, schema);
            }
        }
        for (name, schema) in old.properties() {
            let is_renamed = renamed.iter().any(|(before, _)| *before == name);
            if !is_renamed && new.property(name).is_none() {
                self.removed(old, new, name, schema);
            }
        }
    }

    fn added(&mut self, old: &View<'_>, new: &View<'_>, name: &str, schema: SchemaRef<'_>) {
        let presence = new.presence(name);
        let (row, message, code) = match presence {
            Presence::Required => (
                &rules::required_property_added::ROW,
                format!("the required property {name:?} is new"),
                Level::Breaking,
            ),
            _ if old.is_closed() => (
                &rules::property_added_to_closed::ROW,
                format!("the property {name:?} is new in a closed object"),
                Level::Safe,
            ),
            Presence::Defaulted(default) => (
                &rules::defaulted_property_added::ROW,
                format!("the property {name:?} is new; rows that lack it are read with {default}"),
                Level::Safe,
            ),
            Presence::Optional => (
                &rules::optional_property_added::ROW,
                format!("the optional property {name:?} is new"),
                Level::Safe,
            ),
        };
        let levels = [Level::Safe, Level::Safe, code];
        self.within(name, |diff| {
            diff.change(row, (old.schema, schema), message, Claims::Property, levels);
        });
    }

    fn removed(&mut self, old: &View<'_>, new: &View<'_>, name: &str, schema: SchemaRef<'_>) {
        let (row, message) = match old.presence(name) {
            Presence::Required => (
                &rules::required_property_removed::ROW,
                format!("the required property {name:?} is gone"),
            ),
            Presence::Optional | Presence::Defaulted(_) => (
                &rules::optional_property_removed::ROW,
                format!("the property {name:?} is gone"),
            ),
        };
        self.within(name, |diff| {
            diff.change(
                row,
                (schema, new.schema),
                message,
                Claims::Property,
                BREAKS_CODE,
            );
        });
    }

    fn renamed(&mut self, old: &View<'_>, new: &View<'_>, before: &str, name: &str) {
        let (Some(was), Some(is)) = (old.property(before), new.property(name)) else {
            return;
        };
        let message = format!("the property {before:?} is called {name:?} now");
        let mut older = self.path.clone();
        older.push(before.to_owned());
        self.within(name, |diff| {
            let row = &rules::property_renamed::ROW;
            diff.change(row, (was, is), message, Claims::Property, BREAKS_CODE);
            // Old code misses what it knows by the old name.
            if let Some(change) = diff.changes.last_mut() {
                change.older = Some(older);
            }
            diff.place(was, is);
        });
    }

    /// A property that both have: whether it may be absent.
    fn kept(&mut self, old: &View<'_>, new: &View<'_>, name: &str) {
        let (Some(was), Some(is)) = (old.property(name), new.property(name)) else {
            return;
        };
        let (row, message, levels) = match (old.presence(name), new.presence(name)) {
            (Presence::Optional, Presence::Required) => (
                &rules::property_became_required::ROW,
                format!("the property {name:?} became required"),
                BREAKS_CODE,
            ),
            (Presence::Required, Presence::Optional) => (
                &rules::property_became_optional::ROW,
                format!("the property {name:?} became optional"),
                BREAKS_CODE,
            ),
            (Presence::Defaulted(was), Presence::Defaulted(is)) if !soniq_rules::equal(was, is) => {
                (
                    &rules::default_changed::ROW,
                    format!("the default of {name:?} was {was} and is {is}"),
                    [Level::Warning, Level::Safe, Level::Safe],
                )
            }
            (Presence::Defaulted(_), Presence::Required) => (
                &rules::default_removed::ROW,
                format!("the default of {name:?} is gone"),
                [Level::Breaking, Level::Safe, Level::Breaking],
            ),
            (Presence::Defaulted(_), Presence::Optional) => (
                &rules::default_removed::ROW,
                format!("the default of {name:?} is gone"),
                [Level::Warning, Level::Safe, Level::Breaking],
            ),
            (Presence::Required | Presence::Optional, Presence::Defaulted(default)) => (
                &rules::default_added::ROW,
                format!("the property {name:?} has the default {default} now"),
                BREAKS_CODE,
            ),
            _ => return,
        };
        self.within(name, |diff| {
            diff.change(row, (was, is), message, Claims::Property, levels)
        });
    }

    fn array(&mut self, old: &View<'_>, new: &View<'_>) {
        let both = (old.schema, new.schema);
        let prefix = |view: &View<'_>| {
            view.parts
                .iter()
                .map(|part| part.node().keywords.prefix_items.len())
                .max()
        };
        if prefix(old) != prefix(new) {
            let message = "other first items have schemas of their own now".to_owned();
            let row = &rules::type_changed::ROW;
            self.change(row, both, message, Claims::All, BREAKS_CODE);
        }
        let part_of = |view: &View<'_>| view.parts.len();
        if part_of(old) == 1 && part_of(new) == 1 {
            let (was, is) = (
                &old.schema.node().keywords.prefix_items,
                &new.schema.node().keywords.prefix_items,
            );
            for (was, is) in was.iter().zip(is) {
                let (was, is) = (old.schema.at(*was), new.schema.at(*is));
                self.within("*", |diff| diff.place(was, is));
            }
        }
        match (
            old.child(|keywords| keywords.items),
            new.child(|keywords| keywords.items),
        ) {
            (Some(was), Some(is)) => self.within("*", |diff| diff.place(was, is)),
            (None, None) => {}
            _ => {
                let message = "the schema of items came or went".to_owned();
                self.change(
                    &rules::type_changed::ROW,
                    both,
                    message,
                    Claims::All,
                    BREAKS_CODE,
                );
            }
        }
    }
}

/// Properties that are there under another name: the old one with the present one.
fn renamed<'a>(old: &View<'a>, new: &View<'a>) -> Vec<(&'a str, &'a str)> {
    let mut renamed = Vec::new();
    for (name, schema) in new.properties() {
        if old.property(name).is_some() {
            continue;
        }
        let mut aliases = schema.node().keywords.aliases.iter();
        let known =
            aliases.find(|alias| old.property(alias).is_some() && new.property(alias).is_none());
        if let Some(alias) = known {
            renamed.push((alias.as_str(), name));
        }
    }
    renamed
}

/// What the generated type is called after, where the schema gives it a name.
fn type_name<'a>(schema: SchemaRef<'a>, names: &'a Names) -> Option<&'a str> {
    let target = schema.resolved();
    let keywords = &target.node().keywords;
    let is_type = !keywords.properties.is_empty()
        || keywords.enumeration.is_some()
        || !keywords.one_of.is_empty()
        || !keywords.any_of.is_empty();
    if !is_type {
        return None;
    }
    let mut hop = schema;
    while hop.id != target.id {
        hop = hop.at(hop.node().keywords.reference?);
        if let Some(name) = names.get(&hop.id) {
            return Some(name);
        }
    }
    keywords.title.as_deref()
}

impl Change {
    /// How well a refusal fits the change: not at all, or the more the higher.
    pub(super) fn accounts_for(
        &self,
        path: &[String],
        keyword: &str,
        name: Option<&str>,
    ) -> Option<usize> {
        let depth = self.path.len();
        match self.claims {
            Claims::Keywords(keywords) => {
                (self.path == path && keywords.contains(&keyword)).then_some(3000 + depth)
            }
            Claims::Property => [Some(&self.path), self.older.as_ref()]
                .into_iter()
                .flatten()
                .filter_map(|place| {
                    let is_named = place.split_last().is_some_and(|(last, around)| {
                        around == path && name == Some(last.as_str())
                    });
                    let is_inside = path.starts_with(place);
                    match (is_named, is_inside) {
                        (true, _) => Some(2000 + depth),
                        (false, true) => Some(1000 + depth),
                        _ => None,
                    }
                })
                .max(),
            Claims::All => path.starts_with(&self.path).then_some(depth + 1),
        }
    }
}
