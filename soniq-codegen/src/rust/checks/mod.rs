//! Checks: a schema as straight-line calls of the runtime's `Checker`, in the order that
//! `soniq_schema::evaluate` defines.
//!
//! A named type's check is a function beside it, so a type that is used twice, or that contains
//! itself, is written once. Everything else is written where it stands.

mod body;
mod keywords;

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef, Types};

use self::body::{Body, Typed};
use self::keywords::{any, number, string};
use super::{Scope, ident};
use crate::shape::{Item, ItemId, Module};

/// Writes the checks of one module.
pub(super) struct Checks<'a> {
    scope: Scope<'a>,
    /// The schemas of the module's nested types.
    nested: BTreeMap<SchemaId, ItemId>,
}

impl<'a> Checks<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        let nested = scope
            .input
            .shapes
            .items_of(scope.module)
            .map(|(id, item)| (item.schema, id))
            .collect();
        Checks { scope, nested }
    }

    /// `impl Checked for ..`, for the types that the runtime decodes.
    pub(super) fn implementation(&self, item: &Item) -> TokenStream {
        let name = ident(&item.name);
        let body = self.body(self.schema(item.schema));
        let (value, checker) = parameters(&body);
        quote! {
            impl ::soniq_runtime::Checked for #name {
                fn check(
                    #value: &JsonValue,
                    #checker: &mut Checker,
                ) {
                    #body
                }
            }
        }
    }

    /// The check of a named type that others contain.
    pub(super) fn function(&self, item: &Item) -> TokenStream {
        let name = ident(&item.check);
        let visibility = matches!(item.module, Module::Namespace(_)).then(|| quote!(pub(super)));
        let body = self.body(self.schema(item.schema));
        let (value, checker) = parameters(&body);
        quote! {
            #visibility fn #name(
                #value: &JsonValue,
                #checker: &mut Checker,
            ) {
                #body
            }
        }
    }

    fn schema(&self, id: SchemaId) -> SchemaRef<'a> {
        self.scope.input.contracts.schemas.get(id)
    }

    /// The statements that check `value` against a schema; empty if every value passes.
    fn within(&self, id: SchemaId) -> Body {
        let mut body = Body::default();
        if let Some(item) = self.nested.get(&id) {
            let item = self.scope.input.shapes.item(*item);
            let check = self.scope.member(item.module, &item.check);
            body.push(&quote!(#check(value, c);));
            return body;
        }
        self.body(self.schema(id))
    }

    /// The path of the check of a `$ref`'s target.
    fn reference(&self, target: SchemaId) -> Option<TokenStream> {
        let shapes = self.scope.input.shapes;
        let item = shapes.item(*shapes.shared.get(&target)?);
        Some(self.scope.member(item.module, &item.check))
    }

    fn body(&self, schema: SchemaRef<'a>) -> Body {
        let mut body = Body::default();
        let node = schema.node();
        match node.boolean {
            Some(true) => return body,
            Some(false) => {
                body.push(&quote!(c.violation("false", "is not allowed here");));
                body.ignores_value = true;
                return body;
            }
            None => {}
        }
        let keywords = &node.keywords;
        let mut any = any(keywords);
        let by_type = self.by_type(schema);
        let mut reference = Body::default();
        if let Some(check) = keywords.reference.and_then(|target| self.reference(target)) {
            reference.push(&quote!(#check(value, c);));
        }
        let Some(types) = keywords.types else {
            any.where_typed(by_type);
            any.append(reference);
            return any;
        };
        if let Some(name) = only_type(types) {
            let of_type = by_type.into_iter().find(|typed| typed.belongs_to(name));
            body.typed(name, has_width(keywords), of_type, any, reference);
        } else {
            let admitted: Vec<Typed> = by_type
                .into_iter()
                .filter(|typed| types.names().any(|name| typed.belongs_to(name)))
                .collect();
            any.where_typed(admitted);
            any.append(reference);
            body.types(types, has_width(keywords), &any);
        }
        body
    }

    /// The keywords that speak of one type only, where there are any.
    fn by_type(&self, schema: SchemaRef<'a>) -> Vec<Typed> {
        let keywords = &schema.node().keywords;
        [
            Typed::new("text", string(keywords)),
            Typed::new("number", number(keywords)),
            Typed::new("items", self.array(keywords)),
            Typed::new("object", self.object(schema)),
        ]
        .into_iter()
        .filter(|typed| !typed.body.is_empty())
        .collect()
    }

    fn array(&self, keywords: &Keywords) -> Body {
        let mut body = Body::default();
        for (index, element) in keywords.prefix_items.iter().enumerate() {
            let inner = self.within(*element);
            if !inner.is_empty() {
                let index = Literal::usize_unsuffixed(index);
                let enter = quote!(c.enter_item(items, #index));
                body.push(&inner.inside(&enter));
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
        body.limit("min_items", "items", keywords.min_items);
        body.limit("max_items", "items", keywords.max_items);
        if keywords.unique_items {
            body.push(&quote!(c.unique_items(items);));
        }
        body
    }

    fn object(&self, schema: SchemaRef<'a>) -> Body {
        let keywords = &schema.node().keywords;
        let mut body = Body::default();
        let has_default = |name: &String| {
            keywords
                .properties
                .iter()
                .any(|(key, id)| key == name && schema.at(*id).default_value().is_some())
        };
        let required: Vec<&String> = keywords
            .required
            .iter()
            .filter(|name| !has_default(name))
            .collect();
        if !required.is_empty() {
            body.push(&quote!(c.required(object, &[#(#required),*]);));
        }
        for (key, id) in &keywords.properties {
            let inner = self.within(*id);
            if !inner.is_empty() {
                body.push(&inner.inside(&quote!(c.enter(object, #key))));
            }
        }
        if let Some(additional) = keywords.additional_properties {
            let declared = keywords.properties.iter().map(|(key, _)| key);
            let declared = quote!(&[#(#declared),*]);
            let inner = self.within(additional);
            if self.schema(additional).boolean == Some(false) {
                body.push(&quote!(c.no_additional(object, #declared);));
            } else if !inner.is_empty() {
                let inner = inner.inside(&quote!(c.enter(object, key)));
                body.push(&quote!(for key in c.additional(object, #declared) { #inner }));
            }
        }
        body.limit("min_properties", "object", keywords.min_properties);
        body.limit("max_properties", "object", keywords.max_properties);
        body
    }
}

/// The names of a check's parameters: an unused one starts with an underscore.
fn parameters(body: &Body) -> (TokenStream, TokenStream) {
    if body.is_empty() {
        return (quote!(_value), quote!(_c));
    }
    let value = if body.ignores_value {
        quote!(_value)
    } else {
        quote!(value)
    };
    (value, quote!(c))
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
