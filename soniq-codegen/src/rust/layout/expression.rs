//! Expressions as boxes.

use super::boxes::{Group, Node};
use super::reader::{Reader, is_word, skip_literal};

/// A struct literal wider than this is broken.
const WIDEST_STRUCT: usize = 34;

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// At the start of a line, where `c.` is not broken.
    Start,
    Within,
}

impl<'t> Reader<'t> {
    pub(super) fn expression(&mut self, out: &mut Group<'t>, place: Place) {
        if matches!(self.peek(), b'&' | b'!' | b'-') {
            out.text(self.take(1));
            return self.expression(out, Place::Within);
        }
        let start = self.at;
        let before = out.nodes.len();
        self.operand(out);
        let is_short = self.at - start <= 4 && self.text[start..self.at].bytes().all(is_word);
        let operand = out.nodes.len();
        if self.peek() == b'(' {
            self.call(out);
        }
        if self.peek() != b'.' || self.starts("..") {
            out.text(self.eat("?"));
            if self.starts("..") {
                out.text(self.take(2));
                self.expression(out, Place::Within);
            }
            return;
        }
        let call = out.nodes.split_off(operand);
        let mut first = Group::indented(-4);
        first.nodes = out.nodes.split_off(before);
        let mut chain = Group::indented(4);
        chain.group(first);
        chain.nodes.extend(call);
        let mut links = 0;
        let unbroken = place == Place::Start && is_short;
        while self.peek() == b'.' && !self.starts("..") {
            if links > 0 || !unbroken {
                chain.soft(false);
            }
            links += 1;
            chain.text(self.take(1));
            self.path(&mut chain);
            if self.peek() == b'(' {
                let alone = links == 1 && unbroken;
                let mut call = Group::indented(if alone { -4 } else { 0 });
                self.call(&mut call);
                chain.group(call);
            }
        }
        out.group(chain);
        out.text(self.eat("?"));
    }

    /// What a chain of calls starts with.
    fn operand(&mut self, out: &mut Group<'t>) {
        if let Some(end) = skip_literal(self.text, self.at) {
            out.text(self.take(end - self.at));
            return;
        }
        match self.peek() {
            b'(' => {
                let mut list = Group::indented(4);
                out.text(self.take(1));
                self.elements(&mut list, b')');
                out.group(list);
                out.text(self.take(1));
            }
            b'[' => self.array(out),
            b'|' => self.closure(out),
            _ if self.starts("move |") => self.closure(out),
            b'<' => {
                out.text(self.through(">"));
                self.path(out);
            }
            _ => {
                let before = out.nodes.len();
                self.path(out);
                let has_fields = self.starts(" {") && self.rest().len() > 2;
                if self.starts("![") || self.starts("!(") {
                    out.text(self.take(1));
                    if self.peek() == b'[' {
                        self.array(out);
                    }
                } else if has_fields {
                    let mut path = Group::indented(-4);
                    path.nodes = out.nodes.split_off(before);
                    self.structure(path, out);
                }
            }
        }
    }

    fn closure(&mut self, out: &mut Group<'t>) {
        out.text(self.through("|"));
        out.text(self.through("| "));
        out.stop();
        if self.starts("{}") {
            out.text(self.take(2));
        } else {
            self.expression(out, Place::Within);
        }
    }

    pub(super) fn path(&mut self, out: &mut Group<'t>) {
        loop {
            let rest = self.rest();
            let len = rest
                .bytes()
                .position(|b| !is_word(b) && b != b':' && b != b'#');
            out.text(self.take(len.unwrap_or(rest.len())));
            if self.peek() != b'<' {
                return;
            }
            out.text(self.take(1));
            let mut list = Group::indented(4);
            self.types(&mut list, b'>');
            out.group(list);
            out.text(self.take(1));
        }
    }

    /// `(..)` of a call. An only argument that has brackets of its own is broken there.
    pub(super) fn call(&mut self, out: &mut Group<'t>) {
        out.text(self.take(1));
        if self.peek() != b')' {
            let mut list = Group::indented(4);
            let start = self.at;
            self.elements(&mut list, b')');
            let text = &self.text[start..self.at];
            let is_struct = matches!(
                list.nodes.as_slice(),
                [
                    _,
                    Node::Group(Group {
                        widest: Some(_),
                        ..
                    }),
                    Node::Text("}"),
                    _
                ]
            );
            let elements = list.nodes.iter();
            let commas = elements
                .filter(|node| matches!(node, Node::Text(",")))
                .count();
            if commas == 0 && (is_struct || text.starts_with(['[', '(', '|'])) {
                let last = list.nodes.len() - 1;
                list.nodes.truncate(last);
                out.nodes.extend(list.nodes.drain(1..));
            } else {
                out.group(list);
            }
        }
        out.text(self.take(1));
    }

    /// Expressions up to the bracket that closes them.
    fn elements(&mut self, list: &mut Group<'t>, close: u8) {
        if self.peek() == close {
            return;
        }
        list.soft(false);
        loop {
            self.expression(list, Place::Within);
            if self.starts(", ") {
                list.text(self.take(1));
                self.take(1);
                list.soft(true);
            } else if self.starts(",") {
                // A tuple of one.
                list.text(self.take(1));
                list.closing(false, "");
                return;
            } else {
                list.closing(false, ",");
                return;
            }
        }
    }

    fn array(&mut self, out: &mut Group<'t>) {
        let start = self.at;
        let mut list = Group::indented(4);
        list.text(self.take(1));
        self.elements(&mut list, b']');
        let text = &self.text[start + 1..self.at];
        let is_simple = text.split(", ").all(|one| {
            matches!(one, "true" | "false")
                || !one.is_empty() && one.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        });
        if is_simple {
            // Numbers stand side by side.
            let mut side_by_side = Group::indented(0);
            side_by_side.fill = true;
            let last = list.nodes.pop();
            side_by_side.nodes.extend(list.nodes.drain(2..));
            list.group(side_by_side);
            list.nodes.extend(last);
        }
        list.text(self.take(1));
        out.group(list);
    }

    /// `{ field: value, .. }` after the path.
    fn structure(&mut self, path: Group<'t>, out: &mut Group<'t>) {
        let mut fields = Group::indented(4);
        fields.widest = Some(WIDEST_STRUCT);
        fields.group(path);
        fields.text(self.take(2));
        if self.starts("}") {
            out.group(fields);
            out.text(self.take(1));
            return;
        }
        self.eat(" ");
        fields.soft(true);
        loop {
            fields.text(self.through(": "));
            self.expression(&mut fields, Place::Within);
            if !self.starts(", ") {
                break;
            }
            fields.text(self.take(1));
            self.take(1);
            fields.soft(true);
        }
        self.eat(" ");
        fields.closing(true, ",");
        out.group(fields);
        out.text(self.take(1));
    }
}
