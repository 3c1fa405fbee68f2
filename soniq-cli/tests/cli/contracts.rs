//! contracts census | check-rows | fleet.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Bed, Run, contracts, run, soniq, write_contract};

/// A task with an older name and a retired version.
const SHOP: &str = r#"
edition = "2026"
namespace = "shop"
[tasks.ship]
version = 2
aliases = ["ship_order"]
[tasks.ship.args]
type = "object"
required = ["order"]
properties.order = { type = "integer", minimum = 1 }
properties.note = { type = "string", maxLength = 5 }
[tasks.ship.retired.v1.args]
type = "object"
required = ["number"]
properties.number = { type = "string" }
"#;

fn shop() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_contract(dir.path(), "shop.toml", SHOP);
    dir
}

fn check(bed: &Bed, dir: &Path, options: &[&str]) -> Run {
    let dir = dir.display().to_string();
    let arguments = ["contracts", "check-rows", "--contracts", &dir];
    bed.run(&[&arguments[..], options].concat())
}

/// A queued row of a day of its own; its id ends in `number`.
async fn insert(bed: &Bed, number: u32, name: &str, args: &str) {
    bed.sql(&format!(
        "INSERT INTO soniq_jobs (id, job_name, args, created_at) VALUES (
             '00000000-0000-7000-8000-{number:012}', '{name}', '{args}',
             '2026-01-01T00:00:00Z'::timestamptz + interval '{number} days'
         )"
    ))
    .await;
}

