//! GitLab's code quality report, which a merge request shows at the changed lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use soniq_schema::diagnostic::Severity;

use super::{Finding, Place};

/// One JSON array with an entry per finding.
pub(crate) fn gitlab(findings: &[Finding]) -> String {
    let mut seen = BTreeMap::new();
    let entries: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let file = finding.place.as_ref().map(|place| place.file.as_str());
            let identity = (finding.rule.id, file, finding.message.as_str());
            let nth = seen.entry(identity).or_insert(0);
            *nth += 1;
            entry(finding, *nth)
        })
        .collect();
    let document = Value::from(entries);
    format!("{document:#}\n")
}

fn entry(finding: &Finding, nth: usize) -> Value {
    let severity = match finding.severity {
        _ if finding.waived.is_some() => "info",
        Severity::Error => "major",
        Severity::Warning => "minor",
    };
    json!({
        "check_name": finding.rule.id,
        "description": finding.text(),
        "fingerprint": fingerprint(finding, nth),
        "severity": severity,
        "location": location(finding.place.as_ref()),
    })
}

/// Without a place it is the folder as a whole: the format knows no entry without a path.
fn location(place: Option<&Place>) -> Value {
    let Some(Place {
        file, start, end, ..
    }) = place
    else {
        return json!({ "path": ".", "lines": { "begin": 1 } });
    };
    json!({
        "path": file,
        "positions": {
            "begin": { "line": start.line, "column": start.column },
            "end": { "line": end.line, "column": end.column },
        },
    })
}

/// The same for the same problem when lines above it come or go, and another for each of several
/// that read alike: so a merge request shows what it adds and mends.
fn fingerprint(finding: &Finding, nth: usize) -> String {
    let file = finding.place.as_ref().map(|place| &place.file);
    let identity = json!([finding.rule.id, file, finding.message, nth]);
    let mut text = String::new();
    for byte in hmac_sha256::Hash::hash(identity.to_string().as_bytes()) {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
