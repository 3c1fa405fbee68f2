//! OpenAPI: `nullable`, and the discriminator, which pydantic writes too.

use soniq_schema::json_text::{JsonNode, JsonValue};

use crate::cli::import::convert::Converter;
use crate::cli::import::index::is_lone;
use crate::cli::import::model::{Json, Keyword, Keywords, Schema};
use crate::cli::import::pointer::{child, member, members, steps, string, text};

/// How many references and parts a tag is looked for behind.
const DEEP_ENOUGH: usize = 16;

impl Converter<'_, '_> {
    /// `nullable: true` adds null to whatever the schema admits.
    pub(in crate::cli::import) fn nullable(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        node: &JsonNode,
    ) {
        let Some(nullable) = member(node, "nullable") else {
            return;
        };
        // Beside a reference that stands alone it is ignored, which was noted.
        if is_lone(node, self.dialect.draft) {
            return;
        }
        let at = child(pointer, "nullable");
        match nullable.value {
            JsonValue::Boolean(true) => {}
            JsonValue::Boolean(false) => {
                let message =
                    "`nullable` is left out: null is not admitted unless a schema says so";
                return self.report.note(&at, message);
            }
            _ => {
                let help = "write `true` or `false`";
                return self.report.refuse(&at, "`nullable` is no flag", help);
            }
        }
        let null = || Schema::made(&at, &[("type", Json::text("null"))]);
        let alternatives = ["anyOf", "oneOf"].into_iter().find(|key| out.has(key));
        let types = out.types();
        if types.contains(&"null") {
            return self
                .report
                .note(&at, "`nullable` is left out: `type` lists null");
        }
        let is_typed = !types.is_empty();
        if is_typed && alternatives.is_none() && !out.has("allOf") {
            let types = types.into_iter().chain(["null"]).map(Json::text).collect();
            out.set_literal("type", Json::Array(types));
            self.report.note(&at, "`nullable` is null in `type`");
            if let Some(Keyword::Literal(Json::Array(values))) = out.get_mut("enum")
                && !values.contains(&Json::Null)
            {
                values.push(Json::Null);
                self.report.note(&at, "`nullable` is null in `enum`");
            }
            return;
        }
        match alternatives.and_then(|key| out.get_mut(key)) {
            Some(Keyword::List(branches)) if !is_typed => branches.push(null()),
            _ => {
                // Null is one alternative, and all that the schema says is the other one.
                let said = std::mem::take(out);
                let (outer, inner) = said.0.into_iter().partition(|(key, _)| {
                    matches!(
                        key.as_str(),
                        "title" | "description" | "default" | "examples"
                    )
                });
                let inner = Schema::of(pointer, Keywords(inner));
                *out = Keywords(outer);
                out.set("anyOf", Keyword::List(vec![inner, null()]));
            }
        }
        self.report
            .note(&at, "`nullable` is null as an alternative");
    }

    /// What the discriminator says is said by the alternatives: each requires its tag. Where they
    /// do not, it is written beside them.
    pub(in crate::cli::import) fn discriminator(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        node: &JsonNode,
    ) {
        let Some(discriminator) = member(node, "discriminator") else {
            return;
        };
        if is_lone(node, self.dialect.draft) {
            return;
        }
        let at = child(pointer, "discriminator");
        let Some(tag) = text(discriminator, "propertyName") else {
            let message = "left out: `discriminator` names no `propertyName`";
            return self.report.note(&at, message);
        };
        let alternatives = ["oneOf", "anyOf"].into_iter().find(|key| out.has(key));
        let Some(Keyword::List(branches)) = alternatives.and_then(|key| out.get_mut(key)) else {
            let message = "left out: `discriminator` stands beside no `oneOf` or `anyOf`";
            return self.report.note(&at, message);
        };
        let mut changed = Vec::new();
        for branch in branches.iter_mut() {
            let is_null = branch
                .keywords()
                .is_some_and(|said| said.types() == ["null"]);
            let Some(target) = self.index.target(&branch.from).filter(|_| !is_null) else {
                continue;
            };
            let Some(schema) = self.index.schema(target) else {
                continue;
            };
            let mut parts = Vec::new();
            self.parts(target, schema, DEEP_ENOUGH, &mut parts);
            let Some(values) = self.missing_tag(&parts, tag) else {
                continue;
            };
            let values = if values.is_empty() {
                mapped(discriminator, target)
            } else {
                values
            };
            let value = match values.as_slice() {
                [one] => ("const", one.clone()),
                _ => ("enum", Json::Array(values)),
            };
            let property = Schema::made(&branch.from, &[value]);
            if let Some(keywords) = branch.keywords_mut() {
                keywords.set_literal("required", Json::Array(vec![Json::text(tag)]));
                let properties = vec![(tag.to_owned(), property)];
                keywords.set("properties", Keyword::Named(properties));
                changed.push(branch.from.clone());
            }
        }
        for branch in changed {
            let message = format!("the `discriminator` is a constant `{tag}`, which is required");
            self.report.note(&branch, message);
        }
        let message =
            "`discriminator` is left out: a constant of each alternative tells them apart";
        self.report.note(&at, message);
    }

