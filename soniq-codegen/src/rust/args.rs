//! Builders: a struct's required fields are type parameters of its builder, so that `build()`
//! exists only when all are set.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::doc;
use super::types::default_name;
use super::{Scope, ident};
use crate::shape::{Field, ItemKind, Module, Presence, Shape, Struct, camel, unraw};

/// What `build()` does.
pub(super) enum Build {
    /// Checks the arguments against the contract.
    Checked,
    /// Only puts the fields together: the whole is checked where it is used.
    Plain,
}

/// A required field's type parameter.
struct Slot<'a> {
    field: &'a Field,
    parameter: Ident,
}

impl Scope<'_> {
    /// `Name::builder()` and `NameBuilder`.
    pub(super) fn builder(self, name: &str, fields: &Struct, build: &Build) -> TokenStream {
        let slots = self.slots(fields);
        let builder = ident(&format!("{name}Builder"));
        let parameters: Vec<&Ident> = slots.iter().map(|slot| &slot.parameter).collect();
        let declared = self.builder_fields(fields, &slots);
        let start = start(name, fields);
        let required = fields
            .fields
            .iter()
            .filter(|field| field.presence == Presence::Required)
            .map(|field| self.required_setter(field, &builder, &slots, fields));
        let optional = self.optional_setters(fields);
        let types: Vec<TokenStream> = slots
            .iter()
            .map(|slot| self.ty(&slot.field.shape))
            .collect();
        let build = self.build(name, fields, build);
        let docs = doc(&format!("Sets the fields of [`{name}`] by name."));
        let start_docs = doc(&format!("Starts with defaults; see [`{name}Builder`]."));
        let owner = ident(name);
        let generics = (!slots.is_empty()).then(|| quote!(<#(#parameters),*>));
        let defaults = (!slots.is_empty()).then(|| quote!(<#(#parameters = Missing),*>));
        let functions = self.defaults(fields);
        let methods = if slots.is_empty() {
            quote!(impl #builder { #optional #build })
        } else {
            quote! {
                impl #generics #builder #generics { #(#required)* #optional }

                impl #builder<#(#types),*> { #build }
            }
        };
        quote! {
            impl #owner {
                #start_docs
                pub fn builder() -> #builder { #builder { #start } }

                #functions
            }

            #docs
            #[derive(Debug, Clone)]
            #[must_use = "a builder does nothing until `build` is called"]
            pub struct #builder #defaults { #declared }

            #methods
        }
    }

    /// The required fields, each with a type parameter that hides no type of the module and is no
    /// other field's: `a1` and `a_1` differ as fields only.
    fn slots<'f>(self, fields: &'f Struct) -> Vec<Slot<'f>> {
        let mut slots: Vec<Slot<'f>> = Vec::new();
        for field in &fields.fields {
            if field.presence != Presence::Required {
                continue;
            }
            // Of `self` the name is `Self_`, whose underscore is in the way here.
            let mut name = format!("{}Slot", camel(&field.key).trim_end_matches('_'));
            let is_type = |name: &str| {
                let mut items = self.input.shapes.items_of(self.module);
                items.any(|(_, item)| item.name == name)
            };
            while is_type(&name) || slots.iter().any(|slot| slot.parameter == name) {
                name.push('_');
            }
            let parameter = ident(&name);
            slots.push(Slot { field, parameter });
        }
        slots
    }

    fn builder_fields(self, fields: &Struct, slots: &[Slot<'_>]) -> TokenStream {
        let mut out = TokenStream::new();
        for field in &fields.fields {
            let name = ident(&field.ident);
            let ty = match slots.iter().find(|slot| slot.field.key == field.key) {
                Some(slot) => {
                    let parameter = &slot.parameter;
                    quote!(#parameter)
                }
                None if matches!(field.presence, Presence::Constant(_)) => continue,
                None => self.field_type(field),
            };
            out.extend(quote!(#name: #ty,));
        }
        if let Some((name, shape)) = &fields.additional {
            let name = ident(name);
            let ty = self.ty(&Shape::Map(Box::new(shape.clone())));
            out.extend(quote!(#name: #ty,));
        }
        out
    }

    fn required_setter(
        self,
        field: &Field,
        builder: &Ident,
        slots: &[Slot<'_>],
        fields: &Struct,
    ) -> TokenStream {
        let arguments = slots.iter().map(|slot| {
            if slot.field.key == field.key {
                self.ty(&field.shape)
            } else {
                let parameter = &slot.parameter;
                quote!(#parameter)
            }
        });
        let moved = fields
            .fields
            .iter()
            .filter(|other| !matches!(other.presence, Presence::Constant(_)))
            .map(|other| {
                let name = ident(&other.ident);
                if other.key == field.key {
                    let value = self.converted(&field.shape);
                    quote!(#name: #value)
                } else {
                    quote!(#name: self.#name)
                }
            })
            .chain(fields.additional.iter().map(|(name, _)| {
                let name = ident(name);
                quote!(#name: self.#name)
            }));
        let docs = self.setter_docs(field, "required");
        let setter = setter_name(field);
        let ty = self.taken(&field.shape);
        quote! {
            #docs
            pub fn #setter(self, value: #ty) -> #builder<#(#arguments),*> {
                #builder { #(#moved),* }
            }
        }
    }

    fn optional_setters(self, fields: &Struct) -> TokenStream {
        let mut out = TokenStream::new();
        for field in &fields.fields {
            let name = ident(&field.ident);
            let setter = setter_name(field);
            let ty = self.taken(&field.shape);
            let value = self.converted(&field.shape);
            let (docs, value) = match &field.presence {
                Presence::Required | Presence::Constant(_) => continue,
                Presence::Defaulted(default) => (
                    self.setter_docs(field, &format!("default: `{default}`")),
                    value,
                ),
                Presence::Optional => (self.setter_docs(field, "optional"), quote!(Some(#value))),
            };
            out.extend(quote! {
                #docs
                pub fn #setter(mut self, value: #ty) -> Self {
                    self.#name = #value;
                    self
                }
            });
        }
        if let Some((name, shape)) = &fields.additional {
            let name = ident(name);
            let ty = self.ty(&Shape::Map(Box::new(shape.clone())));
            out.extend(quote! {
                /// All other properties; optional.
                pub fn #name(mut self, value: #ty) -> Self {
                    self.#name = value;
                    self
                }
            });
        }
        out
    }

    /// The type of a setter's parameter.
    fn taken(self, shape: &Shape) -> TokenStream {
        let ty = self.ty(shape);
        if self.converts(shape) {
            quote!(impl Into<#ty>)
        } else {
            ty
        }
    }

    fn converted(self, shape: &Shape) -> TokenStream {
        if self.converts(shape) {
            quote!(value.into())
        } else {
            quote!(value)
        }
    }

    /// Whether a setter takes what converts into the field. Not for numbers: the type of `2` in
    /// `copies(2)` would then be open, and Rust takes such a literal to be an `i32`.
    fn converts(self, shape: &Shape) -> bool {
        match shape {
            Shape::Text | Shape::Uuid | Shape::DateTime | Shape::Date | Shape::Json => true,
            Shape::Nullable(inner) | Shape::Boxed(inner) => self.converts(inner),
            Shape::Item(id) => match &self.input.shapes.item(*id).kind {
                ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Union(_) => true,
                ItemKind::Alias(inner) => self.converts(inner),
                ItemKind::Newtype(_) | ItemKind::Check => false,
            },
            Shape::Unit
            | Shape::Bool
            | Shape::Int(_)
            | Shape::Float
            | Shape::List(_)
            | Shape::Tuple(_)
            | Shape::Map(_) => false,
        }
    }

    fn setter_docs(self, field: &Field, presence: &str) -> TokenStream {
        let schema = self.input.contracts.schemas.get(field.schema);
        let text = match &schema.keywords.description {
            Some(description) => format!("{}\n\n`{}`, {presence}.", description.trim(), field.key),
            None => format!("`{}`, {presence}.", field.key),
        };
        doc(&text)
    }

    fn build(self, name: &str, fields: &Struct, build: &Build) -> TokenStream {
        let owner = ident(name);
        let values = fields
            .fields
            .iter()
            .map(|field| {
                let name = ident(&field.ident);
                if let Presence::Constant(value) = &field.presence {
                    let value = self.literal(&field.shape, value);
                    quote!(#name: #value)
                } else {
                    quote!(#name: self.#name)
                }
            })
            .chain(fields.additional.iter().map(|(name, _)| {
                let name = ident(name);
                quote!(#name: self.#name)
            }));
        let value = quote!(#owner { #(#values),* });
        match build {
            Build::Plain => quote! {
                /// The finished value.
                pub fn build(self) -> #owner { #value }
            },
            Build::Checked => {
                quote! {
                    /// The finished arguments.
                    ///
                    /// # Errors
                    /// [`Error::InvalidArgs`](::soniq_runtime::Error::InvalidArgs) with every rule
                    /// of the contract that they break.
                    pub fn build(self) -> Result<#owner, ::soniq_runtime::Error> {
                        let args = #value;
                        ::soniq_runtime::__private::checked_value(TASK.name(), &args)?;
                        Ok(args)
                    }
                }
            }
        }
    }
}

/// The fields of a new builder.
fn start(owner: &str, fields: &Struct) -> TokenStream {
    let mut out = TokenStream::new();
    let owner = ident(owner);
    for field in &fields.fields {
        let name = ident(&field.ident);
        let value = match &field.presence {
            Presence::Required => quote!(Missing),
            Presence::Constant(_) => continue,
            Presence::Defaulted(_) => {
                let default = ident(&default_name(field));
                quote!(#owner::#default())
            }
            Presence::Optional => quote!(None),
        };
        out.extend(quote!(#name: #value,));
    }
    if let Some((name, _)) = &fields.additional {
        let name = ident(name);
        out.extend(quote!(#name: BTreeMap::new(),));
    }
    out
}

/// A setter must not be called like the method that ends the building.
fn setter_name(field: &Field) -> Ident {
    match unraw(&field.ident) {
        "build" => ident("build_"),
        _ => ident(&field.ident),
    }
}

/// Whether a struct of this module gets a builder: retired versions are only ever decoded.
pub(super) fn has_builder(module: Module) -> bool {
    !matches!(module, Module::Retired(..))
}
