//! Statements of a check, and how those of one value go inside those of another.

use std::fmt;

use soniq_schema::json_schema::Types;

use super::super::layout::skip_literal;
use super::super::literal::{grouped, quoted};

/// A schema's statements, and what they lean on.
#[derive(Default)]
pub(super) struct Body {
    pub(super) statics: String,
    statements: String,
    /// The function that the only statement calls with `value` and `c`.
    call: Option<String>,
}

/// The statements for values of one type.
pub(super) struct Typed {
    /// The variable that holds the value as that type.
    pub(super) variable: &'static str,
    pub(super) body: Body,
}

impl Typed {
    pub(super) fn new(variable: &'static str, body: Body) -> Self {
        Typed { variable, body }
    }

    pub(super) fn belongs_to(&self, type_name: &str) -> bool {
        let variable = match type_name {
            "string" => "text",
            "integer" | "number" => "number",
            "array" => "items",
            "object" => "object",
            _ => return false,
        };
        variable == self.variable
    }
}

impl Body {
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Adds a statement, on lines of its own.
    pub(super) fn push(&mut self, statement: &str) {
        self.call = None;
        self.statements.push_str(statement);
        self.statements.push('\n');
    }

    /// The call of a check function.
    pub(super) fn call(&mut self, function: String) {
        let is_first = self.is_empty();
        self.push(&format!("{function}(value, c);"));
        self.call = Some(function).filter(|_| is_first);
    }

    /// The function that is all there is to do.
    pub(super) fn only_call(&self) -> Option<&str> {
        self.call.as_deref()
    }

    /// The value by the present names of its properties: what follows looks at that.
    pub(super) fn present_names(&mut self, renames: &[(String, String)], is_used: bool) {
        let names: Vec<String> = renames
            .iter()
            .map(|(old, present)| format!("({}, {})", quoted(old), quoted(present)))
            .collect();
        let present = format!("c.present_names(value, &[{}])", names.join(", "));
        self.push(&if is_used {
            format!("let present = {present};\nlet value = &*present;")
        } else {
            format!("{present};")
        });
    }

    /// Adds statements whose statics have names of their own.
    pub(super) fn append(&mut self, other: Body) {
        self.call = other.call.filter(|_| self.is_empty());
        self.statics.push_str(&other.statics);
        self.statements.push_str(&other.statements);
    }

    /// Adds the statements of another schema on the same value.
    pub(super) fn nest(&mut self, other: Body) {
        if other.statics.is_empty() {
            self.append(other);
        } else {
            self.push(&format!("{{\n{other}}}"));
        }
    }

    pub(super) fn limit(&mut self, method: &str, of: &str, limit: Option<u64>) {
        if let Some(limit) = limit {
            let limit = grouped(limit.into(), "");
            self.push(&format!("c.{method}({of}, {limit});"));
        }
    }

    /// One type: what follows applies to values of that type, bound to a variable if needed.
    pub(super) fn typed(
        &mut self,
        name: &str,
        any_width: bool,
        variable: Option<&'static str>,
        inner: &Body,
    ) {
        let method = match name {
            "integer" if any_width => "any_integer",
            name => name,
        };
        let returns_bool = matches!(name, "null" | "boolean");
        self.push(&match variable {
            Some(name) => format!("if let Some({name}) = c.{method}(value) {{\n{inner}}}"),
            None if inner.is_empty() => format!("c.{method}(value);"),
            None if returns_bool => format!("if c.{method}(value) {{\n{inner}}}"),
            None => format!("if c.{method}(value).is_some() {{\n{inner}}}"),
        });
    }

    pub(super) fn types(&mut self, types: Types, any_width: bool, inner: &Body) {
        let names: Vec<String> = types.names().map(quoted).collect();
        let method = if any_width {
            "types_of_any_width"
        } else {
            "types"
        };
        let check = format!("c.{method}(value, &[{}])", names.join(", "));
        self.push(&if inner.is_empty() {
            format!("{check};")
        } else {
            format!("if {check} {{\n{inner}}}")
        });
    }

    /// The statements for the value that `enter` steps into.
    pub(super) fn inside(&self, enter: &str) -> String {
        let value = if mentions(self, "value") {
            "value"
        } else {
            "_"
        };
        format!("if let Some({value}) = {enter} {{\n{self}c.leave();\n}}")
    }

    /// Several types, or any: each keyword looks only at values of its own type.
    pub(super) fn where_typed(&mut self, Typed { variable, body }: Typed) {
        let cast = match variable {
            "text" => "as_str",
            "number" => "as_number",
            "items" => "as_array",
            _ => "as_object",
        };
        self.push(&format!(
            "if let Some({variable}) = value.{cast}() {{\n{body}}}"
        ));
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statics)?;
        f.write_str(&self.statements)
    }
}

/// A call, on several lines if an argument has several.
pub(super) fn call(function: &str, arguments: &[String]) -> String {
    format!("{function}{}", listed("(", arguments, ")"))
}

/// Elements between brackets, on several lines if an element has several.
pub(super) fn listed(open: &str, elements: &[String], close: &str) -> String {
    if elements.iter().any(|element| element.contains('\n')) {
        format!("{open}\n{},\n{close}", elements.join(",\n"))
    } else {
        format!("{open}{}{close}", elements.join(", "))
    }
}

/// Whether the statements use a variable of this name; one that is not used must not be bound.
pub(super) fn mentions(body: &Body, name: &str) -> bool {
    uses(&body.statements, name)
}

/// Whether a text of Rust has this name outside of its literals.
pub(in crate::rust) fn uses(text: &str, name: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        if &rest[..word] == name.as_bytes() {
            return true;
        }
        let literal = match &rest[..word] {
            b"" if rest[0] == b'"' => skip_literal(text, at),
            b"r" => skip_literal(text, at),
            _ => None,
        };
        at = literal.unwrap_or(at + word.max(1));
    }
    false
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128
}
