//! One folder for each case: `before.toml`, `after.toml`, and what is found between them.
//!
//! A folder is named by the rule that it shows. Where a case is about something that does no harm, its
//! findings say so.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use soniq_schema::compat::{Direction, Finding, Level, Options, Record, Released, compare, rules};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::json_schema::SchemaRef;
use soniq_schema::{Contracts, canonical, evaluate, load_sources};

/// Cases in which the rule of their name has nothing to say.
const QUIET: [&str; 4] = [
    "B021-branches-reordered",
    "B023-tag-value-changed",
    "B034-retired",
    "S030-inlined-and-prose",
];

fn folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    let mut folders: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

fn load(folder: &Path, name: &str) -> Contracts {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let loaded = load_sources([(name.to_owned(), text)]);
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert!(loaded.is_ok(), "{}: {text}", folder.display());
    loaded.contracts
}

fn place(contracts: &Contracts, location: Option<&soniq_schema::source::Location>) -> String {
    location.map_or_else(
        || "-".to_owned(),
        |location| {
            let (line, column) = contracts.sources.line_column(location);
            format!("{line}:{column}")
        },
    )
}

fn shown(old: &Contracts, new: &Contracts, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let pointer = if finding.pointer.is_empty() {
            "(task)"
        } else {
            &finding.pointer
        };
        writeln!(
            text,
            "{} {} {pointer}: {}",
            finding.id(),
            finding.level,
            finding.message
        )
        .unwrap();
        let places = (
            place(old, finding.old.as_ref()),
            place(new, finding.new.as_ref()),
        );
        writeln!(text, "  before {}, after {}", places.0, places.1).unwrap();
        if let Some(witness) = &finding.witness {
            writeln!(text, "  witness {witness}").unwrap();
        }
    }
    text
}

#[test]
fn what_is_found() {
    for folder in folders() {
        let (old, new) = (load(&folder, "before.toml"), load(&folder, "after.toml"));
        let findings = compare(&Released::of(&old), &new, &Options::default());
        let name = folder.file_name().unwrap().to_str().unwrap();
        let rule = name.split('-').next().unwrap();
        let shows = findings.iter().any(|finding| finding.id() == rule);
        let is_quiet = QUIET.contains(&name);
        assert!(shows != is_quiet, "{name}: {findings:?}");
        for finding in &findings {
            confirm(name, &old, &new, finding);
        }
        insta::with_settings!({
            snapshot_path => &folder,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!("findings", shown(&old, &new, &findings));
        });
    }
}

/// A witness is taken by the side that writes it and refused by the other; a breaking finding about
/// values has one.
fn confirm(name: &str, old: &Contracts, new: &Contracts, finding: &Finding) {
    let is_about_values = finding.pointer.starts_with('/')
        && matches!(
            finding.direction(),
            Direction::Backward | Direction::Forward
        )
        && finding.rule.row.name != "name-not-reserved";
    let Some(witness) = &finding.witness else {
        assert!(
            finding.level != Level::Breaking || !is_about_values,
            "{name}: {finding:?}"
        );
        return;
    };
    let is_result = finding.pointer.starts_with("/result");
    let of_old = schema(old, finding.old_version.unwrap(), is_result);
    let of_new = schema(new, finding.old_version.unwrap(), is_result);
    let by_old = (finding.direction() == Direction::Backward) != is_result;
    let (writer, reader) = if by_old {
        (of_old, of_new)
    } else {
        (of_new, of_old)
    };
    assert_eq!(
        evaluate(writer, witness),
        [],
        "{name}: {witness} is not written"
    );
    assert_ne!(evaluate(reader, witness), [], "{name}: {witness} is read");
}

/// The args or result of the first task that has this version, or has it among the retired ones.
fn schema(contracts: &Contracts, version: u32, is_result: bool) -> SchemaRef<'_> {
    let (_, task) = contracts
        .tasks()
        .find(|(_, task)| task.key == "ship")
        .unwrap();
    let retired = task.retired.iter().find(|one| one.version == version);
    let args = retired.map_or(task.args, |one| one.args);
    contracts.schemas.get(if is_result {
        task.result.unwrap()
    } else {
        args
    })
}

#[test]
fn every_rule_has_a_case() {
    let mut shown = BTreeSet::new();
    for folder in folders() {
        let (old, new) = (load(&folder, "before.toml"), load(&folder, "after.toml"));
        let findings = compare(&Released::of(&old), &new, &Options::default());
        shown.extend(findings.iter().map(Finding::id));
    }
    let missing: Vec<_> = rules::all()
        .map(rules::Rule::id)
        .filter(|id| !shown.contains(id))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_state_is_compatible_with_itself() {
    for folder in folders() {
        for name in ["before.toml", "after.toml"] {
            let contracts = load(&folder, name);
            let findings = compare(&Released::of(&contracts), &contracts, &Options::default());
            assert!(findings.is_empty(), "{}: {findings:?}", folder.display());
        }
    }
}

/// What a lock file records gives the same verdict as the contracts that it was made of.
#[test]
fn canonical_schemas_give_the_same_verdicts() {
    for folder in folders() {
        let (old, new) = (load(&folder, "before.toml"), load(&folder, "after.toml"));
        let records = old.tasks().map(|(contract, task)| Record {
            task: format!("{}.{}", contract.namespace, task.key),
            name: task.name.clone(),
            version: task.version,
            args: canonical(old.schemas.get(task.args)),
            result: task.result.map(|id| canonical(old.schemas.get(id))),
            reserved: task.reserved.clone(),
            operation: Some(soniq_schema::compat::Operation::of(task)),
        });
        let recorded = Released::read(records).unwrap();
        let verdicts = |old: &Released<'_>| -> BTreeSet<_> {
            let findings = compare(old, &new, &Options::default());
            let findings = findings.into_iter().filter(|one| one.level.fails());
            let about_values = findings.filter(|one| one.direction() != Direction::Source);
            about_values
                .map(|one| (one.id(), one.pointer, one.level))
                .collect()
        };
        assert_eq!(
            verdicts(&Released::of(&old)),
            verdicts(&recorded),
            "{}",
            folder.display()
        );
    }
}

#[test]
fn versions_without_rows_are_left_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat/B034-not-retired");
    let (old, new) = (load(&folder, "before.toml"), load(&folder, "after.toml"));
    let fails = |rows: u64| {
        let options = Options {
            census: Some([("shop.ship.v1".to_owned(), rows)].into()),
        };
        let findings = compare(&Released::of(&old), &new, &options);
        findings.iter().any(|finding| finding.level.fails())
    };
    assert!(fails(1));
    assert!(!fails(0));
}
