//! A schema as people see it: what it says together with its `$ref` and `allOf`.

use serde_json::{Number, Value};

use crate::compat::writer::tag;
use crate::json_schema::{Keywords, SchemaId, SchemaRef};

/// The keywords of one place.
pub(super) struct View<'a> {
    /// The schema, with `$ref`s that stand alone followed.
    pub(super) schema: SchemaRef<'a>,
    pub(super) parts: Vec<SchemaRef<'a>>,
    pub(super) is_nullable: bool,
}

/// Whether a property may be absent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Presence<'a> {
    Required,
    Optional,
    Defaulted(&'a Value),
}

impl<'a> View<'a> {
    pub(super) fn of(schema: SchemaRef<'a>) -> Self {
        let schema = schema.resolved();
        let view = View::merged(schema);
        // An alternative of null is a nullable type in other words.
        let branches = view.all_branches();
        let is_null = |branch: &SchemaRef<'_>| {
            let types = branch.node().keywords.types;
            types.is_some_and(|types| types.names().eq(["null"]))
        };
        let values: Vec<_> = branches.iter().filter(|branch| !is_null(branch)).collect();
        match values.as_slice() {
            [one] if branches.len() > 1 && view.parts.len() == 1 => View {
                is_nullable: true,
                ..View::of(**one)
            },
            _ => View {
                is_nullable: view.is_nullable || values.len() < branches.len(),
                ..view
            },
        }
    }

    fn merged(schema: SchemaRef<'a>) -> Self {
        let mut parts: Vec<SchemaRef<'a>> = Vec::new();
        let mut waiting = vec![schema];
        while let Some(part) = waiting.pop() {
            let part = part.resolved();
            if parts.iter().all(|known| known.id != part.id) {
                parts.push(part);
                let keywords = &part.node().keywords;
                let next = keywords.reference.iter().chain(&keywords.all_of);
                waiting.extend(next.map(|id| part.at(*id)));
            }
        }
        let listed = parts.iter().filter_map(|part| part.node().keywords.types);
        let is_nullable = listed.clone().count() > 0 && listed.clone().all(|types| types.null);
        View {
            schema,
            parts,
            is_nullable,
        }
    }

    fn keywords(&self) -> impl Iterator<Item = &'a Keywords> {
        self.parts.iter().map(|part| &part.node().keywords)
    }

    /// The types beside null, an integer being a number as well where both are listed.
    pub(super) fn types(&self) -> Vec<&'static str> {
        let mut lists = self.keywords().filter_map(|keywords| keywords.types);
        let Some(first) = lists.next() else {
            return Vec::new();
        };
        let rest: Vec<_> = lists.collect();
        let names = first.names().filter(|name| *name != "null");
        let in_all = names.filter(|name| {
            rest.iter()
                .all(|types| types.names().any(|one| one == *name))
        });
        in_all.collect()
    }

    pub(super) fn first<T>(&self, get: impl Fn(&'a Keywords) -> Option<T>) -> Option<T> {
        self.keywords().find_map(get)
    }

    pub(super) fn format(&self) -> Option<&'a str> {
        self.first(|keywords| keywords.format.as_deref())
    }

    /// The listed values and whether others are taken.
    pub(super) fn listed(&self) -> Option<(Vec<Value>, bool)> {
        self.first(|keywords| {
            let constant = keywords.constant.clone().map(|value| vec![value]);
            let values = constant.or(keywords.enumeration.clone())?;
            Some((values, keywords.open))
        })
    }

    /// The strictest of a bound that all parts have to keep.
    pub(super) fn number(
        &self,
        get: impl Fn(&'a Keywords) -> Option<&'a Number>,
        upper: bool,
    ) -> Option<&'a Number> {
        self.keywords().filter_map(get).reduce(|one, other| {
            let order = soniq_rules::compare(one, other);
            if order.is_lt() == upper { one } else { other }
        })
    }

    pub(super) fn count(
        &self,
        get: impl Fn(&'a Keywords) -> Option<u64>,
        upper: bool,
    ) -> Option<u64> {
        let all = self.keywords().filter_map(get);
        if upper { all.min() } else { all.max() }
    }

    /// Every property: its schema as it stands in `properties`, by the order of the file.
    pub(super) fn properties(&self) -> Vec<(&'a str, SchemaRef<'a>)> {
        let mut all: Vec<(&'a str, SchemaRef<'a>)> = Vec::new();
        for part in &self.parts {
            for (name, id) in &part.node().keywords.properties {
                if all.iter().all(|(known, _)| known != name) {
                    all.push((name, part.at(*id)));
                }
            }
        }
        all
    }

    pub(super) fn property(&self, name: &str) -> Option<SchemaRef<'a>> {
        let mut properties = self.properties().into_iter();
        properties
            .find(|(key, _)| *key == name)
            .map(|(_, schema)| schema)
    }

    pub(super) fn presence(&self, name: &str) -> Presence<'a> {
        let property = self.property(name);
        if let Some(default) = property.and_then(SchemaRef::default_value) {
            return Presence::Defaulted(default);
        }
        let mut keywords = self.keywords();
        if keywords.any(|keywords| keywords.required.iter().any(|key| key == name)) {
            Presence::Required
        } else {
            Presence::Optional
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.parts.iter().any(|part| {
            let keywords = &part.node().keywords;
            let rest = keywords
                .additional_properties
                .or(keywords.unevaluated_properties);
            rest.is_some_and(|id| part.at(id).resolved().boolean == Some(false))
        })
    }

    /// A schema that one of the parts has, if it is none of the booleans.
    pub(super) fn child(
        &self,
        get: impl Fn(&'a Keywords) -> Option<SchemaId>,
    ) -> Option<SchemaRef<'a>> {
        self.parts.iter().find_map(|part| {
            let child = part.at(get(&part.node().keywords)?).resolved();
            child.boolean.is_none().then_some(child)
        })
    }

    fn all_branches(&self) -> Vec<SchemaRef<'a>> {
        let branches = self.parts.iter().flat_map(|part| {
            let keywords = &part.node().keywords;
            let all = keywords.any_of.iter().chain(&keywords.one_of);
            all.map(|id| part.at(*id).resolved())
        });
        branches.collect()
    }

    /// The alternatives beside null.
    pub(super) fn branches(&self) -> Vec<SchemaRef<'a>> {
        let mut branches = self.all_branches();
        branches.retain(|branch| {
            let types = branch.node().keywords.types;
            !types.is_some_and(|types| types.names().eq(["null"]))
        });
        branches
    }

    pub(super) fn tag(&self) -> Option<&'a str> {
        let branches = self.branches();
        (branches.len() > 1).then(|| tag(&branches)).flatten()
    }
}
