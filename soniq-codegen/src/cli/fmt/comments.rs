//! What stands between keys and values: comments, and empty lines.

/// A line without a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'s> {
    Empty,
    Comment(&'s str),
}

/// The lines before a key or a header. What follows the last line break is its indentation.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let whole = text.rsplit_once('\n');
    whole.map_or(Vec::new(), |(whole, _)| all_lines(whole))
}

/// The lines of a whole text; several empty ones are one.
pub(super) fn all_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = text
        .split('\n')
        .map(|line| match line.trim() {
            "" => Line::Empty,
            comment => Line::Comment(comment),
        })
        .collect();
    lines.dedup_by(|next, line| *next == Line::Empty && *line == Line::Empty);
    lines
}

/// Splits off what stands right below the line before, with an empty line behind it: it belongs
/// there, not to what follows.
pub(super) fn split_tail<'s>(lines: &mut Vec<Line<'s>>) -> Vec<Line<'s>> {
    match lines.iter().position(|line| *line == Line::Empty) {
        Some(end) => lines.drain(..end).collect(),
        None => Vec::new(),
    }
}

/// Splits off what is about the whole file: all above the last empty line, and directives to editors
/// such as `#:schema`.
pub(super) fn split_head<'s>(lines: &mut Vec<Line<'s>>) -> Vec<Line<'s>> {
    let last = lines.iter().rposition(|line| *line == Line::Empty);
    let mut end = last.map_or(0, |last| last + 1);
    let is_directive =
        |line: &Line<'_>| matches!(line, Line::Comment(text) if text.starts_with("#:"));
    while lines.get(end).is_some_and(is_directive) {
        end += 1;
    }
    lines.drain(..end).collect()
}

/// Comments in a list: the one behind the item before, and those on lines of their own.
pub(super) fn in_list(text: &str) -> (Option<&str>, Vec<&str>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let comments = |line| match line {
        Line::Comment(comment) => Some(comment),
        Line::Empty => None,
    };
    let own = all_lines(rest).into_iter().filter_map(comments).collect();
    (behind(first), own)
}

/// The comment in what follows a value on its line.
pub(super) fn behind(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}
