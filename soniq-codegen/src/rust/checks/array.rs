//! The keywords of arrays.

use soniq_schema::json_schema::{Keywords, SchemaId};

use super::super::literal::grouped;
use super::Checks;
use super::body::{Body, call};

impl Checks<'_> {
    /// All but `unevaluatedItems`.
    pub(super) fn array(&self, keywords: &Keywords, observed: bool) -> Body {
        let mut body = Body::default();
        for (index, element) in keywords.prefix_items.iter().enumerate() {
            let inner = self.within(*element);
            if !inner.is_empty() {
                body.push(&inner.inside(&format!("c.enter_item(items, {index})")));
            }
        }
        if let Some(items) = keywords.items {
            let first = keywords.prefix_items.len();
            let inner = self.within(items);
            if self.schema(items).boolean == Some(false) {
                body.push(&format!("c.no_items(items, {first});"));
            } else if !inner.is_empty() {
                let inner = inner.inside("c.enter_item(items, index)");
                body.push(&format!(
                    "for index in {first}..items.len() {{\n{inner}\n}}"
                ));
            }
        }
        if observed && keywords.items.is_some() {
            body.push("c.evaluates_items(0..items.len());");
        } else if observed && !keywords.prefix_items.is_empty() {
            let prefix = keywords.prefix_items.len();
            body.push(&format!("c.evaluates_items(0..items.len().min({prefix}));"));
        }
        body.limit("min_items", "items", keywords.min_items);
        body.limit("max_items", "items", keywords.max_items);
        if keywords.unique_items {
            body.push("c.unique_items(items);");
        }
        self.contains(keywords, observed, &mut body);
        body
    }

    fn contains(&self, keywords: &Keywords, observed: bool, body: &mut Body) {
        let Some(contained) = keywords.contains else {
            return;
        };
        if keywords.min_contains == Some(0) && keywords.max_contains.is_none() && !observed {
            return;
        }
        let (least, most) = (count(keywords.min_contains), count(keywords.max_contains));
        let arguments = ["items".to_owned(), least, most, self.branch(contained)];
        body.push(&format!("{};", call("c.contains", &arguments)));
    }

    /// `unevaluatedItems`
    pub(super) fn unevaluated_items(&self, schema: SchemaId) -> Body {
        let mut body = Body::default();
        let inner = self.within(schema);
        if self.schema(schema).boolean == Some(false) {
            body.push("c.no_unevaluated_items(items);");
        } else if inner.is_empty() {
            body.push("c.evaluates_items(0..items.len());");
        } else {
            let inner = inner.inside("c.enter_item(items, index)");
            body.push(&format!(
                "for index in c.unevaluated_items(items) {{\n{inner}\n}}"
            ));
        }
        body
    }
}

/// `Some(2)` or `None`.
fn count(limit: Option<u64>) -> String {
    limit.map_or_else(
        || "None".to_owned(),
        |limit| format!("Some({})", grouped(limit.into(), "")),
    )
}
