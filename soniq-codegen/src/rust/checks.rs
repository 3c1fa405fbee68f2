//! Checks: a schema as straight-line calls of the runtime's `Checker`, in the order that
//! `soniq_schema::evaluate` defines.
//!
//! A named type's check is a function beside it, so a type that is used twice, or that contains
//! itself, is written once. Everything else is written where it stands.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Number, Value};
use soniq_schema::json_schema::{Keywords, SchemaId, SchemaRef, Types};

use super::literal::{canonical, float};
use super::{Scope, ident};
use crate::shape::{Item, ItemId, Module, snake, unraw};

/// The name of a named type's check.
pub(super) fn check_name(item: &Item) -> String {
    format!("check_{}", unraw(&snake(&item.name)))
}

/// Writes the checks of one module.
pub(super) struct Checks<'a> {
    scope: Scope<'a>,
    /// The schemas of the module's nested types.
    nested: BTreeMap<SchemaId, ItemId>,
}

/// A schema's statements, and what they lean on.
#[derive(Default)]
struct Body {
    statics: TokenStream,
    statements: TokenStream,
    /// Set where every value fails, so that the value is not looked at.
    ignores_value: bool,
}

impl<'a> Checks<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        let nested = scope
            .input
            .shapes
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.module == scope.module)
            .map(|(index, item)| (item.schema, ItemId(index)))
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
        let name = ident(&check_name(item));
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
            let check = self.scope.member(item.module, &check_name(item));
            body.push(&quote!(#check(value, c);));
            return body;
        }
        self.body(self.schema(id))
    }

    /// The path of the check of a `$ref`'s target.
    fn reference(&self, target: SchemaId) -> Option<TokenStream> {
        let shapes = self.scope.input.shapes;
        let item = shapes.item(*shapes.shared.get(&target)?);
        Some(self.scope.member(item.module, &check_name(item)))
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
            let typed = by_type.into_iter().find(|typed| typed.belongs_to(name));
            body.typed(name, has_width(keywords), typed, any, reference);
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

/// The statements for values of one type.
struct Typed {
    /// The variable that holds the value as that type.
    variable: &'static str,
    body: Body,
}

impl Typed {
    fn new(variable: &'static str, body: Body) -> Self {
        Typed { variable, body }
    }

    fn belongs_to(&self, type_name: &str) -> bool {
        let variable = match type_name {
            "string" => "text",
            "integer" | "number" => "number",
            "array" => "items",
            "object" => "object",
            _ => return false,
        };
        variable == self.variable
    }
}

impl Body {
    fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    fn push(&mut self, statement: &TokenStream) {
        self.statements.extend(statement.clone());
    }

    fn append(&mut self, other: Body) {
        self.statics.extend(other.statics);
        self.statements.extend(other.statements);
    }

    fn limit(&mut self, method: &str, of: &str, limit: Option<u64>) {
        if let Some(limit) = limit {
            let (method, of) = (ident(method), ident(of));
            let limit = Literal::u64_unsuffixed(limit);
            self.push(&quote!(c.#method(#of, #limit);));
        }
    }

    /// One type: what follows applies to values of that type, bound to a variable if needed.
    fn typed(
        &mut self,
        name: &str,
        any_width: bool,
        typed: Option<Typed>,
        any: Body,
        reference: Body,
    ) {
        let method = match name {
            "integer" if any_width => ident("any_integer"),
            name => ident(name),
        };
        let mut inner = any;
        let variable = typed.map(|typed| {
            inner.append(typed.body);
            ident(typed.variable)
        });
        inner.append(reference);
        let returns_bool = matches!(name, "null" | "boolean");
        self.push(&match variable {
            Some(variable) => quote!(if let Some(#variable) = c.#method(value) { #inner }),
            None if inner.is_empty() => quote!(c.#method(value);),
            None if returns_bool => quote!(if c.#method(value) { #inner }),
            None => quote!(if c.#method(value).is_some() { #inner }),
        });
    }

    fn types(&mut self, types: Types, any_width: bool, inner: &Body) {
        let names = types.names();
        let method = if any_width {
            ident("types_of_any_width")
        } else {
            ident("types")
        };
        let check = quote!(c.#method(value, &[#(#names),*]));
        self.push(&if inner.is_empty() {
            quote!(#check;)
        } else {
            quote!(if #check { #inner })
        });
    }

    /// The statements for the value that `enter` steps into.
    fn inside(&self, enter: &TokenStream) -> TokenStream {
        let value = if self.ignores_value {
            quote!(_)
        } else {
            quote!(value)
        };
        quote!(if let Some(#value) = #enter { #self c.leave(); })
    }

    /// Several types, or any: each keyword looks only at values of its own type.
    fn where_typed(&mut self, all: Vec<Typed>) {
        for Typed { variable, body } in all {
            let cast = match variable {
                "text" => quote!(value.as_str()),
                "number" => quote!(value.as_number()),
                "items" => quote!(value.as_array()),
                _ => quote!(value.as_object()),
            };
            let variable = ident(variable);
            self.push(&quote!(if let Some(#variable) = #cast { #body }));
        }
    }
}

impl quote::ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.statics.to_tokens(tokens);
        self.statements.to_tokens(tokens);
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

/// `enum` and `const`.
fn any(keywords: &Keywords) -> Body {
    let mut body = Body::default();
    if let Some(values) = &keywords.enumeration {
        let strings: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
        let only_strings = keywords.types.and_then(only_type) == Some("string");
        let check = match strings {
            Some(listed) => quote!(c.one_of_str(value, &[#(#listed),*]);),
            None => {
                let text = canonical(&Value::Array(values.clone())).to_string();
                body.statics.extend(json_static("LISTED", &text));
                quote!(c.one_of(value, &LISTED);)
            }
        };
        match (keywords.open, only_strings) {
            (true, true) => body.statics = TokenStream::new(),
            (true, false) => body.push(&quote!(if !value.is_string() { #check })),
            (false, _) => body.push(&check),
        }
    }
    match &keywords.constant {
        Some(Value::String(text)) => body.push(&quote!(c.constant_str(value, #text);)),
        Some(constant) => {
            let text = canonical(constant).to_string();
            body.statics.extend(json_static("CONSTANT", &text));
            body.push(&quote!(c.constant(value, &CONSTANT);));
        }
        None => {}
    }
    body
}

fn json_static(name: &str, text: &str) -> TokenStream {
    let name = ident(name);
    quote! {
        static #name: JsonLiteral =
            JsonLiteral::new(#text);
    }
}

fn string(keywords: &Keywords) -> Body {
    let mut body = Body::default();
    if let Some(format) = &keywords.format
        && soniq_rules::format_is_known(format)
    {
        body.push(&quote!(c.format(text, #format);));
    }
    body.limit("min_length", "text", keywords.min_length);
    body.limit("max_length", "text", keywords.max_length);
    if let Some(pattern) = &keywords.pattern {
        let regex = pattern.regex.as_str();
        body.statics.extend(quote! {
            static PATTERN: TextPattern =
                TextPattern::new(#regex);
        });
        body.push(&quote!(c.pattern(text, &PATTERN);));
    }
    body
}

fn number(keywords: &Keywords) -> Body {
    let mut body = Body::default();
    if let Some(format) = &keywords.format
        && !soniq_rules::format_is_known(format)
    {
        body.push(&quote!(c.number_format(number, #format);));
    }
    for (method, bound) in [
        ("minimum", &keywords.minimum),
        ("maximum", &keywords.maximum),
        ("exclusive_minimum", &keywords.exclusive_minimum),
        ("exclusive_maximum", &keywords.exclusive_maximum),
        ("multiple_of", &keywords.multiple_of),
    ] {
        if let Some(bound) = bound {
            let method = ident(method);
            let bound = suffixed(bound);
            body.push(&quote!(c.#method(number, #bound);));
        }
    }
    body
}

/// A number with the type in which Rust holds it exactly.
fn suffixed(number: &Number) -> TokenStream {
    if let Some(integer) = number.as_i64() {
        match integer.checked_neg() {
            Some(positive) if integer < 0 => {
                let literal = Literal::i64_suffixed(positive);
                quote!(-#literal)
            }
            Some(_) => {
                let literal = Literal::i64_suffixed(integer);
                quote!(#literal)
            }
            None => quote!(i64::MIN),
        }
    } else if let Some(integer) = number.as_u64() {
        let literal = Literal::u64_suffixed(integer);
        quote!(#literal)
    } else {
        float(number.as_f64().unwrap_or_default())
    }
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
