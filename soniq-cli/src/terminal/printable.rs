//! Text from the database or the command line, made fit for a terminal.

use std::borrow::Cow;

/// Control characters escaped, so that a row's text cannot move the cursor or recolour the screen.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    });
    Cow::Owned(escaped.collect())
}

/// The first line, at most `width` characters of it.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let first = text.lines().next().unwrap_or_default();
    let whole = first.len() == text.trim_end().len() && first.chars().count() <= width;
    if whole {
        return printable(first).into_owned();
    }
    let kept: String = first.chars().take(width.saturating_sub(3)).collect();
    format!("{}...", printable(kept.trim_end()))
}

/// The text with `***` for the password of every `scheme://user:password@` in it.
pub(crate) fn without_passwords(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        // To the last `@` of the word: a password may hold one that was not encoded.
        let word = after.split(char::is_whitespace).next().unwrap_or_default();
        rest = after;
        if let Some((authority, _)) = word.rsplit_once('@')
            && let Some((user, _)) = authority.split_once(':')
        {
            out.push_str(user);
            out.push_str(":***");
            rest = &after[authority.len()..];
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("plain é"), "plain é");
        assert_eq!(printable("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
    }

    #[test]
    fn one_line_says_that_there_is_more() {
        assert_eq!(one_line("short", 10), "short");
        assert_eq!(one_line("short\n", 10), "short");
        assert_eq!(one_line("first\nsecond", 10), "first...");
        assert_eq!(one_line("0123456789x", 10), "0123456...");
        assert_eq!(one_line("", 10), "");
    }

    #[test]
    fn passwords_are_left_out() {
        for (text, expected) in [
            ("no url: a@b", "no url: a@b"),
            ("'postgres://u@h/d'", "'postgres://u@h/d'"),
            ("'postgres://u:p@h/d' twice", "'postgres://u:***@h/d' twice"),
            ("postgres://u:p@ss:w@h:5/d", "postgres://u:***@h:5/d"),
            ("a://u:1@h b://v:2@h", "a://u:***@h b://v:***@h"),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }
}
