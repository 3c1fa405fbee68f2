//! The lock file against a new state of the contracts.

use super::{LoadedLock, LockedVersion};
use crate::compat::{self, Direction, Finding, Options, Record, Released};
use crate::contract::Contracts;
use crate::source::{Location, Sources};

impl LoadedLock {
    /// Compares every version, and every shape that it ever had, with a new state.
    ///
    /// Of a shape that was followed by another one, what counts is whether its rows still run: the
    /// rest was decided when the shape was changed.
    ///
    /// The findings' old places are in the lock file's [`sources`](Self::sources).
    ///
    /// # Errors
    /// A locked schema that this release cannot read, in words.
    pub fn compare(&self, new: &Contracts, options: &Options) -> Result<Vec<Finding>, String> {
        let versions = self.lock.versions();
        let records = versions.map(|(task, number, version)| version.record(task, number));
        let mut findings = compat::compare(&Released::read(records)?, new, options);
        for finding in &mut findings {
            let number = finding.old_version.unwrap_or_default();
            let version = self.lock.version(&finding.task, number);
            finding.old =
                version.and_then(|version| version.place(&self.sources, &finding.pointer));
        }
        for (task, number, version) in self.lock.versions() {
            for shape in &version.earlier {
                let record = version.earlier_record(task, number, shape);
                for finding in rows_that_break(record, new, options)? {
                    // Several shapes may break by one change.
                    if findings.iter().any(|known| is_same(known, &finding)) {
                        continue;
                    }
                    findings.push(Finding {
                        message: format!("{} (rows from before {})", finding.message, shape.until),
                        old: shape.args.place(&self.sources, &finding.pointer),
                        ..finding
                    });
                }
            }
        }
        // Stable: what was found of a version stays in the order of its places.
        findings.sort_by(|one, other| {
            (&one.task, one.old_version).cmp(&(&other.task, other.old_version))
        });
        Ok(findings)
    }
}

impl LockedVersion {
    /// The place of what a finding is about.
    fn place(&self, sources: &Sources, pointer: &str) -> Option<Location> {
        match pointer.split('/').nth(1) {
            None => self.location.clone(),
            Some("result") => self.result.as_ref()?.place(sources, pointer),
            Some(_) => self.args.place(sources, pointer),
        }
    }
}

/// Why rows of one shape would no longer run.
pub(super) fn rows_that_break(
    record: Record,
    new: &Contracts,
    options: &Options,
) -> Result<Vec<Finding>, String> {
    let mut findings = compat::compare(&Released::read([record])?, new, options);
    findings.retain(|finding| {
        let is_about_values = !finding.pointer.is_empty();
        finding.direction() == Direction::Backward && finding.level.fails() && is_about_values
    });
    Ok(findings)
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    let key = |finding: &Finding| (finding.old_version, finding.level.fails());
    one.rule == other.rule
        && key(one) == key(other)
        && one.task == other.task
        && one.pointer == other.pointer
}
