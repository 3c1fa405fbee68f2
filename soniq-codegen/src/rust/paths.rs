//! Paths to types, relative to the module that names them: where the generated modules are mounted
//! is not known.

use super::Scope;
use crate::shape::{ItemId, Module, Shape};

impl Scope<'_> {
    /// The Rust type of a shape.
    pub(super) fn ty(self, shape: &Shape) -> String {
        let plain = match shape {
            Shape::Unit => "()",
            Shape::Bool => "bool",
            Shape::Int(width) => width,
            Shape::Float => "f64",
            Shape::Text => "String",
            Shape::Uuid => "Uuid",
            Shape::DateTime => "DateTime<Utc>",
            Shape::Date => "NaiveDate",
            Shape::Json => "JsonValue",
            Shape::List(inner) => return format!("Vec<{}>", self.ty(inner)),
            Shape::Tuple(elements) => return self.tuple(elements),
            Shape::Map(inner) => return format!("BTreeMap<String, {}>", self.ty(inner)),
            Shape::Nullable(inner) => return format!("Option<{}>", self.ty(inner)),
            Shape::Boxed(inner) => return format!("Box<{}>", self.ty(inner)),
            Shape::Item(id) => return self.item(*id),
        };
        plain.to_owned()
    }

    fn tuple(self, elements: &[Shape]) -> String {
        let types: Vec<String> = elements.iter().map(|shape| self.ty(shape)).collect();
        match types.as_slice() {
            [only] => format!("({only},)"),
            types => format!("({})", types.join(", ")),
        }
    }

    /// The path of a named type.
    pub(super) fn item(self, id: ItemId) -> String {
        let item = self.input.shapes.item(id);
        self.member(item.module, &item.name)
    }

    /// The path of something called `name` in `module`.
    ///
    /// Only a namespace's own members are named from other modules.
    pub(super) fn member(self, module: Module, name: &str) -> String {
        if module == self.module {
            return name.to_owned();
        }
        if module.namespace() == self.module.namespace() {
            let up = "super::".repeat(self.module.depth() - 1);
            return format!("{up}{name}");
        }
        let up = "super::".repeat(self.module.depth());
        let namespace = &self.input.shapes.namespace_modules[module.namespace()];
        format!("{up}{namespace}::{name}")
    }
}
