//! What handlers say of rows before they run them, and who lives.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use soniq_runtime::check::Checker;
use soniq_runtime::rows::{Judge, RowReport, Standing, Table, Verdict};
use soniq_runtime::{
    App, Checked, Handlers, JobContext, JobError, TaskHandler, TaskHandlerBuilder,
};

use crate::support::{Bed, Probe, Running, bed, handler, probe};

const NOW: &str = "test.probe.v1";
const RETIRED: &str = "test.probe.v0";

/// The version before [`Probe`]: a number as text.
#[derive(Debug, Serialize, Deserialize)]
struct Old {
    number: String,
}

impl Checked for Old {
    fn check(value: &Value, checker: &mut Checker) {
        if !value["number"].is_string() {
            checker.violation("type", "number is no string");
        }
    }
}

fn upgrade(Old { number }: Old) -> Result<Probe, JobError> {
    assert_ne!(number, "panic");
    Ok(probe(number.parse()?))
}

/// A handler of both versions, and what it ran.
fn upgrading() -> (TaskHandler, Arc<Mutex<Vec<i64>>>) {
    let runs = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&runs);
    let run = move |args: Probe, _: JobContext| {
        seen.lock().unwrap().push(args.n);
        async { Ok::<(), JobError>(()) }
    };
    let handler = TaskHandlerBuilder::<Probe>::new(run)
        .retired(RETIRED, upgrade)
        .build();
    (handler, runs)
}

