//! Markdown for a comment on a pull request: a table for each task that has findings, and below it
//! the values that would be refused.

use std::fmt::Write as _;

use soniq_schema::compat::Level;
use soniq_schema::diagnostic::Severity;
use soniq_schema::source::{Location, Sources};

use super::words::{terms, who};
use super::{Judged, Report, witness};
use crate::report::markdown::{code, fenced, inline};

/// What fits into a comment on GitHub, which counts characters: in bytes, to be safe on other forges.
const LONGEST: usize = 65_536;

/// What is kept free to say how much was left out.
const REST: usize = 200;

/// The longest message that a cell holds, in characters.
const LONGEST_MESSAGE: usize = 300;

/// The verdict, then as many findings as a comment holds, the worst first in each task version.
pub(super) fn markdown(report: &Report<'_>) -> String {
    let mark = if report.fails() { "❌" } else { "✅" };
    let verdict = words(&cut(&report.verdict()));
    let mut out = format!("### {mark} Contracts: {verdict}\n");
    for problem in report.problems {
        let text = words(&cut(&problem.plain_line(report.new)));
        let mark = match problem.severity() {
            Severity::Error => "❌",
            Severity::Warning => "⚠️",
        };
        let line = format!("\n- {mark} {text}\n");
        if !fits(&out, &line) {
            break;
        }
        out.push_str(&line);
    }
    let shown = report.shown();
    let mut written = 0;
    for version in shown.chunk_by(|one, other| one.version() == other.version()) {
        let count = section(&mut out, version, report);
        written += count;
        if count < version.len() {
            break;
        }
    }
    if written < shown.len() {
        let left = shown.len() - written;
        // Writing to a `String` does not fail.
        let _ = writeln!(
            out,
            "\n{left} more findings do not fit into a comment: see the log of the check."
        );
    }
    out
}

fn fits(out: &str, more: &str) -> bool {
    out.len() + more.len() + REST <= LONGEST
}

/// Writes what fits of a task version, and returns how many findings that is.
fn section(out: &mut String, findings: &[&Judged<'_>], report: &Report<'_>) -> usize {
    let Some(first) = findings.first() else {
        return 0;
    };
    let title = code(&cut(&first.version()));
    let mut table =
        format!("\n#### {title}\n\n| | rule | place | what happens |\n| --- | --- | --- | --- |\n");
    let mut values = String::new();
    let mut count = 0;
    for judged in findings {
        let row = row(judged, report);
        let value = value(judged);
        let whole = format!("{table}{row}{}{}", details(&values), value);
        if !fits(out, &whole) {
            break;
        }
        table.push_str(&row);
        values.push_str(&value);
        count += 1;
    }
    if count > 0 {
        out.push_str(&table);
        out.push_str(&details(&values));
    }
    count
}

fn details(values: &str) -> String {
    if values.is_empty() {
        return String::new();
    }
    format!("\n<details>\n<summary>Jobs that would fail</summary>\n{values}\n</details>\n")
}

fn row(judged: &Judged<'_>, report: &Report<'_>) -> String {
    let of = judged.finding;
    let level = match of.level {
        _ if judged.allowed().is_some() => "⏸️ waived",
        Level::Breaking => "❌ breaking",
        Level::Unproven => "❓ unproven",
        Level::Warning => "⚠️ warning",
        Level::Safe => "safe",
    };
    let mut place = match of.pointer.as_str() {
        "" => String::new(),
        pointer => format!("{}<br>", code(&cut(pointer))),
    };
    let at = |location: &Option<Location>, sources: &Sources| {
        let location = location.as_ref()?;
        let (line, _) = sources.line_column(location);
        let name = sources.get(location.file).name.trim_start_matches("./");
        Some(code(&cut(&format!("{name}:{line}"))))
    };
    let places = match (at(&of.old, report.old), at(&of.new, report.new)) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (_, Some(one)) | (Some(one), None) => one,
        (None, None) => String::new(),
    };
    place.push_str(&places);
    let mut text = words(&cut(&of.message));
    if !of.pointer.is_empty() {
        let _ = write!(text, " ({})", who(of.direction(), &of.pointer));
    }
    let last = match judged.allowed() {
        Some(waiver) => format!("Waived {}", terms(waiver)),
        None => format!("Help: {}", of.help),
    };
    let _ = write!(text, "<br>{}", words(&cut(&last)));
    format!("| {level} | `{}` | {place} | {text} |\n", of.id())
}

/// The witness in a block of its own: a table cannot hold one.
fn value(judged: &Judged<'_>) -> String {
    let of = judged.finding;
    let Some(witness) = &of.witness else {
        return String::new();
    };
    let place = code(&cut(&of.pointer));
    let block = fenced("json", &witness::lines(witness));
    format!("\n`{}` at {place}:\n\n{block}\n", of.id())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Prose with code between backticks, in which names of others neither notify anybody nor link
/// anywhere.
fn words(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return unlinked(text);
    }
    let parts = parts.iter().enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => unlinked(part),
            _ if part.is_empty() => String::new(),
            _ => code(part),
        })
        .collect()
}

/// A comment parts what a forge would make a mention, a reference or a link of.
fn unlinked(text: &str) -> String {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, c) in text.char_indices() {
        let (before, rest) = (&text[..index], &text[index + c.len_utf8()..]);
        let parts = match c {
            '@' => true,
            '#' | '!' => rest.starts_with(|c: char| c.is_ascii_digit()),
            '-' => before.ends_with("GH") && rest.starts_with(|c: char| c.is_ascii_digit()),
            ':' => rest.starts_with('/'),
            '.' => before.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if parts {
            let end = index + c.len_utf8();
            pieces.push(within(&text[start..end]));
            start = end;
        }
    }
    pieces.push(within(&text[start..]));
    pieces.join("<!-- -->")
}

/// Words that stand behind others on their line, where they begin no block.
fn within(text: &str) -> String {
    inline(&format!("({text}")).split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_notified_and_nothing_is_linked() {
        for (text, expected) in [
            ("ask @team", "ask @<!-- -->team"),
            ("see #12 and !3", "see #<!-- -->12 and !<!-- -->3"),
            ("https://a.example", "https:<!-- -->//a.example"),
            ("www.a.example", "www.<!-- -->a.example"),
            ("GH-7, not #x", "GH-<!-- -->7, not #x"),
            ("`@team` is code", "`@team` is code"),
            ("a `b", "a \\`b"),
            ("<img src=x> | [a](b)", "\\<img src=x> &#124; \\[a\\](b)"),
        ] {
            assert_eq!(words(text), expected);
        }
    }
}
