//! What slows a database, endangers its jobs or leaves them lying, and what mends it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::Error;
use crate::fleet::{Fleet, RUNTIME};
use crate::soniq::Soniq;

/// What [`Soniq::doctor`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Of this format: 1.
    pub version: u32,
    /// When, by the database's clock; `None` where the tables are missing.
    pub taken_at: Option<DateTime<Utc>>,
    /// Problems first.
    pub findings: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Whether it wants mending.
    pub severity: Severity,
    /// What is the case, in a sentence.
    pub what: String,
    /// A command that mends it, of a shell or of SQL, or what to do.
    pub remedy: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Slows or endangers jobs now.
    Problem,
    /// Works, and could be better.
    Advice,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// The tables are those of this release.
    Schema,
    /// Queued jobs have a live worker that takes them.
    Unserved,
    /// No worker of Soniq for Python shares a queue with one of ours.
    SharedQueue,
    /// Claims belong to workers that live.
    Claims,
    /// Every index is there and valid, and none that only costs writes.
    Indexes,
    /// No transaction, prepared transaction or replication slot keeps dead rows from being removed.
    Horizon,
    /// Dead rows are removed, and statistics are there.
    Vacuum,
    /// Workers' own connections are sessions, and hear notifications.
    Session,
    /// This machine's clock and the server's agree.
    Clock,
    /// The server does not lose what was committed.
    Durability,
}

impl Check {
    /// The text in JSON and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Check::Schema => "schema",
            Check::Unserved => "unserved",
            Check::SharedQueue => "shared_queue",
            Check::Claims => "claims",
            Check::Indexes => "indexes",
            Check::Horizon => "horizon",
            Check::Vacuum => "vacuum",
            Check::Session => "session",
            Check::Clock => "clock",
            Check::Durability => "durability",
        }
    }
}

impl Finding {
    pub(crate) fn problem(
        check: Check,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding {
            check,
            severity: Severity::Problem,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn advice(check: Check, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Advice,
            ..Finding::problem(check, what, remedy)
        }
    }
}

impl Diagnosis {
    fn new(taken_at: Option<DateTime<Utc>>, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| (finding.severity, finding.check));
        Diagnosis {
            version: 1,
            taken_at,
            findings,
        }
    }

    /// How many findings want mending.
    pub fn problems(&self) -> usize {
        let problems = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Problem);
        problems.count()
    }
}

/// For a terminal: each finding with its remedy below.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return writeln!(f, "nothing found");
        }
        for finding in &self.findings {
            let severity = match finding.severity {
                Severity::Problem => "problem",
                Severity::Advice => "advice ",
            };
            writeln!(f, "{severity} {}: {}", finding.check.as_str(), finding.what)?;
            for line in finding.remedy.lines() {
                writeln!(f, "        {line}")?;
            }
        }
        Ok(())
    }
}

impl Soniq {
    /// Looks for what slows the database, endangers jobs or leaves them lying. Reads only, but for a
    /// notification to itself.
    ///
    /// ```no_run
    /// # async fn example(soniq: &soniq_runtime::Soniq) -> Result<(), soniq_runtime::Error> {
    /// let diagnosis = soniq.doctor().await?;
    /// print!("{diagnosis}");
    /// assert_eq!(diagnosis.problems(), 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the database says. Tables that are missing are a finding.
    pub async fn doctor(&self) -> Result<Diagnosis, Error> {
        match self.check_schema().await {
            Ok(()) => {}
            Err(error @ Error::NotSetUp { .. }) => {
                let finding = Finding::problem(Check::Schema, error.to_string(), "soniq setup");
                return Ok(Diagnosis::new(None, vec![finding]));
            }
            Err(error @ Error::SchemaTooNew { .. }) => {
                let remedy = "install the release of Soniq that the database was set up with";
                let finding = Finding::problem(Check::Schema, error.to_string(), remedy);
                return Ok(Diagnosis::new(None, vec![finding]));
            }
            Err(error) => return Err(error),
        }
        let fleet = self.fleet().await?;
        let mut findings = self.backend().diagnose().await?;
        findings.extend(unserved(&fleet));
        findings.extend(shared_queues(&fleet));
        Ok(Diagnosis::new(Some(fleet.taken_at), findings))
    }

    /// Workers of Soniq for Python that claim from a queue of ours, or from all: one finding each, as
    /// [`doctor`](Soniq::doctor) has it. They dead-letter what they do not know.
    ///
    /// # Errors
    /// What the database says.
    pub async fn shared_queues(&self) -> Result<Vec<Finding>, Error> {
        Ok(shared_queues(&self.fleet().await?).collect())
    }
}

fn unserved(fleet: &Fleet) -> impl Iterator<Item = Finding> {
    fleet.unserved.iter().map(|rows| {
        let jobs = if rows.count == 1 { "job" } else { "jobs" };
        Finding::problem(
            Check::Unserved,
            format!(
                "{} queued {jobs} of {} in the queue {} and no live worker takes {}",
                rows.count,
                rows.task,
                rows.queue,
                if rows.count == 1 { "it" } else { "them" },
            ),
            format!(
                "start a worker that handles {} and claims from {}; \
                 `soniq contracts fleet` shows who serves what",
                rows.task, rows.queue
            ),
        )
    })
}

/// A worker of Soniq for Python takes any name in its queues, and finishes by id alone.
fn shared_queues(fleet: &Fleet) -> impl Iterator<Item = Finding> {
    let (ours, others): (Vec<_>, Vec<_>) = fleet
        .workers
        .iter()
        .partition(|worker| worker.runtime == RUNTIME);
    let shared = others.into_iter().filter_map(move |other| {
        let queues: Vec<&str> = ours
            .iter()
            .flat_map(|worker| &worker.queues)
            .filter(|queue| other.queues.is_empty() || other.queues.contains(queue))
            .map(String::as_str)
            .collect();
        let shares = if other.queues.is_empty() {
            "claims from all queues".to_owned()
        } else if queues.is_empty() {
            return None;
        } else {
            format!("claims from {}, as workers of ours do", distinct(queues))
        };
        Some((other, shares))
    });
    shared.map(|(other, shares)| {
        Finding::problem(
            Check::SharedQueue,
            format!(
                "the worker {}:{}, which is not of Soniq for Rust, {shares}: it dead-letters tasks \
                 that it does not know, and finishes jobs that are no longer its own",
                other.hostname, other.pid
            ),
            "give it queues of its own: SONIQ_QUEUES in its environment",
        )
    })
}

fn distinct(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}
