//! Reads rows past a judge.

use std::collections::BTreeMap;

use super::report::{Entry, RowReport};
use super::{Census, Judge, Progress, Standing, StoredRow, Verdict};
use crate::backend::Backend;
use crate::check::Violation;
use crate::error::Error;

/// Rows between two looks at the clock.
const STEP: u64 = 100;

/// What a store reads rows to: first what there is, then each row.
pub(crate) trait Reader: Send {
    /// The rows are of the moment of this census.
    fn begin(&mut self, census: Census);
    fn row(&mut self, row: StoredRow);
}

pub(super) async fn check(
    backend: &dyn Backend,
    judge: &dyn Judge,
    only: Option<&str>,
    progress: impl FnMut(Progress) + Send,
) -> Result<RowReport, Error> {
    let mut names = judge.names();
    if let Some(only) = only {
        names.retain(|name, _| name == only);
    }
    let wanted: Vec<String> = names.keys().cloned().collect();
    let mut check = Check {
        judge,
        names,
        only,
        progress,
        done: 0,
        total: 0,
        census: None,
        entries: BTreeMap::new(),
    };
    backend.read_rows(&wanted, &mut check).await?;
    // A store that did not begin has failed above.
    let census = check.census.expect("a census comes before the rows");
    Ok(RowReport::new(&census, check.entries))
}

struct Check<'a, P> {
    judge: &'a dyn Judge,
    names: BTreeMap<String, Standing>,
    only: Option<&'a str>,
    progress: P,
    done: u64,
    total: u64,
    census: Option<Census>,
    entries: BTreeMap<String, Entry>,
}

impl<P: FnMut(Progress) + Send> Reader for Check<'_, P> {
    fn begin(&mut self, mut census: Census) {
        if let Some(only) = self.only {
            census.tasks.retain(|rows| rows.task == only);
        }
        for rows in &census.tasks {
            let standing = self.names.get(&rows.task);
            self.total += standing.map_or(0, |_| rows.count);
            let new = || Entry::new(standing.cloned().unwrap_or(Standing::Unknown));
            self.entries.entry(rows.task.clone()).or_insert_with(new);
        }
        self.census = Some(census);
    }

    fn row(&mut self, row: StoredRow) {
        let verdict = match row.args {
            Ok(args) => self.judge.judge(&row.task, args),
            Err(reason) => Verdict::Fails(vec![unreadable(&reason)]),
        };
        if let Some(entry) = self.entries.get_mut(&row.task) {
            entry.add(row.table, row.id, verdict);
        }
        self.done += 1;
        if self.done.is_multiple_of(STEP) {
            (self.progress)(Progress {
                done: self.done,
                total: self.total,
            });
        }
    }
}

/// Valid to Postgres, but too deep, too great or too late for any worker: it would be dead-lettered
/// as it is claimed.
fn unreadable(reason: &str) -> Violation {
    Violation {
        pointer: String::new(),
        rule: "unreadable",
        message: format!("cannot be read: {reason}"),
    }
}
