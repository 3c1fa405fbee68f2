//! One schema of any dialect becomes one of 2020-12.
//!
//! Nothing is dropped in silence: a keyword is carried over, changed with a note, left out with a
//! note because it says nothing about values, or refused.

use soniq_schema::json_text::{JsonNode, JsonValue};

use super::draft::Dialect;
use super::index::{Index, is_lone, reference};
use super::keywords::{Kind, kind, since};
use super::model::{Body, Json, Keyword, Keywords, Schema};
use super::names::TypeNames;
use super::pointer::{child, member, members};
use super::report::Report;

/// What a conversion needs to know of the whole file.
pub(super) struct Converter<'c, 'd> {
    /// The file's text.
    pub(super) text: &'c str,
    pub(super) dialect: Dialect,
    pub(super) index: &'c Index<'d>,
    pub(super) names: &'c TypeNames,
    pub(super) report: &'c mut Report,
}

impl Converter<'_, '_> {
    /// The schema at a pointer, even where it is a type of its own.
    pub(super) fn whole(&mut self, pointer: &str) -> Schema {
        match self.index.schema(pointer) {
            Some(node) => self.content(pointer, node),
            None => Schema::of(pointer, Keywords::default()),
        }
    }

    /// A schema inside another one: a reference where it is a type of its own.
    pub(super) fn schema(&mut self, pointer: &str, node: &JsonNode) -> Schema {
        match self.names.get(pointer) {
            Some(name) => Schema::made(pointer, &[("$ref", Json::text(type_reference(name)))]),
            None => self.content(pointer, node),
        }
    }

    fn content(&mut self, pointer: &str, node: &JsonNode) -> Schema {
        let body = match &node.value {
            JsonValue::Boolean(flag) => Body::Boolean(*flag),
            JsonValue::Object(_) => Body::Keywords(self.keywords(pointer, node)),
            _ => {
                let help = "write an object, `true` or `false`";
                self.report.refuse(pointer, "this is no schema", help);
                Body::Boolean(true)
            }
        };
        Schema {
            from: pointer.to_owned(),
            body,
        }
    }

    fn keywords(&mut self, pointer: &str, node: &JsonNode) -> Keywords {
        let mut out = Keywords::default();
        let is_lone = is_lone(node, self.dialect.draft);
        for member in members(node) {
            let at = child(pointer, &member.key);
            if is_lone && !self.counts_beside_reference(&member.key, &at) {
                continue;
            }
            self.keyword(&mut out, pointer, node, (&member.key, &member.node));
        }
        self.evaluated_items(pointer, node);
        self.draft_04_bounds(&mut out, pointer);
        self.idle(&mut out, pointer);
        self.nullable(&mut out, pointer, node);
        self.null_in_type(&mut out, pointer);
        self.discriminator(&mut out, pointer, node);
        self.repetitions(&mut out, pointer);
        self.format(&mut out, pointer);
        self.pattern(&mut out, pointer);
        out
    }

    /// Carries one keyword over.
    fn keyword(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        schema: &JsonNode,
        (key, node): (&str, &JsonNode),
    ) {
        let at = child(pointer, key);
        let Some(kind) = kind(key) else {
            return self.other(out, pointer, schema, (key, node));
        };
        let draft = self.dialect.draft;
        if draft < since(key) {
            let message = format!(
                "{} does not know `{key}`, where it says nothing",
                draft.name()
            );
            let help = "remove it, or let the file say that it is in a later draft";
            return self.report.refuse(&at, message, help);
        }
        let set = |out: &mut Keywords, value| out.set(key, value);
        match (kind, &node.value) {
            (Kind::Definitions, JsonValue::Object(_)) => {
                if key == "definitions" {
                    let message = "what was defined here stands in `[types]`";
                    self.report.note(&at, message);
                }
            }
            (Kind::Items, JsonValue::Array(items)) => self.items(out, pointer, items),
            (Kind::Schema, _) if key == "additionalItems" => {
                self.additional_items(out, pointer, schema, node);
            }
            (Kind::Dependencies, JsonValue::Object(named)) => {
                self.dependencies(out, pointer, named);
            }
            (Kind::Schema | Kind::Items, _) => {
                let schema = self.schema(&at, node);
                set(out, Keyword::Schema(schema));
            }
            (Kind::List, JsonValue::Array(items)) => {
                set(out, Keyword::List(self.list(&at, items)));
            }
            (Kind::Named, JsonValue::Object(named)) => {
                let schemas = named.iter();
                let schemas = schemas.map(|one| {
                    let schema = self.schema(&child(&at, &one.key), &one.node);
                    (one.key.clone(), schema)
                });
                set(out, Keyword::Named(schemas.collect()));
            }
            (Kind::Annotation, value) if key == "examples" => match value {
                JsonValue::Array(_) => add_examples(out, Json::of(node, self.text)),
                _ => self.report.note(&at, "left out: `examples` is no list"),
            },
            (Kind::Rule | Kind::Annotation, _) => {
                set(out, Keyword::Literal(Json::of(node, self.text)));
            }
            _ => {
                let help = "see https://json-schema.org for the values of the keyword";
                let message = format!("the value of `{key}` is none that JSON Schema allows");
                self.report.refuse(&at, message, help);
            }
        }
    }

