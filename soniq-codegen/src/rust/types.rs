//! Structs, enums and aliases.

use std::fmt::Write as _;

use super::Scope;
use super::docs::doc;
use super::file::block;
use super::literal::quoted;
use crate::shape::{Enum, Field, ItemId, ItemKind, Presence, Shape, Struct, Union, unraw};

/// What all types that serde reads and writes derive.
const DERIVE: &str = "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]\n";

impl Scope<'_> {
    /// The declaration of a named type, with what it needs beside it. A remark goes into its
    /// documentation.
    pub(super) fn declaration(self, id: ItemId, remark: Option<&str>) -> String {
        let item = self.input.shapes.item(id);
        let schemas = &self.input.contracts.schemas;
        let name = &item.name;
        let fallback = match (name.as_str(), self.input.wire_name(item.module)) {
            ("Args", Some(task)) => format!("Arguments of `{task}`."),
            ("Output", Some(task)) => format!("Result of `{task}`."),
            (name, _) => format!("`{name}` of the contract."),
        };
        let described = [item.described, item.schema].map(|id| &schemas.get(id).node().keywords);
        let description = described.iter().find_map(|one| one.description.as_deref());
        let mut docs = self.input.docs(description, &fallback, &item.location);
        if let Some(remark) = remark {
            docs.push_str("///\n");
            docs.push_str(&doc(remark));
        }
        match &item.kind {
            ItemKind::Struct(fields) => self.structure(name, fields, &docs),
            ItemKind::Enum(values) => enumeration(name, values, &docs),
            ItemKind::Union(union) => self.union(name, union, &docs),
            ItemKind::Check => String::new(),
            ItemKind::Alias(shape) => format!("{docs}pub type {name} = {};\n", self.ty(shape)),
            ItemKind::Newtype(shape) => format!(
                "\
{docs}{DERIVE}#[serde(crate = \"::soniq_runtime::__private::serde\", transparent)]
pub struct {name}(
    /// The value.
    pub {},
);
",
                self.ty(shape)
            ),
        }
    }

    /// An enum whose variants hold values: tagged by a property, or told apart by their JSON types.
    fn union(self, name: &str, union: &Union, docs: &str) -> String {
        let representation = match &union.tag {
            Some(tag) => format!("tag = {}", quoted(tag)),
            None => "untagged".to_owned(),
        };
        let mut variants = String::new();
        for variant in &union.variants {
            let schema = self.input.contracts.schemas.get(variant.schema).resolved();
            let fallback = match &variant.value {
                Some(value) => format!("`{value}`"),
                None => format!("`{}` of the contract.", variant.name),
            };
            variants.push_str(&doc(schema
                .keywords
                .description
                .as_deref()
                .unwrap_or(&fallback)));
            let value = variant.value.as_ref();
            if let Some(value) = value.filter(|value| **value != variant.name) {
                variants.push_str(&renamed(value));
            }
            // Writing to a `String` does not fail.
            let _ = writeln!(variants, "{}({}),", variant.name, self.ty(&variant.shape));
        }
        let body = block(&format!("pub enum {name}"), &variants);
        let conversions = self.conversions(name, union);
        format!(
            "\
{docs}{DERIVE}#[serde(crate = \"::soniq_runtime::__private::serde\", {representation})]
{body}
{conversions}
"
        )
    }

    /// `From` for each variant whose type no other one has, so that setters take it as it is.
    fn conversions(self, name: &str, union: &Union) -> String {
        let types: Vec<String> = union
            .variants
            .iter()
            .map(|variant| self.ty(self.through_aliases(&variant.shape)))
            .collect();
        let of_its_own = |ty: &String| types.iter().filter(|other| *other == ty).count() == 1;
        let mut out = String::new();
        for (variant, ty) in union.variants.iter().zip(&types) {
            if !of_its_own(ty) {
                continue;
            }
            let (shape, value) = match &variant.shape {
                Shape::Boxed(inner) => (&**inner, "Box::new(value)"),
                shape => (shape, "value"),
            };
            let ty = self.ty(shape);
            let variant = &variant.name;
            // Writing to a `String` does not fail.
            let _ = write!(
                out,
                "\
impl From<{ty}> for {name} {{
    fn from(value: {ty}) -> Self {{
        {name}::{variant}({value})
    }}
}}
"
            );
        }
        out
    }

    fn structure(self, name: &str, fields: &Struct, docs: &str) -> String {
        let mut body = String::new();
        for field in &fields.fields {
            body.push_str(&self.field(name, field));
        }
        if let Some((name, shape)) = &fields.additional {
            let ty = self.ty(shape);
            // Writing to a `String` does not fail.
            let _ = write!(
                body,
                "\
/// All other properties.
#[serde(flatten)]
pub {name}: BTreeMap<String, {ty}>,
"
            );
        }
        let body = block(&format!("pub struct {name}"), &body);
        format!("{docs}{DERIVE}#[serde(crate = \"::soniq_runtime::__private::serde\")]\n{body}")
    }

    fn field(self, owner: &str, field: &Field) -> String {
        let schema = self.input.contracts.schemas.get(field.schema);
        let fallback = format!("`{}` of the contract.", field.key);
        let mut out = doc(schema.keywords.description.as_deref().unwrap_or(&fallback));
        if schema.keywords.deprecated {
            out.push_str("#[deprecated]\n");
        }
        if unraw(&field.ident) != field.key {
            out.push_str(&renamed(&field.key));
        }
        if !field.aliases.is_empty() {
            let older = field.aliases.iter();
            let older: Vec<String> = older
                .map(|old| format!("alias = {}", quoted(old)))
                .collect();
            // Writing to a `String` does not fail.
            let _ = writeln!(out, "#[serde({})]", older.join(", "));
        }
        match &field.presence {
            Presence::Required | Presence::Constant(_) => {}
            Presence::Defaulted(_) => {
                // Writing to a `String` does not fail.
                let _ = writeln!(
                    out,
                    "#[serde(default = \"{owner}::{}\")]",
                    default_name(field)
                );
            }
            Presence::Optional if self.input.shapes.accepts_null(&field.shape) => out.push_str(
                "\
#[serde(
    default,
    deserialize_with = \"::soniq_runtime::__private::present\",
    skip_serializing_if = \"Option::is_none\",
)]
",
            ),
            Presence::Optional => {
                out.push_str("#[serde(default, skip_serializing_if = \"Option::is_none\")]\n");
            }
        }
        let _ = writeln!(out, "pub {}: {},", field.ident, self.field_type(field));
        out
    }

    /// The type of a field: an `Option` where the property may be absent.
    pub(super) fn field_type(self, field: &Field) -> String {
        let ty = self.ty(&field.shape);
        match field.presence {
            Presence::Optional => format!("Option<{ty}>"),
            _ => ty,
        }
    }

    /// One function per default: serde names it, and the builder starts from it.
    pub(super) fn defaults(self, fields: &Struct) -> String {
        let mut functions = String::new();
        for field in &fields.fields {
            if let Presence::Defaulted(value) = &field.presence {
                let (name, ty) = (default_name(field), self.ty(&field.shape));
                let value = self.literal(&field.shape, value);
                // Writing to a `String` does not fail.
                let _ = write!(functions, "fn {name}() -> {ty} {{\n{value}\n}}\n");
            }
        }
        functions
    }
}

