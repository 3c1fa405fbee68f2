//! Shapes: how the values of a schema look in Rust.
//!
//! A schema says which values exist; a [`Shape`] says which Rust type carries them. Objects and
//! string enums become [`Item`]s, named types in a generated [`Module`]. What a type cannot express
//! is left to the generated checks, so a bound or a pattern never changes a type.
//!
//! Shapes are made for all contracts of a run at once, whatever part of them is then written out:
//! a name must not depend on which namespaces a service asked for.

mod claims;
mod homes;
mod keywords;
mod looks;
mod names;
mod object;
mod reach;
mod recursion;
mod schema;
mod union;
mod walk;

use soniq_schema::json_schema::SchemaId;
use soniq_schema::source::Location;

pub(crate) use names::{camel, unraw};
#[cfg(feature = "cli")]
pub(crate) use names::{snake, type_name};
pub(crate) use walk::shape;

/// The Rust type of a schema's values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// `()`: null and nothing else.
    Unit,
    /// `bool`
    Bool,
    /// `i64`, or the width that `format` names.
    Int(&'static str),
    /// `f64`
    Float,
    /// `String`
    Text,
    /// `uuid::Uuid`
    Uuid,
    /// `chrono::DateTime<Utc>`
    DateTime,
    /// `chrono::NaiveDate`
    Date,
    /// `serde_json::Value`: any JSON, as far as checks allow it.
    Json,
    /// `Vec<T>`
    List(Box<Shape>),
    /// A tuple: exactly these elements.
    Tuple(Vec<Shape>),
    /// `BTreeMap<String, T>`
    Map(Box<Shape>),
    /// `Option<T>`: the value or null.
    Nullable(Box<Shape>),
    /// `Box<T>`: where a type would else contain itself.
    Boxed(Box<Shape>),
    /// A named type.
    Item(ItemId),
}

/// Index of an [`Item`] in [`Shapes::items`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemId(pub(crate) usize);

/// A generated module. The numbers are indices in the contracts and their tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Module {
    /// `billing`
    Namespace(usize),
    /// `billing::send_invoice`
    Task(usize, usize),
    /// `billing::send_invoice::v1`
    Retired(usize, usize, u32),
}

impl Module {
    /// The namespace that it is in.
    pub(crate) fn namespace(self) -> usize {
        match self {
            Module::Namespace(n) | Module::Task(n, _) | Module::Retired(n, ..) => n,
        }
    }

    /// How many `super` lead from here to the root of the generated modules.
    pub(crate) fn depth(self) -> usize {
        match self {
            Module::Namespace(_) => 1,
            Module::Task(..) => 2,
            Module::Retired(..) => 3,
        }
    }
}

/// A named Rust type.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its name.
    pub(crate) name: String,
    /// The name of the function that checks its values.
    pub(crate) check: String,
    /// Where it is declared.
    pub(crate) module: Module,
    /// The schema that it comes from.
    pub(crate) schema: SchemaId,
    /// The schema that describes it: the same one, or the mere `$ref` by which a contract names it.
    pub(crate) described: SchemaId,
    /// Where it stands in the contract.
    pub(crate) location: Location,
    /// What it is.
    pub(crate) kind: ItemKind,
}

/// What a named type is.
#[derive(Debug, Clone)]
pub(crate) enum ItemKind {
    /// A struct with a field per property.
    Struct(Struct),
    /// An enum of strings.
    Enum(Enum),
    /// An enum whose variants hold values.
    Union(Union),
    /// `pub type Name = ..;`
    Alias(Shape),
    /// `pub struct Name(pub ..);`, where an alias would not do.
    Newtype(Shape),
    /// No type, only a check: of a `$ref` that no type follows.
    Check,
}

/// A struct's fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struct {
    /// One per property, in the order of the contract.
    pub(crate) fields: Vec<Field>,
    /// The field of all other properties and the shape of their values.
    pub(crate) additional: Option<(String, Shape)>,
}

