//! The lock file: what comes back of it, what is refused, and what a change does to it.
#![cfg(feature = "compat")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_schema::compat::{Level, Options};
use soniq_schema::lock::{ChangeKind, LoadedLock, Lock, read_lock};
use soniq_schema::{Contracts, load_sources};

const BILLING: &str = r#"
edition = "2026"
namespace = "billing"
[tasks.refund]
version = 2
queue = "money"
timeout = "30s"
unique = true
reserved = ["iban"]
retry = { max_attempts = 5, backoff = "fixed", delay = "2s" }
[tasks.refund.args]
type = "object"
required = ["payment"]
properties.payment = { type = "string", maxLength = 40 }
properties.note = { type = "string", pattern = "^[^']*(''')?[^\\u007f]*$" }
[tasks.refund.result]
type = "object"
properties.sent = { type = "boolean" }
[tasks.refund.retired.v1.args]
type = "object"
properties.id = { type = "integer", minimum = 0.5 }
"#;

fn contracts(text: &str) -> Contracts {
    let loaded = load_sources([("contracts/billing.toml".to_owned(), text.to_owned())]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

fn locked(text: &str) -> Lock {
    let mut lock = Lock::default();
    lock.update(&contracts(text), "2026-07-14");
    lock
}

fn read(text: &str) -> LoadedLock {
    read_lock("contracts/contracts.lock", text)
}

fn sound(lock: &Lock) -> LoadedLock {
    let text = lock.to_string();
    let read = read(&text);
    assert!(
        read.diagnostics.is_empty(),
        "{text}\n{:?}",
        read.diagnostics
    );
    assert_eq!(read.lock.to_string(), text);
    read
}

/// What fails of a new state.
fn failing(lock: &Lock, text: &str) -> Vec<(&'static str, String)> {
    let findings = sound(lock)
        .compare(&contracts(text), &Options::default())
        .unwrap();
    let failing = findings.into_iter().filter(|finding| finding.level.fails());
    failing
        .map(|finding| (finding.id(), finding.pointer))
        .collect()
}

#[test]
fn a_lock_file_is_readable() {
    insta::assert_snapshot!(locked(BILLING));
}

#[test]
fn it_comes_back_as_it_was_written() {
    let lock = locked(BILLING);
    let read = sound(&lock);
    let task = contracts(BILLING);
    let task = &task.contracts[0].tasks[0];
    let version = read.lock.version("billing.refund", 2).unwrap();
    let schemas = contracts(BILLING);
    let args = schemas.schemas.get(task.args);
    assert_eq!(version.args.canonical, soniq_schema::canonical(args));
    assert_eq!(version.args.fingerprint(), soniq_schema::fingerprint(args));
    // Nothing is new.
    let mut again = read.lock.clone();
    assert!(again.update(&contracts(BILLING), "2027-01-01").is_empty());
    assert_eq!(again.to_string(), lock.to_string());
    let findings = read
        .compare(&contracts(BILLING), &Options::default())
        .unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn a_line_end_of_another_system_changes_nothing() {
    let text = locked(BILLING).to_string().replace('\n', "\r\n");
    assert!(read(&text).diagnostics.is_empty());
}

#[test]
fn every_cut_is_noticed() {
    let text = locked(BILLING).to_string();
    let whole = text.trim_end().len();
    for end in (0..whole).filter(|end| text.is_char_boundary(*end)) {
        let cut = read(&text[..end]);
        assert_eq!(cut.diagnostics.len(), 1, "{end}: {:?}", cut.diagnostics);
        assert_eq!(cut.diagnostics[0].code.id, "E049", "{end}");
    }
}

#[test]
fn what_was_not_written_by_the_command_is_refused() {
    let text = locked(BILLING).to_string();
    let block = text.find("\n[tasks.\"billing.refund\".v1]").unwrap();
    let (head, blocks) = text.split_at(block);
    for (broken, expected) in [
        (
            text.replace("\"maxLength\": 40", "\"maxLength\": 80"),
            "E051 25",
        ),
        (text.replace("version = 1", "version = 2"), "E050 5"),
        (text.replace("version = 1\n", ""), "E049 1"),
        (format!("{head}<<<<<<< HEAD\n{blocks}"), "E049 6"),
        (format!("{head}=======\n{blocks}"), "E049 6"),
        (
            text.replace("released = 2026-07-14", "released = 2026-07-34"),
            "E049 9",
        ),
        (
            text.replace("released = 2026-07-14", "released = \"today\""),
            "E049 9",
        ),
        (text.replace("name =", "nmae ="), "E049 7"),
        (text.replace(".v1]", ".one]"), "E049 7"),
        (
            text.replace(
                "\n[tasks.\"billing.refund\".v2]",
                &format!(
                    "{}\n[tasks.\"billing.refund\".v2]",
                    blocks
                        .trim_end()
                        .trim_end_matches("# End of contracts.lock.")
                ),
            ),
            "E049 20",
        ),
        (
            text.replace("max_attempts = 5", "max_attempts = -5"),
            "E049 47",
        ),
        (
            text.replace("version = 1\n", "version = 1\nnew = 2\n"),
            "E049 6",
        ),
        (
            "edition = '2026'\nnamespace = 'billing'\n".to_owned(),
            "E049 2",
        ),
    ] {
        assert_ne!(broken, text, "{expected}");
        let read = read(&broken);
        let first = read.diagnostics.first().expect(expected);
        let (line, _) = read.sources.line_column(first.location.as_ref().unwrap());
        let found = format!("{} {line}", first.code.id);
        assert_eq!(found, expected, "{}", first.message);
    }
}

#[test]
fn a_harmless_change_keeps_the_first_day_and_the_shape_before() {
    let mut lock = locked(BILLING);
    let renamed = BILLING
        .replace("properties.payment =", "properties.charge =")
        .replace(
            "maxLength = 40 }",
            "maxLength = 40, x-aliases = ['payment'] }",
        )
        .replace("[\"payment\"]", "[\"charge\"]");
    let changes = lock.update(&contracts(&renamed), "2026-08-01");
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].kind, ChangeKind::Reshaped);
    let version = lock.version("billing.refund", 2).unwrap();
    assert_eq!(version.released, "2026-07-14");
    assert_eq!(version.earlier.len(), 1);
    assert!(failing(&lock, &renamed).is_empty());

    // Producers of the second shape never wrote the older name. Those of the first one did.
    let forgotten = renamed.replace(", x-aliases = ['payment']", "");
    let failing = failing(&lock, &forgotten);
    assert!(
        failing.iter().any(|(id, _)| id.starts_with('B')),
        "{failing:?}"
    );
    let mut without = lock.clone();
    let census = [("billing.refund.v2".to_owned(), 0)].into();
    assert_eq!(without.prune(&contracts(&renamed), &census).len(), 1);
    let read = sound(&without);
    let findings = read
        .compare(&contracts(&forgotten), &Options::default())
        .unwrap();
    let is_backward = |id: &str| id.starts_with('B');
    assert!(
        !findings
            .iter()
            .any(|one| one.level.fails() && is_backward(one.id()))
    );
}

#[test]
fn a_shape_whose_rows_were_given_up_is_not_kept() {
    let mut lock = locked(BILLING);
    let tighter = BILLING.replace("maxLength = 40", "maxLength = 4");
    assert!(!failing(&lock, &tighter).is_empty());
    // Who waived it went on.
    lock.update(&contracts(&tighter), "2026-08-01");
    assert!(
        lock.version("billing.refund", 2)
            .unwrap()
            .earlier
            .is_empty()
    );
    assert!(failing(&lock, &tighter).is_empty());
}

#[test]
fn a_bump_keeps_both_versions() {
    let mut lock = locked(BILLING);
    let bumped = BILLING.replace("version = 2", "version = 3").replace(
        "[tasks.refund.retired.v1.args]",
        "[tasks.refund.retired.v2.args]\ntype = 'object'\nrequired = ['payment']\nproperties.payment = { type = 'string', maxLength = 40 }\nproperties.note = { type = 'string', pattern = \"^[^']*(''')?[^\\\\u007f]*$\" }\n[tasks.refund.retired.v1.args]",
    ).replace("queue = \"money\"", "queue = \"cash\"");
    let found = failing(&lock, &bumped);
    assert!(found.iter().all(|(id, _)| id.starts_with('S')), "{found:?}");
    let kinds: Vec<_> = lock
        .update(&contracts(&bumped), "2026-08-01")
        .into_iter()
        .map(|change| (change.version, change.kind))
        .collect();
    assert_eq!(kinds, [(2, ChangeKind::Run), (3, ChangeKind::Added)]);
    // That the queue was moved was told once.
    let findings = sound(&lock)
        .compare(&contracts(&bumped), &Options::default())
        .unwrap();
    assert!(
        findings.iter().all(|finding| finding.level == Level::Safe),
        "{findings:?}"
    );
}

#[test]
fn only_what_is_gone_and_has_no_rows_is_pruned() {
    let mut lock = locked(BILLING);
    let gone = BILLING.split("[tasks.refund.retired").next().unwrap();
    let rows = |v1: u64| [("billing.refund.v1".to_owned(), v1)].into();
    assert!(lock.prune(&contracts(gone), &rows(1)).is_empty());
    assert!(lock.prune(&contracts(BILLING), &rows(0)).is_empty());
    let changes = lock.prune(&contracts(gone), &rows(0));
    assert_eq!(
        changes[0].to_string(),
        "removed billing.refund v1, which has no rows"
    );
    assert!(lock.version("billing.refund", 1).is_none());
    assert!(lock.version("billing.refund", 2).is_some());
}

#[test]
fn findings_point_into_the_lock_file() {
    let lock = locked(BILLING);
    let tighter = BILLING.replace("maxLength = 40", "maxLength = 4");
    let read = sound(&lock);
    let findings = read
        .compare(&contracts(&tighter), &Options::default())
        .unwrap();
    let finding = findings
        .iter()
        .find(|one| one.id().starts_with('B') && !one.pointer.is_empty())
        .unwrap();
    let place = finding.old.as_ref().unwrap();
    let text = &read.sources.get(place.file).text;
    assert_eq!(&text[place.range.clone()], "\"payment\"");
    assert!(text[place.range.end..].starts_with(": { \"maxLength\": 40"));
}
