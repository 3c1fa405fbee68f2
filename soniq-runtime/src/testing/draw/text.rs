//! Texts.

use proptest::prelude::{Just, Strategy};
use proptest::strategy::{BoxedStrategy, Union};
use proptest::string::{string_regex, string_regex_parsed};
use regex::Regex;
use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};
use serde_json::Value;

use super::{Draw, none};

/// How much longer than it must a text is that only has a length.
const LONGER: u64 = 24;

/// Texts; a builder.
#[derive(Debug, Clone)]
pub struct Text {
    ways: Vec<&'static str>,
    patterns: Vec<&'static str>,
    min: u64,
    max: Option<u64>,
}

/// Any text without control characters.
pub fn text() -> Text {
    Text {
        ways: Vec::new(),
        patterns: Vec::new(),
        min: 0,
        max: None,
    }
}

impl Text {
    /// One that a regular expression describes as a whole.
    #[must_use]
    pub fn like(mut self, expression: &'static str) -> Self {
        self.ways.push(expression);
        self
    }

    /// One that a `pattern` matches.
    #[must_use]
    pub fn pattern(mut self, pattern: &'static str) -> Self {
        self.ways.push(pattern);
        self.patterns.push(pattern);
        self
    }

    /// So many characters at least.
    #[must_use]
    pub fn min(mut self, characters: u64) -> Self {
        self.min = characters;
        self
    }

    /// So many characters at most.
    #[must_use]
    pub fn max(mut self, characters: u64) -> Self {
        self.max = Some(characters);
        self
    }

    /// The finished draw.
    pub fn draw(self) -> Draw {
        let ways: Vec<_> = self.ways.iter().filter_map(|way| matching(way)).collect();
        let (min, max) = (self.min, self.max);
        if self.ways.is_empty() {
            return free(min, max.unwrap_or(u64::MAX));
        }
        let patterns = self.patterns.iter().map(|pattern| Regex::new(pattern));
        let (false, Ok(patterns)) = (ways.is_empty(), patterns.collect::<Result<Vec<_>, _>>())
        else {
            return none();
        };
        let fits = move |text: &String| {
            let length = soniq_rules::length(text);
            (min..=max.unwrap_or(u64::MAX)).contains(&length)
                && patterns.iter().all(|pattern| pattern.is_match(text))
        };
        let texts = Union::new(ways).prop_filter("no text of this pattern and length", fits);
        Draw::new(texts.prop_map(Value::String))
    }
}

/// Any text of a length.
fn free(min: u64, max: u64) -> Draw {
    let max = max.min(min.saturating_add(LONGER));
    if min > max {
        return none();
    }
    if let Ok(texts) = string_regex(&format!(r"\PC{{{min},{max}}}")) {
        return Draw::new(texts.prop_map(Value::String));
    }
    // Too long for an expression; one will do.
    match usize::try_from(min) {
        Ok(length) => Draw::new(Just(Value::String("a".repeat(length)))),
        Err(_) => none(),
    }
}

/// Texts that an expression matches as a whole, but for what it says of the text around.
fn matching(expression: &str) -> Option<BoxedStrategy<String>> {
    let expression = regex_syntax::parse(expression).ok()?;
    let texts = string_regex_parsed(&without_looks(&expression)).ok()?;
    Some(texts.boxed())
}

/// The expression without `^`, `$` and `\b`, which proptest does not draw.
fn without_looks(expression: &Hir) -> Hir {
    match expression.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Capture(capture) => Hir::capture(Capture {
            sub: Box::new(without_looks(&capture.sub)),
            ..capture.clone()
        }),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(without_looks(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_looks).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_looks).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => expression.clone(),
    }
}