/// One property of a struct.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The property's name.
    pub(crate) key: String,
    /// Its older names, which are read as well.
    pub(crate) aliases: Vec<String>,
    /// The field's name.
    pub(crate) ident: String,
    /// The property's schema.
    pub(crate) schema: SchemaId,
    /// The shape of its value, without the `Option` of an absent one.
    pub(crate) shape: Shape,
    /// Whether it may be absent.
    pub(crate) presence: Presence,
}

/// Whether a property may be absent, and what stands for it then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Presence {
    /// It may not.
    Required,
    /// It may not, and has only this one value.
    Constant(serde_json::Value),
    /// Absent means this value; it is always written.
    Defaulted(serde_json::Value),
    /// It may.
    Optional,
}

/// An enum of strings.
#[derive(Debug, Clone)]
pub(crate) struct Enum {
    /// The wire value and the variant's name, in the order of the contract.
    pub(crate) variants: Vec<(String, String)>,
    /// Whether other values are accepted too.
    pub(crate) open: bool,
}

/// An enum whose variants hold values: of `oneOf` and `anyOf`.
#[derive(Debug, Clone)]
pub(crate) struct Union {
    /// The property whose text tells the variants apart; without one, their JSON types do.
    pub(crate) tag: Option<String>,
    /// In the order of the contract, but those that are objects last where there is no tag.
    pub(crate) variants: Vec<Variant>,
}

/// One variant of a [`Union`].
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    /// The tag's text.
    pub(crate) value: Option<String>,
    /// The variant's name.
    pub(crate) name: String,
    /// The branch that it stands for.
    pub(crate) schema: SchemaId,
    /// What it holds.
    pub(crate) shape: Shape,
}

/// The arguments, result and retired arguments of one task.
#[derive(Debug, Clone)]
pub(crate) struct TaskShapes {
    /// `Args`
    pub(crate) args: ItemId,
    /// `Output`
    pub(crate) output: Option<ItemId>,
}

/// The shapes of all contracts.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// All named types, each namespace's shared ones first.
    pub(crate) items: Vec<Item>,
    /// The items of each module, in the order of [`items`](Self::items).
    pub(crate) by_module: std::collections::BTreeMap<Module, Vec<ItemId>>,
    /// By contract, then by task.
    pub(crate) tasks: Vec<Vec<TaskShapes>>,
    /// The schemas whose checks mark what they evaluate, for an `unevaluated*` around them.
    pub(crate) observed: std::collections::BTreeSet<SchemaId>,
    /// The item of each schema that is reached by `$ref`. A mere `$ref` may share that of its target.
    pub(crate) shared: std::collections::BTreeMap<SchemaId, ItemId>,
    /// The name of each contract's module.
    pub(crate) namespace_modules: Vec<String>,
    /// The name of each task's module, by contract.
    pub(crate) task_modules: Vec<Vec<String>>,
}

impl Shapes {
    /// The item behind `id`.
    pub(crate) fn item(&self, id: ItemId) -> &Item {
        &self.items[id.0]
    }

    /// The items that are declared in a module.
    pub(crate) fn items_of(&self, module: Module) -> impl Iterator<Item = (ItemId, &Item)> {
        let ids = self.by_module.get(&module).into_iter().flatten();
        ids.map(|id| (*id, self.item(*id)))
    }

    /// Whether null is among the shape's values.
    pub(crate) fn accepts_null(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Unit | Shape::Json | Shape::Nullable(_) => true,
            Shape::Boxed(inner) => self.accepts_null(inner),
            Shape::Item(id) => match &self.item(*id).kind {
                // A newtype comes of a cycle; its shape may lead back here.
                ItemKind::Alias(inner) => self.accepts_null(inner),
                ItemKind::Newtype(inner) => {
                    matches!(inner, Shape::Nullable(_) | Shape::Json | Shape::Unit)
                }
                ItemKind::Struct(_) | ItemKind::Enum(_) | ItemKind::Union(_) | ItemKind::Check => {
                    false
                }
            },
            _ => false,
        }
    }
}
