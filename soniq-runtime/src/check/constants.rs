//! Constants of a contract that Rust cannot write as such: each is made when it is first needed.

use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

/// A JSON value, written as text.
#[derive(Debug)]
pub struct JsonLiteral {
    text: &'static str,
    value: OnceLock<Value>,
}

impl JsonLiteral {
    /// `text` is JSON; text that is not stands for null.
    pub const fn new(text: &'static str) -> Self {
        JsonLiteral {
            text,
            value: OnceLock::new(),
        }
    }

    /// The value.
    pub fn get(&self) -> &Value {
        self.value
            .get_or_init(|| serde_json::from_str(self.text).unwrap_or_default())
    }

    /// The value's text, as the contract has it.
    pub(super) fn text(&self) -> &'static str {
        self.text
    }
}

/// A regular expression, in the syntax of the `regex` crate.
#[derive(Debug)]
pub struct TextPattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl TextPattern {
    /// `text` compiled when the contract was read; a pattern that does not matches nothing.
    pub const fn new(text: &'static str) -> Self {
        TextPattern {
            text,
            regex: OnceLock::new(),
        }
    }

    /// Whether any part of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex
            .get_or_init(|| Regex::new(self.text).ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }

    /// The expression.
    pub(super) fn text(&self) -> &'static str {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{JsonLiteral, TextPattern};

    #[test]
    fn a_literal_is_what_its_text_says() {
        assert_eq!(JsonLiteral::new(r#"{"a":[1]}"#).get(), &json!({"a": [1]}));
        assert_eq!(JsonLiteral::new("{").get(), &Value::Null);
    }

    #[test]
    fn a_pattern_matches_anywhere_and_a_broken_one_nowhere() {
        assert!(TextPattern::new("b").is_match("abc"));
        assert!(!TextPattern::new("^b").is_match("abc"));
        assert!(!TextPattern::new("(").is_match("("));
    }
}
