//! The keywords of objects.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use soniq_schema::json_schema::{Dialect, Keywords, SchemaId, SchemaRef};

use super::Checks;
use super::body::{Body, mentions};

impl<'a> Checks<'a> {
    /// All but `unevaluatedProperties`.
    pub(super) fn object(&self, schema: SchemaRef<'a>, observed: bool) -> Body {
        let keywords = &schema.node().keywords;
        let mut body = Body::default();
        let has_default = |name: &String| {
            self.scope.input.dialect == Dialect::Contract
                && keywords
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
        self.pattern_properties(keywords, observed, &mut body);
        self.additional_properties(keywords, &mut body);
        if mentions(&body, "KEYS") {
            body.statics.extend(key_patterns(keywords));
        }
        if observed && keywords.additional_properties.is_some() {
            body.push(&quote!(c.evaluates_all(object);));
        } else if observed && !keywords.properties.is_empty() {
            let declared = declared(keywords);
            body.push(&quote!(c.evaluates(object, #declared);));
        }
        body.limit("min_properties", "object", keywords.min_properties);
        body.limit("max_properties", "object", keywords.max_properties);
        if let Some(names) = keywords.property_names {
            let inner = self.within(names);
            if !inner.is_empty() {
                let branch = self.branch(names);
                body.push(&quote!(c.property_names(object, #branch);));
            }
        }
        for (name, needed) in &keywords.dependent_required {
            let needed: Vec<&String> = needed.iter().filter(|one| !has_default(one)).collect();
            if !needed.is_empty() {
                body.push(&quote!(c.dependent_required(object, #name, &[#(#needed),*]);));
            }
        }
        body
    }

    /// `dependentSchemas`
    pub(super) fn dependent_schemas(&self, keywords: &Keywords) -> Body {
        let mut body = Body::default();
        for (name, id) in &keywords.dependent_schemas {
            let inner = self.within(*id);
            if !inner.is_empty() {
                body.push(&quote!(if object.contains_key(#name) { #inner }));
            }
        }
        body
    }

    fn pattern_properties(&self, keywords: &Keywords, observed: bool, body: &mut Body) {
        let patterns = &keywords.pattern_properties;
        let all_marked = keywords.additional_properties.is_some();
        let mut loops = TokenStream::new();
        for (index, one) in patterns.iter().enumerate() {
            let inner = self.within(one.schema);
            let mark = (observed && !all_marked).then(|| quote!(c.evaluates_property(key);));
            if inner.is_empty() && mark.is_none() {
                continue;
            }
            let inner = (!inner.is_empty()).then(|| inner.inside(&quote!(c.enter(object, key))));
            let index = Literal::usize_unsuffixed(index);
            loops.extend(quote! {
                for key in c.matching(object, &KEYS[#index]) { #inner #mark }
            });
        }
        body.push(&loops);
    }

    fn additional_properties(&self, keywords: &Keywords, body: &mut Body) {
        let Some(additional) = keywords.additional_properties else {
            return;
        };
        let declared = declared(keywords);
        let patterns = if keywords.pattern_properties.is_empty() {
            quote!(&[])
        } else {
            quote!(&KEYS)
        };
        let inner = self.within(additional);
        if self.schema(additional).boolean == Some(false) {
            body.push(&quote!(c.no_additional(object, #declared, #patterns);));
        } else if !inner.is_empty() {
            let inner = inner.inside(&quote!(c.enter(object, key)));
            body.push(&quote!(for key in c.additional(object, #declared, #patterns) { #inner }));
        }
    }

    /// `unevaluatedProperties`
    pub(super) fn unevaluated_properties(&self, schema: SchemaId) -> Body {
        let mut body = Body::default();
        let inner = self.within(schema);
        if self.schema(schema).boolean == Some(false) {
            body.push(&quote!(c.no_unevaluated(object);));
        } else if inner.is_empty() {
            body.push(&quote!(c.evaluates_all(object);));
        } else {
            let inner = inner.inside(&quote!(c.enter(object, key)));
            body.push(&quote!(for key in c.unevaluated(object) { #inner }));
        }
        body
    }
}

/// The patterns of `patternProperties`.
fn key_patterns(keywords: &Keywords) -> TokenStream {
    let patterns = &keywords.pattern_properties;
    let count = Literal::usize_unsuffixed(patterns.len());
    let regexes = patterns.iter().map(|one| one.pattern.regex.as_str());
    quote! {
        static KEYS: [TextPattern; #count] = [#(TextPattern::new(#regexes)),*];
    }
}

fn declared(keywords: &Keywords) -> TokenStream {
    let names = keywords.properties.iter().map(|(key, _)| key);
    quote!(&[#(#names),*])
}
