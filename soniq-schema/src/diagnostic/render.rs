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
            let places = places
                .iter()
                .filter(|(_, location, _)| location.file == file);
            let ranges = places
                .clone()
                .map(|(_, location, _)| within(source, location));
            let whole = ranges.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            // The renderer takes its time for every line that it gets, and there may be as many
            // diagnostics as lines.
            let (line, lines) = source.lines_around(&whole.unwrap_or_default());
            let annotations = places.map(|(kind, location, text)| {
                let range = within(source, location);
                let annotation = kind.span(range.start - lines.start..range.end - lines.start);
                if text.is_empty() {
                    annotation
                } else {
                    annotation.label(*text)
                }
            });
            Snippet::source(&source.text[lines.clone()])
                .path(source.name.as_str())
                .line_start(line)
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::diagnostic::codes;

    /// Diagnostics of this many lines, each at its line and beside the one before.
    fn rendered(lines: usize) -> String {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "unknown = \"ü\"\r\n".repeat(lines));
        let at = |line: usize| Location {
            file,
            range: line * 16..line * 16 + 7,
        };
        let diagnostics: Vec<_> = (1..lines)
            .map(|line| {
                let diagnostic = Diagnostic::new(codes::UNKNOWN_KEY, "unknown key", &at(line));
                diagnostic.secondary(&at(line - 1), "the other one")
            })
            .collect();
        render(&diagnostics, &sources, Style::Plain)
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text = rendered(1002);
        let last = &text[text.rfind("error").expect("an error")..];
        assert_eq!(
            last,
            r#"error[E006]: unknown key
    --> a.toml:1002:1
     |
1001 | unknown = "ü"
     | ------- the other one
1002 | unknown = "ü"
     | ^^^^^^^
     |
     = help: remove the key, or spell it as the contract language does
"#
        );
    }

    /// Two seconds; by the file as a whole, minutes.
    #[test]
    fn as_many_diagnostics_as_lines() {
        let start = Instant::now();
        assert_eq!(rendered(20_000).matches("error[E006]").count(), 19_999);
        assert!(start.elapsed() < Duration::from_secs(40));
    }
}
