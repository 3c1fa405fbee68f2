//! What every format says of a finding beside its message.

use soniq_schema::compat::Direction;
use soniq_schema::contract::Waiver;

use super::{Judged, witness};

/// Lines about a finding: where it is and who meets whom, the value that fails.
pub(super) fn facts(judged: &Judged<'_>) -> Vec<String> {
    let finding = judged.finding;
    let place = match finding.pointer.as_str() {
        "" => String::new(),
        pointer => format!(", {pointer}"),
    };
    let who = who(finding.direction(), &finding.pointer);
    let mut facts = vec![format!("{}{place}: {who}", judged.version())];
    if let Some(value) = &finding.witness {
        facts.push(format!("it fails for {}", witness::line(value)));
    }
    facts
}

/// Who meets whom.
pub(super) fn who(direction: Direction, pointer: &str) -> &'static str {
    let is_result = pointer.starts_with("/result");
    match direction {
        Direction::Backward if is_result => "results of new workers, read by older callers",
        Direction::Forward if is_result => "results of older workers, read by new callers",
        Direction::Backward => "older rows, read by new workers",
        Direction::Forward => "new rows, read by older workers",
        Direction::Source => "code that is compiled against it",
        Direction::Operational => "how rows that are there are run",
    }
}

/// How long a waiver holds, whose it is and why.
pub(super) fn terms(waiver: &Waiver) -> String {
    let Waiver {
        expires,
        owner,
        reason,
        ..
    } = waiver;
    format!("until {expires} by {owner}: {reason}")
}
