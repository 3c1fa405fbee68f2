//! Evaluation: which rules of a schema a value breaks.
//!
//! The answer is what a *reader* of the contract accepts, and generated checks must give the same
//! one: the same pointers and rules in the same order. So the walk is fixed. For one schema and
//! one value:
//!
//! 1. A boolean schema: `true` admits everything; `false` breaks the rule `false`. Nothing else.
//!    An object that has a property under an older name (`x-aliases`) is from here on looked at as
//!    if it had the present one, by this schema and all that it applies in place. The names are
//!    those of its own `properties` and of what its `$ref` and `allOf` name. Where the property is
//!    there already, each further name breaks `x-aliases` at its own pointer, and is left out.
//! 2. `type`. `1.0` is an integer. Where `integer` is listed, `number` is not, and `format` is no
//!    integer width, an integer outside of `i64` breaks `type` as well, for nothing could hold it.
//!    When `type` is broken, nothing else of this schema is looked at, `$ref` included.
//! 3. `enum`, unless `x-open` stands beside it and the value is a string; then `const`.
//! 4. Of a string: `format` (of `soniq_rules::format_is_known`), `minLength`, `maxLength`, `pattern`.
//! 5. Of a number: `format` (an integer width, `float` or `double`), `minimum`, `maximum`,
//!    `exclusiveMinimum`, `exclusiveMaximum`, `multipleOf`.
//! 6. Of an array: each element in turn, by its `prefixItems` schema or else by `items`; where
//!    `items` is `false` the element breaks `items` (not `false`). Then `minItems`, `maxItems`,
//!    `uniqueItems`; then `contains`, where too few fitting items break `minContains` if that is
//!    given and `contains` if not, and too many break `maxContains`.
//! 7. Of an object: `required` in the order of its list, each at the *object's* pointer, satisfied
//!    also by a property whose schema has a `default` ([`SchemaRef::default_value`]); then
//!    `properties` in the order of the file, those that are present; then `patternProperties` in the
//!    order of the file, of each the matching keys sorted by their UTF-8 bytes; then
//!    `additionalProperties`, the remaining keys sorted likewise, where `false` is reported at the
//!    key's pointer as `additionalProperties` (not `false`); then `minProperties`, `maxProperties`;
//!    then `propertyNames`, the keys sorted, one violation at the pointer of each that does not fit;
//!    then `dependentRequired` in the order of the file, each missing name at the object's pointer,
//!    satisfied also by a `default`.
//! 8. At the same pointer: `$ref`, then `allOf` in its order, each with all that it breaks.
//! 9. `anyOf`, `oneOf`, `not`: one violation of that name each. What the branches break is not told.
//! 10. `if`, which is silent; then by its answer `then` or `else`, with all that it breaks.
//! 11. `dependentSchemas` in the order of the file, those whose key is present, with all that each
//!     breaks.
//! 12. `unevaluatedItems` of an array: the elements in turn that no keyword of this schema, and no
//!     schema of steps 8 to 11, has spoken of. `unevaluatedProperties` of an object: such keys,
//!     sorted. `false` is reported as in steps 6 and 7, by the name of the keyword.
//!
//! For step 12, `prefixItems`, `items`, `properties`, `patternProperties`, `additionalProperties`
//! and the `unevaluated...` of an inner schema have spoken of every part that they apply to, whether
//! it fits or not; `contains` of the items that fit it. The branches of `anyOf` and `oneOf` and the
//! schema of `if` count where the value fits them, `not` never, `$ref`, `allOf`, `then`, `else` and
//! `dependentSchemas` always: what they break is told already.
//!
//! At most 127 arrays and objects lie in each other: the innermost one of them breaks `depth`, once,
//! where a schema has something to say about an array or object in it. That is as deep as generated
//! code checks and as `serde_json` reads: a row that nests deeper reaches no handler.
//!
//! At last: a value that could not be checked to its end, for schemas lay in each other more than
//! 800 deep along it, breaks `$ref` as a whole. Only recursive schemas that are themselves put
//! together six deep or more come near.
//!
//! A schema that is only tried (by `anyOf`, `oneOf`, `not`, `if`, `contains`) is applied to each
//! part of the value once, however many ways lead there.
//!
//! Pointers are those of the object as it is looked at: `/email`, though the text says `mail`.
//!
//! Rule names are the keywords as JSON Schema spells them. Defaults are not filled in before
//! counting properties, and values in `default` are not looked at.

