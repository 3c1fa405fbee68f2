//! Types and lists of them, as boxes.

use super::boxes::Group;
use super::reader::Reader;

impl<'t> Reader<'t> {
    /// Generic parameters, where there are any: `<A = Missing, B = Missing>`.
    pub(super) fn parameters(&mut self, out: &mut Group<'t>) {
        if self.peek() != b'<' {
            return;
        }
        out.text(self.take(1));
        let mut list = Group::default();
        list.soft(false);
        loop {
            list.text(self.word());
            let mut bound = Group::indented(4);
            bound.fill = true;
            if self.starts(" = ") {
                self.take(1);
                bound.soft(true);
                bound.text(self.take(2));
            }
            self.ty(&mut bound);
            list.group(bound);
            if self.comma(&mut list, ">", ",") {
                break;
            }
        }
        out.group(list);
        out.text(self.take(1));
    }

    /// After an element: the comma and a break, or at the end of the list the last break.
    fn comma(&mut self, list: &mut Group<'t>, close: &str, last: &'static str) -> bool {
        if self.starts(", ") {
            list.text(self.take(1));
            self.take(1);
            list.soft(true);
            return false;
        }
        let ends = self.starts(close) || self.peek() == b'\n' || !self.starts(",");
        list.closing(false, last);
        ends
    }

    /// A type, up to what cannot be part of it.
    pub(super) fn ty(&mut self, out: &mut Group<'t>) {
        loop {
            let rest = self.rest();
            let len = rest.find(['<', '(', ',', '>', ')', ';', '{', '=']);
            let len = len.unwrap_or(rest.len());
            let ends = match rest.as_bytes().get(len) {
                Some(b'<' | b'(') => false,
                Some(b'=') => {
                    out.text(self.take(len + 1));
                    continue;
                }
                _ => true,
            };
            let word = match rest[..len].find(" for ") {
                Some(found) => {
                    out.text(self.take(found));
                    return;
                }
                None if ends => rest[..len].trim_end(),
                None => &rest[..len],
            };
            out.text(self.take(word.len()));
            if ends {
                return;
            }
            let (open, close) = (self.take(1), self.peek());
            out.text(open);
            let close_with = if open == "<" { b'>' } else { b')' };
            if close != close_with {
                let mut list = Group::indented(4);
                self.types(&mut list, close_with);
                out.group(list);
            }
            out.text(self.take(1));
        }
    }

    /// Types, or parameters with their types, up to the bracket that closes them.
    pub(super) fn types(&mut self, list: &mut Group<'t>, close: u8) {
        list.soft(false);
        loop {
            self.ty(list);
            if self.starts(",") && self.text.as_bytes().get(self.at + 1) == Some(&close) {
                // A tuple of one.
                list.text(self.take(1));
                list.closing(false, "");
                return;
            }
            let at = self.at;
            if self.comma(list, "", ",") || self.at == at {
                return;
            }
        }
    }
}