/// Rows that would run, then rows that would not.
const RUN: [(&str, &str); 3] = [
    (NOW, r#"{"n": 1}"#),
    (NOW, r#"{"n": 2, "unknown": true}"#),
    (RETIRED, r#"{"number": "3"}"#),
];
const FAIL: [(&str, &str); 7] = [
    (NOW, "{}"),
    (NOW, "null"),
    (NOW, r#"["n"]"#),
    // Postgres holds it, no reader does.
    (NOW, r#"{"n": 1, "more": 1e400}"#),
    (RETIRED, r#"{"number": 3}"#),
    (RETIRED, r#"{"number": "three"}"#),
    (RETIRED, r#"{"number": "panic"}"#),
];

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
    for (name, args) in RUN.into_iter().chain(FAIL) {
        insert(bed, name, args).await;
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
async fn a_check_says_what_a_worker_then_does() {
    let bed = bed().await;
    insert_all(&bed).await;
    let (handler, runs) = upgrading();
    let report = check(&bed, &Handlers::from(handler.clone())).await;
    assert_eq!(report.would_run, RUN.len() as u64);
    assert_eq!(report.would_fail, FAILING as u64);
    assert_eq!(report.needs_upgrade + report.unknown, 0);
    assert!(runs.lock().unwrap().is_empty(), "no handler runs");
    let queued = "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' AND attempts = 0";
    let all = i64::try_from(RUN.len() + FAILING).unwrap();
    assert_eq!(bed.count(queued).await, all);

    bed.worker(handler).run_once().await.unwrap();
    runs.lock().unwrap().sort_unstable();
    assert_eq!(*runs.lock().unwrap(), [1, 2, 3]);
    let dead = bed.soniq.stats().await.unwrap().dead_letters;
    assert_eq!(dead, i64::try_from(FAILING).unwrap());
    // A dead letter fails again, except where it was only the time: a replay has another. What is
    // done does not count.
    let again = check(&bed, &Handlers::from(upgrading().0)).await;
    let told = (again.would_run, again.would_fail);
    assert_eq!(told, (1, FAILING as u64 - 1));
    for task in &again.tasks {
        assert_eq!(
            task.tables.keys().collect::<Vec<_>>(),
            [&Table::DeadLetters]
        );
    }
}

#[tokio::test]
async fn a_report_names_what_is_broken_and_where() {
    let bed = bed().await;
    insert_all(&bed).await;
    let report = check(&bed, &Handlers::from(upgrading().0)).await;
    let mut told = Vec::new();
    for task in &report.tasks {
        for broken in &task.broken {
            told.push(format!("{} {} {}", task.task, broken.rule, broken.rows));
            assert_eq!(broken.examples.len() as u64, broken.rows);
            let rows = broken.examples.iter();
            told.extend(rows.map(|row| format!("  {}", row.message)));
        }
    }
    assert_eq!(
        told,
        [
            "test.probe.v0 upgrade 2",
            "  cannot be upgraded: invalid digit found in string",
            "  makes the upgrade panic",
            "test.probe.v0 type 1",
            "  number is no string",
            "test.probe.v1 type 3",
            "  n is no integer",
            "  n is no integer",
            "  n is no integer",
            "test.probe.v1 unreadable 3",
            "  cannot be read: number out of range at line 1 column 418",
            "  cannot be read: recursion limit exceeded at line 1 column 144",
            "  cannot be read: created_at is no time that can be read",
        ]
    );
    assert_eq!(report.tasks[0].standing, Standing::Retired(NOW.to_owned()));
    assert_eq!(report.tasks[1].standing, Standing::Current);
}

#[tokio::test]
async fn every_table_with_rows_that_may_run_is_read() {
    let bed = bed().await;
    let statement = "
        INSERT INTO soniq_jobs (id, job_name, args, status, scheduled_at) VALUES
            (gen_random_uuid(), 'test.probe.v1', '{\"n\": 1}', 'queued', now() + interval '1 year'),
            (gen_random_uuid(), 'test.probe.v1', '{}', 'processing', NULL),
            (gen_random_uuid(), 'test.probe.v1', '{}', 'done', NULL),
            (gen_random_uuid(), 'test.probe.v1', '{}', 'cancelled', NULL),
            (gen_random_uuid(), 'elsewhere', '[]', 'queued', NULL);
        INSERT INTO soniq_dead_letter_jobs (
            id, job_name, args, queue, priority, max_attempts, attempts, dead_letter_reason,
            original_created_at, moved_to_dead_letter_at
        ) VALUES (
            gen_random_uuid(), 'test.probe.v0', '{\"number\": \"1\"}', 'q', 1, 1, 1, 'timeout',
            '2020-02-02T02:02:02Z', now()
        );
        INSERT INTO soniq_recurring_jobs (id, job_name, schedule_type, schedule_value, job_kwargs, status)
        VALUES (gen_random_uuid(), 'test.probe.v1', 'cron', '0 0 * * *', '{\"n\": 2}', 'paused');
        INSERT INTO soniq_schedules (id, job_name, schedule_type, schedule_value, job_kwargs, created_at)
        VALUES (gen_random_uuid(), 'test.probe.v1', 'cron', '0 0 * * *', '{}', 'infinity')";
    bed.client.batch_execute(statement).await.unwrap();
    let report = check(&bed, &Handlers::from(upgrading().0)).await;
    let tables = |task: &str| {
        let found = report.tasks.iter().find(|report| report.task == task);
        serde_json::to_value(&found.unwrap().tables).unwrap()
    };
    assert_eq!(
        tables(NOW),
        json!({ "soniq_jobs": 2, "soniq_recurring_jobs": 1, "soniq_schedules": 1 })
    );
    assert_eq!(tables(RETIRED), json!({ "soniq_dead_letter_jobs": 1 }));
    assert_eq!(tables("elsewhere"), json!({ "soniq_jobs": 1 }));
    assert_eq!(
        (report.would_run, report.would_fail, report.unknown),
        (3, 2, 1)
    );
    let dead = report
        .tasks
        .iter()
        .find(|task| task.task == RETIRED)
        .unwrap();
    assert_eq!(
        dead.oldest.unwrap().to_rfc3339(),
        "2020-02-02T02:02:02+00:00"
    );

    let census = serde_json::to_value(bed.soniq.rows().census().await.unwrap()).unwrap();
    assert_eq!(census["version"], 1);
    assert_eq!(census["database"], bed.database.name());
    let lines: Vec<String> = census["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rows| {
            format!("{} {} {}", rows["task"], rows["table"], rows["count"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "elsewhere soniq_jobs 1",
            "test.probe.v0 soniq_dead_letter_jobs 1",
            "test.probe.v1 soniq_jobs 2",
            "test.probe.v1 soniq_recurring_jobs 1",
            "test.probe.v1 soniq_schedules 1",
        ]
    );
    let schedule = census["tasks"].as_array().unwrap().last().unwrap();
    assert_eq!(schedule["oldest"], Value::Null, "infinity is no age");
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
    let handlers = Handlers::from(upgrading().0);
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
async fn a_fleet_is_its_live_workers_and_what_they_leave() {
    let bed = bed().await;
    let (own, _) = upgrading();
    let running = Running::start(bed.worker(own));
    bed.wait_for("SELECT count(*) FROM soniq_task_registry", 2)
        .await;
    // Another build of the same task; one that died; one of Soniq for Python, which takes all queues.
    bed.client
        .batch_execute(
            "WITH rows (host, age, runtime, task, model, queues) AS (VALUES
                 ('newer', 0, 'soniq-rust', 'test.probe.v1', 'other', '{default}'::text[]),
                 ('dead', 3600, 'soniq-rust', 'lost', 'f', '{default}'),
                 ('python', 0, NULL, 'py.task', 'Model(x: int)', '{}')
             ), workers AS (
                 INSERT INTO soniq_workers (id, hostname, pid, queues, last_heartbeat, metadata)
                 SELECT gen_random_uuid(), host, 1, queues, now() - age * interval '1 second',
                        jsonb_build_object('runtime', runtime)
                 FROM rows RETURNING id, hostname
             )
             INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at, args_model_repr)
             SELECT task, id::text, now(), model FROM workers JOIN rows ON host = hostname;
             INSERT INTO soniq_jobs (id, job_name, args, queue, scheduled_at)
             SELECT gen_random_uuid(), name, '{}', queue, now() + interval '1 day' FROM (VALUES
                 ('test.probe.v0', 'default'), ('test.probe.v1', 'elsewhere'), ('lost', 'default'),
                 ('py.task', 'any'), ('lost', NULL)
             ) AS job (name, queue)",
        )
        .await
        .unwrap();
    let fleet = bed.soniq.fleet().await.unwrap();
    let stats = bed.soniq.stats().await.unwrap();
    running.stop().await;
    assert_eq!(fleet.workers.len(), 3);
    assert!(fleet.workers.iter().all(|worker| worker.hostname != "dead"));
    let tasks: Vec<(&str, bool, usize)> = fleet
        .tasks
        .iter()
        .map(|task| (task.task.as_str(), task.skew, task.serving.len()))
        .collect();
    assert_eq!(
        tasks,
        [("py.task", false, 1), (RETIRED, false, 1), (NOW, true, 2)]
    );
    assert_eq!(
        fleet.tasks[0].serving[0].fingerprint, None,
        "a model is none"
    );
    let unserved: Vec<(&str, &str, u64)> = fleet
        .unserved
        .iter()
        .map(|rows| (rows.task.as_str(), rows.queue.as_str(), rows.count))
        .collect();
    assert_eq!(unserved, [("lost", "default", 2), (NOW, "elsewhere", 1)]);
    // Counts for people say the same.
    let unhandled: Vec<(&str, &str, i64)> = stats
        .unhandled
        .iter()
        .map(|jobs| (jobs.job_name.as_str(), jobs.queue.as_str(), jobs.queued))
        .collect();
    assert_eq!(unhandled, [("lost", "default", 2), (NOW, "elsewhere", 1)]);
    // One that drains takes nothing more.
    bed.client
        .batch_execute("UPDATE soniq_workers SET metadata = '{\"draining\": true}'")
        .await
        .unwrap();
    let (fleet, stats) = (
        bed.soniq.fleet().await.unwrap(),
        bed.soniq.stats().await.unwrap(),
    );
    assert_eq!((fleet.unserved.len(), stats.unhandled.len()), (4, 4));
}

#[tokio::test]
async fn the_subcommand_tells_by_its_exit_status() {
    let bed = bed().await;
    let status = async |handler: Option<TaskHandler>, options: &[&str]| {
        let app = handler.map_or(App::new("probe"), |own| App::new("probe").handler(own));
        let arguments = ["probe", "check-rows", "--database-url", bed.database.url()];
        // The log that it starts is this whole process's.
        let quiet = ["--log-level", "error"];
        let arguments = arguments.iter().chain(&quiet).chain(options);
        let arguments = arguments.map(ToString::to_string);
        let status = soniq_runtime::main_from(app, arguments).await;
        format!("{status:?}")
    };
    let code = |code: u8| format!("{:?}", std::process::ExitCode::from(code));
    let own = || Some(upgrading().0);
    assert_eq!(status(own(), &[]).await, code(0));
    insert(&bed, "elsewhere", "{}").await;
    assert_eq!(status(own(), &[]).await, code(0));
    assert_eq!(status(own(), &["--strict"]).await, code(1));
    insert(&bed, RETIRED, r#"{"number": "three"}"#).await;
    assert_eq!(status(own(), &["--json"]).await, code(1));
    assert_eq!(status(own(), &["--task", NOW, "--strict"]).await, code(0));
    assert_eq!(status(own(), &["--task", "test.prob.v1"]).await, code(2));
    assert_eq!(status(None, &[]).await, code(2), "no handlers");
    let two = App::new("probe")
        .handler(upgrading().0)
        .handler(handler(|_, _| async { Ok::<(), JobError>(()) }));
    let arguments = ["probe", "check-rows", "--database-url", bed.database.url()];
    let twice = soniq_runtime::main_from(two, arguments).await;
    assert_eq!(format!("{twice:?}"), code(2), "two handlers of one task");
    bed.client
        .batch_execute("DROP TABLE soniq_migrations")
        .await
        .unwrap();
    assert_eq!(status(own(), &[]).await, code(2), "no tables");
}
