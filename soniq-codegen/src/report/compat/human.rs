//! Text for people: what was there and what is there, the value that would be refused, what to do.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};
use soniq_schema::compat::Level;
use soniq_schema::diagnostic::{self, Style};
use soniq_schema::source::{Location, Sources};

use super::words::{facts, terms};
use super::{Judged, Report};

/// Every finding that is not safe, what is wrong with the waivers, and the verdict.
pub(super) fn human(report: &Report<'_>, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let mut out = String::new();
    for judged in report.shown() {
        out.push_str(&renderer.render(&[group(judged, report)]));
        out.push_str("\n\n");
    }
    if !report.problems.is_empty() {
        out.push_str(&diagnostic::render(report.problems, report.new, style));
        out.push('\n');
    }
    out.push_str(&report.verdict());
    out.push('\n');
    out
}

fn group<'a>(judged: &'a Judged<'_>, report: &'a Report<'_>) -> Group<'a> {
    let finding = judged.finding;
    let level = match finding.level {
        _ if judged.allowed().is_some() => Title::NOTE.with_name("waived"),
        Level::Breaking => Title::ERROR.with_name("breaking"),
        Level::Unproven => Title::ERROR.with_name("unproven"),
        Level::Warning => Title::WARNING,
        Level::Safe => Title::INFO.with_name("safe"),
    };
    let title = level
        .primary_title(finding.message.as_str())
        .id(finding.id());
    let mut group = Group::with_title(title);
    let kinds = [
        (&finding.new, report.new, AnnotationKind::Primary, "now"),
        (&finding.old, report.old, AnnotationKind::Context, "before"),
    ];
    for (location, sources, kind, label) in kinds {
        if let Some(location) = location {
            group = group.element(snippet(location, sources, kind, label));
        }
    }
    for note in facts(judged) {
        group = group.element(Title::NOTE.message(note));
    }
    match judged.allowed() {
        Some(waiver) => group.element(Title::NOTE.message(format!("waived {}", terms(waiver)))),
        None => group.element(Title::HELP.message(finding.help.as_str())),
    }
}

fn snippet<'a>(
    location: &Location,
    sources: &'a Sources,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = sources.get(location.file);
    Snippet::source(source.text.as_str())
        .path(source.name.as_str())
        .annotation(kind.span(first_line(&source.text, location)).label(label))
}

/// The part of a location that is on its first line: a whole table would bury what is said of it.
/// The renderer slices without asking, so that what lies outside of the text is cut as well.
fn first_line(text: &str, location: &Location) -> Range<usize> {
    let Range { start, end } = location.range;
    match text.get(start..end) {
        None => text.len()..text.len(),
        Some(quoted) => start..start + quoted.lines().next().map_or(0, str::len),
    }
}
