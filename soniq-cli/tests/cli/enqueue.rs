//! enqueue, with contracts and without.

use serde_json::json;

use crate::support::{Bed, contracts, write_contract};

const JOBS: &str = "SELECT count(*) FROM soniq_jobs";
const INVOICE: &str = r#"{
    "invoice_id": "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
    "customer": "ada@example.com",
    "total": {"amount_minor": 1999, "currency": "EUR"}
}"#;

#[tokio::test]
async fn a_contract_says_how_its_job_is_run() {
    let bed = Bed::new().await;
    let dir = contracts();
    let arguments = [
        "enqueue",
        "billing.send_invoice.v2",
        INVOICE,
        "--contracts",
        &dir,
    ];
    let id = bed.run(&arguments).ok();
    let row = bed.row("soniq_jobs", id.trim()).await;
    assert_eq!(row["job_name"], "billing.send_invoice.v2");
    assert_eq!(row["queue"], "billing");
    assert_eq!(row["priority"], 50);
    assert_eq!(row["max_attempts"], 5);
    assert_eq!(
        row["dedup_key"],
        "invoice:3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11"
    );
    assert_eq!(row["scheduled_at"], json!(null));
    // Defaults are written out, and values spelled as a generated producer spells them.
    assert_eq!(
        row["args"],
        json!({
            "invoice_id": "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
            "customer": "ada@example.com",
            "total": { "amount_minor": 1999, "currency": "EUR" },
            "copies": 1,
        })
    );
    let loaded = soniq_schema::load(std::path::Path::new(&dir)).contracts;
    let task = loaded.contracts[0]
        .tasks
        .iter()
        .find(|task| task.key == "send_invoice");
    let fingerprint = soniq_schema::fingerprint(loaded.schemas.get(task.unwrap().args));
    assert_eq!(row["meta"]["fingerprint"], fingerprint);

    // The same key: the queued job is the answer.
    let again = bed.run(&arguments);
    assert_eq!(
        again.stderr,
        "note: nothing was written, a queued job has the same key\n"
    );
    assert_eq!(again.ok(), id);
    assert_eq!(bed.count(JOBS).await, 1);
}

