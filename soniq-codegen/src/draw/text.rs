//! Texts: matches of regular expressions, of a given length.

use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind};

use super::sample::Choices;
use super::{Text, format};

/// How often a text is drawn until it has the right length and fits all expressions.
const TRIES: usize = 20;

/// How many times more than it must a part of a match is repeated.
const MORE: usize = 4;

/// How long a match becomes at most, in bytes; ends what repeats its own repetitions.
const LONGEST: usize = 10_000;

/// The longest text without a pattern, in characters.
const LONGEST_FREE: u64 = 10_000;

/// Characters that are drawn where there is a choice, the plainest first.
const PLAIN: [char; 12] = ['a', 'b', 'x', '0', '1', '7', 'A', 'B', 'X', '-', '_', ' '];

/// A text, if one was found.
pub(super) fn text(draw: &Text<'_>, choices: &mut Choices) -> Option<String> {
    let formats = draw.formats.iter().copied();
    if choices.are_plain() {
        let mut shown = formats.clone().filter_map(format::shown);
        if let Some(shown) = shown.find(|text| fits(draw, text)) {
            return Some(shown.to_owned());
        }
    }
    let mut ways: Vec<&str> = formats.filter_map(format::expression).collect();
    let patterns = draw.patterns.iter();
    ways.extend(patterns.map(|pattern| pattern.regex.as_str()));
    if ways.is_empty() {
        return Some(free(draw, choices));
    }
    (0..TRIES).find_map(|_| {
        let way = ways[choices.below(ways.len())];
        let drawn = matching(way, choices)?;
        fits(draw, &drawn).then_some(drawn)
    })
}

fn fits(draw: &Text<'_>, text: &str) -> bool {
    let length = soniq_rules::length(text);
    let mut patterns = draw.patterns.iter();
    let mut formats = draw.formats.iter();
    draw.min <= length
        && draw.max.is_none_or(|max| length <= max)
        && patterns.all(|pattern| pattern.regex.is_match(text))
        && formats.all(|format| soniq_rules::format_matches(format, text))
}

/// A text that only has a length.
fn free(draw: &Text<'_>, choices: &mut Choices) -> String {
    const WORDS: &str = "text that goes on for as long as it has to ";
    let most = draw.max.unwrap_or(u64::MAX).min(LONGEST_FREE);
    let wanted = if choices.are_plain() {
        4
    } else {
        draw.min + choices.below(12) as u64
    };
    let length = wanted.max(draw.min).min(most);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    WORDS.chars().cycle().take(length).collect()
}

/// A text that the expression, in the syntax of the `regex` crate, matches as a whole but for what it
/// says about the text around: `^`, `\b`.
pub(super) fn matching(expression: &str, choices: &mut Choices) -> Option<String> {
    let hir = regex_syntax::parse(expression).ok()?;
    let mut out = Vec::new();
    write(&hir, choices, &mut out)?;
    String::from_utf8(out).ok()
}

fn write(hir: &Hir, choices: &mut Choices, out: &mut Vec<u8>) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(Class::Unicode(class)) => {
            let character = character(class.ranges(), choices)?;
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        HirKind::Class(Class::Bytes(class)) => {
            out.push(class.ranges().first().map(ClassBytesRange::start)?);
        }
        HirKind::Capture(capture) => write(&capture.sub, choices, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, choices, out)?;
            }
        }
        HirKind::Alternation(branches) => {
            write(&branches[choices.below(branches.len())], choices, out)?;
        }
        HirKind::Repetition(repetition) => {
            let min = repetition.min;
            let most = repetition.max.unwrap_or(u32::MAX).saturating_sub(min);
            let most = usize::try_from(most).unwrap_or(MORE).min(MORE);
            let more = choices.below(most + 1);
            for _ in 0..min as usize + more {
                write(&repetition.sub, choices, out)?;
            }
        }
    }
    Some(())
}

/// One of the plain characters of the class if it has any, else one of its own.
fn character(ranges: &[ClassUnicodeRange], choices: &mut Choices) -> Option<char> {
    let has = |c: &char| {
        let mut ranges = ranges.iter();
        ranges.any(|range| range.start() <= *c && *c <= range.end())
    };
    let plain: Vec<char> = PLAIN.into_iter().filter(has).collect();
    if !plain.is_empty() {
        return Some(plain[choices.below(plain.len())]);
    }
    ranges
        .get(choices.below(ranges.len()))
        .map(ClassUnicodeRange::start)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use regex::Regex;

    use super::matching;
    use crate::draw::sample::Choices;

    #[test]
    fn what_is_drawn_matches() {
        let expressions = [
            "^[A-Z]{2}$",
            r"^[a-z]{2}(-[A-Z]{2})?$",
            r"^\d+(\.\d{1,2})?$",
            r"^(?i:sku)-[^\s]{3,}$",
            r"^\p{Lu}\p{Ll}*$",
            "",
        ];
        for expression in expressions {
            let regex = Regex::new(expression).unwrap();
            for seed in 0..50 {
                let drawn = matching(expression, &mut Choices::random(seed)).unwrap();
                assert!(regex.is_match(&drawn), "{expression}: {drawn}");
            }
        }
        assert_eq!(matching("[a&&b]", &mut Choices::plain()), None);
    }
}
