//! What the contract gate says: findings of a comparison, one file per format.
//!
//! ```
//! use soniq_codegen::report::compat::{Format, Judged, Report, write};
//! use soniq_schema::compat::{Options, Released, compare};
//! use soniq_schema::diagnostic::Style;
//!
//! let load = |maximum: u32| {
//!     let text = format!(
//!         "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'\n\
//!          args.properties.name = {{ type = 'string', maxLength = {maximum} }}"
//!     );
//!     soniq_schema::load_sources([("a.toml".to_owned(), text)]).contracts
//! };
//! let (old, new) = (load(80), load(2));
//! let findings = compare(&Released::of(&old), &new, &Options::default());
//! let report = Report {
//!     against: "main",
//!     old: &old.sources,
//!     new: &new.sources,
//!     versions: vec![("a.t".to_owned(), 1)],
//!     findings: findings.iter().map(Judged::new).collect(),
//!     problems: &[],
//! };
//! assert!(report.fails());
//! let text = write(Format::Human, &report, Style::Plain);
//! assert!(text.contains("breaking[B024]: `maxLength` was 80 and is 2"));
//! assert!(text.contains(r#"{"name":"aaa"}"#));
//! ```
//!
//! For GitHub, GitLab and SARIF a finding becomes the neutral `Finding` of this crate's other
//! reports; the other formats have more to say.
//!
//! Invariant: the same report gives the same bytes, in whatever order its findings come.

mod human;
mod json;
mod junit;
mod markdown;
mod neutral;
pub mod rule;
mod witness;
mod words;

use std::cmp::Reverse;
use std::fmt;

use clap::ValueEnum;
use soniq_schema::Diagnostic;
use soniq_schema::compat::{Finding, Level};
use soniq_schema::contract::Waiver;
use soniq_schema::diagnostic::{Severity, Style};
use soniq_schema::source::Sources;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people, with both places quoted
    Human,
    /// JSON, described by compat.schema.json of this crate
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// `JUnit` XML, with a test case for each task version and direction
    Junit,
    /// SARIF 2.1.0, for code scanners and editors
    Sarif,
    /// Markdown, short enough for a comment on a pull request
    Markdown,
}

/// What a check found, and what it looked at.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// What the contracts were compared with, as people name it: a path, or a git ref.
    pub against: &'a str,
    /// The files of the findings' old places.
    pub old: &'a Sources,
    /// The files of their new places, of waivers and of [`problems`](Self::problems).
    pub new: &'a Sources,
    /// The task versions that were compared; those of findings need not be among them.
    pub versions: Vec<(String, u32)>,
    /// In any order; the safe ones are among them.
    pub findings: Vec<Judged<'a>>,
    /// What is wrong with the waivers.
    pub problems: &'a [Diagnostic],
}

/// A finding and what was decided about it.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// What allows it.
    pub waiver: Option<&'a Waiver>,
}

impl<'a> Judged<'a> {
    /// A finding that nothing is known about but what it says.
    pub fn new(finding: &'a Finding) -> Self {
        Judged {
            finding,
            waiver: None,
        }
    }

    /// Whether it makes the check fail.
    pub fn fails(&self) -> bool {
        self.finding.level.fails() && self.waiver.is_none()
    }

    /// The waiver, if it allows something that would be a failure or a warning.
    fn allowed(&self) -> Option<&'a Waiver> {
        self.waiver.filter(|_| self.finding.level > Level::Safe)
    }

    /// `billing.send_invoice v1`
    fn version(&self) -> String {
        let version = self.finding.old_version;
        let version = version.map_or_else(String::new, |version| format!(" v{version}"));
        format!("{}{version}", self.finding.task)
    }
}

/// How many findings there are of each kind; what is waived counts as that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Shown to break.
    pub breaking: usize,
    /// Neither proven nor shown.
    pub unproven: usize,
    /// Worth a look.
    pub warning: usize,
    /// Proven to do no harm.
    pub safe: usize,
    /// Allowed by a waiver.
    pub waived: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warnings = if self.warning == 1 {
            "warning"
        } else {
            "warnings"
        };
        let counts = [
            (self.breaking, "breaking"),
            (self.unproven, "unproven"),
            (self.warning, warnings),
            (self.safe, "safe"),
            (self.waived, "waived"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<_> = counts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match counts.as_slice() {
            [] => f.write_str("no changes"),
            counts => f.write_str(&counts.join(", ")),
        }
    }
}

impl Report<'_> {
    /// Whether the contracts may not be released as they are.
    pub fn fails(&self) -> bool {
        let is_error = |problem: &Diagnostic| problem.severity() == Severity::Error;
        self.findings.iter().any(Judged::fails) || self.problems.iter().any(is_error)
    }

    /// The findings in numbers.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for one in &self.findings {
            let count = match one.finding.level {
                _ if one.allowed().is_some() => &mut summary.waived,
                Level::Breaking => &mut summary.breaking,
                Level::Unproven => &mut summary.unproven,
                Level::Warning => &mut summary.warning,
                Level::Safe => &mut summary.safe,
            };
            *count += 1;
        }
        summary
    }

    /// `2 breaking, 1 waived against main: not compatible`
    fn verdict(&self) -> String {
        let verdict = if self.fails() {
            "not compatible"
        } else {
            "compatible"
        };
        format!("{} against {}: {verdict}", self.summary(), self.against)
    }

    /// By task and version; within one, what is waived last, then the worst first, and what is about
    /// the task as a whole behind what it follows from.
    fn sorted(&self) -> Vec<&Judged<'_>> {
        let mut sorted: Vec<&Judged<'_>> = self.findings.iter().collect();
        sorted.sort_by(|one, other| {
            let key = |judged: &&Judged<'_>| {
                (
                    judged.allowed().is_some(),
                    Reverse(judged.finding.level),
                    judged.finding.direction(),
                    judged.finding.pointer.is_empty(),
                )
            };
            let (a, b) = (one.finding, other.finding);
            (&a.task, a.old_version)
                .cmp(&(&b.task, b.old_version))
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| (&a.pointer, a.id()).cmp(&(&b.pointer, b.id())))
                .then_with(|| a.message.cmp(&b.message))
        });
        sorted
    }

    /// Those that people have to look at.
    fn shown(&self) -> Vec<&Judged<'_>> {
        let mut shown = self.sorted();
        shown.retain(|one| one.finding.level > Level::Safe);
        shown
    }
}

/// The report as text; `style` is for people alone.
pub fn write(format: Format, report: &Report<'_>, style: Style) -> String {
    match format {
        Format::Human => human::human(report, style),
        Format::Json => json::json(report),
        Format::Github => super::github(&neutral::findings(report)),
        Format::Gitlab => super::gitlab(&neutral::findings(report)),
        Format::Junit => junit::junit(report),
        Format::Sarif => super::sarif(&neutral::findings(report)),
        Format::Markdown => markdown::markdown(report),
    }
}
