//! `pattern`: a regular expression of ECMA-262, in the terms of the `regex` crate.
//!
//! The two agree on most of their syntax and differ quietly on some: `\d` is ASCII in ECMA-262,
//! `.` stops at four line ends, brackets do not nest. What differs is rewritten; what `regex` has
//! no counterpart for, or reads as something of its own, is refused.

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

use crate::json_schema::Pattern;

/// White space and line ends, ECMA-262 section 22.2.2.9, as members of a class.
const SPACE: &str = r"\t-\r\u{feff}\u{2028}\u{2029}\p{Zs}";

/// Compiles a pattern.
///
/// # Errors
/// Why it cannot be used, on one line.
pub(super) fn compile(source: &str) -> Result<Pattern, String> {
    let regex = translate(source)?;
    let regex = Regex::new(&regex).map_err(|error| reason(&error))?;
    Ok(Pattern {
        source: source.to_owned(),
        regex,
    })
}

/// The last line of the error: those before it draw the expression.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

fn translate(source: &str) -> Result<String, String> {
    let mut output = String::with_capacity(source.len() + 16);
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(&mut chars, in_class, &mut output)?,
            '[' if in_class => output.push_str(r"\["),
            '[' => {
                in_class = true;
                output.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    output.push('^');
                }
                if chars.peek() == Some(&']') {
                    return Err("an empty class `[]` has no counterpart".to_owned());
                }
            }
            ']' => {
                in_class = false;
                output.push(']');
            }
            // `regex` has set operations in classes: `&&`, `~~`, `--`.
            '&' | '~' if in_class => output.extend(['\\', c]),
            '-' if in_class && chars.peek() == Some(&'-') => {
                return Err(r"write a hyphen in a class as `\-`".to_owned());
            }
            '.' if !in_class => output.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            '(' if !in_class && chars.peek() == Some(&'?') => group(&chars, &mut output)?,
            _ => output.push(c),
        }
    }
    Ok(output)
}

/// An opening parenthesis before a question mark, which is not consumed.
fn group(rest: &Peekable<Chars<'_>>, output: &mut String) -> Result<(), String> {
    let mut rest = rest.clone();
    rest.next();
    let (kind, next) = (rest.next(), rest.next());
    match (kind, next) {
        (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
            Err("look-around is not supported".to_owned())
        }
        (Some(':' | '<'), _) => {
            output.push('(');
            Ok(())
        }
        _ => Err("this kind of group is not in ECMA-262".to_owned()),
    }
}

/// What follows a backslash.
fn escape(
    chars: &mut Peekable<Chars<'_>>,
    in_class: bool,
    output: &mut String,
) -> Result<(), String> {
    let Some(c) = chars.next() else {
        return Err("it ends in a backslash".to_owned());
    };
    let members = match c.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        's' => SPACE,
        _ => "",
    };
    match c {
        'd' | 'w' | 's' if in_class => output.push_str(members),
        'd' | 'w' | 's' => output.extend(["[", members, "]"]),
        'D' | 'W' | 'S' => output.extend(["[^", members, "]"]),
        'b' if in_class => output.push_str(r"\x08"),
        // Only ASCII letters and digits are word characters to ECMA-262. Its `\B` would have to be
        // the same in bytes, where `regex` could come to stand inside of a character.
        'b' => output.push_str(r"(?-u:\b)"),
        'B' if !in_class => return Err(r"`\B` is not supported".to_owned()),
        '0' if !chars.peek().is_some_and(char::is_ascii_digit) => output.push_str(r"\x00"),
        '0'..='9' | 'k' => return Err("back-references are not supported".to_owned()),
        'c' => match chars.next() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                let code = u32::from(letter) % 32;
                output.extend([r"\x", &format!("{code:02x}")]);
            }
            _ => return Err(r"`\c` needs a letter".to_owned()),
        },
        // Control characters, code points, properties, and what is escaped to stand for itself.
        'f' | 'n' | 'r' | 't' | 'v' | 'x' | 'u' | 'p' | 'P' | '^' | '$' | '\\' | '.' | '*'
        | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' | '-' => {
            output.extend(['\\', c]);
        }
        _ => return Err(format!(r"`\{c}` is not in ECMA-262")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let pattern = compile(pattern).unwrap();
        for text in good {
            assert!(
                pattern.regex.is_match(text),
                "{} refused {text:?}",
                pattern.source
            );
        }
        for text in bad {
            assert!(
                !pattern.regex.is_match(text),
                "{} took {text:?}",
                pattern.source
            );
        }
    }

    #[test]
    fn means_what_ecma_262_means() {
        check(r"^\d+$", &["12"], &["\u{661}", "", "1\n"]);
        check(r"^[\d.]+$", &["1.2"], &["a"]);
        check(r"^\w$", &["a", "_"], &["\u{e4}", "-"]);
        check(r"^[^\W\d]$", &["a"], &["1", "-"]);
        check(
            r"^\s$",
            &[" ", "\u{feff}", "\u{a0}", "\u{2029}"],
            &["\u{85}", "a"],
        );
        check(r"^.$", &["a", "\u{85}"], &["\n", "\r", "\u{2028}"]);
        check(r"^[[]$", &["["], &["a"]);
        check(r"^[a&&b]+$", &["&", "ab"], &["c"]);
        check(r"^\/\cA\0$", &["/\u{1}\0"], &["/"]);
        check(r"a\b", &["a", "a\u{e4}"], &["ab"]);
        check(r"^(?:a|(?<name>b))$", &["a", "b"], &["c"]);
        check(r"^\u0041\u{42}\x43$", &["ABC"], &["abc"]);
        check(r"^\p{Lu}{2,3}$", &["\u{c4}B"], &["A", "ab"]);
        check("b", &["abc"], &["ac"]);
    }

    #[test]
    fn refuses_what_it_cannot_mean() {
        for bad in [
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            r"(a)\1",
            r"(?<n>a)\k<n>",
            "(?i)a",
            "(?P<n>a)",
            r"\Aa",
            r"a\z",
            r"\",
            "[",
            "(",
            "a{2",
            "[]",
            "[^]",
            "[a--b]",
            r"\B",
            "*",
            r"\c1",
            r"[\k]",
            "a{1000}{1000}{1000}",
        ] {
            let error = compile(bad).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{bad}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,20}", tricky in "[\\\\\\[\\](){}?^$.*+|a-d0-9&~<=!-]{0,20}") {
            let _ = (compile(&text), compile(&tricky));
        }
    }
}
