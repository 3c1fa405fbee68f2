//! Checks: a schema as straight-line calls of the runtime's `Checker`, in the order that
//! `soniq_schema::evaluate` defines.
//!
//! A named type's check is a function beside it, so a type that is used twice, or that contains
//! itself, is written once. Everything else is written where it stands.

mod array;
mod body;
mod in_place;
mod keywords;
mod object;

use std::collections::BTreeMap;

use soniq_schema::json_schema::{Dialect, Keywords, SchemaId, SchemaRef, Types};

pub(super) use self::body::uses;
use self::body::{Body, Typed, mentions};
use self::keywords::{any, number, string};
use super::Scope;
use super::file::block;
use crate::shape::{Item, ItemId, Module};

/// Writes the checks of one module.
pub(super) struct Checks<'a> {
    scope: Scope<'a>,
    /// The schemas of the module's nested types.
    nested: BTreeMap<SchemaId, ItemId>,
}

impl<'a> Checks<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        let mut nested = BTreeMap::new();
        for (id, item) in scope.input.shapes.items_of(scope.module) {
            // A part that is merged into several types has a type in each; one check will do.
            nested.entry(item.schema).or_insert(id);
        }
        Checks { scope, nested }
    }

    /// `impl Checked for ..`, for the types that the runtime decodes.
    pub(super) fn implementation(&self, item: &Item) -> String {
        let check = function("fn check", &self.body(self.schema(item.schema)));
        block(
            &format!("impl ::soniq_runtime::Checked for {}", item.name),
            &check,
        )
    }

    /// The check of a named type that others contain.
    pub(super) fn function(&self, item: &Item) -> String {
        let visibility = match item.module {
            Module::Namespace(_) => "pub(super) ",
            _ => "",
        };
        function(
            &format!("{visibility}fn {}", item.check),
            &self.body(self.schema(item.schema)),
        )
    }

    fn schema(&self, id: SchemaId) -> SchemaRef<'a> {
        self.scope.input.contracts.schemas.get(id)
    }

    /// The statements that check `value` against a schema; empty if every value passes.
    fn within(&self, id: SchemaId) -> Body {
        if let Some(item) = self.nested.get(&id) {
            let item = self.scope.input.shapes.item(*item);
            let mut body = Body::default();
            body.call(self.scope.member(item.module, &item.check));
            return body;
        }
        self.body(self.schema(id))
    }

    /// The same for a part of an `allOf`, whose older names the whole has read.
    fn within_whole(&self, id: SchemaId) -> Body {
        if self.nested.contains_key(&id) {
            self.within(id)
        } else {
            self.rules(self.schema(id))
        }
    }

    /// The path of the check of a `$ref`'s target.
    fn reference(&self, target: SchemaId) -> Option<String> {
        let shapes = self.scope.input.shapes;
        let item = shapes.item(*shapes.shared.get(&target)?);
        // A task's own arguments or result, seen from within.
        if is_root(item) {
            let name = self.scope.member(item.module, &item.name);
            return Some(format!("<{name} as ::soniq_runtime::Checked>::check"));
        }
        Some(self.scope.member(item.module, &item.check))
    }

    fn body(&self, schema: SchemaRef<'a>) -> Body {
        let rules = self.rules(schema);
        let renames = &schema.node().keywords.renames;
        if renames.is_empty() || self.scope.input.dialect == Dialect::JsonSchema {
            return rules;
        }
        let mut body = Body::default();
        body.present_names(renames, mentions(&rules, "value"));
        body.append(rules);
        body
    }

    /// The rules for the value, whose properties have their present names.
    fn rules(&self, schema: SchemaRef<'a>) -> Body {
        let mut body = Body::default();
        let node = schema.node();
        match node.boolean {
            Some(true) => return body,
            Some(false) => {
                body.push(r#"c.violation("false", "is not allowed here");"#);
                return body;
            }
            None => {}
        }
        let keywords = &node.keywords;
        let observed = self.scope.input.shapes.observed.contains(&schema.id);
        let mut inner = Body::default();
        let watches = watches(keywords);
        if watches {
            inner.push("c.observe();");
        }
        inner.append(any(keywords));
        let single = keywords.types.and_then(only_type);
        let by_type = self.by_type(schema, observed);
        let last = self.last(keywords);
        let variable = single.and_then(|name| {
            let mut typed = by_type.iter().chain(&last);
            typed.find(|typed| typed.belongs_to(name))
        });
        let variable = variable.map(|typed| typed.variable);
        let admitted = |typed: &Typed| {
            let types = keywords.types;
            types.is_none_or(|types| types.names().any(|name| typed.belongs_to(name)))
        };
        let place = |all: Vec<Typed>, inner: &mut Body| {
            for typed in all.into_iter().filter(admitted) {
                if single.is_some() {
                    inner.append(typed.body);
                } else {
                    inner.where_typed(typed);
                }
            }
        };
        place(by_type, &mut inner);
        inner.append(self.in_place(keywords, observed));
        place(last, &mut inner);
        if watches {
            inner.push("c.observed();");
        }
        let any_width = has_width(keywords) || self.scope.input.dialect == Dialect::JsonSchema;
        match (keywords.types, single) {
            (None, _) => return inner,
            (_, Some(name)) => body.typed(name, any_width, variable, &inner),
            (Some(types), None) => body.types(types, any_width, &inner),
        }
        body
    }

    /// The keywords that speak of one type only, where there are any.
    fn by_type(&self, schema: SchemaRef<'a>, observed: bool) -> Vec<Typed> {
        let keywords = &schema.node().keywords;
        let format = keywords.format.as_deref();
        let format = format.filter(|_| self.scope.input.dialect == Dialect::Contract);
        let all = [
            Typed::new("text", string(keywords, format)),
            Typed::new("number", number(keywords, format)),
            Typed::new("items", self.array(keywords, observed)),
            Typed::new("object", self.object(schema, observed)),
        ];
        all.into_iter().filter(|t| !t.body.is_empty()).collect()
    }

    /// The keywords that come after those of the value as a whole: `dependentSchemas`, and what
    /// looks at all that the others have left.
    fn last(&self, keywords: &Keywords) -> Vec<Typed> {
        let mut items = Body::default();
        if let Some(id) = keywords.unevaluated_items {
            items.append(self.unevaluated_items(id));
        }
        let mut object = self.dependent_schemas(keywords);
        if let Some(id) = keywords.unevaluated_properties {
            object.append(self.unevaluated_properties(id));
        }
        let all = [Typed::new("items", items), Typed::new("object", object)];
        all.into_iter().filter(|t| !t.body.is_empty()).collect()
    }
}

