//! A logical line as boxes: where `prettyplease` would break it.
//!
//! Not a parser of Rust, only of the lines that this crate writes.

use super::boxes::{Break, Group, Node};
use super::expression::Place;
use super::reader::{Reader, is_word, skip_literal};

/// The boxes of a line.
pub(super) fn boxes(line: &str) -> Group<'_> {
    let mut reader = Reader { text: line, at: 0 };
    let mut out = Group::default();
    reader.line(&mut out);
    // Whatever is left is kept as it is.
    out.text(reader.rest());
    out.measured()
}

impl<'t> Reader<'t> {
    fn line(&mut self, out: &mut Group<'t>) {
        let head = self.rest().strip_prefix("pub(super) ").map_or(0, |_| 11);
        let head = if self.starts("pub ") { 4 } else { head };
        let rest = &self.rest()[head..];
        if rest.starts_with("#[") {
            self.attribute(out);
        } else if rest.starts_with("fn ") || rest.starts_with("async fn ") {
            self.signature(out);
        } else if rest.starts_with("impl") {
            self.implementation(out);
        } else if rest.starts_with("struct ") {
            out.offset = 4;
            out.text(self.through("struct "));
            out.text(self.word());
            self.parameters(out);
        } else if rest.starts_with("type ") {
            out.offset = 4;
            out.text(self.through(" = "));
            out.stop();
            let mut ty = Group::indented(-4);
            self.ty(&mut ty);
            out.group(ty);
        } else if is_field(rest) && rest.contains(" + ") {
            self.bounds(out);
        } else if is_field(rest) && rest.contains(": &[") {
            // Of a struct literal: no type of generated code is a slice.
            out.text(self.through(": "));
            self.expression(out, Place::Within);
        } else if head > 0 && !rest.starts_with("const ") || is_field(rest) {
            out.text(self.through(": "));
            self.ty(out);
        } else if rest.starts_with("if ") || rest.starts_with("for ") {
            self.condition(out);
        } else if let Some(pattern) = pattern(rest) {
            self.arm(pattern, out);
        } else if is_variant(rest) {
            out.text(self.word());
            let mut fields = Group::indented(4);
            fields.text(self.take(1));
            fields.soft(false);
            self.ty(&mut fields);
            fields.closing(false, ",");
            fields.text(self.take(1));
            out.group(fields);
        } else if rest.starts_with('.') {
            // A link of a chain that is broken already.
            out.text(self.take(1));
            self.path(out);
            self.call(out);
        } else {
            let bound = ["let ", "static ", "pub const "];
            if bound.iter().any(|start| self.starts(start)) {
                out.text(self.through(" = "));
                out.stop();
                self.expression(out, Place::Within);
            } else if self.starts("self.") && rest.contains(" = ") {
                self.expression(out, Place::Within);
                out.text(self.eat(" = "));
                out.stop();
                self.expression(out, Place::Within);
            } else {
                self.expression(out, Place::Start);
            }
        }
    }

    fn attribute(&mut self, out: &mut Group<'t>) {
        let Some(open) = self.rest().find(['(', '"']) else {
            return;
        };
        if self.rest().as_bytes()[open] == b'"' {
            return;
        }
        out.text(self.take(open + 1));
        let mut list = Group::indented(4);
        list.soft(false);
        while self.peek() != b')' && self.peek() != b'\n' {
            let start = self.at;
            while !matches!(self.peek(), b',' | b')' | b'\n') {
                self.at = skip_literal(self.text, self.at).unwrap_or(self.at + 1);
            }
            list.text(&self.text[start..self.at]);
            if self.peek() == b',' {
                list.text(self.take(1));
                self.eat(" ");
                list.soft(true);
            }
        }
        list.closing(false, "");
        out.group(list);
    }

    fn signature(&mut self, out: &mut Group<'t>) {
        out.offset = 4;
        out.text(self.through("fn "));
        out.text(self.word());
        self.parameters(out);
        out.text(self.take(1));
        out.stop();
        if self.peek() != b')' {
            let mut list = Group::default();
            self.types(&mut list, b')');
            out.group(list);
        }
        out.text(self.take(1));
        if self.starts(" -> ") {
            let mut output = Group::indented(-4);
            output.text(self.take(4));
            self.ty(&mut output);
            out.group(output);
        }
    }

    fn implementation(&mut self, out: &mut Group<'t>) {
        out.offset = 4;
        let mut head = Group::indented(-4);
        head.fill = true;
        let mut start = Group::indented(4);
        start.text(self.take(4));
        self.parameters(&mut start);
        head.group(start);
        head.text(self.eat(" "));
        self.ty(&mut head);
        if self.starts(" for ") {
            self.take(1);
            head.soft(true);
            head.text(self.take(4));
            self.ty(&mut head);
        }
        out.group(head);
    }

    /// `T: A + B,`
    fn bounds(&mut self, out: &mut Group<'t>) {
        out.text(self.through(":"));
        let mut list = Group::indented(4);
        list.fill = true;
        loop {
            let len = self.rest().find([',', '+']).unwrap_or(usize::MAX - self.at);
            list.text(self.take(len).trim_end());
            if self.peek() != b'+' {
                break;
            }
            list.soft(true);
            list.text(self.take(1));
        }
        out.group(list);
    }

    /// `if .. {`, `if let .. = .. {`, `for .. in .. {`.
    fn condition(&mut self, out: &mut Group<'t>) {
        let is_for = self.starts("for ");
        out.text(self.through(if is_for { " in " } else { "if " }));
        if is_for {
            out.stop();
        }
        let mut condition = Group::default();
        if self.starts("let ") {
            condition.text(self.through(" = "));
            condition.stop();
        }
        let before = condition.nodes.len();
        self.expression(&mut condition, Place::Within);
        // Only a chain of calls asks for the brace on a line of its own.
        let mut nodes = condition.nodes[before..].iter();
        let wraps = nodes.any(|node| matches!(node, Node::Group(group) if group.offset == 4));
        if wraps && self.starts(" {") {
            self.take(1);
            condition.soft(true);
        } else {
            condition.text(self.eat(" "));
        }
        out.group(condition);
    }

    /// `pattern => value,`
    fn arm(&mut self, pattern: usize, out: &mut Group<'t>) {
        out.text(self.take(pattern));
        out.stop();
        let mut body = Group::indented(4);
        body.nodes.push(Node::Break(Break {
            before: "{",
            ..Break::default()
        }));
        self.expression(&mut body, Place::Start);
        self.eat(",");
        body.nodes.push(Node::Break(Break {
            offset: -4,
            after: "}",
            unbroken: ",",
            ..Break::default()
        }));
        out.group(body);
    }
}

/// Where the value of a match arm starts: after ` => `.
fn pattern(line: &str) -> Option<usize> {
    let start = skip_literal(line, 0).unwrap_or(0);
    let found = start + line[start..].find(" => ")?;
    let is_arm = line.ends_with(',') && !line[start..found].contains('"');
    is_arm.then_some(found + 4)
}

/// Whether a line is `name: Type,`.
fn is_field(line: &str) -> bool {
    let name = line.bytes().position(|b| !is_word(b) && b != b'#');
    name.is_some_and(|end| line[end..].starts_with(": ") && line.ends_with(','))
}

/// Whether a line is `Name(Type),`.
fn is_variant(line: &str) -> bool {
    let name = line.bytes().position(|b| !is_word(b) && b != b'#');
    let starts_large = line.starts_with(|first: char| first.is_uppercase());
    name.is_some_and(|end| starts_large && line[end..].starts_with('(') && line.ends_with("),"))
}
