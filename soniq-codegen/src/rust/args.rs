//! Builders: a struct's required fields are type parameters of its builder, so that `build()`
//! exists only when all are set.

use std::fmt::Write as _;

use super::Scope;
use super::docs::doc;
use super::file::block;
use super::literal::structure;
use super::types::default_name;
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
    parameter: String,
}

impl Scope<'_> {
    /// `Name::builder()` and `NameBuilder`.
    pub(super) fn builder(self, name: &str, fields: &Struct, build: &Build) -> String {
        let slots = self.slots(fields);
        let builder = format!("{name}Builder");
        let docs = doc(&format!("Sets the fields of [`{name}`] by name."));
        let start_docs = doc(&format!("Starts with defaults; see [`{builder}`]."));
        let start = structure(&builder, &start(name, fields));
        let functions = self.defaults(fields);
        let declared = block(
            &format!(
                "pub struct {builder}{}",
                list(
                    slots
                        .iter()
                        .map(|slot| format!("{} = Missing", slot.parameter))
                )
            ),
            &self.builder_fields(fields, &slots),
        );
        let optional = self.optional_setters(fields);
        let build = self.build(name, fields, build);
        let methods = if slots.is_empty() {
            block(&format!("impl {builder}"), &format!("{optional}{build}"))
        } else {
            let parameters = list(slots.iter().map(|slot| slot.parameter.clone()));
            let types = list(slots.iter().map(|slot| self.ty(&slot.field.shape)));
            let mut required = String::new();
            for slot in &slots {
                required.push_str(&self.required_setter(slot.field, &builder, &slots, fields));
            }
            format!(
                "\
impl{parameters} {builder}{parameters} {{
    {required}
    {optional}
}}
impl {builder}{types} {{
    {build}
}}
"
            )
        };
        format!(
            "\
impl {name} {{
    {start_docs}
    pub fn builder() -> {builder} {{
        {start}
    }}
    {functions}
}}
{docs}
#[derive(Debug, Clone)]
#[must_use = \"a builder does nothing until `build` is called\"]
{declared}
{methods}
"
        )
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
            let mut parameter = format!("{}Slot", camel(&field.key).trim_end_matches('_'));
            let is_type = |name: &str| {
                let mut items = self.input.shapes.items_of(self.module);
                items.any(|(_, item)| item.name == name)
            };
            while is_type(&parameter) || slots.iter().any(|slot| slot.parameter == parameter) {
                parameter.push('_');
            }
            slots.push(Slot { field, parameter });
        }
        slots
    }

    fn builder_fields(self, fields: &Struct, slots: &[Slot<'_>]) -> String {
        let mut out = String::new();
        for field in &fields.fields {
            let ty = match slots.iter().find(|slot| slot.field.key == field.key) {
                Some(slot) => slot.parameter.clone(),
                None if matches!(field.presence, Presence::Constant(_)) => continue,
                None => self.field_type(field),
            };
            // Writing to a `String` does not fail.
            let _ = writeln!(out, "{}: {ty},", field.ident);
        }
        if let Some((name, shape)) = &fields.additional {
            let _ = writeln!(out, "{name}: BTreeMap<String, {}>,", self.ty(shape));
        }
        out
    }

    fn required_setter(
        self,
        field: &Field,
        builder: &str,
        slots: &[Slot<'_>],
        fields: &Struct,
    ) -> String {
        let arguments = list(slots.iter().map(|slot| {
            if slot.field.key == field.key {
                self.ty(&field.shape)
            } else {
                slot.parameter.clone()
            }
        }));
        let others = fields.fields.iter();
        let moved: Vec<String> = others
            .filter(|other| !matches!(other.presence, Presence::Constant(_)))
            .map(|other| {
                let name = &other.ident;
                if other.key == field.key {
                    format!("{name}: {}", self.converted(&field.shape))
                } else {
                    moved(name)
                }
            })
            .chain(moved_rest(fields))
            .collect();
        format!(
            "{}pub fn {}(self, value: {}) -> {builder}{arguments} {{\n{}\n}}\n",
            self.setter_docs(field, "required"),
            setter_name(field),
            self.taken(&field.shape),
            structure(builder, &moved),
        )
    }

    fn optional_setters(self, fields: &Struct) -> String {
        let mut out = String::new();
        for field in &fields.fields {
            let value = self.converted(&field.shape);
            let (docs, value) = match &field.presence {
                Presence::Required | Presence::Constant(_) => continue,
                Presence::Defaulted(default) => (
                    self.setter_docs(field, &format!("default: `{default}`")),
                    value.to_owned(),
                ),
                Presence::Optional => (
                    self.setter_docs(field, "optional"),
                    format!("Some({value})"),
                ),
            };
            // Writing to a `String` does not fail.
            let _ = write!(
                out,
                "{docs}pub fn {}(mut self, value: {}) -> Self {{\nself.{} = {value};\nself\n}}\n",
                setter_name(field),
                self.taken(&field.shape),
                field.ident,
            );
        }
        if let Some((name, shape)) = &fields.additional {
            let ty = self.ty(shape);
            let _ = write!(
                out,
                "\
/// All other properties; optional.
pub fn {name}(mut self, value: BTreeMap<String, {ty}>) -> Self {{
    self.{name} = value;
    self
}}
"
            );
        }
        out
    }

    /// The type of a setter's parameter.
    fn taken(self, shape: &Shape) -> String {
        let ty = self.ty(shape);
        if self.converts(shape) {
            format!("impl Into<{ty}>")
        } else {
            ty
        }
    }

    fn converted(self, shape: &Shape) -> &'static str {
        if self.converts(shape) {
            "value.into()"
        } else {
            "value"
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

    fn setter_docs(self, field: &Field, presence: &str) -> String {
        let schema = self.input.contracts.schemas.get(field.schema);
        let text = match &schema.keywords.description {
            Some(description) => format!("{}\n\n`{}`, {presence}.", description.trim(), field.key),
            None => format!("`{}`, {presence}.", field.key),
        };
        doc(&text)
    }

    fn build(self, name: &str, fields: &Struct, build: &Build) -> String {
        let values: Vec<String> = fields
            .fields
            .iter()
            .map(|field| {
                let name = &field.ident;
                if let Presence::Constant(value) = &field.presence {
                    format!("{name}: {}", self.literal(&field.shape, value))
                } else {
                    moved(name)
                }
            })
            .chain(moved_rest(fields))
            .collect();
        let value = structure(name, &values);
        match build {
            Build::Plain => format!(
                "\
/// The finished value.
pub fn build(self) -> {name} {{
    {value}
}}
"
            ),
            Build::Checked => format!(
                "\
/// The finished arguments.
///
/// # Errors
/// [`Error::InvalidArgs`](::soniq_runtime::Error::InvalidArgs) with every rule
/// of the contract that they break.
pub fn build(self) -> Result<{name}, ::soniq_runtime::Error> {{
    let args = {value};
    ::soniq_runtime::__private::checked_value(TASK.name(), &args)?;
    Ok(args)
}}
"
            ),
        }
    }
}

/// `<A, B>`, or nothing.
fn list(parameters: impl Iterator<Item = String>) -> String {
    let parameters: Vec<String> = parameters.collect();
    if parameters.is_empty() {
        String::new()
    } else {
        format!("<{}>", parameters.join(", "))
    }
}

/// A field as it is, from one builder to the next or to the value.
fn moved(name: &str) -> String {
    // Written once for each field in each setter; `format!` would guess the length, and guess low.
    [name, ": self.", name].concat()
}

/// The field of all other properties, from one builder to the next or to the value.
fn moved_rest(fields: &Struct) -> Option<String> {
    let (name, _) = fields.additional.as_ref()?;
    Some(moved(name))
}

/// The fields of a new builder.
fn start(owner: &str, fields: &Struct) -> Vec<String> {
    let mut out = Vec::new();
    for field in &fields.fields {
        let name = &field.ident;
        out.push(match &field.presence {
            Presence::Required => format!("{name}: Missing"),
            Presence::Constant(_) => continue,
            Presence::Defaulted(_) => format!("{name}: {owner}::{}()", default_name(field)),
            Presence::Optional => format!("{name}: None"),
        });
    }
    out.extend(
        fields
            .additional
            .iter()
            .map(|(name, _)| format!("{name}: BTreeMap::new()")),
    );
    out
}

/// A setter must not be called like the method that ends the building.
pub(crate) fn setter_name(field: &Field) -> &str {
    match unraw(&field.ident) {
        "build" => "build_",
        _ => &field.ident,
    }
}

/// Whether a struct of this module gets a builder: retired versions are only ever decoded.
pub(super) fn has_builder(module: Module) -> bool {
    !matches!(module, Module::Retired(..))
}
