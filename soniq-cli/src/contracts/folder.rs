//! The contracts folder, read for one verb.

use std::path::Path;

use soniq_schema::Contracts;
use soniq_schema::contract::Task;
use soniq_schema::diagnostic::{Severity, Style, render};

use crate::error::Error;
use crate::terminal::note;

/// Reads the folder. All diagnostics are shown; contracts with errors are not used.
pub(crate) fn load(dir: &Path) -> Result<Contracts, Error> {
    let loaded = soniq_schema::load(dir);
    if !loaded.diagnostics.is_empty() {
        // Colours are taken out again where standard error is no terminal.
        let sources = &loaded.contracts.sources;
        note(&render(&loaded.diagnostics, sources, Style::Color));
    }
    let is_error = |severity| severity == Severity::Error;
    let errors = loaded
        .diagnostics
        .iter()
        .map(soniq_schema::Diagnostic::severity);
    match errors.filter(|severity| is_error(*severity)).count() {
        0 => Ok(loaded.contracts),
        errors => Err(Error::Contracts {
            dir: dir.display().to_string(),
            errors,
        }),
    }
}

/// The task that `name` enqueues. A retired version and an old name are told with what to use
/// instead, an unknown name with the nearest one.
pub(crate) fn find<'a>(
    contracts: &'a Contracts,
    dir: &Path,
    name: &str,
) -> Result<&'a Task, Error> {
    if let Some(task) = tasks(contracts).find(|task| task.name == name) {
        return Ok(task);
    }
    for task in tasks(contracts) {
        let current = || task.name.clone();
        if task.retired.iter().any(|retired| retired.name == name) {
            return Err(Error::RetiredTask {
                name: name.to_owned(),
                current: current(),
            });
        }
        if task.aliases.iter().any(|alias| alias == name) {
            return Err(Error::OldTaskName {
                name: name.to_owned(),
                current: current(),
            });
        }
    }
    Err(unknown(contracts, dir, name))
}

/// No contract has the name; the nearest one that can be enqueued may be meant.
pub(super) fn unknown(contracts: &Contracts, dir: &Path, name: &str) -> Error {
    Error::UnknownTask {
        name: name.to_owned(),
        dir: dir.display().to_string(),
        suggestion: nearest(contracts, name),
    }
}

fn tasks(contracts: &Contracts) -> impl Iterator<Item = &Task> {
    contracts
        .contracts
        .iter()
        .flat_map(|contract| &contract.tasks)
}

/// The wire name that `name` was most likely meant to be: one edit in three characters may be
/// wrong, or the namespace and the version left out.
fn nearest(contracts: &Contracts, name: &str) -> Option<String> {
    let allowed = (name.chars().count() / 3).max(2);
    let distance = |task: &Task| {
        let without_version = task.name.rsplit_once(".v").map_or("", |(head, _)| head);
        [task.name.as_str(), without_version, &task.key]
            .into_iter()
            .map(|known| strsim::osa_distance(name, known))
            .min()
            .unwrap_or(usize::MAX)
    };
    tasks(contracts)
        .map(|task| (distance(task), task))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, task)| task.name.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const BILLING: &str = r#"
        edition = "2026"
        namespace = "billing"
        [tasks.send_invoice]
        version = 2
        aliases = ["billing.mail_invoice"]
        args = { type = "object" }
        retired.v1.args = { type = "object" }
        [tasks.close_month]
        version = 1
        args = { type = "object" }
    "#;

    fn error(name: &str) -> String {
        let loaded = soniq_schema::load_sources([("billing.toml".to_owned(), BILLING.to_owned())]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let found = find(&loaded.contracts, Path::new("contracts"), name);
        found
            .err()
            .map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_name_that_cannot_be_enqueued_leads_to_one_that_can() {
        assert_eq!(error("billing.send_invoice.v2"), "");
        assert_eq!(
            error("billing.send_invoice.v1"),
            "billing.send_invoice.v1 is retired: enqueue billing.send_invoice.v2"
        );
        assert_eq!(
            error("billing.mail_invoice"),
            "billing.mail_invoice is an old name of billing.send_invoice.v2: enqueue that"
        );
        for near in [
            "billing.send_invioce.v2",
            "billing.send_invoice",
            "send_invoice",
        ] {
            assert!(
                error(near).ends_with(": did you mean billing.send_invoice.v2?"),
                "{near}"
            );
        }
        assert_eq!(
            error("weather.report.v1"),
            "no contract in contracts has a task \"weather.report.v1\""
        );
    }
}
