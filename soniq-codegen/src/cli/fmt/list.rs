//! Lists of elements, with the comments between them.

use super::comments::in_list;

/// Columns that what stands in a list is moved to the right.
pub(super) const INDENT: usize = 4;

/// An element of an array, or an entry of an inline table.
pub(super) struct Element {
    /// Comments on lines of their own before it.
    pub(super) before: Vec<String>,
    pub(super) text: String,
    /// The comment behind it.
    pub(super) behind: Option<String>,
}

/// Elements as they are read, with the comments between them.
#[derive(Default)]
pub(super) struct List {
    elements: Vec<Element>,
    /// Comments that the next element has before it.
    waiting: Vec<String>,
}

impl List {
    pub(super) fn push(&mut self, before: &str, text: String, after: &str) {
        self.between(before);
        let before = std::mem::take(&mut self.waiting);
        self.elements.push(Element {
            before,
            text,
            behind: None,
        });
        self.between(after);
    }

    /// Text between two elements, or before the first one, or behind the last one.
    fn between(&mut self, text: &str) {
        let (first, own) = in_list(text);
        match (first, self.elements.last_mut()) {
            (Some(comment), Some(last)) if last.behind.is_none() && self.waiting.is_empty() => {
                last.behind = Some(comment.to_owned());
            }
            (first, _) => self.waiting.extend(first.map(str::to_owned)),
        }
        self.waiting.extend(own.into_iter().map(str::to_owned));
    }

    pub(super) fn finish(mut self, trailing: &str) -> (Vec<Element>, Vec<String>) {
        self.between(trailing);
        (self.elements, self.waiting)
    }
}

/// A list with each element on a line of its own.
pub(super) fn broken_up(
    [open, close]: [char; 2],
    elements: &[Element],
    rest: &[String],
    indent: usize,
) -> String {
    let margin = " ".repeat(indent + INDENT);
    let mut text = format!("{open}\n");
    for element in elements {
        for comment in &element.before {
            text.extend([margin.as_str(), comment, "\n"]);
        }
        text.extend([margin.as_str(), &element.text, ","]);
        if let Some(comment) = &element.behind {
            text.extend([" ", comment]);
        }
        text.push('\n');
    }
    for comment in rest {
        text.extend([margin.as_str(), comment, "\n"]);
    }
    text.push_str(&" ".repeat(indent));
    text.push(close);
    text
}
