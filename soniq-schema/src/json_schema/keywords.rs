//! The keywords of one schema, each with the type that its meaning has.

use regex::Regex;
use serde_json::{Number, Value};

use super::model::SchemaId;

/// A `pattern`: what the contract says, and the same as the `regex` crate has it.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The text in the contract, in the syntax of ECMA-262.
    pub source: String,
    /// The expression that is matched, compiled; [`Regex::as_str`] is what generated code embeds.
    pub regex: Regex,
}

/// The `type` keyword, as a set. Empty means that any type is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the keyword is a set of seven names"
)]
pub struct Types {
    /// `"null"`
    pub null: bool,
    /// `"boolean"`
    pub boolean: bool,
    /// `"integer"`
    pub integer: bool,
    /// `"number"`
    pub number: bool,
    /// `"string"`
    pub string: bool,
    /// `"array"`
    pub array: bool,
    /// `"object"`
    pub object: bool,
}

/// One entry of `patternProperties`.
#[derive(Debug, Clone)]
pub struct PatternProperty {
    /// Which names.
    pub pattern: Pattern,
    /// The schema of each value under such a name.
    pub schema: SchemaId,
}

/// `if`, `then` and `else`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// `if`
    pub test: SchemaId,
    /// `then`
    pub then: Option<SchemaId>,
    /// `else`
    pub otherwise: Option<SchemaId>,
}

/// The keywords of one schema; what is absent is `None` or empty.
#[derive(Debug, Clone, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a keyword of its own, whose value is a boolean"
)]
pub struct Keywords {
    /// `$ref`, resolved. Other keywords beside it apply too.
    pub reference: Option<SchemaId>,
    /// `type`; `None` when the keyword is absent.
    pub types: Option<Types>,
    /// `enum`
    pub enumeration: Option<Vec<Value>>,
    /// `const`
    pub constant: Option<Value>,
    /// `x-open`: values of a string enum beside the listed ones are accepted.
    pub open: bool,
    /// `x-open = false`: says of an enum what is so without it, and that it is meant.
    pub closed: bool,

    /// `title`
    pub title: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `deprecated`
    pub deprecated: bool,
    /// `default`
    pub default: Option<Value>,
    /// `examples`
    pub examples: Vec<Value>,

    /// `format`: asserted, one of the names that `soniq_rules` knows, or an integer width.
    pub format: Option<String>,
    /// `minLength`, in characters
    pub min_length: Option<u64>,
    /// `maxLength`, in characters
    pub max_length: Option<u64>,
    /// `pattern`, unanchored
    pub pattern: Option<Pattern>,

    /// `minimum`
    pub minimum: Option<Number>,
    /// `maximum`
    pub maximum: Option<Number>,
    /// `exclusiveMinimum`
    pub exclusive_minimum: Option<Number>,
    /// `exclusiveMaximum`
    pub exclusive_maximum: Option<Number>,
    /// `multipleOf`
    pub multiple_of: Option<Number>,

    /// `items`: of every element after `prefixItems`
    pub items: Option<SchemaId>,
    /// `prefixItems`
    pub prefix_items: Vec<SchemaId>,
    /// `contains`
    pub contains: Option<SchemaId>,
    /// `minContains`; says nothing without `contains`, and is 1 where only that is given
    pub min_contains: Option<u64>,
    /// `maxContains`; says nothing without `contains`
    pub max_contains: Option<u64>,
    /// `minItems`
    pub min_items: Option<u64>,
    /// `maxItems`
    pub max_items: Option<u64>,
    /// `uniqueItems`
    pub unique_items: bool,
    /// `unevaluatedItems`
    pub unevaluated_items: Option<SchemaId>,

    /// `properties`, in the order of the file
    pub properties: Vec<(String, SchemaId)>,
    /// `required`
    pub required: Vec<String>,
    /// `patternProperties`, in the order of the file
    pub pattern_properties: Vec<PatternProperty>,
    /// `additionalProperties`
    pub additional_properties: Option<SchemaId>,
    /// `propertyNames`
    pub property_names: Option<SchemaId>,
    /// `dependentRequired`: a property, and those that an object with it needs as well
    pub dependent_required: Vec<(String, Vec<String>)>,
    /// `dependentSchemas`: a property, and the schema of objects with it
    pub dependent_schemas: Vec<(String, SchemaId)>,
    /// `unevaluatedProperties`
    pub unevaluated_properties: Option<SchemaId>,
    /// `minProperties`
    pub min_properties: Option<u64>,
    /// `maxProperties`
    pub max_properties: Option<u64>,
    /// `x-aliases`: older names of the property that this schema stands at
    pub aliases: Vec<String>,
    /// Each older name of a property of this object with the present one: the `x-aliases` of
    /// `properties`, here and in what `$ref` and `allOf` name.
    pub renames: Vec<(String, String)>,

    /// `allOf`; empty when the keyword is absent, as the two below
    pub all_of: Vec<SchemaId>,
    /// `anyOf`
    pub any_of: Vec<SchemaId>,
    /// `oneOf`
    pub one_of: Vec<SchemaId>,
    /// `not`
    pub not: Option<SchemaId>,
    /// `if`, with `then` and `else`; those two say nothing without it
    pub condition: Option<Condition>,

