//! The keywords that apply schemas to the value they stand at: `$ref`, `allOf`, `anyOf`, `oneOf`,
//! `not`, `if`.

use soniq_schema::json_schema::{Condition, Keywords, SchemaId};

use super::Checks;
use super::body::{Body, call, listed, mentions};

impl Checks<'_> {
    /// All of them, in the order of the walk.
    pub(super) fn in_place(&self, keywords: &Keywords, observed: bool) -> Body {
        let mut body = Body::default();
        if let Some(check) = keywords.reference.and_then(|target| self.reference(target)) {
            body.call(check);
        }
        for part in &keywords.all_of {
            body.nest(self.within_whole(*part));
        }
        if !keywords.any_of.is_empty() {
            let branches = self.branches(&keywords.any_of);
            body.push(&format!("{};", call("c.any_of", &of_value(branches))));
        }
        if !keywords.one_of.is_empty() {
            let branches = self.branches(&keywords.one_of);
            body.push(&format!(
                "{};",
                call("c.exactly_one_of", &of_value(branches))
            ));
        }
        if let Some(not) = keywords.not {
            let branch = self.branch(not);
            body.push(&format!("{};", call("c.not", &of_value(branch))));
        }
        if let Some(condition) = keywords.condition {
            self.condition(condition, observed, &mut body);
        }
        body
    }

    fn condition(&self, condition: Condition, observed: bool, body: &mut Body) {
        let part = |id: Option<SchemaId>| id.map(|id| self.within(id)).unwrap_or_default();
        let (then, otherwise) = (part(condition.then), part(condition.otherwise));
        let test = of_value(self.branch(condition.test));
        let (not, inner) = match (then.is_empty(), otherwise.is_empty()) {
            // What `if` has evaluated counts all the same.
            (true, true) if observed => return body.push(&format!("{};", call("c.fits", &test))),
            (true, true) => return,
            (false, true) => ("", format!("{then}}}")),
            (true, false) => ("!", format!("{otherwise}}}")),
            (false, false) => ("", format!("{then}}} else {{\n{otherwise}}}")),
        };
        let test = call(".fits", &test);
        body.push(&if test.contains('\n') {
            // A chain on several lines is a level deeper than what it starts with.
            format!("if {not}c\n\t{}\n{{\n{inner}", test.replace('\n', "\n\t"))
        } else {
            format!("if {not}c{test} {{\n{inner}")
        });
    }

    fn branches(&self, ids: &[SchemaId]) -> String {
        let branches: Vec<String> = ids.iter().map(|id| self.branch(*id)).collect();
        listed("&[", &branches, "]")
    }

    /// A schema's check as a function: the one that it has, or a closure.
    pub(super) fn branch(&self, id: SchemaId) -> String {
        let body = self.within(id);
        if let Some(function) = body.only_call() {
            return function.to_owned();
        }
        if body.is_empty() {
            return "|_, _| {}".to_owned();
        }
        let value = if mentions(&body, "value") {
            "value"
        } else {
            "_"
        };
        format!("|{value}, c| {{\n{body}}}")
    }
}

/// The arguments of a check that is about the value itself.
fn of_value(other: String) -> [String; 2] {
    ["value".to_owned(), other]
}
