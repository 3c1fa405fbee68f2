//! What a command found, as documents for other programs: one file per format. In [`docs`], what
//! people read about contracts.
//!
//! The formats know [`Finding`] alone, whose places carry their file's name and their lines: two
//! places of one finding may stand in contracts that were loaded apart.
//!
//! Columns, like everywhere in this crate, count characters (Unicode scalar values) from 1.

pub mod docs;
mod github;
mod gitlab;
mod json;
mod sarif;

pub(crate) use github::github;
pub(crate) use gitlab::gitlab;
pub(crate) use json::json;
pub(crate) use sarif::sarif;

use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::{Code, Severity};
use soniq_schema::source::{Location, Sources};

/// One thing that a command found.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The rule that it breaks.
    pub(crate) code: &'static Code,
    pub(crate) severity: Severity,
    /// What is wrong.
    pub(crate) message: String,
    /// Where; `None` for what is wrong with a whole folder or with what was asked for.
    pub(crate) place: Option<Place>,
    /// Other places that belong to it.
    pub(crate) related: Vec<Place>,
    /// How to mend this one.
    pub(crate) help: String,
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
            code: diagnostic.code,
            severity: diagnostic.severity(),
            message: diagnostic.message.clone(),
            place: diagnostic
                .location
                .as_ref()
                .map(|location| place(location, &diagnostic.label)),
            related: related.map(|at| place(&at.location, &at.text)).collect(),
            help: diagnostic.help.clone(),
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
