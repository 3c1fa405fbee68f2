//! `impl Arbitrary`: strategies of proptest for the values of a contract.
//!
//! A type that a `$ref` names has a function that draws its values, as it has one that checks them;
//! everything else is written where it stands. What is drawn passes the check before it is a value.

use std::collections::BTreeSet;

use soniq_schema::json_schema::SchemaId;

use super::Scope;
use super::checks::uses;
use super::file::block;
use super::literal::{float, grouped, json_text, quoted, quoted_list};
use crate::draw::{Array, Draw, Object, Text, draw, expression};
use crate::shape::{Item, ItemId, Module};

/// How many levels a type goes within itself.
const DEEPEST: u32 = 4;

/// `impl Arbitrary` for what the runtime decodes.
pub(super) fn arbitrary(item: &Item) -> String {
    let (name, function) = (&item.name, function_name(item));
    format!(
        "\
impl ::soniq_runtime::testing::proptest::arbitrary::Arbitrary for {name} {{
    type Parameters = ();
    type Strategy = ::soniq_runtime::testing::proptest::strategy::BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {{
        ::soniq_runtime::testing::draw::accepted({function}({DEEPEST}))
    }}
}}
"
    )
}

impl Scope<'_> {
    /// The function that draws values of a named type, as JSON.
    pub(super) fn draw_function(self, item: &Item) -> String {
        let drawn = draw(self.input.contracts.schemas.get(item.schema));
        let body = match &drawn {
            Some(draw) => self.drawn(draw),
            None => "draw::none()".to_owned(),
        };
        let visibility = match item.module {
            Module::Namespace(_) => "pub(super) ",
            _ => "",
        };
        let parameter = if uses(&body, "depth") {
            "depth"
        } else {
            "_depth"
        };
        block(
            &format!(
                "{visibility}fn {}({parameter}: u32) -> ::soniq_runtime::testing::draw::Draw",
                function_name(item)
            ),
            &format!("use ::soniq_runtime::testing::draw;\n{body}"),
        )
    }

    /// Whether a `$ref` names the type, so that its values are drawn in several places.
    pub(super) fn is_shared(self, id: ItemId) -> bool {
        self.input
            .shapes
            .shared
            .values()
            .any(|shared| *shared == id)
    }

    /// A draw as an expression.
    fn drawn(self, draw: &Draw<'_>) -> String {
        match draw {
            Draw::Value(values) => {
                format!("draw::values({})", json_text(&values.as_slice().into()))
            }
            Draw::OneOf(ways) => {
                let ways: Vec<String> = ways.iter().map(|way| self.drawn(way)).collect();
                format!("draw::one_of([{}])", ways.join(", "))
            }
            Draw::Any => "draw::any()".to_owned(),
            Draw::Integer { low, high, step } => format!(
                "draw::integer({}, {}, {})",
                integer(*low),
                integer(*high),
                integer(*step)
            ),
            Draw::Number { low, high, step } => {
                let step = step.map_or("None".to_owned(), |step| format!("Some({})", float(step)));
                format!("draw::number({}, {}, {step})", float(*low), float(*high))
            }
            Draw::Text(text) => drawn_text(text),
            Draw::Array(array) => self.drawn_array(array),
            Draw::Object(object) => self.drawn_object(object),
            Draw::Schema(id) => self.drawn_elsewhere(*id),
        }
    }

    fn drawn_array(self, array: &Array<'_>) -> String {
        let rest = match &array.rest {
            Some(rest) => self.drawn(rest),
            None => "draw::none()".to_owned(),
        };
        let mut calls = vec![format!("draw::array({rest})")];
        let first = array.first.iter();
        calls.extend(first.map(|first| format!(".first({})", self.drawn(first))));
        calls.extend(count("min", Some(array.min).filter(|min| *min > 0)));
        calls.extend(count("max", array.max));
        calls.extend(array.is_unique.then(|| ".unique()".to_owned()));
        calls.concat() + ".draw()"
    }

    fn drawn_object(self, object: &Object<'_>) -> String {
        let mut calls = vec!["draw::object()".to_owned()];
        calls.extend(object.properties.iter().map(|property| {
            let kind = if property.is_required {
                "required"
            } else {
                "optional"
            };
            let (name, value) = (quoted(property.name), self.drawn(&property.value));
            format!(".{kind}({name}, {value})")
        }));
        let needs = object.needs.iter();
        calls.extend(needs.map(|(name, needed)| {
            let (name, needed) = (quoted(name), quoted_list(*needed));
            format!(".needs({name}, {needed})")
        }));
        calls.extend(object.others.iter().map(|others| {
            let (names, values) = (self.drawn(&others.0), self.drawn(&others.1));
            format!(".others({names}, {values})")
        }));
        calls.extend(count("min", Some(object.min).filter(|min| *min > 0)));
        calls.extend(count("max", object.max));
        calls.concat() + ".draw()"
    }

    /// A call of the function that draws a `$ref`'s target.
    fn drawn_elsewhere(self, target: SchemaId) -> String {
        let shapes = self.input.shapes;
        let Some(id) = shapes.shared.get(&target) else {
            return "draw::any()".to_owned();
        };
        let item = shapes.item(*id);
        let function = self.member(item.module, &function_name(item));
        if self.leads_back(target) {
            format!("draw::deeper(depth, {function})")
        } else {
            format!("{function}(depth)")
        }
    }

    /// Whether values of the schema may contain values of the schema.
    fn leads_back(self, target: SchemaId) -> bool {
        let schemas = &self.input.contracts.schemas;
        let mut seen = BTreeSet::new();
        let mut open = vec![target];
        while let Some(id) = open.pop() {
            for child in schemas.get(id).node().keywords.children() {
                if child == target {
                    return true;
                }
                if seen.insert(child) {
                    open.push(child);
                }
            }
        }
        false
    }
}

fn drawn_text(text: &Text<'_>) -> String {
    let mut calls = vec!["draw::text()".to_owned()];
    let known = text.formats.iter().filter_map(|format| expression(format));
    calls.extend(known.map(|known| format!(".like({})", quoted(known))));
    let patterns = text.patterns.iter();
    calls.extend(patterns.map(|one| format!(".pattern({})", quoted(one.regex.as_str()))));
    calls.extend(count("min", Some(text.min).filter(|min| *min > 0)));
    calls.extend(count("max", text.max));
    calls.concat() + ".draw()"
}

/// The call that bounds a number of things, where it is bounded.
fn count(method: &str, count: Option<impl TryInto<u128>>) -> Option<String> {
    // Whatever counts things fits.
    let count = count?.try_into().ok()?;
    Some(format!(".{method}({})", grouped(count, "")))
}

fn integer(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs(), ""))
}

/// The name of the function that draws values of a named type, made from that of its check.
fn function_name(item: &Item) -> String {
    let name = item.check.strip_prefix("check_").unwrap_or(&item.check);
    format!("draw_{name}")
}
