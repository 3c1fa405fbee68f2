//! Structs, enums and aliases.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::doc;
use super::{Scope, ident};
use crate::shape::{Enum, Field, ItemId, ItemKind, Presence, Shape, Struct, Union, unraw};

impl Scope<'_> {
    /// The declaration of a named type, with what it needs beside it.
    pub(super) fn declaration(self, id: ItemId) -> TokenStream {
        let item = self.input.shapes.item(id);
        let schema = self.input.contracts.schemas.get(item.schema);
        let fallback = match (item.name.as_str(), self.input.wire_name(item.module)) {
            ("Args", Some(task)) => format!("Arguments of `{task}`."),
            ("Output", Some(task)) => format!("Result of `{task}`."),
            (name, _) => format!("`{name}` of the contract."),
        };
        let description = schema.keywords.description.as_deref();
        let docs = self.input.docs(description, &fallback, &item.location);
        let name = ident(&item.name);
        match &item.kind {
            ItemKind::Struct(fields) => self.structure(&item.name, fields, &docs),
            ItemKind::Enum(values) => enumeration(&item.name, values, &docs),
            ItemKind::Union(union) => self.union(&item.name, union, &docs),
            ItemKind::Check => TokenStream::new(),
            ItemKind::Alias(shape) => {
                let ty = self.ty(shape);
                quote!(#docs pub type #name = #ty;)
            }
            ItemKind::Newtype(shape) => {
                let ty = self.ty(shape);
                let derive = derive();
                quote! {
                    #docs
                    #derive
                    #[serde(crate = "::soniq_runtime::__private::serde", transparent)]
                    pub struct #name(
                        /// The value.
                        pub #ty,
                    );
                }
            }
        }
    }

    /// An enum whose variants hold values: tagged by a property, or told apart by their JSON types.
    fn union(self, name: &str, union: &Union, docs: &TokenStream) -> TokenStream {
        let representation = if let Some(tag) = &union.tag {
            quote!(tag = #tag)
        } else {
            quote!(untagged)
        };
        let variants = union.variants.iter().map(|variant| {
            let schema = self.input.contracts.schemas.get(variant.schema).resolved();
            let fallback = match &variant.value {
                Some(value) => format!("`{value}`"),
                None => format!("`{}` of the contract.", variant.name),
            };
            let docs = doc(schema.keywords.description.as_deref().unwrap_or(&fallback));
            let value = variant
                .value
                .as_ref()
                .filter(|value| **value != variant.name);
            let rename = value.map(|value| quote!(#[serde(rename = #value)]));
            let name = ident(&variant.name);
            let ty = self.ty(&variant.shape);
            quote!(#docs #rename #name(#ty),)
        });
        let conversions = self.conversions(name, union);
        let derive = derive();
        let name = ident(name);
        quote! {
            #docs
            #derive
            #[serde(crate = "::soniq_runtime::__private::serde", #representation)]
            pub enum #name { #(#variants)* }

            #conversions
        }
    }

    /// `From` for each variant whose type no other one has, so that setters take it as it is.
    fn conversions(self, name: &str, union: &Union) -> TokenStream {
        let name = ident(name);
        let types: Vec<String> = union
            .variants
            .iter()
            .map(|variant| self.ty(self.through_aliases(&variant.shape)).to_string())
            .collect();
        let of_its_own = |ty: &String| types.iter().filter(|other| *other == ty).count() == 1;
        let variants = union.variants.iter().zip(&types);
        let variants = variants.filter(|(_, ty)| of_its_own(ty));
        variants
            .map(|(variant, _)| {
                let (shape, value) = match &variant.shape {
                    Shape::Boxed(inner) => (&**inner, quote!(Box::new(value))),
                    shape => (shape, quote!(value)),
                };
                let ty = self.ty(shape);
                let variant = ident(&variant.name);
                quote! {
                    impl From<#ty> for #name {
                        fn from(value: #ty) -> Self {
                            #name::#variant(#value)
                        }
                    }
                }
            })
            .collect()
    }

    fn structure(self, name: &str, fields: &Struct, docs: &TokenStream) -> TokenStream {
        let declared = fields.fields.iter().map(|field| self.field(name, field));
        let additional = fields.additional.as_ref().map(|(ident_, shape)| {
            let name = ident(ident_);
            let ty = self.ty(&Shape::Map(Box::new(shape.clone())));
            quote! {
                /// All other properties.
                #[serde(flatten)]
                pub #name: #ty,
            }
        });
        let derive = derive();
        let name = ident(name);
        quote! {
            #docs
            #derive
            #[serde(crate = "::soniq_runtime::__private::serde")]
            pub struct #name { #(#declared)* #additional }
        }
    }

    fn field(self, owner: &str, field: &Field) -> TokenStream {
        let schema = self.input.contracts.schemas.get(field.schema);
        let fallback = format!("`{}` of the contract.", field.key);
        let docs = doc(schema.keywords.description.as_deref().unwrap_or(&fallback));
        let deprecated = schema.keywords.deprecated.then(|| quote!(#[deprecated]));
        let rename = (unraw(&field.ident) != field.key).then(|| {
            let key = &field.key;
            quote!(#[serde(rename = #key)])
        });
        let older = &field.aliases;
        let aliases = (!older.is_empty()).then(|| quote!(#[serde(#(alias = #older),*)]));
        let name = ident(&field.ident);
        let ty = self.field_type(field);
        let absent = match &field.presence {
            Presence::Required | Presence::Constant(_) => TokenStream::new(),
            Presence::Defaulted(_) => {
                let path = format!("{owner}::{}", default_name(field));
                quote!(#[serde(default = #path)])
            }
            Presence::Optional if self.input.shapes.accepts_null(&field.shape) => quote! {
                #[serde(
                    default,
                    deserialize_with = "::soniq_runtime::__private::present",
                    skip_serializing_if = "Option::is_none",
                )]
            },
            Presence::Optional => {
                quote!(#[serde(default, skip_serializing_if = "Option::is_none")])
            }
        };
        quote!(#docs #deprecated #rename #aliases #absent pub #name: #ty,)
    }

    /// The type of a field: an `Option` where the property may be absent.
    pub(super) fn field_type(self, field: &Field) -> TokenStream {
        let ty = self.ty(&field.shape);
        match field.presence {
            Presence::Optional => quote!(Option<#ty>),
            _ => ty,
        }
    }

    /// One function per default: serde names it, and the builder starts from it.
    pub(super) fn defaults(self, fields: &Struct) -> TokenStream {
        let mut functions = TokenStream::new();
        for field in &fields.fields {
            let Presence::Defaulted(value) = &field.presence else {
                continue;
            };
            let name = ident(&default_name(field));
            let ty = self.ty(&field.shape);
            let value = self.literal(&field.shape, value);
            functions.extend(quote!(fn #name() -> #ty { #value }));
        }
        functions
    }
}

/// The name of the function that gives a field's default.
pub(super) fn default_name(field: &Field) -> String {
    format!("default_{}", unraw(&field.ident))
}

fn derive() -> TokenStream {
    quote! {
        #[derive(
            Debug,
            Clone,
            PartialEq,
            Serialize,
            Deserialize,
        )]
    }
}

/// An enum of strings. An open one keeps the text that it does not know.
fn enumeration(name: &str, values: &Enum, docs: &TokenStream) -> TokenStream {
    let name = ident(name);
    let texts: Vec<&str> = values
        .variants
        .iter()
        .map(|(text, _)| text.as_str())
        .collect();
    let variants: Vec<_> = values
        .variants
        .iter()
        .map(|(_, name)| ident(name))
        .collect();
    let variant_docs = texts.iter().map(|text| doc(&format!("`{text}`")));
    let copy = (!values.open).then(|| quote!(Copy,));
    let other = values.open.then(|| {
        quote! {
            /// A value that this build of the contract does not list.
            Other(UnknownValue),
        }
    });
    let other_text = values
        .open
        .then(|| quote!(Self::Other(value) => value.as_str(),));
    let receiver = if values.open {
        quote!(&self)
    } else {
        quote!(self)
    };
    let lifetime = if values.open {
        quote!(&str)
    } else {
        quote!(&'static str)
    };
    let unlisted = if values.open {
        quote!(_ => Ok(Self::Other(::soniq_runtime::__private::unknown_value(text))),)
    } else {
        quote!(_ => Err(text),)
    };
    quote! {
        #docs
        #[derive(Debug, Clone, #copy PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum #name { #(#variant_docs #variants,)* #other }

        impl #name {
            /// The value on the wire.
            pub fn as_str(#receiver) -> #lifetime {
                match self { #(Self::#variants => #texts,)* #other_text }
            }

            fn from_wire(text: String) -> Result<Self, String> {
                match text.as_str() { #(#texts => Ok(Self::#variants),)* #unlisted }
            }
        }

        ::soniq_runtime::__string_enum!(#name);
    }
}
