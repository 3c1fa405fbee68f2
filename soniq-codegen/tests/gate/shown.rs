//! How the formats look, and that they do not depend on anything but the report.

use soniq_codegen::report::compat::{Format, Judged, Report, Summary, write};
use soniq_schema::compat::Level;
use soniq_schema::diagnostic::Style;

use crate::{Case, FORMATS};

#[test]
fn a_year_of_changes() {
    let case = Case::of_a_year();
    for format in FORMATS {
        let text = case.written(format);
        let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = text.replace(&version, "\"semanticVersion\": \"...\"");
        insta::assert_snapshot!(format!("{format:?}").to_lowercase(), text);
    }
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let case = Case::of_a_year();
    let mut report = case.report();
    report.findings.reverse();
    report.versions.reverse();
    for format in FORMATS {
        assert_eq!(write(format, &report, Style::Plain), case.written(format));
    }
}

#[test]
fn colours_are_for_people_alone() {
    let case = Case::of_a_year();
    for format in FORMATS {
        let text = write(format, &case.report(), Style::Color);
        assert_eq!(
            text.contains('\u{1b}'),
            format == Format::Human,
            "{format:?}"
        );
    }
}

#[test]
fn nothing_found_is_a_report_too() {
    let case = Case::new(include_str!("before.toml"), include_str!("before.toml"));
    assert!(!case.report().fails());
    let human = case.written(Format::Human);
    assert_eq!(human, "no changes against main: compatible\n");
    let markdown = case.written(Format::Markdown);
    assert_eq!(
        markdown,
        "### ✅ Contracts: no changes against main: compatible\n"
    );
    assert_eq!(case.written(Format::Github), "");
    assert_eq!(case.written(Format::Gitlab), "[]\n");
    // Every version was compared in every direction, and all is well.
    assert_eq!(case.written(Format::Junit).matches("<testcase").count(), 12);
}

#[test]
fn a_waiver_lets_its_finding_pass_and_no_other() {
    let case = Case::of_a_year();
    let mut report = case.report();
    let is_waived = |one: &&Judged<'_>| one.waiver.is_some();
    assert_eq!(report.findings.iter().filter(is_waived).count(), 1);
    assert_eq!(report.summary().waived, 1);
    assert!(report.fails());
    report.findings.retain(|one| is_waived(&one));
    assert!(!report.fails());
    let human = write(Format::Human, &report, Style::Plain);
    assert!(
        human.ends_with("1 waived against main: compatible\n"),
        "{human}"
    );
    report.findings[0].waiver = None;
    assert!(report.fails());
}

#[test]
fn what_is_unproven_fails() {
    let case = Case::of_a_year();
    let unproven = case.findings.iter();
    let unproven: Vec<_> = unproven
        .filter(|one| one.level == Level::Unproven)
        .map(Judged::new)
        .collect();
    let count = unproven.len();
    assert!(count > 0);
    let report = Report {
        findings: unproven,
        ..case.report()
    };
    assert!(report.fails());
    let summary = Summary {
        unproven: count,
        ..Summary::default()
    };
    assert_eq!(report.summary(), summary);
}

#[test]
fn errors_about_waivers_fail_and_are_told_in_every_format() {
    let text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'\n\
        [[tasks.t.compat.allow]]\nrule = 'B001'";
    let loaded = soniq_schema::load_sources([("contracts/a.toml".to_owned(), text.to_owned())]);
    let case = Case::new(include_str!("before.toml"), include_str!("before.toml"));
    let report = Report {
        new: &loaded.contracts.sources,
        problems: &loaded.diagnostics,
        ..case.report()
    };
    assert!(report.fails());
    for format in FORMATS {
        let text = write(format, &report, Style::Plain);
        assert!(text.contains("E026"), "{format:?}: {text}");
    }
}