/// The name of the function that gives a field's default.
pub(super) fn default_name(field: &Field) -> String {
    format!("default_{}", unraw(&field.ident))
}

fn renamed(key: &str) -> String {
    format!("#[serde(rename = {})]\n", quoted(key))
}

/// An enum of strings. An open one keeps the text that it does not know.
fn enumeration(name: &str, values: &Enum, docs: &str) -> String {
    let (mut variants, mut texts, mut names) = (String::new(), String::new(), String::new());
    for (text, variant) in &values.variants {
        variants.push_str(&doc(&format!("`{text}`")));
        let text = quoted(text);
        // Writing to a `String` does not fail.
        let _ = writeln!(variants, "{variant},");
        let _ = writeln!(texts, "Self::{variant} => {text},");
        let _ = writeln!(names, "{text} => Ok(Self::{variant}),");
    }
    let (copy, receiver, text, unlisted) = if values.open {
        variants.push_str(
            "\
/// A value that this build of the contract does not list.
Other(UnknownValue),
",
        );
        texts.push_str("Self::Other(value) => value.as_str(),\n");
        let other = "Ok(Self::Other(::soniq_runtime::__private::unknown_value(text)))";
        ("", "&self", "&str", other)
    } else {
        ("Copy, ", "self", "&'static str", "Err(text)")
    };
    format!(
        "\
{docs}#[derive(Debug, Clone, {copy}PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum {name} {{
    {variants}
}}
impl {name} {{
    /// The value on the wire.
    pub fn as_str({receiver}) -> {text} {{
        match self {{
            {texts}
        }}
    }}
    fn from_wire(text: String) -> Result<Self, String> {{
        match text.as_str() {{
            {names}
            _ => {unlisted},
        }}
    }}
}}
::soniq_runtime::__string_enum!({name});
"
    )
}
