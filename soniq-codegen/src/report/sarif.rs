//! SARIF 2.1.0, which code scanners and editors read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Finding, Place, Rule};

/// What a segment of a URI's path may hold as it is, and `/` between two of them. Without the
/// colon, which would make a scheme of what stands before it.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One run with all findings, and the rules that they break.
pub(crate) fn sarif(findings: &[Finding]) -> String {
    let mut rules: Vec<&Rule> = findings.iter().map(|finding| &finding.rule).collect();
    rules.sort_by_key(|rule| rule.id);
    rules.dedup_by_key(|rule| rule.id);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let index = rules.binary_search_by_key(&finding.rule.id, |rule| rule.id);
            result(finding, index.expect("each finding's rule is among them"))
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "soniq-codegen",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.into_iter().map(rule).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(rule: &Rule) -> Value {
    let first_paragraph = rule.explanation.split("\n\n").next().unwrap_or_default();
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": first_paragraph.replace('\n', " ") },
        "help": { "text": rule.help, "markdown": rule.explanation },
        "defaultConfiguration": { "level": rule.severity.to_string() },
    })
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rule,
        "level": finding.severity.to_string(),
        "message": { "text": finding.text() },
    });
    if let Some(place) = &finding.place {
        result["locations"] = json!([location(place)]);
    }
    if !finding.related.is_empty() {
        result["relatedLocations"] = finding.related.iter().map(location).collect();
    }
    if let Some(reason) = &finding.waived {
        result["suppressions"] =
            json!([{ "kind": "inSource", "status": "accepted", "justification": reason }]);
    }
    if let Some(details) = &finding.details {
        result["properties"] = details.clone();
    }
    result
}

fn location(place: &Place) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": {
                "startLine": place.start.line,
                "startColumn": place.start.column,
                "endLine": place.end.line,
                "endColumn": place.end.column,
            },
        },
    });
    if !place.label.is_empty() {
        location["message"] = json!({ "text": place.label });
    }
    location
}

/// A relative path as a relative reference, an absolute one as a `file` URI.
fn uri(path: &str) -> String {
    let encode = |text| utf8_percent_encode(text, ESCAPED);
    if path.starts_with('/') {
        return format!("file://{}", encode(path));
    }
    match path.split_once(":/") {
        Some((drive, rest)) if drive.len() == 1 => format!("file:///{drive}:/{}", encode(rest)),
        _ => encode(path).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("contracts/a.toml", "contracts/a.toml"),
            ("../b/a.toml", "../b/a.toml"),
            (
                "mit Leer/zähler#1?.toml",
                "mit%20Leer/z%C3%A4hler%231%3F.toml",
            ),
            ("100%/a:b.toml", "100%25/a%3Ab.toml"),
            ("/srv/contracts/a.toml", "file:///srv/contracts/a.toml"),
            ("C:/contracts/a b.toml", "file:///C:/contracts/a%20b.toml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
