//! scheduler, and schedules list.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use soniq_generated::shapes::{legacy, limits, shapes};
use soniq_runtime::Soniq;

use crate::support::{Bed, contracts, write_contract};

/// Polls until `sql` counts at least `least`, for up to 20 s.
async fn wait_for(bed: &Bed, sql: &str, least: i64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while bed.count(sql).await < least {
        assert!(Instant::now() < deadline, "{sql} stays below {least}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A scheduler in the background; killed if the test ends before it.
struct Running {
    process: Child,
    log: BufReader<ChildStderr>,
}

impl Running {
    /// Starts it, and waits until it says so.
    fn start(bed: &Bed, arguments: &[&str]) -> (Self, String) {
        let mut command = bed.command(&[&["scheduler"], arguments].concat());
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut running = Running { process, log };
        let mut lines = String::new();
        while !lines.contains("scheduler started") {
            let read = running.log.read_line(&mut lines).unwrap();
            assert_ne!(read, 0, "it ended: {lines}");
        }
        (running, lines)
    }

    /// As an orchestrator stops it; what it has logged since its start.
    fn stop(mut self) -> String {
        let pid = self.process.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.unwrap().success());
        let status = self.process.wait().unwrap();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        assert_eq!(status.code(), Some(0), "{log}");
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already, where the test went well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn contracts_are_stored_and_fired_until_sigterm() {
    let bed = Bed::new().await;
    let dir = tempfile::tempdir().unwrap();
    write_contract(
        dir.path(),
        "shop.toml",
        r#"
            edition = "2026"
            namespace = "shop"
            [tasks.tidy]
            version = 1
            queue = "night"
            schedule = { every = "200ms", args = {} }
            [tasks.tidy.args]
            type = "object"
            properties.deep = { type = "boolean", default = false }
        "#,
    );
    let path = dir.path().display().to_string();
    let (running, log) = Running::start(&bed, &["--contracts", &path]);
    wait_for(&bed, "SELECT count(*) FROM soniq_jobs", 2).await;
    running.stop();
    assert!(log.contains("schedule added"), "{log}");

    let jobs = bed.run(&["jobs", "list", "--json"]).json();
    assert_eq!(jobs[0]["job_name"], "shop.tidy.v1");
    assert_eq!(jobs[0]["queue"], "night");
    assert_eq!(jobs[0]["args"]["deep"], false);
}

#[tokio::test]
async fn a_schedule_gone_from_its_contracts_is_told_once_and_marked() {
    let bed = Bed::new().await;
    let contract = |namespace: &str, schedule: &str| {
        format!(
            "edition = \"2026\"\nnamespace = \"{namespace}\"\n\
             [tasks.tidy]\nversion = 1\n{schedule}\n[tasks.tidy.args]\ntype = \"object\"\n"
        )
    };
    let hourly = "schedule = { every = \"1h\", args = {} }";
    let (shop, mail) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_contract(shop.path(), "shop.toml", &contract("shop", hourly));
    write_contract(mail.path(), "mail.toml", &contract("mail", hourly));
    let log = |dir: &tempfile::TempDir| {
        let path = dir.path().display().to_string();
        let (running, log) = Running::start(&bed, &["--contracts", &path]);
        running.stop();
        log
    };
    log(&shop);
    let told = "no contract has this schedule any more";
    // Another folder, with another namespace.
    assert!(!log(&mail).contains(told));
    write_contract(shop.path(), "shop.toml", &contract("shop", ""));
    let first = log(&shop);
    assert!(
        first.contains(told) && first.contains("shop.tidy.v1"),
        "{first}"
    );
    assert!(!log(&shop).contains(told));
    let table = bed.run(&["schedules", "list"]).ok();
    let orphans: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("orphan of"))
        .collect();
    assert_eq!(orphans.len(), 1, "{table}");
    assert!(orphans[0].starts_with("shop.tidy.v1"), "{table}");
    assert!(
        orphans[0].contains("orphan of contracts:shop since "),
        "{table}"
    );
}

#[tokio::test]
async fn the_example_contracts_are_listed_once_stored() {
    let bed = Bed::new().await;
    let none = bed.run(&["schedules", "list"]);
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "no schedules\n")
    );

    let dir = contracts();
    Running::start(&bed, &["--contracts", &dir]).0.stop();

    let schedules = bed.run(&["schedules", "list", "--json"]).json();
    let names: Vec<&str> = schedules
        .as_array()
        .unwrap()
        .iter()
        .map(|schedule| schedule["job_name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "billing.close_month.v1",
            "emails.send_digest.v1",
            "reports.refresh_dashboard.v1"
        ]
    );
    assert_eq!(schedules[0]["timezone"], "Europe/Berlin");
    let table = bed.run(&["schedules", "list"]).ok();
    assert!(table.contains("0 3 1 * * (Europe/Berlin)  one"), "{table}");
    assert!(table.contains("every 900 s                none"), "{table}");

    // Nothing changed, nothing is stored anew.
    let (running, log) = Running::start(&bed, &["--contracts", &dir]);
    running.stop();
    assert!(
        !log.contains("schedule added") && !log.contains("schedule changed"),
        "{log}"
    );
}

/// The contract is the same, so the schedule must be, whoever read it first.
#[tokio::test]
async fn a_service_stores_the_same_schedules_from_generated_code() {
    let bed = Bed::new().await;
    let dir: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "..",
        "tests/generated/contracts",
    ]
    .iter()
    .collect();
    let (running, log) = Running::start(&bed, &["--contracts", &dir.display().to_string()]);
    running.stop();
    assert_eq!(log.matches("schedule added").count(), 3, "{log}");

    let soniq = Soniq::connect(bed.database.url()).unwrap();
    let tasks = [
        legacy::reindex::TASK.spec(),
        limits::right_to_left::TASK.spec(),
        shapes::defaults::TASK.spec(),
    ];
    let scheduler = soniq_runtime::Scheduler::new(&soniq).tasks(tasks);
    assert_eq!(scheduler.reconcile().await.unwrap(), []);

    // Not the same by being wrong alike: every default is there.
    let schedules = soniq.schedules().list().await.unwrap();
    let reindex = schedules.iter().find(|s| s.job_name == "legacy.reindex.v1");
    assert_eq!(
        reindex.unwrap().args,
        json!({
            "steps": [{ "first": true }, { "hours": 24 }, { "hours": 1 }],
            "night": { "hours": 24 },
            "fallback": { "hours": 24 },
        })
    );
}

