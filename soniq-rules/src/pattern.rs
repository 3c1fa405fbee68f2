//! A regular expression of ECMA-262, in the terms of the `regex` crate.
//!
//! The two agree on most of their syntax and differ quietly on some: `\d` is ASCII in ECMA-262,
//! `.` stops at four line ends, brackets do not nest. What differs is rewritten; what `regex` has
//! no counterpart for, or reads as something of its own, is refused.

use std::iter::Peekable;
use std::str::Chars;

/// White space and line ends, ECMA-262 section 22.2.2.9, as members of a class.
const SPACE: &str = r"\t-\r\u{feff}\u{2028}\u{2029}\p{Zs}";

/// What the `regex` crate calls an expression of ECMA-262, if that crate can parse it.
///
/// ```
/// assert_eq!(soniq_rules::rust_regex(r"^\d+$").unwrap(), "^[0-9]+$");
/// assert!(soniq_rules::rust_regex("(?=a)").is_err());
/// ```
///
/// # Errors
/// Why there is no such expression, on one line, if what is refused is of ECMA-262 alone. What
/// neither knows is left to the parser of the `regex` crate.
pub fn rust_regex(source: &str) -> Result<String, String> {
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

/// Whether `text` is an expression that the `pattern` keyword takes, whatever its size.
pub(crate) fn is_regex(text: &str) -> bool {
    rust_regex(text).is_ok_and(|regex| regex_syntax::parse(&regex).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for good in [
            r"^([abc])+\s+$",
            r"^\S(|(.|\n)*\S)$",
            "",
            r"\p{L}{1,3}",
            "a|b",
            "[^-a]",
        ] {
            assert!(is_regex(good), "{good}");
        }
        for bad in [
            "^(abc]",
            r"^\S\Z",
            "*",
            "a{3,2}",
            r"\p{Nothing}",
            "(?<n>a",
            "(?=a)",
            r"(a)\1",
        ] {
            assert!(!is_regex(bad), "{bad}");
        }
    }
}
