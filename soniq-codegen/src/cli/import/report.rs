//! What an import has to say: what it left out or changed, and what it refused.
//!
//! Remarks of one wording are shown together, each place on a line of its own: an export says the
//! same thing at every property.

use std::fmt::Write as _;

/// One remark about one place of the file.
#[derive(Debug, Clone)]
struct Remark {
    text: String,
    /// What to do; only of what was refused.
    help: Option<String>,
    /// JSON pointer.
    pointer: String,
}

/// All remarks of an import.
#[derive(Debug)]
pub(super) struct Report {
    /// The file's name without its folder.
    file: String,
    notes: Vec<Remark>,
    problems: Vec<Remark>,
}

impl Report {
    pub(super) fn new(file: &str) -> Self {
        Report {
            file: file.to_owned(),
            notes: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Notes what was left out or changed.
    pub(super) fn note(&mut self, pointer: &str, text: impl Into<String>) {
        self.notes.push(Remark {
            text: text.into(),
            help: None,
            pointer: pointer.to_owned(),
        });
    }

    /// Refuses what cannot be carried over.
    pub(super) fn refuse(
        &mut self,
        pointer: &str,
        text: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(Remark {
            text: text.into(),
            help: Some(help.into()),
            pointer: pointer.to_owned(),
        });
    }

    /// How many things were refused.
    pub(super) fn problems(&self) -> usize {
        self.problems.len()
    }

    /// The notes as text, or the problems alone if there are any.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let (word, remarks) = match self.problems.as_slice() {
            [] => ("note", &self.notes),
            _ => ("error", &self.problems),
        };
        let mut wordings: Vec<(&Remark, Vec<&str>)> = Vec::new();
        let mut known = std::collections::BTreeMap::new();
        for remark in remarks {
            let index = *known
                .entry((&remark.text, &remark.help))
                .or_insert_with(|| {
                    wordings.push((remark, Vec::new()));
                    wordings.len() - 1
                });
            wordings[index].1.push(&remark.pointer);
        }
        for (remark, pointers) in wordings {
            // Writing to a `String` does not fail.
            let _ = writeln!(out, "{word}: {}", remark.text);
            for pointer in pointers {
                let _ = writeln!(out, "  at {}#{pointer}", self.file);
            }
            if let Some(help) = &remark.help {
                let _ = writeln!(out, "  help: {help}");
            }
        }
        out
    }
}
