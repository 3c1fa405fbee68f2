//! What the contract gate says, in each format: a year's worth of changes to two tasks, hostile texts
//! among them.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod documents;
mod hostile;
mod shown;

use soniq_codegen::report::compat::{Format, Judged, Report, write};
use soniq_schema::compat::{Finding, Options, Released, compare};
use soniq_schema::contract::Waiver;
use soniq_schema::diagnostic::Style;
use soniq_schema::{Contracts, load_sources};

const FORMATS: [Format; 7] = [
    Format::Human,
    Format::Json,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
    Format::Sarif,
    Format::Markdown,
];

/// Two states, and what is found between them.
struct Case {
    old: Contracts,
    new: Contracts,
    findings: Vec<Finding>,
}

impl Case {
    fn new(before: &str, after: &str) -> Self {
        let load = |name: &str, text: &str| {
            let loaded = load_sources([(name.to_owned(), text.to_owned())]);
            assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
            loaded.contracts
        };
        let old = load("main:contracts/shop.toml", before);
        let new = load("contracts/shop.toml", after);
        let findings = compare(&Released::of(&old), &new, &Options::default());
        Case { old, new, findings }
    }

    /// Of two tasks, one of which has a waiver.
    fn of_a_year() -> Self {
        Case::new(include_str!("before.toml"), include_str!("after.toml"))
    }

    /// As the command makes it, with the waivers that the new contracts have.
    fn report(&self) -> Report<'_> {
        let tasks = self.old.tasks();
        let versions = tasks.map(|(contract, task)| {
            let name = format!("{}.{}", contract.namespace, task.key);
            (name, task.version)
        });
        Report {
            against: "main",
            old: &self.old.sources,
            new: &self.new.sources,
            versions: versions.collect(),
            findings: self.findings.iter().map(|one| self.judged(one)).collect(),
            problems: &[],
        }
    }

    fn judged<'a>(&'a self, finding: &'a Finding) -> Judged<'a> {
        Judged {
            waiver: self.waiver(finding),
            ..Judged::new(finding)
        }
    }

    fn waiver(&self, finding: &Finding) -> Option<&Waiver> {
        let tasks = self.new.tasks();
        let of_task = tasks.filter(|(contract, task)| {
            format!("{}.{}", contract.namespace, task.key) == finding.task
        });
        let mut waivers = of_task.flat_map(|(_, task)| &task.waivers);
        waivers.find(|one| one.rule == finding.id() && one.path == finding.pointer)
    }

    fn written(&self, format: Format) -> String {
        write(format, &self.report(), Style::Plain)
    }
}
