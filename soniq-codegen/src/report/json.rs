//! JSON of our own. `diagnostics.schema.json` beside this file describes it; a test writes that
//! file from the types below and fails where it differs.

use serde::Serialize;
use soniq_schema::diagnostic::Severity;

use super::{Finding, Place, Position};

/// The version of the document: raised when a reader of an older one would no longer do.
const VERSION: u32 = 1;

/// All findings as one JSON document.
pub(crate) fn json(findings: &[Finding]) -> String {
    let document = Document {
        version: VERSION,
        diagnostics: findings.iter().map(Diagnostic::new).collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("strings and numbers are always JSON") + "\n"
}

/// The diagnostics of one run of `soniq-codegen --format json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "Diagnostics of soniq-codegen"))]
struct Document<'a> {
    /// The version of this format. Readers should ignore keys that they do not know: a new key
    /// does not raise it.
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    version: u32,
    /// In the order in which people are shown them: by file and place. Empty if all is well.
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Diagnostic<'a> {
    /// The kind of problem, such as `E012`. A code keeps its meaning for ever.
    #[cfg_attr(test, schemars(regex(pattern = "^[A-Z][0-9]{3}$")))]
    code: &'a str,
    /// An `error` makes the command fail, a `warning` does not.
    severity: Level,
    /// What is wrong, in the words of the contract. May have several lines.
    message: &'a str,
    /// Where. Without `file` and `range`, the problem is one of the whole folder or of what was
    /// asked for.
    #[serde(flatten)]
    place: Option<Stretch<'a>>,
    /// Other places that belong to it, such as the first of two that collide.
    secondary: Vec<Stretch<'a>>,
    /// How to mend it.
    help: &'a str,
    /// The command that says more about the code.
    explain: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Place"))]
pub(super) struct Stretch<'a> {
    /// The file's path with forward slashes, relative to the working directory if the contracts
    /// folder was given so.
    file: &'a str,
    /// The characters in question, `end` not included. Both may be equal: a place between two.
    range: Range,
    /// What to say at that place. May be empty.
    label: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Position"))]
struct Point {
    /// From 1.
    #[cfg_attr(test, schemars(range(min = 1)))]
    line: usize,
    /// From 1, in Unicode scalar values: not in bytes, nor in UTF-16 units.
    #[cfg_attr(test, schemars(range(min = 1)))]
    column: usize,
}

impl<'a> Diagnostic<'a> {
    pub(super) fn new(finding: &'a Finding) -> Self {
        Diagnostic {
            code: finding.rule.id,
            severity: match finding.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            message: &finding.message,
            place: finding.place.as_ref().map(Stretch::new),
            secondary: finding.related.iter().map(Stretch::new).collect(),
            help: &finding.help,
            explain: format!("soniq-codegen explain {}", finding.rule.id),
        }
    }
}

impl<'a> Stretch<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        let point = |Position { line, column }| Point { line, column };
        Stretch {
            file: &place.file,
            range: Range {
                start: point(place.start),
                end: point(place.end),
            },
            label: &place.label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::assert_published;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        assert_published(
            &schemars::schema_for!(Document<'_>),
            "diagnostics.schema.json",
        );
    }
}