    /// The schemas of a list.
    pub(super) fn list(&mut self, at: &str, items: &[JsonNode]) -> Vec<Schema> {
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| self.schema(&format!("{at}/{index}"), item))
            .collect()
    }

    /// Carries over what is no keyword of 2020-12, or one of its core.
    fn other(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        schema: &JsonNode,
        (key, node): (&str, &JsonNode),
    ) {
        let at = child(pointer, key);
        let draft = self.dialect.draft;
        match key {
            "$ref" | "$recursiveRef" | "$dynamicRef" => {
                let is_the_one = reference(schema).is_some_and(|(first, _)| first == key);
                self.reference(out, pointer, key, is_the_one);
            }
            "$schema" => self.left_out(&at, "a contract is in draft 2020-12"),
            "$anchor" | "$recursiveAnchor" | "$dynamicAnchor" => {
                self.left_out(&at, "references name types");
            }
            "$id" | "id" if key == draft.identity() => {
                self.left_out(&at, "references name types");
            }
            "$vocabulary" => {
                let message = "`$vocabulary` is not supported";
                let help = "remove it: the keywords are those of JSON Schema 2020-12";
                self.report.refuse(&at, message, help);
            }
            // Carried over once all keywords are there.
            "nullable" | "discriminator" => {}
            "example" => {
                add_examples(out, Json::Array(vec![Json::of(node, self.text)]));
                self.report.note(&at, "`example` stands in `examples`");
            }
            "xml" | "externalDocs" => self.left_out(&at, "it says nothing about values"),
            _ if key.starts_with("x-") => self.left_out(&at, "an extension of somebody else"),
            _ => {
                let message = format!(
                    "left out: `{key}` is not a keyword of JSON Schema, where it says nothing"
                );
                self.report.note(&at, message);
            }
        }
    }

    fn left_out(&mut self, at: &str, why: &str) {
        let key = at.rsplit('/').next().unwrap_or(at);
        self.report.note(at, format!("`{key}` is left out: {why}"));
    }

    fn reference(&mut self, out: &mut Keywords, pointer: &str, key: &str, is_the_one: bool) {
        let at = child(pointer, key);
        if !is_the_one {
            let message = format!("`{key}` beside another reference");
            let help = "put one of them into `allOf`";
            return self.report.refuse(&at, message, help);
        }
        // A reference that leads nowhere was refused by the index.
        let Some(target) = self.index.target(pointer) else {
            return;
        };
        let Some(name) = self.names.get(target) else {
            return;
        };
        out.set_literal("$ref", Json::text(type_reference(name)));
        if key != "$ref" {
            let message =
                format!("`{key}` is a plain `$ref`: the file has one schema that it can mean");
            self.report.note(&at, message);
        }
    }

    /// The source of a schema's property, for what looks at it before it is converted.
    pub(super) fn property<'n>(schema: &'n JsonNode, name: &str) -> Option<&'n JsonNode> {
        member(member(schema, "properties")?, name)
    }
}

/// The reference to a type of the same contract.
pub(super) fn type_reference(name: &str) -> String {
    format!("#/types/{name}")
}

/// Adds examples to those that are there.
fn add_examples(out: &mut Keywords, more: Json) {
    let Json::Array(more) = more else { return };
    if more.is_empty() {
        return;
    }
    let mut all = match out.remove("examples") {
        Some(Keyword::Literal(Json::Array(known))) => known,
        _ => Vec::new(),
    };
    all.extend(more);
    out.set_literal("examples", Json::Array(all));
}