mod evaluated;
mod in_place;
mod parts;
mod renamed;
mod scalars;
mod tried;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::model::SchemaRef;
use evaluated::Evaluated;
use tried::Tried;

/// One broken rule of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer (RFC 6901) of the value that breaks the rule; empty for the whole value.
    pub pointer: String,
    /// The schema keyword that is broken, `maxLength`.
    pub rule: &'static str,
    /// What is wrong, in words: `is 400 characters long, at most 320 are allowed`.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.pointer.as_str() {
            "" => "the value",
            pointer => pointer,
        };
        write!(f, "{part} {} ({})", self.message, self.rule)
    }
}

/// By whose rules a schema is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The contract language's: `format` is checked, an integer has 64 bits where no `format` says
    /// otherwise, a default stands in for a required property, and older names are read.
    #[default]
    Contract,
    /// JSON Schema 2020-12's alone: `format` says nothing, an integer is any number without a
    /// fraction, and `default` is an annotation.
    JsonSchema,
}

/// Every rule of `schema` that `value` breaks, in the order of the module's description. Empty
/// means that the value fits.
///
/// The schema comes from a load without errors; see [`load`](crate::load).
pub fn evaluate(schema: SchemaRef<'_>, value: &Value) -> Vec<Violation> {
    evaluate_as(Dialect::Contract, schema, value)
}

/// The same as [`evaluate`], by the rules of `dialect`.
///
/// ```
/// use serde_json::json;
/// use soniq_schema::json_schema::{Dialect, evaluate_as};
///
/// let text = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { format = 'uuid' }";
/// let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]);
/// let contracts = &loaded.contracts;
/// let schema = contracts.schemas.get(contracts.contracts[0].types[0].schema);
/// assert_eq!(evaluate_as(Dialect::Contract, schema, &json!("x"))[0].rule, "format");
/// assert!(evaluate_as(Dialect::JsonSchema, schema, &json!("x")).is_empty());
/// ```
pub fn evaluate_as(dialect: Dialect, schema: SchemaRef<'_>, value: &Value) -> Vec<Violation> {
    let mut walk = Walk {
        dialect,
        ..Walk::default()
    };
    walk.apply(schema, value);
    if walk.is_cut_off {
        let message = "is nested too deeply to be checked";
        walk.report("$ref", message.to_owned());
    }
    walk.violations
}

/// How many arrays and objects may lie in each other.
const MAX_DEPTH: usize = 127;

/// How many schemas may lie in each other along one value: what a stack of 2 MiB bears in a debug
/// build.
const MAX_APPLIED: usize = 800;

/// The state of one evaluation: where it is and what it found.
#[derive(Default)]
struct Walk {
    dialect: Dialect,
    /// Whether only the first violation is wanted, and that only to know that there is one.
    silent: bool,
    /// How many arrays and objects lie around the value.
    steps: usize,
    /// What was tried before.
    tried: Tried,
    /// How many schemas are being applied, each inside of the one before.
    depth: usize,
    /// Whether that were too many somewhere.
    is_cut_off: bool,
    pointer: String,
    violations: Vec<Violation>,
}

impl Walk {
    /// A walk that only finds out whether there is a violation. It takes along what was tried.
    fn silent(&mut self) -> Self {
        Walk {
            dialect: self.dialect,
            steps: self.steps,
            tried: std::mem::take(&mut self.tried),
            depth: self.depth,
            silent: true,
            ..Walk::default()
        }
    }

    fn report(&mut self, rule: &'static str, message: String) {
        self.violations.push(Violation {
            pointer: self.pointer.clone(),
            rule,
            message,
        });
    }

