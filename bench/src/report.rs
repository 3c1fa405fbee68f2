//! What was measured, as a table and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cost::Cost;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was done.
    pub what: String,
    /// How many of `unit`.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// Jobs that the cost is of; 0 where it is of none.
    pub jobs: u32,
    /// What it cost.
    pub cost: Option<Cost>,
    /// The figure of the bare database that it is compared with.
    pub bare: Option<String>,
}

impl Figure {
    /// `jobs` a second, at `cost`.
    pub fn rate(what: impl Into<String>, jobs: u32, cost: Cost) -> Self {
        Figure {
            what: what.into(),
            value: f64::from(jobs) / cost.seconds,
            unit: "jobs/s",
            jobs,
            cost: Some(cost),
            bare: None,
        }
    }

    /// A figure that costs nothing worth telling.
    pub fn plain(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Figure {
            what: what.into(),
            value,
            unit,
            jobs: 0,
            cost: None,
            bare: None,
        }
    }

    /// Says on the standard error stream that it is there: a run takes minutes.
    #[must_use]
    pub fn announced(self) -> Self {
        eprintln!("{}: {} {}", self.what, number(self.value), self.unit);
        self
    }

    /// Compares it with the figure of the bare database named `bare`.
    #[must_use]
    pub fn against(mut self, bare: impl Into<String>) -> Self {
        self.bare = Some(bare.into());
        self
    }
}

/// All that one run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day, by this machine's clock.
    pub date: String,
    /// Processor and memory.
    pub machine: Vec<(String, String)>,
    /// Of the server.
    pub settings: Vec<(String, String)>,
    /// The bare database.
    pub bare: Vec<Figure>,
    /// This project.
    pub soniq: Vec<Figure>,
}

impl Report {
    /// The whole of it for people.
    pub fn markdown(&self) -> String {
        let mut text = format!("# Benchmark of {}\n\n", self.date);
        for (name, value) in self.machine.iter().chain(&self.settings) {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "- {name}: {value}");
        }
        text.push_str("\n## This project\n\n");
        text.push_str(&self.table(&self.soniq));
        text.push_str("\n## The bare database\n\n");
        text.push_str(&self.table(&self.bare));
        text
    }

    fn table(&self, figures: &[Figure]) -> String {
        let mut text = String::from(
            "| what | figure | of bare | WAL B/job | commits/job | dead rows/job | server CPU s/10,000 | own CPU s/10,000 |\n\
             |------|-------:|--------:|----------:|------------:|--------------:|--------------------:|-----------------:|\n",
        );
        for figure in figures {
            let _ = write!(
                text,
                "| {} | {} {} | {} |",
                figure.what,
                number(figure.value),
                figure.unit,
                self.ratio(figure)
                    .map_or(String::new(), |ratio| format!("{ratio:.2}")),
            );
            let Some(cost) = &figure.cost else {
                text.push_str(" | | | | |\n");
                continue;
            };
            let jobs = f64::from(figure.jobs);
            let per_job = |count: i64| i32::try_from(count).map_or(f64::NAN, f64::from) / jobs;
            let _ = writeln!(
                text,
                " {:.0} | {:.3} | {:.2} | {:.2} | {:.2} |",
                per_job(cost.wal_bytes),
                per_job(cost.commits),
                per_job(cost.dead_rows),
                cost.server_cpu / jobs * 1e4,
                cost.own_cpu / jobs * 1e4,
            );
        }
        text
    }

    /// Of the figure of the bare database, where it is compared with one.
    fn ratio(&self, figure: &Figure) -> Option<f64> {
        let name = figure.bare.as_deref()?;
        let bare = self.bare.iter().find(|bare| bare.what == name)?;
        Some(figure.value / bare.value)
    }
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
