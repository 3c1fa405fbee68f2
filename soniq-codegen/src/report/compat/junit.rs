//! `JUnit` XML, which most CI servers show as test results: a suite for each task version, a case for
//! each direction.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use soniq_schema::Diagnostic;
use soniq_schema::compat::{Direction, Level};
use soniq_schema::diagnostic::Severity;

use super::words::{facts, terms};
use super::{Judged, Report};

const DIRECTIONS: [Direction; 4] = [
    Direction::Backward,
    Direction::Forward,
    Direction::Source,
    Direction::Operational,
];

/// A case fails by its findings that fail; the others, except for the safe ones, are its output. What
/// is wrong with the waivers is a suite of its own.
pub(super) fn junit(report: &Report<'_>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    document(&mut writer, report).expect("writing to memory does not fail");
    let text = String::from_utf8(writer.into_inner());
    text.expect("what is written are texts") + "\n"
}

type Out = Writer<Vec<u8>>;

fn document(out: &mut Out, report: &Report<'_>) -> std::io::Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let sorted = report.sorted();
    let versions = versions(report, &sorted);
    let cases: Vec<_> = versions
        .iter()
        .flat_map(|version| DIRECTIONS.map(|direction| Case::new(version, direction, &sorted)))
        .collect();
    let waivers = Case::of_waivers(report);
    let all = || cases.iter().chain(&waivers);
    let failures = all().filter(|case| case.fails()).count();
    out.create_element("testsuites")
        .with_attributes([
            ("name", "soniq-codegen check"),
            ("tests", &*all().count().to_string()),
            ("failures", &*failures.to_string()),
        ])
        .write_inner_content(|out| {
            for cases in cases.chunks(DIRECTIONS.len()) {
                suite(out, cases)?;
            }
            waivers
                .as_slice()
                .iter()
                .try_for_each(|one| suite(out, std::slice::from_ref(one)))
        })?;
    Ok(())
}

/// Names of task versions: those that were compared, and those that something was found of.
fn versions(report: &Report<'_>, findings: &[&Judged<'_>]) -> Vec<String> {
    let compared = report.versions.iter();
    let mut all: Vec<(&str, Option<u32>, String)> = compared
        .map(|(task, version)| (task.as_str(), Some(*version), format!("{task} v{version}")))
        .collect();
    all.extend(findings.iter().map(|one| {
        let finding = one.finding;
        (finding.task.as_str(), finding.old_version, one.version())
    }));
    all.sort();
    all.dedup();
    all.into_iter().map(|(_, _, name)| name).collect()
}

/// A test case.
struct Case {
    /// The suite's name, `billing.send_invoice v1`.
    suite: String,
    name: String,
    failures: Vec<String>,
    /// What to say where it fails.
    summary: String,
    notes: Vec<String>,
}

impl Case {
    fn new(version: &str, direction: Direction, findings: &[&Judged<'_>]) -> Self {
        let of_case = findings
            .iter()
            .filter(|one| one.version() == version && one.finding.direction() == direction);
        let (failing, others): (Vec<&Judged<'_>>, Vec<_>) = of_case.partition(|one| one.fails());
        let notes = others.into_iter();
        let notes = notes.filter(|one| one.finding.level > Level::Safe);
        let ids: Vec<_> = failing.iter().map(|one| one.finding.id()).collect();
        Case {
            suite: version.to_owned(),
            name: direction.to_string(),
            summary: ids.join(", "),
            failures: failing.iter().map(|one| text(one)).collect(),
            notes: notes.map(text).collect(),
        }
    }

    /// Only where something is wrong with them.
    fn of_waivers(report: &Report<'_>) -> Option<Self> {
        if report.problems.is_empty() {
            return None;
        }
        let problems = report.problems.iter();
        let (failing, others): (Vec<_>, Vec<_>) =
            problems.partition(|problem| problem.severity() == Severity::Error);
        let ids: Vec<_> = failing.iter().map(|problem| problem.code.id).collect();
        let lines = |problems: Vec<&Diagnostic>| -> Vec<String> {
            let problems = problems.into_iter();
            problems
                .map(|problem| problem.plain_line(report.new))
                .collect()
        };
        Some(Case {
            suite: "waivers".to_owned(),
            name: "waivers".to_owned(),
            summary: ids.join(", "),
            failures: lines(failing),
            notes: lines(others),
        })
    }

    fn fails(&self) -> bool {
        !self.failures.is_empty()
    }
}

/// A finding as a paragraph.
fn text(judged: &Judged<'_>) -> String {
    let of = judged.finding;
    let level = match judged.allowed() {
        Some(_) => "waived".to_owned(),
        None => of.level.to_string(),
    };
    let mut lines = vec![format!("{level}[{}]: {}", of.id(), of.message)];
    lines.extend(facts(judged));
    lines.push(match judged.allowed() {
        Some(waiver) => format!("waived {}", terms(waiver)),
        None => format!("help: {}", of.help),
    });
    lines.join("\n")
}

fn suite(out: &mut Out, cases: &[Case]) -> std::io::Result<()> {
    let Some(first) = cases.first() else {
        return Ok(());
    };
    let failures = cases.iter().filter(|case| case.fails()).count();
    out.create_element("testsuite")
        .with_attributes([
            ("name", &*xml(&first.suite)),
            ("tests", &*cases.len().to_string()),
            ("failures", &*failures.to_string()),
        ])
        .write_inner_content(|out| cases.iter().try_for_each(|case| write_case(out, case)))?;
    Ok(())
}

fn write_case(out: &mut Out, case: &Case) -> std::io::Result<()> {
    let (suite, name) = (xml(&case.suite), xml(&case.name));
    let element = out
        .create_element("testcase")
        .with_attributes([("classname", &*suite), ("name", &*name)]);
    if case.failures.is_empty() && case.notes.is_empty() {
        element.write_empty()?;
        return Ok(());
    }
    element.write_inner_content(|out| {
        if case.fails() {
            out.create_element("failure")
                .with_attribute(("message", &*case.summary))
                .write_text_content(BytesText::new(&xml(&case.failures.join("\n\n"))))?;
        }
        if !case.notes.is_empty() {
            out.create_element("system-out")
                .write_text_content(BytesText::new(&xml(&case.notes.join("\n\n"))))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Without the characters that XML has not, escaped or not.
fn xml(text: &str) -> String {
    let is_known = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars()
        .map(|c| if is_known(c) { c } else { '\u{fffd}' })
        .collect()
}