/// Every kind of row: two that run, two of the retired version, two that fail, one of another team.
async fn insert_all(bed: &Bed) {
    insert(bed, 1, "shop.ship.v2", r#"{"order": 1}"#).await;
    insert(bed, 2, "ship_order", r#"{"order": 2}"#).await;
    insert(bed, 3, "shop.ship.v1", r#"{"number": "3"}"#).await;
    insert(bed, 4, "shop.ship.v1", r#"{"number": 4}"#).await;
    let long = r#"{"order": 0, "note": "too long"}"#;
    insert(bed, 5, "shop.ship.v2", long).await;
    // As Soniq for Python enqueues a function that nobody gave a version.
    insert(bed, 6, "send_email", r#"{"to": "x"}"#).await;
    bed.sql(
        "INSERT INTO soniq_dead_letter_jobs (
             id, job_name, args, queue, priority, max_attempts, attempts, dead_letter_reason,
             original_created_at, moved_to_dead_letter_at
         ) VALUES (
             '00000000-0000-7000-8000-000000000007', 'shop.ship.v2', '{\"order\": 0}', 'q', 1, 1, 1,
             'timeout', '2025-12-31T00:00:00Z', now()
         );
         INSERT INTO soniq_jobs (id, job_name, args, status)
         VALUES (gen_random_uuid(), 'shop.ship.v2', '{}', 'done'),
                (gen_random_uuid(), 'shop.ship.v2', '{}', 'cancelled')",
    )
    .await;
}

#[tokio::test]
async fn a_census_counts_what_may_still_run() {
    let bed = Bed::new().await;
    let empty = bed.run(&["contracts", "census"]).json();
    assert_eq!(empty["tasks"], json!([]));
    insert_all(&bed).await;
    // Into a pipe it is JSON without being told.
    let census = bed.run(&["contracts", "census"]).json();
    let told = bed.run(&["contracts", "census", "--json"]).json();
    assert_eq!(census["tasks"], told["tasks"]);
    assert_eq!(census["version"], 1);
    assert_eq!(census["database"], bed.database.name());
    assert!(census["taken_at"].is_string());
    let row = |task, table, count, oldest: &str, newest: &str| json!({ "task": task, "table": table, "count": count, "oldest": oldest, "newest": newest });
    let day = |day| format!("2026-01-0{day}T00:00:00Z");
    let last_year = "2025-12-31T00:00:00Z";
    assert_eq!(
        census["tasks"],
        json!([
            row("send_email", "soniq_jobs", 1, &day(7), &day(7)),
            row("ship_order", "soniq_jobs", 1, &day(3), &day(3)),
            row("shop.ship.v1", "soniq_jobs", 2, &day(4), &day(5)),
            row("shop.ship.v2", "soniq_jobs", 2, &day(2), &day(6)),
            row(
                "shop.ship.v2",
                "soniq_dead_letter_jobs",
                1,
                last_year,
                last_year
            ),
        ])
    );
}

#[tokio::test]
async fn rows_that_would_fail_are_named() {
    let bed = Bed::new().await;
    insert_all(&bed).await;
    let dir = shop();
    let checked = check(&bed, dir.path(), &[]);
    assert_eq!(checked.status, Some(1));
    assert_eq!(checked.stderr, "error: 3 rows would fail\n");
    let last = checked.stdout.lines().last().unwrap();
    let (start, end) = (last.find(" in ").unwrap(), last.find(": ").unwrap());
    let moment = &last[start..end];
    insta::assert_snapshot!(checked.stdout.replace(moment, " in DATABASE at TIME"));
    insta::assert_snapshot!(
        "rows_as_json",
        without_moment(&check(&bed, dir.path(), &["--json"]).stdout)
    );
}

fn without_moment(text: &str) -> String {
    let mut report: Value = serde_json::from_str(text).unwrap();
    for key in ["database", "taken_at"] {
        assert!(report[key].is_string());
        report[key] = json!("");
    }
    serde_json::to_string_pretty(&report).unwrap()
}

#[tokio::test]
async fn the_exit_status_is_the_verdict() {
    let bed = Bed::new().await;
    let dir = shop();
    let status = |options: &[&str]| check(&bed, dir.path(), options).status;
    assert_eq!(check(&bed, dir.path(), &[]).ok().lines().count(), 1);
    insert(&bed, 1, "shop.ship.v2", r#"{"order": 1}"#).await;
    insert(&bed, 2, "shop.ship.v1", r#"{"number": "1"}"#).await;
    assert_eq!(status(&["--strict"]), Some(0));
    insert(&bed, 3, "send_email", "{}").await;
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--strict"]), Some(1));
    assert_eq!(status(&["--strict", "--task", "shop.ship.v2"]), Some(0));
    insert(&bed, 4, "ship_order", "{}").await;
    assert_eq!(status(&["--task", "shop.ship.v2"]), Some(0));
    assert_eq!(status(&["--task", "ship_order"]), Some(1));
    assert_eq!(status(&[]), Some(1));
}

#[tokio::test]
async fn a_gate_that_cannot_look_is_status_2() {
    let bed = Bed::new().await;
    let dir = shop();
    let fails = |run: Run, expected: &str| {
        assert_eq!(run.status, Some(2), "{run:?}");
        assert_eq!(run.stdout, "", "{run:?}");
        assert!(run.stderr.contains(expected), "{run:?}");
    };
    // A typo would check nothing and pass.
    let typo = check(&bed, dir.path(), &["--task", "shop.shipp.v2"]);
    fails(typo, "did you mean shop.ship.v2?");
    let bad = tempfile::tempdir().unwrap();
    write_contract(bad.path(), "shop.toml", &SHOP.replace("minimum", "minimun"));
    fails(check(&bed, bad.path(), &[]), "shop.toml:10:40");
    fails(check(&bed, bad.path(), &[]), "shown above");
    let nothing = tempfile::tempdir().unwrap();
    fails(check(&bed, nothing.path(), &[]), "error: the contracts in ");
    let missing = nothing.path().join("contracts");
    fails(check(&bed, &missing, &[]), "error: the contracts in ");

    let fleet = [
        "contracts",
        "fleet",
        "--contracts",
        &missing.display().to_string(),
    ];
    fails(bed.run(&fleet), "error: the contracts in ");
    let empty = Bed::empty().await;
    fails(check(&empty, dir.path(), &[]), "`soniq setup`");
    for verb in ["census", "fleet"] {
        fails(empty.run(&["contracts", verb]), "`soniq setup`");
        let nobody = [
            "contracts",
            verb,
            "--database-url",
            "postgres://127.0.0.1:1/d",
        ];
        fails(run(soniq(&nobody)), "127.0.0.1:1");
    }
    fails(bed.run(&["contracts", "check-rows"]), "--contracts <DIR>");
}

#[tokio::test]
async fn rows_that_nobody_can_read_fail() {
    let bed = Bed::new().await;
    let deep = format!(
        r#"{{"order": 1, "deep": {}{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    insert(&bed, 1, "shop.ship.v2", &deep).await;
    insert(&bed, 2, "shop.ship.v2", r#"{"order": 1e999}"#).await;
    insert(&bed, 3, "shop.ship.v2", "null").await;
    let report = check(&bed, shop().path(), &["--json"]);
    assert_eq!(report.status, Some(1));
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let rules: Vec<&Value> = report["tasks"][0]["broken"]
        .as_array()
        .unwrap()
        .iter()
        .map(|broken| &broken["rule"])
        .collect();
    assert_eq!(rules, ["unreadable", "type"]);
    assert_eq!(report["would_fail"], 3);
}

#[tokio::test]
async fn many_broken_rules_are_told_in_bounds() {
    let bed = Bed::new().await;
    let dir = tempfile::tempdir().unwrap();
    let contract = SHOP.replace(
        "properties.note = {",
        "additionalProperties = false\nproperties.note = {",
    );
    write_contract(dir.path(), "shop.toml", &contract);
    // Each breaks 30 rules of its own, and one that all break.
    bed.sql(
        "INSERT INTO soniq_jobs (id, job_name, args)
         SELECT gen_random_uuid(), 'shop.ship.v2', (
                    SELECT jsonb_object_agg('k' || row * 30 + key, 1) FROM generate_series(1, 30) AS key
                )
         FROM generate_series(1, 50) AS row",
    )
    .await;
    let report = check(&bed, dir.path(), &["--json"]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let task = &report["tasks"][0];
    assert_eq!(task["would_fail"], 50);
    assert_eq!(task["broken"].as_array().unwrap().len(), 20);
    assert_eq!(task["broken"][0]["rule"], "required");
    assert_eq!(task["broken"][0]["rows"], 50);
    assert_eq!(task["broken"][0]["examples"].as_array().unwrap().len(), 5);
    assert_eq!(task["more_broken"], 50 * 31 - 50 - 19);
}

#[tokio::test]
async fn names_cannot_write_to_the_terminal() {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_jobs (id, job_name, args) VALUES
             (gen_random_uuid(), E'\\x1b[2Jgone', '{}')",
    )
    .await;
    for verb in [
        &["contracts", "check-rows", "--contracts", &contracts()][..],
        &["contracts", "fleet"],
    ] {
        let text = bed.run(verb).ok();
        assert!(text.contains("\\u{1b}[2Jgone"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

/// The most memory that checking `rows` rows of a kilobyte took, in KiB.
#[cfg(target_os = "linux")]
async fn peak(bed: &Bed, rows: u32) -> u64 {
    bed.sql(&format!(
        "TRUNCATE soniq_jobs;
         INSERT INTO soniq_jobs (id, job_name, args)
         SELECT gen_random_uuid(), 'shop.ship.v2',
                jsonb_build_object('order', row % 2, 'text', repeat('x', 1000))
         FROM generate_series(1, {rows}) AS row"
    ))
    .await;
    let dir = shop();
    let path = dir.path().display().to_string();
    let arguments = ["contracts", "check-rows", "--json", "--contracts", &path];
    let mut command = bed.command(&arguments);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    // The kernel keeps the high-water mark; the last look before the end has it.
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            peak = line.trim().trim_end_matches(" kB").parse().unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["rows"], rows);
    assert_eq!(report["would_fail"], rows / 2);
    assert!(peak > 0, "it was never seen");
    peak
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_does_not_grow_with_rows() {
    let bed = Bed::new().await;
    let few = peak(&bed, 2_000).await;
    let many = peak(&bed, 100_000).await;
    // The rows are 100 MB.
    assert!(many < few + 10_000, "{few} KiB, then {many} KiB");
}

#[tokio::test]
async fn a_fleet_is_compared_with_contracts() {
    let bed = Bed::new().await;
    let dir = shop();
    let path = dir.path().display().to_string();
    let fleet = |options: &[&str]| bed.run(&[&["contracts", "fleet"][..], options].concat());
    let empty = fleet(&["--strict"]);
    assert_eq!(empty.stderr, "no live workers\n");
    assert_eq!(empty.ok(), "");

    let loaded = soniq_schema::load(dir.path());
    let args = loaded.contracts.tasks().next().unwrap().1.args;
    let own = soniq_schema::fingerprint(loaded.contracts.schemas.get(args));
    let old = "0".repeat(64);
    bed.sql(&format!(
        "INSERT INTO soniq_workers (id, hostname, pid, queues, version, metadata) VALUES
             ('00000000-0000-7000-8000-000000000001', 'new', 1, '{{default}}', '0.2.0',
              '{{\"runtime\": \"soniq-rust\"}}'),
             ('00000000-0000-7000-8000-000000000002', 'old', 1, '{{default}}', '0.1.0',
              '{{\"runtime\": \"soniq-rust\", \"draining\": true}}');
         INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at, args_model_repr) VALUES
             ('shop.ship.v1', '00000000-0000-7000-8000-000000000001', now(), '{own}'),
             ('shop.ship.v2', '00000000-0000-7000-8000-000000000001', now(), '{own}'),
             ('shop.ship.v1', '00000000-0000-7000-8000-000000000002', now(), '{old}'),
             ('other.task', '00000000-0000-7000-8000-000000000002', now(), '{old}')"
    ))
    .await;
    insert(&bed, 1, "shop.ship.v2", r#"{"order": 1}"#).await;
    let served = fleet(&["--contracts", &path, "--strict", "--json"]).json();
    assert_eq!(served["workers"].as_array().unwrap().len(), 2);
    assert_eq!(served["unserved"], json!([]));
    assert_eq!(served["differ"], json!(["shop.ship.v1"]));
    assert_eq!(served["contracts"]["ship_order"], own);
    assert_eq!(served["tasks"][1]["skew"], true);
    assert_eq!(fleet(&["--json"]).json()["differ"], Value::Null);

    insert(&bed, 2, "gone.v1", "{}").await;
    let table = fleet(&["--contracts", &path]).ok();
    let draining = table.lines().filter(|line| line.ends_with(", draining"));
    assert!(
        draining.eq(table.lines().filter(|line| line.contains(" old "))),
        "{table}"
    );
    let lines: Vec<String> = table
        .lines()
        .skip(4)
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let own = &own[..12];
    let (left, age) = lines[7].split_once(' ').unwrap();
    assert_eq!(left, "gone.v1");
    assert!(age.starts_with("default 1 2026-01-03T00:00:00Z ("), "{age}");
    assert_eq!(
        lines[..7],
        [
            "TASK CONTRACT WORKERS NOTE",
            "other.task 000000000000 1 not in the contracts",
            "shop.ship.v1 000000000000 1 skew, differs from the contracts",
            &format!("shop.ship.v1 {own} 1 skew, as in the contracts"),
            &format!("shop.ship.v2 {own} 1 as in the contracts"),
            "",
            "QUEUED, AND SERVED BY NOBODY QUEUE JOBS OLDEST",
        ],
        "{table}"
    );
    let strict = fleet(&["--strict"]);
    assert_eq!(strict.status, Some(1));
    assert_eq!(strict.stderr, "error: no live worker takes 1 queued job\n");
}
