//! What a check of rows found. Its size depends on the number of tasks, not on that of rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Census, Standing, Table, Verdict};
use crate::check::Violation;

/// Broken rules that are told of each task.
const RULES: usize = 20;

/// Rows that are named for each broken rule.
const EXAMPLES: usize = 5;

/// What would become of the rows of a database; see [`Rows::check`](super::Rows::check).
///
/// Displayed, it is for a person at a terminal; control characters in names are escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowReport {
    /// Of this format: 1.
    pub version: u32,
    /// The database's name.
    pub database: String,
    /// When, by the database's clock.
    pub taken_at: DateTime<Utc>,
    /// Rows in all; each is counted in one of the four that follow.
    pub rows: u64,
    /// Would reach their handler.
    pub would_run: u64,
    /// Would be dead-lettered for their arguments.
    pub would_fail: u64,
    /// Of retired versions, where the judge cannot upgrade.
    pub needs_upgrade: u64,
    /// Of names that the judge does not know.
    pub unknown: u64,
    /// By name.
    pub tasks: Vec<TaskReport>,
}

/// The rows of one wire name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskReport {
    /// The wire name in the rows.
    pub task: String,
    /// What the name is to the judge. As JSON, `standing` is a text, and `now` beside it the name
    /// of the task as it is now, of an alias or a retired version.
    #[serde(flatten)]
    pub standing: Standing,
    /// Rows in all.
    pub rows: u64,
    /// Rows in each table.
    pub tables: BTreeMap<Table, u64>,
    /// When the arguments of the oldest were written; `None` where no row says.
    pub oldest: Option<DateTime<Utc>>,
    /// The same of the newest.
    pub newest: Option<DateTime<Utc>>,
    /// Would reach their handler.
    pub would_run: u64,
    /// Would be dead-lettered for their arguments.
    pub would_fail: u64,
    /// Of a retired version, where the judge cannot upgrade.
    pub needs_upgrade: u64,
    /// Why rows would fail, by how many rows; at most 20.
    pub broken: Vec<BrokenRule>,
    /// Further broken rules, counted once for each row.
    pub more_broken: u64,
}

/// A rule that rows break at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BrokenRule {
    /// JSON pointer of what breaks it; empty for the arguments as a whole.
    pub pointer: String,
    /// The schema's keyword; `upgrade` where a retired row cannot be upgraded, `unreadable` where
    /// no worker could read the row.
    pub rule: &'static str,
    /// How many rows break it.
    pub rows: u64,
    /// The first of them by id; at most 5.
    pub examples: Vec<BrokenRow>,
}

/// A row that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct BrokenRow {
    /// Its id.
    pub id: Uuid,
    /// Its table.
    pub table: Table,
    /// What is wrong with it, in words.
    pub message: String,
}

/// What is known of a name's rows while they are read.
#[derive(Debug)]
pub(super) struct Entry {
    standing: Standing,
    would_run: u64,
    would_fail: u64,
    needs_upgrade: u64,
    broken: BTreeMap<(String, &'static str), Broken>,
    more_broken: u64,
}

#[derive(Debug, Default)]
struct Broken {
    rows: u64,
    examples: BTreeSet<BrokenRow>,
}

impl Entry {
    pub(super) fn new(standing: Standing) -> Self {
        Entry {
            standing,
            would_run: 0,
            would_fail: 0,
            needs_upgrade: 0,
            broken: BTreeMap::new(),
            more_broken: 0,
        }
    }

    pub(super) fn add(&mut self, table: Table, id: Uuid, verdict: Verdict) {
        match verdict {
            Verdict::Runs => self.would_run += 1,
            Verdict::NeedsUpgrade => self.needs_upgrade += 1,
            Verdict::Fails(violations) => {
                self.would_fail += 1;
                self.broke(table, id, violations);
            }
        }
    }

    fn broke(&mut self, table: Table, id: Uuid, violations: Vec<Violation>) {
        // A row counts once for each place and rule, however often it breaks it there.
        let rules: BTreeMap<_, _> = violations
            .into_iter()
            .rev()
            .map(|violation| ((violation.pointer, violation.rule), violation.message))
            .collect();
        for (place, message) in rules {
            if !self.broken.contains_key(&place) && self.broken.len() == RULES {
                self.more_broken += 1;
                continue;
            }
            let broken = self.broken.entry(place).or_default();
            broken.rows += 1;
            broken.examples.insert(BrokenRow { id, table, message });
            if broken.examples.len() > EXAMPLES {
                broken.examples.pop_last();
            }
        }
    }

    fn into_report(self, task: String) -> TaskReport {
        let broken = self.broken.into_iter();
        let mut broken: Vec<BrokenRule> = broken
            .map(|((pointer, rule), broken)| BrokenRule {
                pointer,
                rule,
                rows: broken.rows,
                examples: broken.examples.into_iter().collect(),
            })
            .collect();
        broken.sort_by_key(|broken| std::cmp::Reverse(broken.rows));
        TaskReport {
            task,
            standing: self.standing,
            rows: 0,
            tables: BTreeMap::new(),
            oldest: None,
            newest: None,
            would_run: self.would_run,
            would_fail: self.would_fail,
            needs_upgrade: self.needs_upgrade,
            broken,
            more_broken: self.more_broken,
        }
    }
}

impl RowReport {
    pub(super) fn new(census: &Census, entries: BTreeMap<String, Entry>) -> Self {
        let mut tasks: BTreeMap<String, TaskReport> = entries
            .into_iter()
            .map(|(task, entry)| (task.clone(), entry.into_report(task)))
            .collect();
        for counted in &census.tasks {
            let Some(report) = tasks.get_mut(&counted.task) else {
                continue;
            };
            report.rows += counted.count;
            report.tables.insert(counted.table, counted.count);
            report.oldest = report.oldest.into_iter().chain(counted.oldest).min();
            report.newest = report.newest.into_iter().chain(counted.newest).max();
        }
        let tasks: Vec<TaskReport> = tasks.into_values().collect();
        let sum = |count: fn(&TaskReport) -> u64| tasks.iter().map(count).sum();
        let unknown = tasks
            .iter()
            .filter(|task| task.standing == Standing::Unknown);
        RowReport {
            version: 1,
            database: census.database.clone(),
            taken_at: census.taken_at,
            rows: sum(|task| task.rows),
            would_run: sum(|task| task.would_run),
            would_fail: sum(|task| task.would_fail),
            needs_upgrade: sum(|task| task.needs_upgrade),
            unknown: unknown.map(|task| task.rows).sum(),
            tasks,
        }
    }
}
