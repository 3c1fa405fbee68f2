//! From contract to done across processes: the cross-service example on a real Postgres.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod guides;
mod processes;
mod quickstart;
mod upgrade;

use std::time::{Duration, Instant};

use processes::{SOON, Shop, assert_ok, terminate};

const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
const PROCESSING: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";

#[tokio::test]
async fn orders_and_invoices_commit_together_and_each_invoice_is_sent() {
    let shop = Shop::open().await;
    let mut worker = shop.start(&["worker", "--fail-rate", "0.2"]);
    let sold = shop
        .producer(&["--orders", "50", "--rollback-rate", "0.2"])
        .output()
        .await
        .unwrap();
    assert_ok(&sold);
    let said = String::from_utf8_lossy(&sold.stdout);
    assert!(said.contains("40 orders committed") && said.contains("10 rolled back"));

    shop.wait_for(DONE, 40, SOON).await;
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 40);
    let matched = "SELECT count(*) FROM orders JOIN invoice_runs ON invoice_id = orders.id";
    assert_eq!(shop.count(matched).await, 40);
    let retried = "SELECT count(*) FROM soniq_jobs WHERE attempts > 1";
    assert!(shop.count(retried).await > 0, "a fail rate leaves retries");
    let kept =
        "SELECT count(*) FROM soniq_jobs WHERE result ->> 'message_id' LIKE '<%@billing.example>'";
    assert_eq!(shop.count(kept).await, 40);
    terminate(&worker).await;
    assert!(worker.wait().await.unwrap().success());
}

#[tokio::test]
async fn ten_thousand_jobs_run_exactly_once_each_when_nobody_crashes() {
    let shop = Shop::open().await;
    shop.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, queue)
             SELECT gen_random_uuid(), 'billing.send_invoice.v2', jsonb_build_object(
                        'invoice_id', gen_random_uuid(), 'customer', 'ada@example.com',
                        'total', '{\"amount_minor\": 1, \"currency\": \"EUR\"}'::jsonb, 'copies', 1),
                    'billing'
             FROM generate_series(1, 10000)",
        )
        .await
        .unwrap();
    let workers = [
        shop.start(&["worker"]),
        shop.start(&["worker", "--concurrency", "16"]),
    ];
    shop.wait_for(DONE, 10_000, Duration::from_secs(180)).await;
    for worker in &workers {
        terminate(worker).await;
    }
    for mut worker in workers {
        assert!(worker.wait().await.unwrap().success());
    }
    assert_eq!(
        shop.count("SELECT count(*) FROM invoice_runs").await,
        10_000
    );
    assert_eq!(
        shop.count("SELECT count(DISTINCT job_id) FROM invoice_runs")
            .await,
        10_000
    );
    let attempts = "SELECT count(*) FROM soniq_jobs WHERE attempts = 1";
    assert_eq!(shop.count(attempts).await, 10_000);
}

#[tokio::test]
async fn a_job_of_a_killed_worker_runs_elsewhere() {
    let shop = Shop::open().await;
    assert_ok(&shop.producer(&["--orders", "1"]).output().await.unwrap());
    let mut doomed = shop.start(&["worker", "--send-time", "3600"]);
    shop.wait_for(PROCESSING, 1, SOON).await;
    doomed.kill().await.unwrap();
    let killed = Instant::now();
    let mut survivor = shop.start(&["worker"]);
    shop.wait_for(DONE, 1, SOON).await;
    assert!(
        killed.elapsed() < Duration::from_secs(20),
        "rescue is early"
    );
    let second = "SELECT count(*) FROM invoice_runs WHERE attempt = 2";
    assert_eq!(shop.count(second).await, 1);
    shop.wait_for("SELECT count(*) FROM soniq_workers", 1, SOON)
        .await;
    terminate(&survivor).await;
    assert!(survivor.wait().await.unwrap().success());
}

#[tokio::test]
async fn sigterm_drains() {
    let shop = Shop::open().await;
    assert_ok(&shop.producer(&["--orders", "6"]).output().await.unwrap());
    let mut worker = shop.start(&["worker", "--send-time", "1", "--concurrency", "2"]);
    shop.wait_for(PROCESSING, 2, SOON).await;
    terminate(&worker).await;
    assert!(worker.wait().await.unwrap().success());
    let (done, back) = (shop.count(DONE).await, shop.count(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' AND attempts = 0 AND worker_id IS NULL",
    ).await);
    assert!(done >= 2, "what ran was waited for");
    assert_eq!(done + back, 6, "what had not started went back");
    assert_eq!(shop.count("SELECT count(*) FROM soniq_workers").await, 0);
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let shop = Shop::open().await;
    assert_ok(&shop.producer(&["--orders", "1"]).output().await.unwrap());
    let mut worker = shop.start(&["worker", "--send-time", "3600"]);
    shop.wait_for(PROCESSING, 1, SOON).await;
    terminate(&worker).await;
    // Told once it waits for the job; only a second signal ends that.
    let waiting = tokio::time::timeout(Duration::from_millis(500), worker.wait()).await;
    assert!(waiting.is_err(), "it waits for what runs");
    terminate(&worker).await;
    assert!(worker.wait().await.unwrap().success());
    let back = "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' AND attempts = 0";
    assert_eq!(shop.count(back).await, 1);
}

