//! JSON Schema 2020-12 as contracts write it: `args`, `result`, types and all inside them.
#![allow(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Number, Value};

/// Which values there are.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Schema {
    /// `true` admits every value, `false` none.
    Boolean(bool),
    Keywords(Box<Keywords>),
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Types {
    One(Type),
    List(#[schemars(length(min = 1))] Vec<Type>),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// The keywords of a schema. Each is carried by the Rust type or checked by generated code.
#[derive(JsonSchema)]
#[schemars(rename = "keywords", rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Keywords {
    /// The dialect: JSON Schema 2020-12.
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// Of the root of a schema: what it is called.
    #[schemars(rename = "$id")]
    id: Option<String>,
    /// A name for this schema, to refer to it by.
    #[schemars(rename = "$anchor")]
    anchor: Option<String>,
    /// Another schema: "#/types/Money", "billing.toml#/types/Money", "schemas/money.json".
    #[schemars(rename = "$ref")]
    reference: Option<String>,
    /// Schemas to refer to.
    #[schemars(rename = "$defs")]
    defs: Option<BTreeMap<String, Schema>>,
    /// For readers of the contract.
    #[schemars(rename = "$comment")]
    comment: Option<String>,
    /// The JSON type, or several.
    #[schemars(rename = "type")]
    types: Option<Types>,
    /// The values that there are.
    #[schemars(rename = "enum")]
    enumeration: Option<Vec<Value>>,
    /// The one value that there is.
    #[schemars(rename = "const")]
    constant: Option<Value>,
    /// Values beside those of `enum` are accepted, so that a new one breaks nobody.
    #[schemars(rename = "x-open")]
    open: Option<bool>,
    /// Names that the property had before: rows with one of them are read as if they had its own.
    #[schemars(rename = "x-aliases")]
    aliases: Option<Vec<String>>,
    /// Names the Rust type.
    title: Option<String>,
    /// Prose for docs.
    description: Option<String>,
    /// It should no longer be used.
    deprecated: Option<bool>,
    /// An annotation.
    read_only: Option<bool>,
    /// An annotation.
    write_only: Option<bool>,
    /// Stands in for a property that is left out; null is `{ x-json = 'null' }`.
    default: Option<Value>,
    /// Values for docs.
    examples: Option<Vec<Value>>,
    /// Of a string: "uuid", "date-time", "email" and others; of an integer: its width, "int8" to "uint64".
    format: Option<String>,
    /// How a string holds bytes; an annotation.
    content_encoding: Option<String>,
    /// What a string holds; an annotation.
    content_media_type: Option<String>,
    /// Schema of what a string holds; an annotation.
    content_schema: Option<Schema>,
    /// Fewest characters.
    min_length: Option<u64>,
    /// Most characters.
    max_length: Option<u64>,
    /// A regular expression of ECMA-262, unanchored.
    pattern: Option<String>,
    /// Least number.
    minimum: Option<Number>,
    /// Greatest number.
    maximum: Option<Number>,
    /// The number is greater.
    exclusive_minimum: Option<Number>,
    /// The number is less.
    exclusive_maximum: Option<Number>,
    /// The number is a multiple of it.
    multiple_of: Option<Number>,
    /// Schema of each item after `prefixItems`.
    items: Option<Schema>,
    /// Schemas of the first items.
    prefix_items: Option<Vec<Schema>>,
    /// Schema that some items fit.
    contains: Option<Schema>,
    /// Fewest items that fit `contains`.
    min_contains: Option<u64>,
    /// Most items that fit `contains`.
    max_contains: Option<u64>,
    /// Fewest items.
    min_items: Option<u64>,
    /// Most items.
    max_items: Option<u64>,
    /// No two items are equal.
    unique_items: Option<bool>,
    /// Schema of items that nothing else speaks of.
    unevaluated_items: Option<Schema>,
    /// Schemas of properties by name.
    properties: Option<BTreeMap<String, Schema>>,
    /// Properties that must be there.
    required: Option<Vec<String>>,
    /// Schemas of properties whose name matches a pattern.
    pattern_properties: Option<BTreeMap<String, Schema>>,
    /// Schema of all other properties; `false` refuses them.
    additional_properties: Option<Schema>,
    /// Schema of each name.
    property_names: Option<Schema>,
    /// Properties that must be there when another is.
    dependent_required: Option<BTreeMap<String, Vec<String>>>,
    /// Schemas of the object when a property is there.
    dependent_schemas: Option<BTreeMap<String, Schema>>,
    /// Schema of properties that nothing else speaks of.
    unevaluated_properties: Option<Schema>,
    /// Fewest properties.
    min_properties: Option<u64>,
    /// Most properties.
    max_properties: Option<u64>,
    /// All of these hold.
    all_of: Option<Vec<Schema>>,
    /// At least one of these holds.
    any_of: Option<Vec<Schema>>,
    /// Exactly one of these holds.
    one_of: Option<Vec<Schema>>,
    /// This does not hold.
    not: Option<Schema>,
    /// Where this holds, `then` does, else `else`.
    #[schemars(rename = "if")]
    test: Option<Schema>,
    /// Holds where `if` does.
    then: Option<Schema>,
    /// Holds where `if` does not.
    #[schemars(rename = "else")]
    otherwise: Option<Schema>,
}
