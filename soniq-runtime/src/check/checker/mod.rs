//! The walk over one value: where it is and what it found.

mod branches;
mod collections;
mod evaluated;
mod numbers;
mod renamed;
mod strings;
mod tried;
mod types;

use serde_json::{Map, Value};

use super::Violation;
pub use branches::Branch;
use evaluated::Observer;
use tried::Tried;

/// Collects violations while generated code walks a value.
///
/// One method per keyword of JSON Schema; the rules themselves are in `soniq_rules`, shared with
/// `soniq_schema::evaluate`.
#[derive(Debug, Default)]
pub struct Checker {
    pointer: String,
    /// The pointer's length before each step.
    depths: Vec<usize>,
    violations: Vec<Violation>,
    /// Who asks what of the value is evaluated, innermost last.
    observers: Vec<Observer>,
    /// While a schema is only tried: how many violations there were before.
    tried_from: Option<usize>,
    /// What was found out about schemas that were tried while others were.
    tried: Tried,
}

/// How many arrays and objects may lie in each other: as many as `serde_json` reads back from a
/// row. It also bounds the stack that the check of a recursive type needs.
const MAX_DEPTH: usize = 127;

impl Checker {
    /// All violations that were found, in the order of the walk.
    pub fn finish(self) -> Vec<Violation> {
        self.violations
    }

    /// Reports a broken rule at the current place.
    pub fn violation(&mut self, rule: &'static str, message: impl Into<String>) {
        self.violations.push(Violation {
            pointer: self.pointer.clone(),
            rule,
            message: message.into(),
        });
    }

    /// Steps to a key or index; [`leave`](Self::leave) ends it.
    fn step(&mut self, key: &str) {
        self.depths.push(self.pointer.len());
        self.pointer.push('/');
        for c in key.chars() {
            match c {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                c => self.pointer.push(c),
            }
        }
    }

    /// Steps into a property that is there; [`leave`](Self::leave) ends it.
    pub fn enter<'v>(&mut self, object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
        let value = object.get(name)?;
        self.may_enter(value).then(|| self.step(name))?;
        Some(value)
    }

    /// Steps into an element that is there; [`leave`](Self::leave) ends it.
    pub fn enter_item<'v>(&mut self, items: &'v [Value], index: usize) -> Option<&'v Value> {
        let value = items.get(index)?;
        self.may_enter(value)
            .then(|| self.step(&index.to_string()))?;
        Some(value)
    }

    /// Whether there is a point in looking into the current value: not if a schema that is only
    /// tried has failed, for then every branch of a recursive `oneOf` would be walked to its end.
    fn may_enter(&mut self, value: &Value) -> bool {
        if self
            .tried_from
            .is_some_and(|from| self.violations.len() > from)
        {
            return false;
        }
        let own = usize::from(value.is_array() || value.is_object());
        if self.depths.len() + own < MAX_DEPTH {
            return true;
        }
        let told = self
            .violations
            .last()
            .is_some_and(|last| last.rule == "depth" && last.pointer == self.pointer);
        if !told {
            self.violation(
                "depth",
                format!("is nested {MAX_DEPTH} deep and holds more, which no reader takes"),
            );
        }
        false
    }

    /// Back to the value around the current one.
    pub fn leave(&mut self) {
        let depth = self.depths.pop().unwrap_or_default();
        self.pointer.truncate(depth);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use serde_json::{Value, json};

    use super::{Checker, MAX_DEPTH};

    #[test]
    fn pointers_are_escaped_and_unwound() {
        let value = json!({"a/b": {"~": 1}, "c": "x"});
        let mut c = Checker::default();
        let object = c.object(&value).unwrap();
        let inner = c.enter(object, "a/b").unwrap();
        let inner = c.object(inner).unwrap();
        let innermost = c.enter(inner, "~").unwrap();
        assert!(c.string(innermost).is_none());
        c.leave();
        c.leave();
        let text = c.enter(object, "c").unwrap();
        assert!(c.integer(text).is_none());
        c.leave();
        assert!(c.enter(object, "d").is_none());
        c.required(object, &["d"]);
        let found: Vec<_> = c
            .finish()
            .into_iter()
            .map(|violation| violation.to_string())
            .collect();
        assert_eq!(
            found,
            [
                "/a~1b/~0 is an integer, expected string (type)",
                "/c is a string, expected integer (type)",
                r#"the value lacks the property "d" (required)"#,
            ]
        );
    }

    #[test]
    fn what_no_reader_takes_is_refused_before_the_stack_ends() {
        fn nested(value: &Value, c: &mut Checker) {
            c.any_of(
                value,
                &[|value, c| {
                    if let Some(items) = c.array(value) {
                        for index in 0..items.len() {
                            if let Some(value) = c.enter_item(items, index) {
                                nested(value, c);
                                c.leave();
                            }
                        }
                    }
                }],
            );
        }
        fn plain(value: &Value, c: &mut Checker) {
            if let Some(items) = c.array(value) {
                for index in 0..items.len() {
                    if let Some(value) = c.enter_item(items, index) {
                        plain(value, c);
                        c.leave();
                    }
                }
            }
        }
        let of_depth = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
        let rules = |value: &Value, check: fn(&Value, &mut Checker)| {
            let mut c = Checker::default();
            check(value, &mut c);
            let found = c.finish().into_iter();
            found.map(|violation| violation.rule).collect::<Vec<_>>()
        };
        let deepest = of_depth(MAX_DEPTH);
        assert!(serde_json::from_str::<Value>(&deepest.to_string()).is_ok());
        assert!(rules(&deepest, nested).is_empty());
        assert!(rules(&deepest, plain).is_empty());
        let deeper = of_depth(MAX_DEPTH + 1);
        assert!(serde_json::from_str::<Value>(&deeper.to_string()).is_err());
        assert_eq!(rules(&deeper, plain), ["depth"]);
        assert_eq!(rules(&of_depth(1000), nested), ["anyOf"]);
    }

    #[test]
    fn integers_without_a_width_are_of_64_bits() {
        let big = json!(u64::MAX);
        let mut c = Checker::default();
        assert!(c.integer(&big).is_none());
        assert!(c.any_integer(&big).is_some());
        assert!(!c.types(&big, &["integer", "null"]));
        assert!(c.types_of_any_width(&big, &["integer", "null"]));
        assert!(c.types(&big, &["number", "integer"]));
        let rules: Vec<_> = c.finish().iter().map(|v| v.rule).collect();
        assert_eq!(rules, ["type", "type"]);
    }
}
