//! Paths to types, relative to the module that names them: where the generated modules are mounted
//! is not known.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Scope, ident};
use crate::shape::{ItemId, Module, Shape};

impl Scope<'_> {
    /// The Rust type of a shape.
    pub(super) fn ty(self, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Unit => quote!(()),
            Shape::Bool => quote!(bool),
            Shape::Int(width) => {
                let width = ident(width);
                quote!(#width)
            }
            Shape::Float => quote!(f64),
            Shape::Text => quote!(String),
            Shape::Uuid => quote!(Uuid),
            Shape::DateTime => {
                quote!(DateTime<Utc>)
            }
            Shape::Date => quote!(NaiveDate),
            Shape::Json => quote!(JsonValue),
            Shape::List(inner) => {
                let inner = self.ty(inner);
                quote!(Vec<#inner>)
            }
            Shape::Tuple(elements) => {
                let elements = elements.iter().map(|shape| self.ty(shape));
                quote!((#(#elements,)*))
            }
            Shape::Map(inner) => {
                let inner = self.ty(inner);
                quote!(BTreeMap<String, #inner>)
            }
            Shape::Nullable(inner) => {
                let inner = self.ty(inner);
                quote!(Option<#inner>)
            }
            Shape::Boxed(inner) => {
                let inner = self.ty(inner);
                quote!(Box<#inner>)
            }
            Shape::Item(id) => self.item(*id),
        }
    }

    /// The path of a named type.
    pub(super) fn item(self, id: ItemId) -> TokenStream {
        let item = self.input.shapes.item(id);
        self.member(item.module, &item.name)
    }

    /// The path of something called `name` in `module`.
    ///
    /// Only a namespace's own members are named from other modules.
    pub(super) fn member(self, module: Module, name: &str) -> TokenStream {
        let name = ident(name);
        if module == self.module {
            return quote!(#name);
        }
        if module.namespace() == self.module.namespace() {
            let up = up(self.module.depth() - 1);
            return quote!(#up #name);
        }
        let up = up(self.module.depth());
        let namespace = ident(&self.input.shapes.namespace_modules[module.namespace()]);
        quote!(#up #namespace::#name)
    }
}

fn up(levels: usize) -> TokenStream {
    std::iter::repeat_n(quote!(super::), levels).collect()
}