#[tokio::test]
async fn equal_arguments_are_unique_however_they_are_spelled() {
    let bed = Bed::new().await;
    let dir = contracts();
    let enqueue = |payment: &str, amount: &str, more: &str| {
        let args = format!(
            r#"{{"payment_id": "{payment}", "reason": "duplicate", "amount": {{"currency": "EUR", "amount_minor": {amount}}}{more}}}"#
        );
        bed.run(&[
            "enqueue",
            "billing.refund_payment.v1",
            &args,
            "--contracts",
            &dir,
        ])
        .ok()
    };
    let id = "0b3c5b7e-1b3a-4f43-8f0e-6d0f7d1f7a10";
    let first = enqueue(id, "500", "");
    assert_eq!(
        enqueue(&id.to_uppercase(), "500.0", r#", "note": null"#),
        first
    );
    assert_ne!(enqueue(id, "501", ""), first);
    assert_eq!(bed.count(JOBS).await, 2);
}

#[tokio::test]
async fn flags_go_before_the_contract() {
    let bed = Bed::new().await;
    let dir = contracts();
    let id = bed
        .run(&[
            "enqueue",
            "billing.send_invoice.v2",
            INVOICE,
            "--contracts",
            &dir,
            "--queue",
            "bulk",
            "--priority",
            "7",
            "--max-attempts",
            "1",
            "--dedup-key",
            "mine",
            "--unique",
            "--run-at",
            "2040-01-01T01:00:00+01:00",
        ])
        .ok();
    let row = bed.row("soniq_jobs", id.trim()).await;
    assert_eq!(row["queue"], "bulk");
    assert_eq!(row["priority"], 7);
    assert_eq!(row["max_attempts"], 1);
    assert_eq!(row["dedup_key"], "mine");
    assert_eq!(row["unique_job"], true);
    assert_eq!(
        bed.run(&["jobs", "show", id.trim(), "--json"]).json()["scheduled_at"],
        "2040-01-01T00:00:00Z"
    );
}

#[tokio::test]
async fn without_contracts_the_settings_decide() {
    let bed = Bed::new().await;
    let mut command = bed.command(&[
        "enqueue",
        "shop.ship.v1",
        "{\"order\": 7}",
        "--delay",
        "1h30m",
    ]);
    command
        .env("SONIQ_PRIORITY", "33")
        .env("SONIQ_MAX_RETRIES", "6");
    let id = crate::support::run(command).ok();
    let row = bed.row("soniq_jobs", id.trim()).await;
    assert_eq!(row["queue"], "default");
    assert_eq!(row["priority"], 33);
    assert_eq!(row["max_attempts"], 7);
    assert_eq!(row["args"], json!({ "order": 7 }));
    let minutes =
        "SELECT round(extract(epoch FROM scheduled_at - created_at) / 60)::bigint FROM soniq_jobs";
    assert_eq!(bed.count(minutes).await, 90);
}

#[tokio::test]
async fn arguments_come_from_files_and_pipes_too() {
    let bed = Bed::new().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("args.json");
    std::fs::write(&path, "{\"from\": \"file\"}").unwrap();
    let id = bed
        .run(&["enqueue", "a.b.v1", &format!("@{}", path.display())])
        .ok();
    assert_eq!(
        bed.row("soniq_jobs", id.trim()).await["args"]["from"],
        "file"
    );

    // 10 MiB.
    let long = format!("{{\"text\": \"{}\"}}", "x".repeat(10 << 20));
    let id = bed
        .run_with_input(&["enqueue", "a.b.v1", "-"], long.as_bytes())
        .ok();
    let length = format!(
        "SELECT length(args->>'text')::bigint FROM soniq_jobs WHERE id = '{}'",
        id.trim()
    );
    assert_eq!(bed.count(&length).await, 10 << 20);
}

#[tokio::test]
async fn arguments_that_break_the_contract_write_nothing() {
    let bed = Bed::new().await;
    let dir = contracts();
    let args =
        r#"{"invoice_id": "7", "customer": "ada@example.com", "total": {"amount_minor": -1}}"#;
    let error = bed
        .run(&[
            "enqueue",
            "billing.send_invoice.v2",
            args,
            "--contracts",
            &dir,
        ])
        .error();
    assert!(
        error.starts_with("arguments of billing.send_invoice.v2 break its contract: "),
        "{error}"
    );
    for part in [
        "/invoice_id is not a valid uuid (format)",
        "/total/amount_minor",
        "(minimum)",
        "(required)",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert_eq!(bed.count(JOBS).await, 0);
}

#[tokio::test]
async fn what_cannot_be_enqueued_is_said_in_one_line() {
    let bed = Bed::new().await;
    let dir = contracts();
    let by_contract = |name: &str| {
        bed.run(&["enqueue", name, "{}", "--contracts", &dir])
            .error()
    };
    assert!(
        by_contract("billing.send_invioce.v2").ends_with("did you mean billing.send_invoice.v2?")
    );
    assert_eq!(
        by_contract("billing.send_invoice.v1"),
        "billing.send_invoice.v1 is retired: enqueue billing.send_invoice.v2"
    );
    for (name, args, expected) in [
        (
            "Billing.Send",
            "{}",
            "is no task name: it must match ^[a-z]",
        ),
        ("a.b.v1", "{", "are no JSON: EOF"),
        ("a.b.v1", "[]", "is no JSON object"),
        ("a.b.v1", "{\"a\": \"\\u0000\"}", "U+0000"),
        (
            "a.b.v1",
            "@no/such.json",
            "cannot be read from no/such.json",
        ),
    ] {
        let error = bed.run(&["enqueue", name, args]).error();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(bed.count(JOBS).await, 0);
}

#[tokio::test]
async fn contracts_with_errors_are_shown_and_not_used() {
    let bed = Bed::new().await;
    let dir = tempfile::tempdir().unwrap();
    write_contract(
        dir.path(),
        "shop.toml",
        "edition = \"2026\"\nnamespace = \"shop\"\n[tasks.ship]\nversion = 0\nqueu = \"a\"\nargs = { type = \"object\" }\n",
    );
    let path = dir.path().display().to_string();
    let run = bed.run(&["enqueue", "shop.ship.v1", "{}", "--contracts", &path]);
    assert_eq!(run.status, Some(1));
    assert!(run.stderr.contains("shop.toml:4:11"), "{run:?}");
    assert!(run.stderr.contains("shop.toml:5:1"), "{run:?}");
    assert!(
        run.stderr.ends_with("have 2 errors, shown above\n"),
        "{run:?}"
    );

    let missing = bed.run(&[
        "enqueue",
        "shop.ship.v1",
        "{}",
        "--contracts",
        "no/such/folder",
    ]);
    assert_eq!(missing.status, Some(1));
    assert!(missing.stderr.contains("no/such/folder"), "{missing:?}");
    assert_eq!(bed.count(JOBS).await, 0);
}

#[tokio::test]
async fn a_deprecated_task_is_enqueued_with_a_note() {
    let bed = Bed::new().await;
    let dir = tempfile::tempdir().unwrap();
    write_contract(
        dir.path(),
        "shop.toml",
        "edition = \"2026\"\nnamespace = \"shop\"\n[tasks.ship]\nversion = 1\ndeprecated = \"use shop.send\"\nargs = { type = \"object\" }\n",
    );
    let path = dir.path().display().to_string();
    let run = bed.run(&["enqueue", "shop.ship.v1", "{}", "--contracts", &path]);
    assert_eq!(
        run.stderr,
        "note: shop.ship.v1 is deprecated: use shop.send\n"
    );
    run.ok();
}
