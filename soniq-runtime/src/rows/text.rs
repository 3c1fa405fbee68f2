//! A report for a person.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{RowReport, Standing, Table, TaskReport};

impl fmt::Display for RowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RowReport {
            rows,
            would_run,
            would_fail,
            needs_upgrade,
            unknown,
            ..
        } = self;
        let (database, taken_at) = (plain(&self.database), time(Some(self.taken_at)));
        if *rows == 0 {
            return writeln!(f, "no rows in {database} at {taken_at}");
        }
        table(f, &self.tasks)?;
        for task in &self.tasks {
            broken(f, task)?;
            needed_upgrade(f, task)?;
        }
        writeln!(
            f,
            "\n{} in {database} at {taken_at}: {would_run} would run, {would_fail} would fail, \
             {needs_upgrade} to upgrade, {unknown} unknown",
            counted(*rows)
        )
    }
}

impl RowReport {
    /// What a gate says that does not let this pass, in one line; `strict` lets no row pass whose
    /// name is unknown. `None` where it passes.
    pub fn failure(&self, strict: bool) -> Option<String> {
        let fail = match self.would_fail {
            0 => None,
            rows => Some(format!("{} would fail", counted(rows))),
        };
        let unknown = match self.unknown {
            1.. if strict => Some(format!("{} of unknown names", counted(self.unknown))),
            _ => None,
        };
        let found: Vec<String> = fail.into_iter().chain(unknown).collect();
        (!found.is_empty()).then(|| found.join(", "))
    }
}

const HEADER: [&str; 9] = [
    "TASK", "STANDING", "ROWS", "RUN", "FAIL", "UPGRADE", "OLDEST", "NEWEST", "TABLES",
];

fn table(f: &mut fmt::Formatter<'_>, tasks: &[TaskReport]) -> fmt::Result {
    let header = HEADER.map(str::to_owned);
    let lines: Vec<[String; 9]> = std::iter::once(header)
        .chain(tasks.iter().map(cells))
        .collect();
    let widths: [usize; 9] = std::array::from_fn(|column| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    });
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        writeln!(f, "{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

fn cells(task: &TaskReport) -> [String; 9] {
    let standing = match task.standing {
        Standing::Current => "current",
        Standing::Alias(_) => "alias",
        Standing::Retired(_) => "retired",
        Standing::Unknown => "unknown",
    };
    let judged = |count: u64| match task.standing {
        Standing::Unknown => "-".to_owned(),
        _ => count.to_string(),
    };
    let tables: Vec<String> = task
        .tables
        .iter()
        .map(|(table, rows)| format!("{} {rows}", words(*table)))
        .collect();
    [
        plain(&task.task),
        standing.to_owned(),
        task.rows.to_string(),
        judged(task.would_run),
        judged(task.would_fail),
        judged(task.needs_upgrade),
        time(task.oldest),
        time(task.newest),
        tables.join(", "),
    ]
}

fn broken(f: &mut fmt::Formatter<'_>, task: &TaskReport) -> fmt::Result {
    if task.would_fail == 0 {
        return Ok(());
    }
    let name = plain(&task.task);
    writeln!(f, "\n{name}: {} would fail", counted(task.would_fail))?;
    for broken in &task.broken {
        let place = match broken.pointer.as_str() {
            "" => "the arguments".to_owned(),
            pointer => plain(pointer),
        };
        writeln!(f, "  {place} ({}): {}", broken.rule, counted(broken.rows))?;
        for row in &broken.examples {
            let (table, message) = (row.table.as_str(), plain(&row.message));
            writeln!(f, "    {} in {table}: {message}", row.id)?;
        }
        let named = u64::try_from(broken.examples.len()).unwrap_or(u64::MAX);
        if broken.rows > named {
            writeln!(f, "    and {} more", broken.rows - named)?;
        }
    }
    if task.more_broken > 0 {
        writeln!(f, "  and {} more violations", task.more_broken)?;
    }
    Ok(())
}

fn needed_upgrade(f: &mut fmt::Formatter<'_>, task: &TaskReport) -> fmt::Result {
    let (1.., Standing::Retired(now)) = (task.needs_upgrade, &task.standing) else {
        return Ok(());
    };
    writeln!(
        f,
        "\n{}: {} to be upgraded to {}; whether that works is told by `check-rows` of the service \
         that handles it",
        plain(&task.task),
        counted(task.needs_upgrade),
        plain(now),
    )
}

fn words(table: Table) -> &'static str {
    match table {
        Table::Jobs => "jobs",
        Table::DeadLetters => "dead letters",
        Table::RecurringJobs | Table::Schedules => "schedules",
    }
}

fn counted(rows: u64) -> String {
    let noun = if rows == 1 { "row" } else { "rows" };
    format!("{rows} {noun}")
}

fn time(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(
        || "-".to_owned(),
        |time| time.to_rfc3339_opts(SecondsFormat::Secs, true),
    )
}

/// Text of a row, made fit for a terminal: it cannot move the cursor or recolour the screen.
fn plain(text: &str) -> String {
    let escaped = text.chars().map(|c| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    });
    escaped.collect()
}
