//! Statements of a check, and how those of one value go inside those of another.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use soniq_schema::json_schema::Types;

use super::super::ident;
use super::super::literal::grouped;

/// A schema's statements, and what they lean on.
#[derive(Default)]
pub(super) struct Body {
    pub(super) statics: TokenStream,
    statements: TokenStream,
    /// The function that the only statement calls with `value` and `c`.
    call: Option<TokenStream>,
}

/// The statements for values of one type.
pub(super) struct Typed {
    /// The variable that holds the value as that type.
    pub(super) variable: &'static str,
    pub(super) body: Body,
}

impl Typed {
    pub(super) fn new(variable: &'static str, body: Body) -> Self {
        Typed { variable, body }
    }

    pub(super) fn belongs_to(&self, type_name: &str) -> bool {
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
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    pub(super) fn push(&mut self, statement: &TokenStream) {
        self.call = None;
        self.statements.extend(statement.clone());
    }

    /// The call of a check function.
    pub(super) fn call(&mut self, function: TokenStream) {
        let is_first = self.is_empty();
        self.push(&quote!(#function(value, c);));
        self.call = Some(function).filter(|_| is_first);
    }

    /// The function that is all there is to do.
    pub(super) fn only_call(&self) -> Option<&TokenStream> {
        self.call.as_ref()
    }

    /// The value by the present names of its properties: what follows looks at that.
    pub(super) fn present_names(&mut self, renames: &[(String, String)], is_used: bool) {
        let names = renames
            .iter()
            .map(|(old, present)| quote!((#old, #present)));
        let present = quote!(c.present_names(value, &[#(#names),*]));
        self.push(&if is_used {
            quote!(let value = &*#present;)
        } else {
            quote!(#present;)
        });
    }

    /// Adds statements whose statics have names of their own.
    pub(super) fn append(&mut self, other: Body) {
        self.call = other.call.filter(|_| self.is_empty());
        self.statics.extend(other.statics);
        self.statements.extend(other.statements);
    }

    /// Adds the statements of another schema on the same value.
    pub(super) fn nest(&mut self, other: Body) {
        if other.statics.is_empty() {
            self.append(other);
        } else {
            self.push(&quote!({ #other }));
        }
    }

    pub(super) fn limit(&mut self, method: &str, of: &str, limit: Option<u64>) {
        if let Some(limit) = limit {
            let (method, of) = (ident(method), ident(of));
            let limit = grouped(limit.into(), "");
            self.push(&quote!(c.#method(#of, #limit);));
        }
    }

    /// One type: what follows applies to values of that type, bound to a variable if needed.
    pub(super) fn typed(
        &mut self,
        name: &str,
        any_width: bool,
        variable: Option<&'static str>,
        inner: &Body,
    ) {
        let method = match name {
            "integer" if any_width => ident("any_integer"),
            name => ident(name),
        };
        let returns_bool = matches!(name, "null" | "boolean");
        self.push(&match variable.map(ident) {
            Some(variable) => quote!(if let Some(#variable) = c.#method(value) { #inner }),
            None if inner.is_empty() => quote!(c.#method(value);),
            None if returns_bool => quote!(if c.#method(value) { #inner }),
            None => quote!(if c.#method(value).is_some() { #inner }),
        });
    }

    pub(super) fn types(&mut self, types: Types, any_width: bool, inner: &Body) {
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
    pub(super) fn inside(&self, enter: &TokenStream) -> TokenStream {
        let value = if mentions(self, "value") {
            quote!(value)
        } else {
            quote!(_)
        };
        quote!(if let Some(#value) = #enter { #self c.leave(); })
    }

    /// Several types, or any: each keyword looks only at values of its own type.
    pub(super) fn where_typed(&mut self, Typed { variable, body }: Typed) {
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

impl ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.statics.to_tokens(tokens);
        self.statements.to_tokens(tokens);
    }
}

/// Whether the statements use a variable of this name; one that is not used must not be bound.
pub(super) fn mentions(body: &Body, name: &str) -> bool {
    fn search(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => search(group.stream(), name),
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    search(body.statements.clone(), name)
}
