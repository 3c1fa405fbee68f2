//! Keywords of strings.

use super::Checker;
use crate::check::TextPattern;

impl Checker {
    /// `format`
    pub fn format(&mut self, text: &str, format: &str) {
        if !soniq_rules::format_matches(format, text) {
            self.violation("format", format!("is not a valid {format}"));
        }
    }

    /// `minLength`, in characters
    pub fn min_length(&mut self, text: &str, min: u64) {
        let length = soniq_rules::length(text);
        if length < min {
            let message = format!("is {length} characters long, at least {min} are needed");
            self.violation("minLength", message);
        }
    }

    /// `maxLength`, in characters
    pub fn max_length(&mut self, text: &str, max: u64) {
        let length = soniq_rules::length(text);
        if length > max {
            let message = format!("is {length} characters long, at most {max} are allowed");
            self.violation("maxLength", message);
        }
    }

    /// `pattern`
    pub fn pattern(&mut self, text: &str, pattern: &TextPattern) {
        if !pattern.is_match(text) {
            let message = format!("does not match the pattern {}", pattern.text());
            self.violation("pattern", message);
        }
    }
}
