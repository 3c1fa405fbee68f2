//! Generated checks against the official JSON Schema Test Suite, draft 2020-12.
//!
//! `SONIQ_JSON_SCHEMA_SUITE` names a folder in the suite's layout: the checkout, its `tests`, or
//! `tests/draft2020-12`. Every group's schema becomes the schema of one argument of a task; the
//! code of all tasks is one crate, compiled once, which checks every instance. An instance that is
//! accepted must also decode into its type and encode into what is accepted again.
//!
//! ```text
//! cargo test -p soniq-tests --test conformance -- --nocapture
//! ```
//!
//! The groups in `own/` are checked in addition, in the same crate: what the suite's files are about,
//! and corners that they leave out. They have a line of figures of their own, and need no suite.
//!
//! Figures count instances: *agreed* and *disagreed* with the suite, *refused* at generation time
//! with a keyword that `suite_refused.txt` of soniq-schema names for the group, *panicked* while being checked. A refusal
//! that the list does not name is a disagreement.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken suite or build ends the run"
)]

mod harness;
mod refused;
mod suite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use harness::{Generated, Outcome};
use soniq_schema::json_schema::Dialect;
use suite::Group;

/// How the names of the files in `own/` begin.
const OWN: &str = "own/";

/// The least share of the instances outside of the list of refused groups that must agree, in percent.
const AGREED_AT_LEAST: usize = 97;

/// What came of the instances of a file, or of all.
#[derive(Default)]
struct Figures {
    agreed: usize,
    disagreed: usize,
    refused: usize,
    panicked: usize,
}

impl Figures {
    fn add(&mut self, other: &Figures) {
        self.agreed += other.agreed;
        self.disagreed += other.disagreed;
        self.refused += other.refused;
        self.panicked += other.panicked;
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Figures {
            agreed,
            disagreed,
            refused,
            panicked,
        } = self;
        write!(
            f,
            "agreed {agreed} disagreed {disagreed} refused {refused} panicked {panicked}"
        )
    }
}

fn main() -> ExitCode {
    // The test harness asks what there is to run.
    if std::env::args().any(|argument| argument == "--list") {
        println!("conformance: test");
        return ExitCode::SUCCESS;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/own");
    let mut groups = suite::read(&own, OWN);
    if let Some(folder) = suite_folder() {
        let official = suite::read(&folder, "");
        assert!(!official.is_empty(), "no tests in {}", folder.display());
        groups.extend(official);
    } else {
        println!(
            "test conformance ... ignored but for the groups in own/: there is no JSON Schema Test \
             Suite. Clone https://github.com/json-schema-org/JSON-Schema-Test-Suite and set \
             SONIQ_JSON_SCHEMA_SUITE to its folder"
        );
    }
    if report(&groups) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The folder of the draft's files.
fn suite_folder() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let root = match std::env::var_os("SONIQ_JSON_SCHEMA_SUITE") {
        Some(folder) => PathBuf::from(folder),
        None => repository.parent()?.join("shared/json-schema-test-suite"),
    };
    ["tests/draft2020-12", "draft2020-12", ""]
        .into_iter()
        .map(|below| root.join(below))
        .find(|folder| folder.is_dir())
}

/// Runs everything and prints the figures; says whether they are good enough.
fn report(groups: &[Group]) -> bool {
    // The suite tests JSON Schema, where `format` and `default` are annotations.
    let mut crate_ = Generated::new("conformance", Dialect::JsonSchema);
    let refusals: Vec<Option<String>> = groups.iter().map(|group| crate_.add(group)).collect();
    let outcomes = crate_.run(groups);
    let mut files: BTreeMap<&str, Figures> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        let figures = files.entry(&group.file).or_default();
        if let Some(refusal) = &refusals[index] {
            if let Some(keyword) = refused::keyword(group) {
                figures.refused += group.tests.len();
                println!("refused: {}: {} ({keyword})", group.file, group.description);
            } else {
                figures.disagreed += group.tests.len();
                println!(
                    "REFUSED: {}: {}\n  {}\n{refusal}",
                    group.file, group.description, group.schema
                );
            }
            continue;
        }
        for (number, test) in group.tests.iter().enumerate() {
            // Without a line of its own the program ended before: a stack overflow is no panic.
            let outcome = outcomes.get(&(index, number)).unwrap_or(&Outcome::Panicked);
            let agreed = match outcome {
                Outcome::Accepted => test.valid,
                Outcome::Rejected(_) => !test.valid,
                Outcome::Lost(_) | Outcome::Panicked => false,
            };
            *match outcome {
                Outcome::Panicked => &mut figures.panicked,
                _ if agreed => &mut figures.agreed,
                _ => &mut figures.disagreed,
            } += 1;
            if !agreed {
                println!(
                    "DISAGREED: {}: {}: {}\n  {}\n  {}\n  valid: {}, here: {outcome}",
                    group.file,
                    group.description,
                    test.description,
                    group.schema,
                    test.data,
                    test.valid
                );
            }
        }
    }
    let (mut own, mut sum) = (Figures::default(), Figures::default());
    for (file, figures) in &files {
        println!("{file}: {figures}");
        let sum = if file.starts_with(OWN) {
            &mut own
        } else {
            &mut sum
        };
        sum.add(figures);
    }
    println!("own: {own}");
    let own_is_good = own.disagreed + own.refused + own.panicked == 0;
    let asked = sum.agreed + sum.disagreed + sum.panicked;
    if asked > 0 {
        println!("conformance: {sum}");
    }
    own_is_good && sum.panicked == 0 && sum.agreed * 100 >= asked * AGREED_AT_LEAST
}
