//! Boxes: text with places where it may be broken, and how they fit into lines.
//!
//! The rules are those of Oppen's pretty printer, as `rustc` and `prettyplease` have them: a box is
//! broken if it, and what follows it up to the next break around it, does not fit into the line.

/// The width of a line; as `prettyplease` has it, so that it can judge our text.
const MARGIN: usize = 89;
/// What a line has at least, however deep it is indented.
const LEAST: usize = 60;
/// A width that fits nowhere.
const TOO_WIDE: usize = 1 << 16;

/// The columns of a line that starts at `indent`.
pub(super) fn room(indent: usize) -> usize {
    MARGIN.saturating_sub(indent).max(LEAST)
}

/// Starts a line. By the piece rather than by the space: a build script is not optimised.
pub(super) fn push_indent(out: &mut String, indent: usize) {
    const SPACES: &str = "                                ";
    let mut left = indent;
    while left > 0 {
        let piece = left.min(SPACES.len());
        out.push_str(&SPACES[..piece]);
        left -= piece;
    }
}

/// A piece of a line.
pub(super) enum Node<'t> {
    Text(&'t str),
    Break(Break),
    /// No break, but what comes before need not fit together with what comes after.
    Stop,
    Group(Group<'t>),
}

/// A place for a new line.
#[derive(Default)]
pub(super) struct Break {
    /// Whether there is a space if the line is not broken.
    pub(super) space: bool,
    /// Added to the indentation of the new line.
    pub(super) offset: isize,
    /// What ends the line before.
    pub(super) before: &'static str,
    /// What starts the new line.
    pub(super) after: &'static str,
    /// What stands here if the line is not broken.
    pub(super) unbroken: &'static str,
}

/// Pieces whose breaks depend on each other.
#[derive(Default)]
pub(super) struct Group<'t> {
    /// Added to the indentation of lines within, if it is broken.
    pub(super) offset: isize,
    /// Whether only those breaks are taken that are needed, instead of all.
    pub(super) fill: bool,
    /// What must not be exceeded for all to be in one line.
    pub(super) widest: Option<usize>,
    pub(super) nodes: Vec<Node<'t>>,
    /// Of all in one line, once it is complete: every group around it asks for it.
    width: usize,
}

impl<'t> Group<'t> {
    pub(super) fn indented(offset: isize) -> Self {
        Group {
            offset,
            ..Group::default()
        }
    }

    pub(super) fn text(&mut self, text: &'t str) {
        if !text.is_empty() {
            self.nodes.push(Node::Text(text));
        }
    }

    pub(super) fn group(&mut self, group: Group<'t>) {
        self.nodes.push(Node::Group(group.measured()));
    }

    pub(super) fn soft(&mut self, space: bool) {
        self.nodes.push(Node::Break(Break {
            space,
            ..Break::default()
        }));
    }

    /// The break before a closing bracket.
    pub(super) fn closing(&mut self, space: bool, before: &'static str) {
        self.nodes.push(Node::Break(Break {
            space,
            before,
            offset: -4,
            ..Break::default()
        }));
    }

    pub(super) fn stop(&mut self) {
        self.nodes.push(Node::Stop);
    }

    /// The group, complete.
    pub(super) fn measured(mut self) -> Self {
        let width = self.nodes.iter().map(|node| match node {
            Node::Text(text) => text.len(),
            Node::Break(one) => one.space.into(),
            Node::Stop => 0,
            Node::Group(group) => group.width,
        });
        let width = width.sum();
        self.width = match self.widest {
            Some(widest) if width > widest => TOO_WIDE,
            _ => width,
        };
        self
    }
}

/// The width of the nodes up to the next break; `rest` is that of what follows them.
fn up_to_break(nodes: &[Node<'_>], rest: usize) -> usize {
    let mut width = 0;
    for node in nodes {
        match node {
            Node::Text(text) => width += text.len(),
            Node::Group(group) => width += group.width,
            Node::Break(_) | Node::Stop => return width,
        }
    }
    width + rest
}

/// Writes boxes into lines.
pub(super) struct Printer<'o> {
    out: &'o mut String,
    /// What is left of the line.
    space: isize,
}

impl<'o> Printer<'o> {
    /// The line has its indentation already.
    pub(super) fn new(out: &'o mut String, indent: usize) -> Self {
        let space = room(indent).cast_signed();
        Printer { out, space }
    }

    /// `rest` is the width of what follows up to the next break.
    pub(super) fn print(&mut self, group: &Group<'_>, indent: usize, rest: usize) {
        let broken = (group.width + rest).cast_signed() > self.space;
        let indent = if broken {
            indent.saturating_add_signed(group.offset)
        } else {
            indent
        };
        for (index, node) in group.nodes.iter().enumerate() {
            let following = || up_to_break(&group.nodes[index + 1..], rest);
            match node {
                Node::Text(text) => self.text(text),
                Node::Stop => {}
                Node::Group(inner) => self.print(inner, indent, following()),
                Node::Break(one) => {
                    let width = || (following() + usize::from(one.space)).cast_signed();
                    let fits = !broken || group.fill && width() <= self.space;
                    self.at_break(one, fits, indent);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.space -= text.len().cast_signed();
    }

    fn at_break(&mut self, one: &Break, fits: bool, indent: usize) {
        if fits {
            self.text(if one.space { " " } else { "" });
            self.text(one.unbroken);
            return;
        }
        self.out.push_str(one.before);
        self.out.push('\n');
        let indent = indent.saturating_add_signed(one.offset);
        push_indent(self.out, indent);
        self.space = room(indent).cast_signed();
        self.text(one.after);
    }
}