    /// Runs `visit` one step deeper, with the step escaped as RFC 6901 asks.
    fn within(&mut self, step: &str, visit: impl FnOnce(&mut Self)) {
        if self.silent {
            return visit(self);
        }
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&step.replace('~', "~0").replace('/', "~1"));
        visit(self);
        self.pointer.truncate(length);
    }

    /// Applies a schema to an item or a property.
    fn part(&mut self, step: &str, schema: SchemaRef<'_>, value: &Value) {
        if self.silent && !self.violations.is_empty() {
            return;
        }
        let own = usize::from(value.is_array() || value.is_object());
        if self.steps + own >= MAX_DEPTH {
            if schema.boolean != Some(true) && !schema.keywords.says_nothing() {
                self.report_depth();
            }
            return;
        }
        self.steps += 1;
        self.within(step, |walk| walk.apply(schema, value));
        self.steps -= 1;
    }

    fn report_depth(&mut self) {
        let mut told = self.violations.last().into_iter();
        if !told.any(|last| last.rule == "depth" && last.pointer == self.pointer) {
            let message =
                format!("is nested {MAX_DEPTH} deep and holds more, which no reader takes");
            self.report("depth", message);
        }
    }

    /// Applies a schema to a value that no other one speaks of.
    fn apply(&mut self, schema: SchemaRef<'_>, value: &Value) {
        if !self.silent {
            return self.schema(schema, value, &mut Evaluated::new(false));
        }
        match self.tried.fits(schema.id, value) {
            Some(true) => {}
            Some(false) => self.report("", String::new()),
            None => {
                self.schema(schema, value, &mut Evaluated::new(false));
                self.tried
                    .note(schema.id, value, self.violations.is_empty());
            }
        }
    }

    /// Applies a schema, and adds what it evaluates to what others have of the same value.
    fn schema<'v>(&mut self, schema: SchemaRef<'_>, value: &'v Value, outer: &mut Evaluated<'v>) {
        if self.silent && !self.violations.is_empty() {
            return;
        }
        if self.depth == MAX_APPLIED {
            self.is_cut_off = true;
            return;
        }
        self.depth += 1;
        self.keywords(schema, value, outer);
        self.depth -= 1;
    }

    fn keywords<'v>(&mut self, schema: SchemaRef<'_>, value: &'v Value, outer: &mut Evaluated<'v>) {
        // A chain of references may be longer than a stack.
        let schema = schema.resolved();
        let node = schema.node();
        if let Some(admitted) = node.boolean {
            if !admitted {
                self.report("false", "is not allowed here".to_owned());
            }
            return;
        }
        match self.present_names(schema, value, outer) {
            Cow::Borrowed(value) => self.rules(schema, value, outer),
            Cow::Owned(renamed) => {
                self.tried.forget();
                let mut evaluated = Evaluated::new(outer.is_wanted());
                self.rules(schema, &renamed, &mut evaluated);
                let same = value.as_object().into_iter().flatten();
                for (name, _) in same.filter(|(name, _)| evaluated.has_property(name)) {
                    outer.property(name);
                }
            }
        }
    }

    fn rules<'v>(&mut self, schema: SchemaRef<'_>, value: &'v Value, outer: &mut Evaluated<'v>) {
        let keywords = &schema.node().keywords;
        if let Err(message) = scalars::check_type(self.dialect, keywords, value) {
            return self.report("type", message);
        }
        let asks =
            keywords.unevaluated_items.is_some() || keywords.unevaluated_properties.is_some();
        let mut evaluated = Evaluated::new(asks || outer.is_wanted());
        self.any(keywords, value);
        match value {
            Value::String(text) => self.string(keywords, text),
            Value::Number(number) => self.number(keywords, number),
            Value::Array(items) => self.array(schema, items, &mut evaluated),
            Value::Object(map) => self.object(schema, map, &mut evaluated),
            Value::Null | Value::Bool(_) => {}
        }
        self.in_place(schema, value, &mut evaluated);
        self.unevaluated(schema, value, &mut evaluated);
        outer.add(evaluated);
    }

    /// Whether the property is one that a reader fills in.
    fn has_default(&self, schema: SchemaRef<'_>, name: &str) -> bool {
        let mut properties = schema.node().keywords.properties.iter();
        let declared = properties.find(|(key, _)| key == name);
        self.dialect == Dialect::Contract
            && declared.is_some_and(|(_, id)| schema.at(*id).default_value().is_some())
    }
}