    /// A schema and all others that apply to each of its values.
    fn parts<'s>(
        &'s self,
        pointer: &str,
        schema: &'s JsonNode,
        depth: usize,
        out: &mut Vec<(String, &'s JsonNode)>,
    ) {
        out.push((pointer.to_owned(), schema));
        if depth == 0 {
            return;
        }
        if let Some(target) = self.index.target(pointer)
            && let Some(schema) = self.index.schema(target)
        {
            self.parts(target, schema, depth - 1, out);
        }
        if let Some(JsonValue::Array(all)) = member(schema, "allOf").map(|all| &all.value) {
            for (index, part) in all.iter().enumerate() {
                self.parts(&format!("{pointer}/allOf/{index}"), part, depth - 1, out);
            }
        }
    }

    /// The texts that an alternative gives for the tag; `None` if it requires one text, without a
    /// default that would stand for it, so that nothing is missing.
    fn missing_tag(&self, parts: &[(String, &JsonNode)], tag: &str) -> Option<Vec<Json>> {
        let is_required = parts.iter().any(|(_, part)| {
            let names = member(part, "required").map(|names| &names.value);
            matches!(names, Some(JsonValue::Array(names))
                if names.iter().any(|name| string(name) == Some(tag)))
        });
        let mut has_default = false;
        let mut values = Vec::new();
        for (pointer, part) in parts {
            let Some(property) = Self::property(part, tag) else {
                continue;
            };
            has_default |= member(property, "default").is_some();
            let at = child(&child(pointer, "properties"), tag);
            let target = self.index.target(&at).and_then(|at| self.index.schema(at));
            let found = texts(property).or_else(|| texts(target?));
            if values.is_empty() {
                values = found.unwrap_or_default();
            }
        }
        (!is_required || has_default || values.len() != 1).then_some(values)
    }
}

/// The texts that a schema lists.
fn texts(schema: &JsonNode) -> Option<Vec<Json>> {
    if let Some(constant) = member(schema, "const") {
        return Some(vec![Json::text(string(constant)?)]);
    }
    match &member(schema, "enum")?.value {
        JsonValue::Array(values) => {
            Some(values.iter().filter_map(string).map(Json::text).collect())
        }
        _ => None,
    }
}

/// The tag's texts that stand for a schema: those that the mapping gives it, or else its name.
fn mapped(discriminator: &JsonNode, target: &str) -> Vec<Json> {
    let name = steps(target).pop().unwrap_or_default();
    let mapping = member(discriminator, "mapping")
        .map(members)
        .unwrap_or_default();
    let here = mapping.iter().filter(|entry| {
        let names = string(&entry.node);
        names.is_some_and(|text| text == name || text.strip_prefix('#') == Some(target))
    });
    let values: Vec<Json> = here.map(|entry| Json::text(entry.key.as_str())).collect();
    if values.is_empty() {
        vec![Json::text(name)]
    } else {
        values
    }
}
