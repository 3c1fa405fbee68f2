//! What handlers say of rows before they run them, and who lives.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use soniq_runtime::check::Checker;
use soniq_runtime::rows::{RowReport, Standing, Table};
use soniq_runtime::{
    App, CatchUp, Checked, Due, Enqueuer, Handlers, Job, JobContext, JobError, NewJob,
    ScheduleSpec, Scheduler, Status, TaskHandler, TaskHandlerBuilder, TaskSpec, Trigger,
};
use uuid::Uuid;

use crate::bed::{self, Bed};
use crate::probe::{Probe, Running, gated, handler, probe, task, wait_for_start};

conformance! {
    a_check_says_what_a_worker_then_does;
    a_report_names_what_is_broken_and_where;
    every_table_with_rows_that_may_run_is_read;
    a_fleet_is_its_live_workers_and_what_they_leave;
    the_fleet_of_others_is_seen needs shared_tables;
    the_subcommand_tells_by_its_exit_status;
}

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
const FAIL: [(&str, &str); 4] = [
    (NOW, "{}"),
    (RETIRED, r#"{"number": 3}"#),
    (RETIRED, r#"{"number": "three"}"#),
    (RETIRED, r#"{"number": "panic"}"#),
];

async fn insert(bed: &Bed, name: &str, args: &str) -> Uuid {
    let mut job = NewJob::new(name, serde_json::from_str(args).unwrap()).unwrap();
    job.max_attempts = Some(1);
    (&bed.soniq).insert(job).await.unwrap().id()
}

async fn insert_all(bed: &Bed) {
    for (name, args) in RUN.into_iter().chain(FAIL) {
        insert(bed, name, args).await;
    }
}

async fn check(bed: &Bed, handlers: &Handlers) -> RowReport {
    bed.soniq
        .rows()
        .check(handlers, None, |_| {})
        .await
        .unwrap()
}

async fn a_check_says_what_a_worker_then_does(bed: Bed) {
    insert_all(&bed).await;
    let (handler, runs) = upgrading();
    let report = check(&bed, &Handlers::from(handler.clone())).await;
    assert_eq!(report.would_run, RUN.len() as u64);
    assert_eq!(report.would_fail, FAIL.len() as u64);
    assert_eq!(report.needs_upgrade + report.unknown, 0);
    assert!(runs.lock().unwrap().is_empty(), "no handler runs");
    let jobs = bed.jobs().await;
    assert_eq!(jobs.len(), RUN.len() + FAIL.len());
    let untouched = |job: &Job| job.status == Status::Queued && job.attempts == 0;
    assert!(jobs.iter().all(untouched));

    bed.worker(handler).run_once().await.unwrap();
    runs.lock().unwrap().sort_unstable();
    assert_eq!(*runs.lock().unwrap(), [1, 2, 3]);
    assert_eq!(bed.dead_letters().await.len(), FAIL.len());
    // A dead letter fails again. What is done does not count.
    let again = check(&bed, &Handlers::from(upgrading().0)).await;
    let told = (again.would_run, again.would_fail);
    assert_eq!(told, (0, FAIL.len() as u64));
    for task in &again.tasks {
        assert_eq!(
            task.tables.keys().collect::<Vec<_>>(),
            [&Table::DeadLetters]
        );
    }
}

async fn a_report_names_what_is_broken_and_where(bed: Bed) {
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
            "test.probe.v1 type 1",
            "  n is no integer",
        ]
    );
    assert_eq!(report.tasks[0].standing, Standing::Retired(NOW.to_owned()));
    assert_eq!(report.tasks[1].standing, Standing::Current);
}

const PAUSED: ScheduleSpec = ScheduleSpec {
    trigger: Trigger::Cron("0 0 * * *"),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 2}"#,
};

static EVERYWHERE: TaskSpec = TaskSpec::new(NOW, 1, "f").schedule(PAUSED);
static IN_BERLIN: TaskSpec = TaskSpec::new(RETIRED, 1, "f").schedule(ScheduleSpec {
    timezone: Some("Europe/Berlin"),
    args: "{}",
    ..PAUSED
});

