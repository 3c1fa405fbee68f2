//! The keywords of arrays.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use soniq_schema::json_schema::{Keywords, SchemaId};

use super::super::literal::grouped;
use super::Checks;
use super::body::Body;

impl Checks<'_> {
    /// All but `unevaluatedItems`.
    pub(super) fn array(&self, keywords: &Keywords, observed: bool) -> Body {
        let mut body = Body::default();
        for (index, element) in keywords.prefix_items.iter().enumerate() {
            let inner = self.within(*element);
            if !inner.is_empty() {
                let index = Literal::usize_unsuffixed(index);
                body.push(&inner.inside(&quote!(c.enter_item(items, #index))));
            }
        }
        if let Some(items) = keywords.items {
            let first = Literal::usize_unsuffixed(keywords.prefix_items.len());
            let inner = self.within(items);
            if self.schema(items).boolean == Some(false) {
                body.push(&quote!(c.no_items(items, #first);));
            } else if !inner.is_empty() {
                let inner = inner.inside(&quote!(c.enter_item(items, index)));
                body.push(&quote!(for index in #first..items.len() { #inner }));
            }
        }
        if observed && keywords.items.is_some() {
            body.push(&quote!(c.evaluates_items(0..items.len());));
        } else if observed && !keywords.prefix_items.is_empty() {
            let prefix = Literal::usize_unsuffixed(keywords.prefix_items.len());
            body.push(&quote!(c.evaluates_items(0..items.len().min(#prefix));));
        }
        body.limit("min_items", "items", keywords.min_items);
        body.limit("max_items", "items", keywords.max_items);
        if keywords.unique_items {
            body.push(&quote!(c.unique_items(items);));
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
        let branch = self.branch(contained);
        body.push(&quote!(c.contains(items, #least, #most, #branch);));
    }

    /// `unevaluatedItems`
    pub(super) fn unevaluated_items(&self, schema: SchemaId) -> Body {
        let mut body = Body::default();
        let inner = self.within(schema);
        if self.schema(schema).boolean == Some(false) {
            body.push(&quote!(c.no_unevaluated_items(items);));
        } else if inner.is_empty() {
            body.push(&quote!(c.evaluates_items(0..items.len());));
        } else {
            let inner = inner.inside(&quote!(c.enter_item(items, index)));
            body.push(&quote!(for index in c.unevaluated_items(items) { #inner }));
        }
        body
    }
}

/// `Some(2)` or `None`.
fn count(limit: Option<u64>) -> TokenStream {
    if let Some(limit) = limit {
        let limit = grouped(limit.into(), "");
        quote!(Some(#limit))
    } else {
        quote!(None)
    }
}
