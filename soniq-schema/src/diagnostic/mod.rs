//! Diagnostics: what is wrong with a contract, where, and how to mend it.

pub mod codes;
mod explanations;
mod render;

use std::fmt;

pub use codes::Code;
pub use explanations::explanation;
pub use render::{Style, render};

use crate::source::{Location, Sources};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The contract cannot be used.
    Error,
    /// The contract can be used; something about it should be looked at.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One problem of a contract.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: &'static Code,
    /// What is wrong, in the words of the contract.
    pub message: String,
    /// Where; `None` only for problems of the folder itself.
    pub location: Option<Location>,
    /// What to say at that place; may be empty.
    pub label: String,
    /// Other places that belong to it.
    pub secondary: Vec<Label>,
    /// How to mend it: the code's general advice unless there is a better one.
    pub help: String,
}

/// A remark at another place than the primary one.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What to say there.
    pub text: String,
}

impl Diagnostic {
    pub(crate) fn new(code: &'static Code, message: impl Into<String>, at: &Location) -> Self {
        Diagnostic {
            location: Some(at.clone()),
            ..Diagnostic::of_folder(code, message)
        }
    }

    /// A problem that has no place in a file.
    pub(crate) fn of_folder(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            location: None,
            label: String::new(),
            secondary: Vec::new(),
            help: code.help.to_owned(),
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn secondary(mut self, location: &Location, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            location: location.clone(),
            text: text.into(),
        });
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }

    /// The whole diagnostic on one line, without colours or quotes of the source: for
    /// `cargo::error=` and logs.
    ///
    /// `contracts/billing.toml:3:5: error[E006]: unknown key "ownr" (did you mean "owner"?)`
    pub fn plain_line(&self, sources: &Sources) -> String {
        let place = self.location.as_ref().map_or(String::new(), |location| {
            let (line, column) = sources.line_column(location);
            let name = &sources.get(location.file).name;
            format!("{name}:{line}:{column}: ")
        });
        let text = format!(
            "{place}{}[{}]: {} ({})",
            self.severity(),
            self.code.id,
            self.message,
            self.help
        );
        // A message may quote a contract's text, and a directive of cargo ends with its line.
        text.replace(['\n', '\r'], " ")
    }

    /// Files in order, then places in them, then codes: the order in which they are shown.
    pub(crate) fn sort_key(&self) -> impl Ord + use<'_> {
        let place = self.location.as_ref();
        (
            place.map(|location| (location.file, location.range.start, location.range.end)),
            self.code.id,
            &self.message,
        )
    }
}