async fn every_table_with_rows_that_may_run_is_read(bed: Bed) {
    // A dead letter, one that is done, one that was called off.
    let dead = insert(&bed, RETIRED, r#"{"number": "1"}"#).await;
    let refuses = TaskHandlerBuilder::<Probe>::new(|args: Probe, _| async move {
        match args.n {
            1 => Err(JobError::permanent("no")),
            _ => Ok(()),
        }
    });
    insert(&bed, NOW, r#"{"n": 2}"#).await;
    let cancelled = insert(&bed, NOW, "{}").await;
    assert!(bed.soniq.jobs().cancel(cancelled).await.unwrap());
    let refuses = refuses.retired(RETIRED, upgrade).build();
    bed.worker(refuses).run_once().await.unwrap();
    // One that runs, one for later, one of another task.
    insert(&bed, NOW, r#"{"n": 3}"#).await;
    let (slow, started, gate) = gated(|| Ok(()));
    let running = Running::start(bed.worker(slow));
    wait_for_start(&started, 1).await;
    let later = task().delay(Duration::from_secs(365 * 86_400));
    later.enqueue(&bed.soniq, probe(4)).await.unwrap();
    insert(&bed, "elsewhere", "{}").await;
    let scheduler = Scheduler::new(&bed.soniq).tasks([&EVERYWHERE, &IN_BERLIN]);
    scheduler.reconcile().await.unwrap();
    assert!(bed.soniq.schedules().pause(NOW).await.unwrap());

    let report = check(&bed, &Handlers::from(upgrading().0)).await;
    let census = serde_json::to_value(bed.soniq.rows().census().await.unwrap()).unwrap();
    let dead = bed.soniq.dead_letter().get(dead).await.unwrap().unwrap();
    gate.add_permits(1);
    running.stop().await;
    let of = |task: &str| {
        let mut found = report.tasks.iter();
        found.find(|report| report.task == task).unwrap()
    };
    let tables = |task: &str| serde_json::to_value(&of(task).tables).unwrap();
    assert_eq!(
        tables(NOW),
        json!({ "soniq_jobs": 2, "soniq_recurring_jobs": 1 })
    );
    assert_eq!(
        tables(RETIRED),
        json!({ "soniq_dead_letter_jobs": 1, "soniq_schedules": 1 })
    );
    assert_eq!(tables("elsewhere"), json!({ "soniq_jobs": 1 }));
    assert_eq!(
        (report.would_run, report.would_fail, report.unknown),
        (4, 1, 1)
    );
    assert_eq!(of(RETIRED).oldest, Some(dead.created_at));

    assert_eq!(census["version"], 1);
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
            "test.probe.v0 soniq_schedules 1",
            "test.probe.v1 soniq_jobs 2",
            "test.probe.v1 soniq_recurring_jobs 1",
        ]
    );
}

/// Wire names, queues and counts.
async fn unserved(bed: &Bed) -> Vec<(String, String, u64)> {
    let rows = bed.soniq.fleet().await.unwrap().unserved;
    let unserved: Vec<_> = rows
        .into_iter()
        .map(|rows| (rows.task, rows.queue, rows.count))
        .collect();
    // Counts for people say the same.
    let unhandled = bed.soniq.stats().await.unwrap().unhandled.into_iter();
    let unhandled = unhandled.map(|jobs| (jobs.job_name, jobs.queue, jobs.queued.unsigned_abs()));
    assert_eq!(unhandled.collect::<Vec<_>>(), unserved);
    unserved
}

async fn a_fleet_is_its_live_workers_and_what_they_leave(bed: Bed) {
    let running = Running::start(bed.worker(upgrading().0));
    bed.wait_for_workers(1).await;
    let later = Duration::from_secs(86_400);
    for name in [RETIRED, "lost", "lost"] {
        let mut job = NewJob::new(name, json!({})).unwrap();
        job.due = Some(Due::After(later));
        (&bed.soniq).insert(job).await.unwrap();
    }
    let elsewhere = task().delay(later).queue("elsewhere");
    elsewhere.enqueue(&bed.soniq, probe(1)).await.unwrap();
    let fleet = bed.soniq.fleet().await.unwrap();
    assert_eq!(fleet.workers.len(), 1);
    assert_eq!(fleet.workers[0].queues, ["default"]);
    let worker = fleet.workers[0].id;
    let tasks: Vec<_> = fleet.tasks.iter().map(|task| &*task.task).collect();
    assert_eq!(tasks, [RETIRED, NOW]);
    for task in fleet.tasks {
        assert!(!task.skew);
        assert_eq!(task.serving.len(), 1);
        assert_eq!(task.serving[0].workers, [worker]);
    }
    let left = |task: &str, queue: &str, count| (task.to_owned(), queue.to_owned(), count);
    assert_eq!(
        unserved(&bed).await,
        [left("lost", "default", 2), left(NOW, "elsewhere", 1)]
    );
    running.stop().await;
    assert!(bed.soniq.fleet().await.unwrap().workers.is_empty());
    assert_eq!(unserved(&bed).await.len(), 3, "nobody serves the first");
}

/// Another build of the same task; one that died; one of Soniq for Python, which takes all queues.
async fn the_fleet_of_others_is_seen(bed: Bed) {
    let running = Running::start(bed.worker(upgrading().0));
    bed.wait_for_workers(1).await;
    for (host, silent, runtime, task, model, queues) in [
        (
            "newer",
            0,
            json!("soniq-rust"),
            NOW,
            "other",
            json!(["default"]),
        ),
        (
            "dead",
            3600,
            json!("soniq-rust"),
            "lost",
            "f",
            json!(["default"]),
        ),
        (
            "python",
            0,
            Value::Null,
            "py.task",
            "Model(x: int)",
            json!([]),
        ),
    ] {
        let id = Uuid::now_v7();
        let worker = json!({
            "id": id,
            "hostname": host,
            "pid": 1,
            "queues": queues,
            "concurrency": 1,
            "status": "active",
            "last_heartbeat": bed.ago(Duration::from_secs(silent)).await,
            "started_at": bed.ago(Duration::from_secs(silent)).await,
            "metadata": { "runtime": runtime },
        });
        bed.insert(bed::Table::Workers, worker).await;
        let handles = json!({
            "task_name": task,
            "worker_id": id,
            "last_seen_at": bed.now().await,
            "args_model_repr": model,
        });
        bed.insert(bed::Table::Registry, handles).await;
    }
    for (name, queue) in [
        (RETIRED, Some("default")),
        (NOW, Some("elsewhere")),
        ("lost", Some("default")),
        ("py.task", Some("any")),
        ("lost", None),
    ] {
        let tomorrow = bed.now().await + Duration::from_secs(86_400);
        let job = json!({
            "id": Uuid::now_v7(),
            "job_name": name,
            "args": {},
            "status": "queued",
            "queue": queue,
            "scheduled_at": bed::text(tomorrow),
        });
        bed.insert(bed::Table::Jobs, job).await;
    }
    let fleet = bed.soniq.fleet().await.unwrap();
    let left = unserved(&bed).await;
    running.stop().await;
    // One that drains takes nothing more.
    let draining = json!({ "metadata": { "draining": true } });
    bed.update(bed::Table::Workers, json!({}), draining).await;
    assert_eq!(unserved(&bed).await.len(), 4);
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
    let line = |task: &str, queue: &str, count| (task.to_owned(), queue.to_owned(), count);
    assert_eq!(
        left,
        [line("lost", "default", 2), line(NOW, "elsewhere", 1)]
    );
}

async fn the_subcommand_tells_by_its_exit_status(bed: Bed) {
    let url = bed.soniq.settings().database_url.as_deref().unwrap();
    let status = async |handler: Option<TaskHandler>, options: &[&str]| {
        let app = handler.map_or(App::new("probe"), |own| App::new("probe").handler(own));
        let arguments = ["probe", "check-rows", "--database-url", url];
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
    let arguments = ["probe", "check-rows", "--database-url", url];
    let twice = soniq_runtime::main_from(two, arguments).await;
    assert_eq!(format!("{twice:?}"), code(2), "two handlers of one task");
}
