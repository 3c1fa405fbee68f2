//! Draft-07 and before: `$ref` stands alone, tuples are lists in `items`, `dependencies` are two
//! things in one.

use soniq_schema::json_text::{JsonMember, JsonNode, JsonValue};

use crate::cli::import::convert::Converter;
use crate::cli::import::keywords::{Kind, kind};
use crate::cli::import::model::{Json, Keyword, Keywords};
use crate::cli::import::pointer::{child, member};

impl Converter<'_, '_> {
    /// Whether a key beside a `$ref` that stands alone is carried over. What describes the value
    /// is: it was written to be read.
    pub(in crate::cli::import) fn counts_beside_reference(&mut self, key: &str, at: &str) -> bool {
        let is_kept = matches!(
            key,
            "$ref" | "$schema" | "description" | "$comment" | "deprecated"
        ) || kind(key) == Some(Kind::Definitions);
        if !is_kept {
            let draft = self.dialect.draft.name();
            let message = format!("left out: beside a `$ref` {draft} ignores `{key}`");
            self.report.note(at, message);
        }
        is_kept
    }

    /// The first items, each with a schema of its own.
    pub(in crate::cli::import) fn items(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        items: &[JsonNode],
    ) {
        let at = child(pointer, "items");
        self.report.note(&at, "a list of `items` is `prefixItems`");
        if !items.is_empty() {
            out.set("prefixItems", Keyword::List(self.list(&at, items)));
        }
    }

    /// The items after those.
    pub(in crate::cli::import) fn additional_items(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        schema: &JsonNode,
        node: &JsonNode,
    ) {
        let at = child(pointer, "additionalItems");
        let is_tuple =
            member(schema, "items").is_some_and(|items| matches!(items.value, JsonValue::Array(_)));
        if is_tuple {
            let rest = self.schema(&at, node);
            out.set("items", Keyword::Schema(rest));
            self.report.note(&at, "`additionalItems` is `items`");
        } else {
            let message = "left out: without a list of `items` `additionalItems` says nothing";
            self.report.note(&at, message);
        }
    }

    /// What a property brings with it.
    pub(in crate::cli::import) fn dependencies(
        &mut self,
        out: &mut Keywords,
        pointer: &str,
        named: &[JsonMember],
    ) {
        let at = child(pointer, "dependencies");
        let mut required = match out.remove("dependentRequired") {
            Some(Keyword::Literal(Json::Object(known))) => known,
            _ => Vec::new(),
        };
        let mut schemas = match out.remove("dependentSchemas") {
            Some(Keyword::Named(known)) => known,
            _ => Vec::new(),
        };
        let known = required.len() + schemas.len();
        for one in named {
            if let JsonValue::Array(_) = &one.node.value {
                required.push((one.key.clone(), Json::of(&one.node, self.text)));
            } else {
                let schema = self.schema(&child(&at, &one.key), &one.node);
                schemas.push((one.key.clone(), schema));
            }
        }
        if known > 0 {
            let message = "`dependencies` beside `dependentRequired` or `dependentSchemas`";
            self.report
                .refuse(&at, message, "write the latter two alone");
        }
        let message = match (required.is_empty(), schemas.is_empty()) {
            (false, true) => "`dependencies` are `dependentRequired`",
            (true, false) => "`dependencies` are `dependentSchemas`",
            _ => "`dependencies` are `dependentRequired` and `dependentSchemas`",
        };
        self.report.note(&at, message);
        if !required.is_empty() {
            out.set_literal("dependentRequired", Json::Object(required));
        }
        if !schemas.is_empty() {
            out.set("dependentSchemas", Keyword::Named(schemas));
        }
    }
}
