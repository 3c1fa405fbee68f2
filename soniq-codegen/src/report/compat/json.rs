//! JSON of our own. `compat.schema.json` in the folder above describes it; a test writes that file
//! from the types below and fails where it differs.

use serde::Serialize;
use serde_json::Value;
use soniq_schema::compat::{self, Level};
use soniq_schema::source::{Location, Sources};

use super::{Judged, Report};
use crate::report::json::{Diagnostic, Stretch};
use crate::report::{Finding as Problem, Place};

/// The version of the document: raised when a reader of an older one would no longer do.
const VERSION: u32 = 1;

/// Everything, the safe findings too, as one JSON document.
pub(super) fn json(report: &Report<'_>) -> String {
    let problems = report.problems.iter();
    let problems: Vec<Problem> = problems
        .map(|problem| Problem::new(problem, report.new))
        .collect();
    let sorted = report.sorted();
    let placed: Vec<_> = sorted
        .iter()
        .map(|one| {
            let place = |location: &Option<Location>, sources: &Sources| {
                let location = location.as_ref();
                location.map(|location| Place::new(location, "", sources))
            };
            let old = place(&one.finding.old, report.old);
            (*one, old, place(&one.finding.new, report.new))
        })
        .collect();
    let document = Document {
        version: VERSION,
        against: report.against,
        compatible: !report.fails(),
        summary: report.summary().into(),
        findings: placed
            .iter()
            .map(|(judged, old, new)| Finding::new(judged, old.as_ref(), new.as_ref()))
            .collect(),
        diagnostics: problems.iter().map(Diagnostic::new).collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("strings and numbers are always JSON") + "\n"
}

/// What `soniq-codegen check --format json` found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Findings of soniq-codegen check"))]
struct Document<'a> {
    /// The version of this format. Readers should ignore keys that they do not know: a new key
    /// does not raise it.
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    version: u32,
    /// What the contracts were compared with: the path of a lock file or folder, or a git ref.
    against: &'a str,
    /// Whether the contracts may be released: no finding fails that is not waived, and no diagnostic
    /// is an error.
    compatible: bool,
    summary: Summary,
    /// By task and version; within one, what fails comes first.
    findings: Vec<Finding<'a>>,
    /// What is wrong with the waivers.
    diagnostics: Vec<Diagnostic<'a>>,
}

/// How many findings there are of each kind. One that is waived counts as `waived` alone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    breaking: usize,
    unproven: usize,
    warning: usize,
    safe: usize,
    waived: usize,
}

impl From<super::Summary> for Summary {
    fn from(summary: super::Summary) -> Self {
        let super::Summary {
            breaking,
            unproven,
            warning,
            safe,
            waived,
        } = summary;
        Summary {
            breaking,
            unproven,
            warning,
            safe,
            waived,
        }
    }
}

/// One change, and what comes of it in one direction.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Finding<'a> {
    /// The rule, such as `B002`. An id keeps its meaning for ever.
    #[cfg_attr(test, schemars(regex(pattern = "^[BFSO][0-9]{3}$")))]
    rule: &'a str,
    /// The kind of change, such as `required-property-added`: the same in every direction.
    name: &'a str,
    direction: Direction,
    level: Verdict,
    /// The task without its version, such as `billing.send_invoice`.
    task: &'a str,
    /// The version that was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_version: Option<u32>,
    /// The version that it was compared with; not there if the task is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_version: Option<u32>,
    /// Where in the values, such as `/args/lines/*/sku`, with `*` for every item or undeclared
    /// property. Empty if it is about the task as a whole.
    pointer: &'a str,
    /// What was changed and what follows.
    message: &'a str,
    /// How to mend it.
    help: &'a str,
    /// The place in the old contracts, or in the lock file.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Stretch<'a>>,
    /// The place in the new contracts, or the nearest one that is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Stretch<'a>>,
    /// A whole value of the arguments, or of the result, that one side writes and the other refuses.
    /// `null` is a value; without one, the key is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<Value>"))]
    witness: Option<&'a Value>,
    /// What allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Waiver<'a>>,
    /// The command that says more about the rule.
    explain: String,
}

/// Who meets whom.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Direction {
    /// Older rows, or results that older callers wait for, meet new code.
    Backward,
    /// New rows, or results of older workers, meet older workers or new callers.
    Forward,
    /// Code has to compile.
    Source,
    /// Rows that are there are run otherwise.
    Operational,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// Proven to do no harm.
    Safe,
    /// Worth a look; does not fail.
    Warning,
    /// Neither proven to be safe nor shown to break; fails unless it is waived.
    Unproven,
    /// Breaks; fails unless it is waived.
    Breaking,
}

/// An entry of `compat.allow` in the contract.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Waiver<'a> {
    reason: &'a str,
    owner: &'a str,
    /// The last day on which it holds.
    #[cfg_attr(test, schemars(extend("format" = "date")))]
    expires: &'a str,
}

impl<'a> Finding<'a> {
    fn new(judged: &'a Judged<'_>, old: Option<&'a Place>, new: Option<&'a Place>) -> Self {
        let of = judged.finding;
        Finding {
            rule: of.id(),
            name: of.rule.row.name,
            direction: match of.direction() {
                compat::Direction::Backward => Direction::Backward,
                compat::Direction::Forward => Direction::Forward,
                compat::Direction::Source => Direction::Source,
                compat::Direction::Operational => Direction::Operational,
            },
            level: match of.level {
                Level::Safe => Verdict::Safe,
                Level::Warning => Verdict::Warning,
                Level::Unproven => Verdict::Unproven,
                Level::Breaking => Verdict::Breaking,
            },
            task: &of.task,
            old_version: of.old_version,
            new_version: of.new_version,
            pointer: &of.pointer,
            message: &of.message,
            help: &of.help,
            old: old.map(Stretch::new),
            new: new.map(Stretch::new),
            witness: of.witness.as_ref(),
            waiver: judged.allowed().map(|waiver| Waiver {
                reason: &waiver.reason,
                owner: &waiver.owner,
                expires: &waiver.expires,
            }),
            explain: format!("soniq-codegen explain {}", of.id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::assert_published;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        assert_published(&schemars::schema_for!(Document<'_>), "compat.schema.json");
    }
}