#[tokio::test]
async fn a_schedule_that_cannot_fire_is_told_now_and_then_only() {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_recurring_jobs (id, job_name, schedule_type, schedule_value, next_run)
         VALUES (gen_random_uuid(), 'a.bad.v1', 'cron', 'every tuesday', now()),
                (gen_random_uuid(), 'a.often.v1', 'interval', '0.1', now())",
    )
    .await;
    let (running, _) = Running::start(&bed, &[]);
    // So many looks, at least, in each of which the bad one is due.
    wait_for(&bed, "SELECT count(*) FROM soniq_jobs", 5).await;
    let log = running.stop();
    assert_eq!(
        log.matches("a stored schedule cannot fire").count(),
        1,
        "{log}"
    );
    assert!(
        log.contains("a.bad.v1") && log.contains("every tuesday"),
        "{log}"
    );
}

#[tokio::test]
async fn without_contracts_stored_schedules_fire() {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_recurring_jobs (id, job_name, schedule_type, schedule_value, next_run)
         VALUES (gen_random_uuid(), 'a.b.v1', 'interval', '3600', now())",
    )
    .await;
    let (running, _) = Running::start(&bed, &[]);
    wait_for(
        &bed,
        "SELECT count(*) FROM soniq_jobs WHERE job_name = 'a.b.v1'",
        1,
    )
    .await;
    running.stop();
    let table = bed.run(&["schedules", "list"]).ok();
    assert!(table.contains("every 3600 s"), "{table}");
    assert!(table.contains("(in 59m)"), "{table}");
}
