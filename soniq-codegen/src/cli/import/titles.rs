//! Titles: exporters give every schema one, and in a contract a title names a Rust type.
//!
//! One that says no more than the name beside it is left out. So is one that several types would
//! be called by: without it each is called by the way to it.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Json, Keywords, Schema};
use super::pointer::child;
use super::report::Report;
use crate::shape::{camel, type_name};

/// Leaves out the titles of schemas that say what `name`, or a property's name, says already.
pub(super) fn drop_repeated(root: &mut Schema, name: Option<&str>, report: &mut Report) {
    root.each_mut(name, &mut |key, schema| {
        let from = schema.from.clone();
        let Some(keywords) = schema.keywords_mut() else {
            return;
        };
        let title = keywords.literal("title").and_then(Json::as_str);
        if title
            .zip(key)
            .is_some_and(|(title, key)| is_same(title, key))
        {
            keywords.remove("title");
            report.note(
                &child(&from, "title"),
                "left out: this `title` repeats the name",
            );
        }
    });
}

/// Leaves out the titles that would give several types one name. `taken` are names of Rust types.
pub(super) fn drop_ambiguous(
    roots: &mut [&mut Schema],
    taken: &BTreeSet<String>,
    report: &mut Report,
) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for root in roots.iter() {
        each_inner_title(root, &mut |title| {
            *uses.entry(type_name(title)).or_default() += 1;
        });
    }
    for root in roots {
        let top = root.from.clone();
        root.each_mut(None, &mut |_, schema| {
            let from = schema.from.clone();
            let Some(keywords) = schema.keywords_mut().filter(|_| from != top) else {
                return;
            };
            let Some(title) = type_title(keywords) else {
                return;
            };
            let name = type_name(title);
            if taken.contains(&name) || uses.get(&name) > Some(&1) {
                keywords.remove("title");
                let message =
                    format!("left out: several types would be called `{name}` by this `title`");
                report.note(&child(&from, "title"), message);
            }
        });
    }
}

fn each_inner_title<'s>(root: &'s Schema, see: &mut dyn FnMut(&'s str)) {
    root.each(&mut |schema| {
        let keywords = schema.keywords().filter(|_| schema.from != root.from);
        if let Some(title) = keywords.and_then(type_title) {
            see(title);
        }
    });
}

/// The title of a schema that may be a type of its own.
fn type_title(keywords: &Keywords) -> Option<&str> {
    let of_types = ["properties", "enum", "anyOf", "oneOf", "allOf"];
    let is_type = of_types.iter().any(|key| keywords.has(key));
    keywords
        .literal("title")
        .and_then(Json::as_str)
        .filter(|_| is_type)
}

fn is_same(title: &str, name: &str) -> bool {
    camel(title).eq_ignore_ascii_case(&camel(name))
}
