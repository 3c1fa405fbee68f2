//! Checks of rows that only Postgres can hold, while others write, and by a role that may only read.

use std::sync::Mutex;
use std::sync::mpsc;

use serde_json::Value;
use soniq_runtime::rows::{Judge, RowReport, Standing, Verdict};
use soniq_runtime::{App, Handlers};

use crate::support::{Bed, bed, counting, probe, task};

const NOW: &str = "test.probe.v1";

/// Arguments that no producer of ours writes. Postgres holds the last, no reader does.
const FAIL: [&str; 3] = ["null", r#"["n"]"#, r#"{"n": 1, "more": 1e400}"#];

async fn insert(bed: &Bed, name: &str, args: &str) {
    bed.client
        .batch_execute(&format!(
            "INSERT INTO soniq_jobs (id, job_name, args, max_attempts)
             VALUES ('{}', '{name}', '{args}', 1)",
            uuid::Uuid::now_v7()
        ))
        .await
        .unwrap();
}

async fn insert_all(bed: &Bed) {
    for args in FAIL {
        insert(bed, NOW, args).await;
    }
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    insert(bed, NOW, &format!(r#"{{"n": 1, "more": {deep}}}"#)).await;
    insert(bed, NOW, r#"{"n": 9}"#).await;
    bed.client
        .batch_execute(
            "UPDATE soniq_jobs SET created_at = 'infinity', scheduled_at = now()
             WHERE args = '{\"n\": 9}'",
        )
        .await
        .unwrap();
}

/// Besides the rows of [`FAIL`]: one that nests too deep, one whose time cannot be read.
const FAILING: usize = FAIL.len() + 2;

async fn check(bed: &Bed, handlers: &Handlers) -> RowReport {
    bed.soniq
        .rows()
        .check(handlers, None, |_| {})
        .await
        .unwrap()
}

#[tokio::test]
async fn a_check_says_of_unreadable_rows_what_a_worker_then_does() {
    let bed = bed().await;
    insert_all(&bed).await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let (handler, runs) = counting();
    let report = check(&bed, &Handlers::from(handler.clone())).await;
    assert_eq!((report.would_run, report.would_fail), (1, FAILING as u64));
    let mut told = Vec::new();
    for broken in &report.tasks[0].broken {
        told.extend(broken.examples.iter().map(|row| &*row.message));
    }
    told.sort_unstable_by_key(|message| message.starts_with("cannot"));
    assert_eq!(
        told,
        [
            "n is no integer",
            "n is no integer",
            "cannot be read: number out of range at line 1 column 418",
            "cannot be read: recursion limit exceeded at line 1 column 144",
            "cannot be read: created_at is no time that can be read",
        ]
    );

    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
    let dead = bed.soniq.stats().await.unwrap().dead_letters;
    assert_eq!(dead, i64::try_from(FAILING).unwrap());
    // A dead letter fails again, except where it was only the time: a replay has another.
    let again = check(&bed, &Handlers::from(counting().0)).await;
    let told = (again.would_run, again.would_fail);
    assert_eq!(told, (1, FAILING as u64 - 1));
}

#[tokio::test]
async fn infinity_is_no_age() {
    let bed = bed().await;
    let statement = "
        INSERT INTO soniq_schedules (id, job_name, schedule_type, schedule_value, job_kwargs, created_at)
        VALUES (gen_random_uuid(), 'test.probe.v1', 'cron', '0 0 * * *', '{}', 'infinity')";
    bed.client.batch_execute(statement).await.unwrap();
    let census = serde_json::to_value(bed.soniq.rows().census().await.unwrap()).unwrap();
    assert_eq!(census["database"], bed.database.name());
    assert_eq!(census["tasks"][0]["table"], "soniq_schedules");
    assert_eq!(census["tasks"][0]["oldest"], Value::Null);
}

/// Stops at its first row until it is told to go on.
struct Waiting {
    reached: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Judge for Waiting {
    fn names(&self) -> std::collections::BTreeMap<String, Standing> {
        [("bulk".to_owned(), Standing::Current)].into()
    }

    fn judge(&self, _: &str, _: Value) -> Verdict {
        if let Some(reached) = self.reached.lock().unwrap().take() {
            reached.send(()).unwrap();
            self.go_on.lock().unwrap().recv().unwrap();
        }
        Verdict::Runs
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_is_of_one_moment_and_no_writer_waits_for_it() {
    let bed = bed().await;
    // More than two batches.
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args)
             SELECT gen_random_uuid(), 'bulk', '{}' FROM generate_series(1, 2500)",
        )
        .await
        .unwrap();
    let (reached, is_reading) = tokio::sync::oneshot::channel();
    let (go_on, told) = mpsc::channel();
    let judge = Waiting {
        reached: Mutex::new(Some(reached)),
        go_on: Mutex::new(told),
    };
    let soniq = bed.soniq.clone();
    let check = tokio::spawn(async move {
        let mut steps = Vec::new();
        let report = soniq
            .rows()
            .check(&judge, None, |step| steps.push(step))
            .await;
        (report.unwrap(), steps)
    });
    is_reading.await.unwrap();
    // One that waited would fail.
    bed.client
        .batch_execute(
            "SET lock_timeout = '1ms';
             INSERT INTO soniq_jobs (id, job_name, args) VALUES (gen_random_uuid(), 'bulk', '{}');
             UPDATE soniq_jobs SET job_name = 'other';
             DELETE FROM soniq_jobs;",
        )
        .await
        .unwrap();
    go_on.send(()).unwrap();
    let (report, steps) = check.await.unwrap();
    assert_eq!((report.rows, report.would_run), (2500, 2500));
    assert!(steps.is_sorted_by_key(|step| step.done));
    assert!(steps.iter().all(|step| step.total == 2500), "{steps:?}");
    assert_eq!(steps.len(), 25);
}

#[tokio::test]
async fn a_read_only_role_may_check() {
    let bed = bed().await;
    insert(&bed, NOW, r#"{"n": 1}"#).await;
    let role = bed.database.name();
    bed.client
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN;
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
             ALTER ROLE {role} SET default_transaction_read_only = on;
             ALTER ROLE {role} SET statement_timeout = '20s'"
        ))
        .await
        .unwrap();
    let url = with_user(bed.database.url(), role);
    let soniq = soniq_runtime::Soniq::connect(&url).unwrap();
    let handlers = Handlers::from(counting().0);
    let report = soniq.rows().check(&handlers, None, |_| {}).await.unwrap();
    assert_eq!(report.would_run, 1);
    assert_eq!(soniq.fleet().await.unwrap().unserved[0].count, 1);
    drop(soniq);
    bed.client
        .batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await
        .unwrap();
}

fn with_user(url: &str, user: &str) -> String {
    format!("{url}&user={user}")
}

#[tokio::test]
async fn a_check_of_a_database_without_tables_fails() {
    let bed = bed().await;
    bed.client
        .batch_execute("DROP TABLE soniq_migrations")
        .await
        .unwrap();
    let arguments = ["probe", "check-rows", "--database-url", bed.database.url()];
    let quiet = ["--log-level", "error"];
    let arguments = arguments.iter().chain(&quiet).map(ToString::to_string);
    let app = App::new("probe").handler(counting().0);
    let status = soniq_runtime::main_from(app, arguments).await;
    let failed = std::process::ExitCode::from(2);
    assert_eq!(format!("{status:?}"), format!("{failed:?}"));
}
