//! Diagnostics as text for people, with the lines they speak of quoted.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{Location, SourceFile, Sources};

/// Whether rendered text carries terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// ANSI colours.
    Color,
}

/// Renders diagnostics in the given order, an empty line between two of them.
///
/// ```
/// use soniq_schema::diagnostic::{Style, render};
///
/// let loaded = soniq_schema::load_sources([("a.toml".to_owned(), "edition = 2026".to_owned())]);
/// let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
/// assert!(text.contains("a.toml:1:11"));
/// ```
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let texts: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| renderer.render(&[group(diagnostic, sources)]) + "\n")
        .collect();
    texts.join("\n")
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id);
    let mut group = Group::with_title(title);
    for snippet in snippets(diagnostic, sources) {
        group = group.element(snippet);
    }
    group.element(Level::HELP.message(diagnostic.help.as_str()))
}

/// One snippet per file, the primary place's first.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let Some(primary) = &diagnostic.location else {
        return Vec::new();
    };
    let places: Vec<(AnnotationKind, &Location, &str)> =
        std::iter::once((AnnotationKind::Primary, primary, diagnostic.label.as_str()))
            .chain(diagnostic.secondary.iter().map(|label| {
                (
                    AnnotationKind::Context,
                    &label.location,
                    label.text.as_str(),
                )
            }))
            .collect();
    let mut files = vec![primary.file];
    for (_, location, _) in &places {
        if !files.contains(&location.file) {
            files.push(location.file);
        }
    }
    files
        .into_iter()
        .map(|file| {
            let source = sources.get(file);
            let of_file = || places.iter().filter(|(_, one, _)| one.file == file);
            let ranges = of_file().map(|(_, location, _)| within(source, location));
            let all = ranges.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            // The renderer walks all that it is given, for each diagnostic anew.
            let (lines, first) = source.lines(&all.unwrap_or_default());
            let annotations = of_file().map(|(kind, location, text)| {
                let range = within(source, location);
                let annotation = kind.span(range.start - lines.start..range.end - lines.start);
                if text.is_empty() {
                    annotation
                } else {
                    annotation.label(*text)
                }
            });
            Snippet::source(&source.text[lines.clone()])
                .line_start(first)
                .path(source.name.as_str())
                .annotations(annotations)
        })
        .collect()
}

/// The location's range, cut to what the file has: the renderer slices without asking.
fn within(source: &SourceFile, location: &Location) -> std::ops::Range<usize> {
    let range = location.range.clone();
    match source.text.get(range.clone()) {
        Some(_) => range,
        None => source.text.len()..source.text.len(),
    }
}
