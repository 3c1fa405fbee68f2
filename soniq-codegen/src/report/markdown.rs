//! Text of contracts as Markdown that shows it as it is, in a paragraph as in a cell of a table.

use std::fmt::Write as _;

/// Prose on one line, without markup.
pub(crate) fn words(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    inline(&line.join(" "))
}

/// Words within a line, their spaces kept.
pub(crate) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        let after = text[index + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            // Line ends would end a cell; other control characters have no business in prose.
            c if c.is_control() => out.push(' '),
            // A reference cannot be taken for the end of a cell, as `\|` is by some.
            '|' => out.push_str("&#124;"),
            c if is_markup(c, before, after) || begins_block(c, &text[..index]) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Whether a character may be markup wherever it stands.
fn is_markup(c: char, before: char, after: char) -> bool {
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '$' => true,
        // Within a word it is none, and names are full of it.
        '_' => !before.is_alphanumeric() || !after.is_alphanumeric(),
        '&' => after == '#' || after.is_alphanumeric(),
        _ => false,
    }
}

/// Whether a character makes a heading, list, quote or underline where nothing but `before` stands
/// before it on its line.
fn begins_block(c: char, before: &str) -> bool {
    match c {
        '-' | '+' | '=' | '#' | '>' | ':' => before.is_empty(),
        '.' | ')' => !before.is_empty() && before.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// Code within a line.
pub(crate) fn code(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !"`|\\".contains(c);
    let has_margin = text.starts_with(' ') || text.ends_with(' ');
    if !text.is_empty() && !has_margin && text.chars().all(is_plain) {
        return format!("`{text}`");
    }
    // What backticks cannot enclose, least of all in a table, is written in references.
    let mut out = String::from("<code>");
    for c in text.chars() {
        if c.is_alphanumeric() || c == ' ' {
            out.push(c);
        } else if c.is_control() {
            out.push('\u{fffd}');
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(out, "&#{};", u32::from(c));
        }
    }
    out.push_str("</code>");
    out
}

/// Code on lines of its own.
pub(crate) fn fenced(language: &str, text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    use super::{code, fenced, words};

    /// The text that a reader sees, and how much markup there is around it.
    fn shown(markdown: &str) -> (String, usize) {
        let mut text = String::new();
        let mut markup = 0;
        for event in Parser::new_ext(markdown, forge()) {
            match event {
                Event::Text(shown) | Event::Code(shown) => text.push_str(&shown),
                Event::InlineHtml(html) if ["<code>", "</code>"].contains(&&*html) => {}
                Event::Start(_) => markup += 1,
                Event::End(_) => {}
                _ => markup += 100,
            }
        }
        (text, markup)
    }

    /// What forges read beyond `CommonMark`.
    fn forge() -> Options {
        Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_GFM
            | Options::ENABLE_MATH
            | Options::ENABLE_HEADING_ATTRIBUTES
    }

    fn in_cell(cell: &str) -> (String, usize) {
        let table = format!("| a | b |\n| --- | --- |\n| x | {cell} |\n");
        let (text, markup) = shown(&table);
        let text = text.strip_prefix("abx").map(str::to_owned);
        (text.unwrap_or_default(), markup)
    }

    /// A table, its head, its row, and their cells.
    const PLAIN_TABLE: usize = 7;

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[-|`*_~<>&#\\\\\\[\\]()!$@:.=+1 a\n]{0,24}",
            "\\PC{0,24}",
            Just("</script><script>alert(1)</script>".to_owned()),
            Just("a | b `c` <b>\n\n# d\n```\n- e &amp; [f](g) ![h](i)".to_owned()),
            Just("1. first".to_owned()),
            Just("https://example.com www.example.com a@example.com".to_owned()),
        ]
    }

    fn one_line(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #[test]
        fn words_are_shown_as_they_are(text in any_text()) {
            let (shown, markup) = in_cell(&words(&text));
            prop_assert_eq!((shown, markup), (one_line(&text), PLAIN_TABLE), "{}", words(&text));
        }

        #[test]
        fn words_are_no_block(text in any_text()) {
            let expected = one_line(&text);
            let paragraphs = usize::from(!expected.is_empty());
            let (shown, markup) = shown(&words(&text));
            prop_assert_eq!((shown, markup), (expected, paragraphs), "{}", words(&text));
        }

        #[test]
        fn code_is_shown_as_it_is(text in any_text()) {
            let expected: String = text
                .chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                .collect();
            let (shown, markup) = in_cell(&code(&text));
            prop_assert_eq!((shown.trim(), markup), (expected.trim(), PLAIN_TABLE), "{}", code(&text));
        }

        #[test]
        fn a_fence_holds(text in any_text()) {
            let (shown, markup) = shown(&fenced("json", &text));
            let expected = format!("{}\n", text.replace('\r', "\n"));
            prop_assert_eq!((shown, markup), (expected, 1));
        }
    }
}
