//! The cases, and what the gate finds in them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use soniq_schema::compat::{Direction, Finding, Level, Options, Released, compare};

use crate::sides::{Side, Sides};

/// A value that the gate says breaks.
pub(crate) struct Trial {
    case: String,
    rule: &'static str,
    pub(crate) witness: Value,
    /// The type that writes it, by its number among all sides.
    pub(crate) writer: usize,
    /// The type that refuses it.
    pub(crate) reader: usize,
    /// Whether it is a row from before a property was there that has a default now: the writer of
    /// today fills it in.
    pub(crate) is_of_older_rows: bool,
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.case, self.rule, self.witness)
    }
}

/// Every breaking finding about values, with the types of both sides.
pub(crate) fn trials(sides: &mut Sides) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (index, folder) in folders().iter().enumerate() {
        let side = |when: &str| {
            let text = fs::read_to_string(folder.join(format!("{when}.toml"))).unwrap();
            Side::new(&format!("c{index}_{when}"), &text)
        };
        let (before, after) = (side("before"), side("after"));
        let findings = compare(
            &Released::of(&before.contracts()),
            &after.contracts(),
            &Options::default(),
        );
        let case = folder.file_name().unwrap().to_str().unwrap();
        for finding in &findings {
            trials.extend(trial(case, finding, &before, &after, sides));
        }
    }
    trials
}

fn folders() -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.parent().unwrap().join("soniq-schema/tests/compat");
    let entries = fs::read_dir(folder).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn trial(
    case: &str,
    finding: &Finding,
    before: &Side,
    after: &Side,
    sides: &mut Sides,
) -> Option<Trial> {
    let witness = finding.witness.clone()?;
    assert_eq!(finding.level, Level::Breaking, "{case}: {finding:?}");
    let is_result = finding.pointer.starts_with("/result");
    let version = finding.old_version?;
    let [old, new] = [before, after].map(|side| sides.number(side, version, is_result));
    // A result is written by the worker and read by the caller.
    let is_by_old = (finding.direction() == Direction::Backward) != is_result;
    let (writer, reader) = if is_by_old { (old, new) } else { (new, old) };
    Some(Trial {
        case: case.to_owned(),
        rule: finding.id(),
        witness,
        writer,
        reader,
        is_of_older_rows: finding.rule.row.name == "default-removed",
    })
}
