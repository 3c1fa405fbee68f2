//! A repetition that repeats itself.
//!
//! We match every pattern in linear time. Engines that backtrack try all ways to share a text out
//! between two such repetitions, and contracts are read by other languages as well.

use regex_syntax::hir::{Hir, HirKind};

use super::site::Site;
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let keywords = &site.schema.node().keywords;
    let of_names = keywords.pattern_properties.iter().map(|one| &one.pattern);
    let mut patterns = keywords.pattern.iter().chain(of_names);
    let pattern = patterns.find(|pattern| {
        let hir = regex_syntax::parse(pattern.regex.as_str());
        hir.is_ok_and(|hir| is_slow(&hir))
    })?;
    let message = format!(
        "the pattern {:?} may take time exponential in the length of a text",
        pattern.source
    );
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::SLOW_PATTERN, message, at))
}

fn is_slow(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            (repetition.max.is_none() && is_repetition(&repetition.sub)) || is_slow(&repetition.sub)
        }
        HirKind::Capture(capture) => is_slow(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(is_slow),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// Whether a text of it may be nothing but one unbounded repetition.
fn is_repetition(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            repetition.max.is_none() || is_repetition(&repetition.sub)
        }
        HirKind::Capture(capture) => is_repetition(&capture.sub),
        HirKind::Alternation(branches) => branches.iter().any(is_repetition),
        HirKind::Concat(parts) => (0..parts.len()).any(|index| {
            let mut others = parts[..index].iter().chain(&parts[index + 1..]);
            is_repetition(&parts[index])
                && others.all(|part| part.properties().minimum_len() == Some(0))
        }),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_repetitions_of_themselves_are_slow() {
        let is_slow = |pattern: &str| is_slow(&regex_syntax::parse(pattern).unwrap());
        for slow in [
            "^(a+)+$",
            "(?:a*)*",
            r"(\w+\s?)*$",
            "((a|b+)x?)+",
            "x(y(?:z+){2,})",
            "((a+){1,3})+",
        ] {
            assert!(is_slow(slow), "{slow}");
        }
        for fast in [
            "^[a-z]+(_[a-z]+)*$",
            "a+b+",
            "(a{1,9}){1,9}",
            "(?:[a-z]+, )+",
            "(ab)+",
            "^$",
        ] {
            assert!(!is_slow(fast), "{fast}");
        }
    }
}
