//! Workflow commands, which GitHub Actions shows as annotations of the changed lines.

use std::fmt::Write as _;

use soniq_schema::diagnostic::Severity;

use super::{Finding, Place};

/// One line per finding: `::error file=contracts/billing.toml,line=3,...::message`.
pub(crate) fn github(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let title = format!("{}: {}", finding.rule.id, finding.rule.title);
        let mut properties = finding.place.as_ref().map(location).unwrap_or_default();
        properties.push(("title", title));
        let properties: Vec<_> = properties
            .iter()
            .map(|(key, value)| format!("{key}={}", property(value)))
            .collect();
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "::{} {}::{}",
            level(finding),
            properties.join(","),
            data(&text(finding))
        );
    }
    out
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        _ if finding.waived.is_some() => "notice",
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn location(place: &Place) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("file", place.file.clone()),
        ("line", place.start.line.to_string()),
        ("endLine", place.end.line.to_string()),
    ];
    // The runner takes columns only where both lines are the same.
    if place.start.line == place.end.line {
        properties.push(("col", place.start.column.to_string()));
        properties.push(("endColumn", place.end.column.to_string()));
    }
    properties
}

/// An annotation has one place: the others become lines of its text.
fn text(finding: &Finding) -> String {
    let mut text = finding.text();
    for Place {
        file, start, label, ..
    } in &finding.related
    {
        // Writing to a `String` does not fail.
        let _ = write!(text, "\n{file}:{}:{}: {label}", start.line, start.column);
    }
    text
}

/// The text behind `::`, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A value before `::`, which a comma or colon ends too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::UNKNOWN_NAMESPACE;
    use crate::report::Position;

    fn finding(place: Option<Place>, message: &str) -> Finding {
        Finding {
            rule: UNKNOWN_NAMESPACE.into(),
            severity: UNKNOWN_NAMESPACE.severity,
            message: message.to_owned(),
            place,
            related: Vec::new(),
            help: "do, 100%: this".to_owned(),
            waived: None,
            details: None,
        }
    }

    #[test]
    fn what_ends_a_value_is_escaped() {
        let place = Place {
            file: "a,b:c%/ä.toml".to_owned(),
            start: Position { line: 2, column: 3 },
            end: Position { line: 2, column: 5 },
            label: String::new(),
        };
        assert_eq!(
            github(&[finding(Some(place), "one\r\ntwo::three")]),
            "::error file=a%2Cb%3Ac%25/ä.toml,line=2,endLine=2,col=3,endColumn=5,\
             title=E105%3A no contract declares the namespace that was asked for\
             ::one%0D%0Atwo::three%0Ahelp: do, 100%25: this\n"
        );
    }

    #[test]
    fn what_is_waived_is_a_notice() {
        let waived = Finding {
            waived: Some("known".to_owned()),
            ..finding(None, "x")
        };
        assert!(github(&[waived]).starts_with("::notice title="));
    }

    #[test]
    fn columns_only_on_one_line() {
        let place = Place {
            file: "a.toml".to_owned(),
            start: Position { line: 2, column: 9 },
            end: Position { line: 4, column: 2 },
            label: String::new(),
        };
        let text = github(&[finding(Some(place), "x")]);
        assert!(
            text.starts_with("::error file=a.toml,line=2,endLine=4,title="),
            "{text}"
        );
    }

    #[test]
    fn without_a_place_there_is_a_title_alone() {
        let text = github(&[finding(None, "x")]);
        assert!(text.starts_with("::error title=E105%3A no"), "{text}");
        assert_eq!(github(&[]), "");
    }
}
