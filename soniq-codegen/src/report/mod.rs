//! What a command found, as documents for other programs: one file per format. In [`compat`], what
//! the contract gate says; in [`docs`], what people read about contracts.
//!
//! The formats know `Finding` alone, whose places carry their file's name and their lines: two
//! places of one finding may stand in contracts that were loaded apart.
//!
//! Columns, like everywhere in this crate, count characters (Unicode scalar values) from 1.

pub mod compat;
pub mod docs;
mod github;
mod gitlab;
mod json;
mod markdown;
mod sarif;

pub(crate) use github::github;
pub(crate) use gitlab::gitlab;
pub(crate) use json::json;
pub(crate) use sarif::sarif;

use serde_json::Value;
use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::{Code, Severity};
use soniq_schema::source::{Location, Sources};

use crate::explanations::explanation;

/// One thing that a command found.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) rule: Rule,
    pub(crate) severity: Severity,
    /// What is wrong.
    pub(crate) message: String,
    /// Where; `None` for what is wrong with a whole folder or with what was asked for.
    pub(crate) place: Option<Place>,
    /// Other places that belong to it.
    pub(crate) related: Vec<Place>,
    /// How to mend this one.
    pub(crate) help: String,
    /// Why it is allowed, if it is.
    pub(crate) waived: Option<String>,
    /// More about it, for formats that take any JSON.
    pub(crate) details: Option<Value>,
}

/// The rule that a finding breaks.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// `E012`
    pub(crate) id: &'static str,
    /// The problem in general.
    pub(crate) title: &'static str,
    /// How such a problem is mended.
    pub(crate) help: &'static str,
    /// What it means at length, as Markdown.
    pub(crate) explanation: String,
    /// What its findings are unless they say otherwise.
    pub(crate) severity: Severity,
}

impl From<&'static Code> for Rule {
    fn from(code: &'static Code) -> Self {
        Rule {
            id: code.id,
            title: code.title,
            help: code.help,
            explanation: explanation(code.id).unwrap_or(code.title).to_owned(),
            severity: code.severity,
        }
    }
}

/// A stretch of a file.
#[derive(Debug)]
pub(crate) struct Place {
    /// The file as it was given, relative where it was, with forward slashes.
    pub(crate) file: String,
    pub(crate) start: Position,
    /// Behind the last character.
    pub(crate) end: Position,
    /// What to say at that place; may be empty.
    pub(crate) label: String,
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Finding {
    pub(crate) fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let place = |location: &Location, label: &str| Place::new(location, label, sources);
        let related = diagnostic.secondary.iter();
        Finding {
            rule: diagnostic.code.into(),
            severity: diagnostic.severity(),
            message: diagnostic.message.clone(),
            place: diagnostic
                .location
                .as_ref()
                .map(|location| place(location, &diagnostic.label)),
            related: related.map(|at| place(&at.location, &at.text)).collect(),
            help: diagnostic.help.clone(),
            waived: None,
            details: None,
        }
    }

    /// What is wrong and what to do, for formats that have one text for both.
    fn text(&self) -> String {
        format!("{}\nhelp: {}", self.message, self.help)
    }
}

impl Place {
    fn new(location: &Location, label: &str, sources: &Sources) -> Self {
        let position = |byte: usize| {
            let (line, column) = sources.line_column(&Location {
                file: location.file,
                range: byte..byte,
            });
            Position { line, column }
        };
        let name = sources.get(location.file).name.as_str();
        Place {
            // What compares paths as texts, as annotations of a change do, knows no `./`.
            file: name.trim_start_matches("./").to_owned(),
            start: position(location.range.start),
            end: position(location.range.end),
            label: label.to_owned(),
        }
    }
}

/// Holds a published schema, a file beside this one, to the types that it describes. With
/// `SONIQ_UPDATE_SCHEMAS=1` it writes the file instead.
#[cfg(test)]
#[track_caller]
fn assert_published(schema: &schemars::Schema, file: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/report")
        .join(file);
    let text = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("SONIQ_UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, text).expect("the file can be written");
        return;
    }
    assert_eq!(
        text,
        std::fs::read_to_string(path).expect("the file can be read"),
        "run the test once with SONIQ_UPDATE_SCHEMAS=1, and look at what changes for readers"
    );
}