/// Whether an item is what the runtime decodes: its check is an `impl Checked`.
pub(super) fn is_root(item: &Item) -> bool {
    let in_task = !matches!(item.module, Module::Namespace(_));
    in_task && matches!(item.name.as_str(), "Args" | "Output")
}

/// Whether a schema asks what has been evaluated of its values.
fn watches(keywords: &Keywords) -> bool {
    keywords.unevaluated_items.is_some() || keywords.unevaluated_properties.is_some()
}

/// A check as a function. A parameter that is not used starts with an underscore.
fn function(head: &str, body: &Body) -> String {
    let value = if mentions(body, "value") {
        "value"
    } else {
        "_value"
    };
    let checker = if body.is_empty() { "_c" } else { "c" };
    block(
        &format!("{head}({value}: &JsonValue, {checker}: &mut Checker)"),
        &body.to_string(),
    )
}

/// The one name in `type`.
fn only_type(types: Types) -> Option<&'static str> {
    let mut names = types.names();
    names.next().filter(|_| names.next().is_none())
}

/// Whether `format` names an integer's width, so that 64 bits are not the bound.
fn has_width(keywords: &Keywords) -> bool {
    keywords
        .format
        .as_deref()
        .is_some_and(|format| soniq_rules::integer_width(format).is_some())
}