    /// `$defs`: says nothing by itself, only where a `$ref` names one
    pub definitions: Vec<(String, SchemaId)>,
    /// `$anchor`
    pub anchor: Option<String>,
    /// `readOnly`
    pub read_only: bool,
    /// `writeOnly`
    pub write_only: bool,
    /// `contentEncoding`, an annotation as the two below: 2020-12 has no text checked by it
    pub content_encoding: Option<String>,
    /// `contentMediaType`
    pub content_media_type: Option<String>,
    /// `contentSchema`
    pub content_schema: Option<SchemaId>,
}

impl Types {
    /// The names of the set, in the order of JSON Schema's list.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.null, "null"),
            (self.boolean, "boolean"),
            (self.integer, "integer"),
            (self.number, "number"),
            (self.string, "string"),
            (self.array, "array"),
            (self.object, "object"),
        ]
        .into_iter()
        .filter_map(|(contained, name)| contained.then_some(name))
    }
}

impl Keywords {
    /// Whether `$ref` is the only keyword that says anything about values: beside it stand at most
    /// annotations and a `default`.
    pub fn is_only_reference(&self) -> bool {
        self.reference.is_some() && self.says_nothing_beside_reference()
    }

    /// Whether no keyword says anything about values.
    pub(crate) fn says_nothing(&self) -> bool {
        self.reference.is_none() && self.says_nothing_beside_reference()
    }

    fn says_nothing_beside_reference(&self) -> bool {
        // Destructured in full, so that a new keyword must be put on one side or the other.
        let Keywords {
            reference: _,
            types,
            enumeration,
            constant,
            open,
            closed: _,
            title: _,
            description: _,
            deprecated: _,
            default: _,
            examples: _,
            format,
            min_length,
            max_length,
            pattern,
            minimum,
            maximum,
            exclusive_minimum,
            exclusive_maximum,
            multiple_of,
            items,
            prefix_items,
            contains,
            // Without `contains`, which is asked for, they say nothing.
            min_contains: _,
            max_contains: _,
            min_items,
            max_items,
            unique_items,
            unevaluated_items,
            properties,
            required,
            pattern_properties,
            additional_properties,
            property_names,
            dependent_required,
            dependent_schemas,
            unevaluated_properties,
            min_properties,
            max_properties,
            // These are about the object that the property is in, and come with the `$ref`.
            aliases: _,
            renames: _,
            all_of,
            any_of,
            one_of,
            not,
            condition,
            definitions: _,
            anchor: _,
            read_only: _,
            write_only: _,
            content_encoding: _,
            content_media_type: _,
            content_schema: _,
        } = self;
        let flags = [open, unique_items];
        let counts = [
            min_length,
            max_length,
            min_items,
            max_items,
            min_properties,
            max_properties,
        ];
        let numbers = [
            minimum,
            maximum,
            exclusive_minimum,
            exclusive_maximum,
            multiple_of,
        ];
        let schemas = [
            items,
            contains,
            unevaluated_items,
            additional_properties,
            property_names,
            unevaluated_properties,
            not,
        ];
        let lists = [prefix_items, all_of, any_of, one_of];
        types.is_none()
            && enumeration.is_none()
            && constant.is_none()
            && format.is_none()
            && pattern.is_none()
            && condition.is_none()
            && properties.is_empty()
            && required.is_empty()
            && pattern_properties.is_empty()
            && dependent_required.is_empty()
            && dependent_schemas.is_empty()
            && !flags.into_iter().any(|flag| *flag)
            && counts.into_iter().all(Option::is_none)
            && numbers.into_iter().all(Option::is_none)
            && schemas.into_iter().all(Option::is_none)
            && lists.into_iter().all(Vec::is_empty)
    }

    /// The schemas that are applied to the same value as this one: `$ref`, `allOf`, `anyOf`,
    /// `oneOf`, `not`, `if` with its branches, `dependentSchemas`; in this order.
    pub fn in_place(&self) -> impl Iterator<Item = SchemaId> {
        let condition = self.condition;
        let branches = condition.map(|c| [Some(c.test), c.then, c.otherwise]);
        let dependent = self.dependent_schemas.iter().map(|(_, id)| *id);
        self.reference
            .into_iter()
            .chain(self.all_of.iter().copied())
            .chain(self.any_of.iter().copied())
            .chain(self.one_of.iter().copied())
            .chain(self.not)
            .chain(branches.into_iter().flatten().flatten())
            .chain(dependent)
    }

    /// The schemas that are applied to parts of the value: items, properties and their names.
    pub fn of_parts(&self) -> impl Iterator<Item = SchemaId> {
        let properties = self.properties.iter().map(|(_, id)| *id);
        let patterns = self.pattern_properties.iter().map(|one| one.schema);
        properties
            .chain(patterns)
            .chain(self.additional_properties)
            .chain(self.property_names)
            .chain(self.unevaluated_properties)
            .chain(self.prefix_items.iter().copied())
            .chain(self.items)
            .chain(self.contains)
            .chain(self.unevaluated_items)
    }

    /// Every schema that says something about values of this one. Not among them: `$defs`, which
    /// are only names, and `contentSchema`, an annotation.
    pub fn children(&self) -> impl Iterator<Item = SchemaId> {
        self.in_place().chain(self.of_parts())
    }
}
