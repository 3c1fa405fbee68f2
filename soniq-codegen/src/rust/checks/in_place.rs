//! The keywords that apply schemas to the value they stand at: `$ref`, `allOf`, `anyOf`, `oneOf`,
//! `not`, `if`.

use proc_macro2::TokenStream;
use quote::quote;
use soniq_schema::json_schema::{Condition, Keywords, SchemaId};

use super::Checks;
use super::body::{Body, mentions};

impl Checks<'_> {
    /// All of them, in the order of the walk.
    pub(super) fn in_place(&self, keywords: &Keywords, observed: bool) -> Body {
        let mut body = Body::default();
        if let Some(check) = keywords.reference.and_then(|target| self.reference(target)) {
            body.call(check);
        }
        for part in &keywords.all_of {
            body.nest(self.within_whole(*part));
        }
        if !keywords.any_of.is_empty() {
            let branches = self.branches(&keywords.any_of);
            body.push(&quote!(c.any_of(value, #branches);));
        }
        if !keywords.one_of.is_empty() {
            let branches = self.branches(&keywords.one_of);
            body.push(&quote!(c.exactly_one_of(value, #branches);));
        }
        if let Some(not) = keywords.not {
            let branch = self.branch(not);
            body.push(&quote!(c.not(value, #branch);));
        }
        if let Some(condition) = keywords.condition {
            self.condition(condition, observed, &mut body);
        }
        body
    }

    fn condition(&self, condition: Condition, observed: bool, body: &mut Body) {
        let part = |id: Option<SchemaId>| id.map(|id| self.within(id)).unwrap_or_default();
        let (then, otherwise) = (part(condition.then), part(condition.otherwise));
        let test = self.branch(condition.test);
        let test = quote!(c.fits(value, #test));
        body.push(&match (then.is_empty(), otherwise.is_empty()) {
            // What `if` has evaluated counts all the same.
            (true, true) if observed => quote!(#test;),
            (true, true) => return,
            (false, true) => quote!(if #test { #then }),
            (true, false) => quote!(if !#test { #otherwise }),
            (false, false) => quote!(if #test { #then } else { #otherwise }),
        });
    }

    fn branches(&self, ids: &[SchemaId]) -> TokenStream {
        let branches = ids.iter().map(|id| self.branch(*id));
        quote!(&[#(#branches),*])
    }

    /// A schema's check as a function: the one that it has, or a closure.
    pub(super) fn branch(&self, id: SchemaId) -> TokenStream {
        let body = self.within(id);
        if let Some(function) = body.only_call() {
            return function.clone();
        }
        let name = |name| if mentions(&body, name) { name } else { "_" };
        let parameter = |name: &str| match name {
            "_" => quote!(_),
            name => {
                let name = super::super::ident(name);
                quote!(#name)
            }
        };
        let (value, checker) = (parameter(name("value")), parameter(name("c")));
        quote!(|#value, #checker| { #body })
    }
}
