//! A census: how many rows of each task version there are, as `soniq contracts census` counts them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::Deserialize;
use soniq_schema::compat;
use soniq_schema::contract::Contracts;

/// The version of the document that is read.
const VERSION: u64 = 1;

/// A census and what it says about itself.
#[derive(Debug)]
pub(super) struct Census {
    pub(super) rows: compat::Census,
    /// The database that was counted.
    database: String,
    taken_at: String,
}

#[derive(Deserialize)]
struct Document {
    version: u64,
    database: String,
    taken_at: String,
    tasks: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    task: String,
    count: u64,
}

impl Census {
    /// Reads a census of rows of tasks that `contracts`, or `locked` names of a lock file, know of.
    ///
    /// # Errors
    /// Why it cannot be used, on one line.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = text(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let at = |error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            let error = error.to_string();
            let what = error.split(" at line ").next().unwrap_or(&error);
            format!("{shown}:{line}:{column}: this is no census: {what}")
        };
        // The version first: a later one may have other keys.
        let value: serde_json::Value = serde_json::from_str(&text).map_err(at)?;
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        if let Some(version) = version.filter(|version| *version > VERSION) {
            return Err(format!(
                "{shown} has format {version}, and this release reads up to {VERSION}: update soniq-codegen"
            ));
        }
        let document: Document = serde_json::from_str(&text).map_err(at)?;
        if document.version != VERSION {
            return Err(format!("{shown} has no format {}", document.version));
        }
        if !soniq_rules::format_matches("date-time", &document.taken_at) {
            let taken_at = &document.taken_at;
            return Err(format!(
                "{shown}: `taken_at` is {taken_at:?}, which is no time"
            ));
        }
        let mut rows = compat::Census::new();
        for Entry { task, count } in document.tasks {
            let sum = rows.entry(task).or_insert(0);
            *sum = sum.saturating_add(count);
        }
        Ok(Census {
            rows,
            database: document.database,
            taken_at: document.taken_at,
        })
    }

    /// Refuses a census of rows that are all of other tasks: it is one of another database, and would
    /// say of every version that it has no rows.
    pub(super) fn of_these<'n>(
        self,
        contracts: &Contracts,
        locked: impl Iterator<Item = &'n str>,
    ) -> Result<Self, String> {
        let mut known: BTreeSet<&str> = locked.collect();
        for (_, task) in contracts.tasks() {
            known.insert(&task.name);
            known.extend(task.aliases.iter().map(String::as_str));
            known.extend(task.retired.iter().map(|retired| retired.name.as_str()));
        }
        if self.rows.is_empty() || self.rows.keys().any(|name| known.contains(name.as_str())) {
            return Ok(self);
        }
        let (database, example) = (&self.database, self.rows.keys().next());
        Err(format!(
            "the census of {database:?} has rows of other tasks only, such as {:?}: is it one of another database?",
            example.map_or("", String::as_str)
        ))
    }

    /// `census of "billing", taken at 2026-07-14T09:30:00Z`
    pub(super) fn title(&self) -> String {
        format!("census of {:?}, taken at {}", self.database, self.taken_at)
    }
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // A census has a few lines for each task.
    let limit = soniq_schema::MAX_LENGTH as u64;
    let length = File::open(path)?
        .take(limit + 1)
        .read_to_string(&mut text)?;
    if length as u64 > limit {
        return Err(io::Error::other("it is too large to be a census"));
    }
    Ok(text)
}