#[tokio::test]
async fn two_schedulers_fire_a_schedule_once() {
    let shop = Shop::open().await;
    let schedulers = [shop.start(&["scheduler"]), shop.start(&["scheduler"])];
    shop.wait_for("SELECT count(*) FROM soniq_schedules", 1, SOON)
        .await;
    shop.client
        .batch_execute("UPDATE soniq_schedules SET next_run = now()")
        .await
        .unwrap();
    let fired = "SELECT count(*) FROM soniq_jobs WHERE job_name = 'billing.close_month.v1'";
    shop.wait_for(fired, 1, SOON).await;
    let next = "SELECT count(*) FROM soniq_schedules WHERE next_run > now() AND run_count = 1";
    shop.wait_for(next, 1, SOON).await;
    for mut scheduler in schedulers {
        terminate(&scheduler).await;
        assert!(scheduler.wait().await.unwrap().success());
    }
    assert_eq!(shop.count(fired).await, 1);
    // A worker leaves schedules alone, and runs what they enqueued.
    shop.client
        .batch_execute("UPDATE soniq_schedules SET next_run = now()")
        .await
        .unwrap();
    assert_ok(
        &shop
            .consumer(&["worker", "--run-once"])
            .output()
            .await
            .unwrap(),
    );
    assert_eq!(shop.count(fired).await, 1);
    assert_eq!(shop.count(DONE).await, 1);
}

#[tokio::test]
async fn a_row_of_a_retired_version_is_upgraded_and_run() {
    let shop = Shop::open().await;
    shop.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, queue) VALUES
             (gen_random_uuid(), 'billing.send_invoice.v1',
              '{\"invoice_id\": \"3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11\"}', 'billing'),
             (gen_random_uuid(), 'billing.send_invoice.v1', '{\"invoice_id\": 7}', 'billing')",
        )
        .await
        .unwrap();
    assert_ok(
        &shop
            .consumer(&["worker", "--run-once"])
            .output()
            .await
            .unwrap(),
    );
    assert_eq!(shop.count(DONE).await, 1);
    let refused = "SELECT count(*) FROM soniq_dead_letter_jobs WHERE \
                   dead_letter_reason = 'invalid_arguments' AND last_error LIKE '%/invoice_id%'";
    assert_eq!(shop.count(refused).await, 1);
}

#[tokio::test]
async fn a_worker_registers_with_the_documented_defaults() {
    let shop = Shop::open().await;
    let mut worker = shop.start(&["worker"]);
    let defaults = "SELECT count(*) FROM soniq_workers WHERE concurrency = 4 \
                    AND queues = '{billing}' AND status = 'active' AND hostname <> ''";
    shop.wait_for(defaults, 1, SOON).await;
    terminate(&worker).await;
    worker.wait().await.unwrap();
    let mut subset = shop.start(&["worker", "--queues", "a,b", "--concurrency", "9"]);
    let told = "SELECT count(*) FROM soniq_workers WHERE concurrency = 9 AND queues = '{a,b}'";
    shop.wait_for(told, 1, SOON).await;
    terminate(&subset).await;
    subset.wait().await.unwrap();
}

#[tokio::test]
async fn what_cannot_work_is_one_line_and_a_failure() {
    let shop = Shop::open().await;
    let refused = async |url: &str, arguments: &[&str]| {
        let output = shop
            .consumer(arguments)
            .env("SONIQ_DATABASE_URL", url)
            .output()
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !text.contains("hunter2") && !text.contains("panicked"),
            "{text}"
        );
        (output.status.code(), text)
    };
    for (url, word) in [
        ("postgres://u:hunter2@127.0.0.1:1/d", "cannot connect"),
        ("postgres://u:hunter2@h:x/d", "cannot be read"),
        ("mysql://u:hunter2@h/d", "postgres://"),
        ("", "SONIQ_DATABASE_URL"),
    ] {
        let (code, text) = refused(url, &["worker"]).await;
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(word), "{text}");
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("error"))
                .count(),
            1,
            "{text}"
        );
    }
    let (code, text) = refused("", &["dance"]).await;
    assert_eq!(code, Some(2), "{text}");
    let (code, text) = refused("", &["worker", "--concurrency"]).await;
    assert_eq!(code, Some(2), "{text}");
    for flag in ["--concurrency", "--queues", "--unknown", "--log-level"] {
        let (code, text) = refused("", &["worker", flag, ""]).await;
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(flag), "{text}");
    }
}
