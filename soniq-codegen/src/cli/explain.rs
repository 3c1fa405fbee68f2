//! `soniq-codegen explain`

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use soniq_schema::compat::rules::{self, Rule};
use soniq_schema::diagnostic::Code;

use super::show::print;
use crate::explanations::{codes, explanation};
use crate::report::compat::rule;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code or rule as it is shown beside a problem, `E012` or `B012`; without it, all are listed
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self) -> ExitCode {
        let Some(asked) = &self.code else {
            print(format_args!("{}", list()));
            return ExitCode::SUCCESS;
        };
        let known = entries().find(|entry| entry.id().eq_ignore_ascii_case(asked));
        if let Some(entry) = known {
            print(format_args!("{}", entry.text()));
            return ExitCode::SUCCESS;
        }
        eprintln!("error: there is no code {asked:?}");
        match nearest(asked) {
            Some(entry) => eprintln!("help: did you mean {}: {}?", entry.id(), entry.title()),
            None => eprintln!("help: `soniq-codegen explain` lists all codes"),
        }
        ExitCode::FAILURE
    }
}

/// What can be explained.
#[derive(Clone, Copy)]
enum Entry {
    /// A problem of a contract or of its code.
    Code(&'static Code),
    /// A rule of the contract gate.
    Rule(Rule),
}

fn entries() -> impl Iterator<Item = Entry> {
    codes()
        .map(Entry::Code)
        .chain(rules::all().map(Entry::Rule))
}

impl Entry {
    fn id(self) -> &'static str {
        match self {
            Entry::Code(code) => code.id,
            Entry::Rule(rule) => rule.id(),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Entry::Code(code) => code.title,
            Entry::Rule(rule) => rule.row.title,
        }
    }

    fn text(self) -> String {
        let (id, title) = (self.id(), self.title());
        match self {
            Entry::Code(code) => {
                let explanation = explanation(id).unwrap_or_default();
                let (severity, help) = (code.severity, code.help);
                format!("{severity}[{id}]: {title}\n\n{explanation}\nhelp: {help}\n")
            }
            Entry::Rule(one) => {
                let explanation = rule::markdown(one);
                let (direction, help) = (one.direction, one.row.help);
                format!("{direction}[{id}]: {title}\n\n{explanation}\nhelp: {help}\n")
            }
        }
    }
}

fn list() -> String {
    let mut out = String::new();
    let mut entries: Vec<_> = entries().collect();
    entries.sort_by_key(|entry| entry.id());
    for entry in entries {
        // Writing to a `String` does not fail.
        let _ = match entry {
            Entry::Code(code) => writeln!(out, "{}  {}", code.id, code.title),
            Entry::Rule(rule) => {
                writeln!(
                    out,
                    "{}  {} ({})",
                    rule.id(),
                    rule.row.title,
                    rule.direction
                )
            }
        };
    }
    out
}

/// The first of the codes with the fewest letters to change, if that is at most two of them.
fn nearest(asked: &str) -> Option<Entry> {
    let asked = asked.to_ascii_uppercase();
    entries()
        .map(|entry| (strsim::osa_distance(&asked, entry.id()), entry))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, entry)| entry)
}
