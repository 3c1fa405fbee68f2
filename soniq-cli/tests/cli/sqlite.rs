//! The verbs on a SQLite file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, contracts, run, soniq, write_contract};

/// A folder with a file that is set up.
struct Bed {
    folder: tempfile::TempDir,
}

impl Bed {
    fn new() -> Self {
        let bed = Bed {
            folder: tempfile::tempdir().unwrap(),
        };
        assert_eq!(bed.run(&["setup"]).ok(), "applied 0001_tables\n");
        bed
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("jobs.db")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = soniq(arguments);
        command.env(
            "SONIQ_DATABASE_URL",
            format!("sqlite://{}", self.path().display()),
        );
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    fn sql(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        connection.execute_batch(statement).unwrap();
    }
}

#[test]
fn setup_makes_the_file_once() {
    let bed = Bed::new();
    assert_eq!(bed.run(&["setup"]).ok(), "the database is up to date\n");
    let steps = bed.run(&["migrate-status", "--json"]).json();
    assert_eq!(steps[0]["version"], "0001");
    assert_eq!(steps[0]["state"], "applied");
    assert!(steps[0]["applied_at"].is_string());
    let doctor = bed.run(&["doctor"]);
    assert_eq!(doctor.status, Some(0), "{doctor:?}");
}

#[test]
fn a_file_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.db");
    let url = format!("sqlite://{}", path.display());
    let status = run(soniq(&["migrate-status", "--database-url", &url]));
    assert!(status.stdout.contains("missing"), "{status:?}");
    for verb in [
        &["status"][..],
        &["jobs", "list"],
        &["enqueue", "a.b.v1", "{}"],
    ] {
        let error = run(soniq(&[verb, &["--database-url", &url]].concat())).error();
        assert!(error.contains("there is no file"), "{error}");
        assert!(error.contains("run `soniq setup`"), "{error}");
    }
    assert!(!path.exists());
}

#[test]
fn jobs_are_enqueued_counted_shown_and_cancelled() {
    let bed = Bed::new();
    let id = bed
        .run(&["enqueue", "a.b.v1", r#"{"n": 1}"#, "--queue", "bulk"])
        .ok();
    let id = id.trim();
    bed.run(&[
        "enqueue", "a.b.v1", "{}", "--queue", "bulk", "--delay", "1h",
    ])
    .ok();
    let status = bed.run(&["status", "--json"]).json();
    assert_eq!(status["queues"][0]["queue"], "bulk");
    assert_eq!(status["queues"][0]["due"], 1);
    assert_eq!(status["queues"][0]["scheduled"], 1);
    assert_eq!(status["unhandled"][0]["job_name"], "a.b.v1");
    let jobs = bed.run(&["jobs", "list", "--json"]).json();
    assert_eq!(jobs.as_array().unwrap().len(), 2);
    let job = bed.run(&["jobs", "show", id, "--json"]).json();
    assert_eq!(job["args"], serde_json::json!({ "n": 1 }));
    let found = bed.run(&["inspect", id, "--json"]).json();
    assert_eq!(found["job"], job);
    bed.run(&["jobs", "cancel", id]).ok();
    let job = bed.run(&["jobs", "show", id, "--json"]).json();
    assert_eq!(job["status"], "cancelled");
    bed.run(&["queues", "pause", "bulk"]).ok();
    assert!(bed.run(&["queues", "list"]).ok().contains("bulk"));
    bed.run(&["queues", "resume", "bulk"]).ok();
}

#[test]
fn jobs_that_do_not_run_are_deleted() {
    let bed = Bed::new();
    let running = bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    let running = running.trim();
    bed.sql("UPDATE soniq_jobs SET status = 'processing'");
    let queued = bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    let queued = queued.trim();

    let error = bed.run(&["jobs", "delete", "--task", "a.b.v1"]).error();
    assert!(error.starts_with("this would delete 1 job: "), "{error}");
    let all = bed.run(&["jobs", "delete", "--all", "--yes"]).ok();
    assert_eq!(all, format!("deleted {queued}\n"));
    let refused = bed.run(&["jobs", "delete", running]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stderr.contains(&format!("error: {running} runs: ")),
        "{refused:?}"
    );
    let jobs = bed.run(&["jobs", "list", "--json"]).json();
    assert_eq!(jobs.as_array().unwrap().len(), 1);
}

#[test]
fn dead_letters_are_listed_replayed_and_deleted() {
    let bed = Bed::new();
    let id = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    bed.sql(&format!(
        "INSERT INTO soniq_dead_letter_jobs (
             id, job_name, args, queue, priority, max_attempts, attempts, last_error,
             dead_letter_reason, original_created_at, moved_to_dead_letter_at
         ) VALUES ('{id}', 'a.b.v1', '{{\"n\": 1}}', 'bulk', 50, 3, 3, 'no luck', 'timeout',
             1763900000000000, 1763900001000000)"
    ));
    let listed = bed.run(&["dead-letter", "list", "--json"]).json();
    assert_eq!(listed[0]["last_error"], "no luck");
    bed.run(&["dead-letter", "replay", id]).ok();
    let jobs = bed.run(&["jobs", "list", "--json"]).json();
    assert_eq!(jobs[0]["job_name"], "a.b.v1");
    assert_eq!(jobs[0]["status"], "queued");
    let shown = bed.run(&["dead-letter", "show", id, "--json"]).json();
    assert_eq!(shown["resurrection_count"], 1);
    let exported = bed
        .run(&["dead-letter", "export", "--older-than", "1h"])
        .ok();
    let line: serde_json::Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(line["id"], id);
    let future = bed.run(&["dead-letter", "cleanup", "--older-than", "36000d", "--yes"]);
    assert_eq!(future.stderr, "no dead letters\n");
    bed.run(&["dead-letter", "cleanup", "--older-than", "1h", "--yes"])
        .ok();
    assert_eq!(
        bed.run(&["dead-letter", "list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn a_scheduler_stores_and_fires() {
    let bed = Bed::new();
    let folder = tempfile::tempdir().unwrap();
    let contract = "edition = \"2026\"\nnamespace = \"tick\"\nowner = \"tests\"\n\n\
                    [tasks.tick]\nversion = 1\ndescription = \"Ticks.\"\n\
                    args.type = \"object\"\nschedule = { every = \"1s\", args = {} }\n";
    write_contract(folder.path(), "tick.toml", contract);
    let folder = folder.path().to_str().unwrap();
    let mut scheduler = bed
        .command(&["scheduler", "--contracts", folder])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let jobs = bed.run(&["jobs", "list", "--json"]).json();
        if jobs.as_array().unwrap().len() >= 2 {
            break;
        }
        assert!(Instant::now() < deadline, "nothing was fired");
        std::thread::sleep(Duration::from_millis(50));
    }
    scheduler.kill().unwrap();
    scheduler.wait().unwrap();
    let schedules = bed.run(&["schedules", "list", "--json"]).json();
    assert_eq!(schedules[0]["job_name"], "tick.tick.v1");
    assert!(schedules[0]["run_count"].as_i64().unwrap() >= 2);
    bed.run(&["schedules", "pause", "tick.tick.v1"]).ok();
    let paused = bed.run(&["schedules", "list", "--json"]).json();
    assert_eq!(paused[0]["status"], "paused");
}

#[test]
fn rows_are_counted_and_checked() {
    let bed = Bed::new();
    bed.run(&["enqueue", "emails.unknown.v1", r#"{"n": 1}"#])
        .ok();
    let census = bed.run(&["contracts", "census", "--json"]).json();
    assert_eq!(census["database"], "jobs.db");
    assert_eq!(census["tasks"][0]["count"], 1);
    let checked = bed.run(&["contracts", "check-rows", "--contracts", &contracts()]);
    assert!(
        checked.status.is_some_and(|status| status < 2),
        "{checked:?}"
    );
    let fleet = bed.run(&["contracts", "fleet", "--json"]);
    assert!(fleet.stdout.contains("emails.unknown.v1"), "{fleet:?}");
}

/// A binary built for release asks for a database instead.
#[cfg(debug_assertions)]
#[test]
fn without_a_url_a_development_build_uses_a_local_file_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let local = |arguments: &[&str]| {
        let mut command = soniq(arguments);
        command.current_dir(folder.path());
        run(command)
    };
    let setup = local(&["setup"]);
    assert_eq!(setup.stdout, "applied 0001_tables\n");
    assert!(
        setup.stderr.contains("using sqlite://soniq.db"),
        "{setup:?}"
    );
    assert!(folder.path().join("soniq.db").exists());
    assert!(local(&["status"]).ok().contains("no jobs"));
    let enqueued = local(&["enqueue", "emails.send.v1", "{}", "--queue", "mail"]);
    let notices = enqueued.stderr.matches("sqlite://soniq.db").count();
    assert_eq!(notices, 1, "{enqueued:?}");
}

/// As somebody who may read the file and no more. Root may write all the same, so it steps down.
fn as_reader(bed: &Bed, arguments: &[&str]) -> Run {
    let mut command = bed.command(arguments);
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout == b"0\n" {
        let nobody = 65_534;
        command.uid(nobody).gid(nobody);
    }
    run(command)
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_file_is_one_line() {
    let bed = Bed::new();
    bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    // The folder may be written to, the file may not; then neither.
    for folder in [0o777, 0o555] {
        mode(bed.folder.path(), folder);
        mode(&bed.path(), 0o444);
        for verb in [
            &["enqueue", "a.b.v1", "{}"][..],
            &["queues", "pause", "default"],
        ] {
            let error = as_reader(&bed, verb).error();
            assert!(
                error.contains("must be able to write the file"),
                "{verb:?}: {error}"
            );
            assert!(error.contains("jobs.db"), "{error}");
        }
    }
    mode(bed.folder.path(), 0o755);
    mode(&bed.path(), 0o644);
    assert_eq!(bed.run(&["status", "--json"]).json()["queues"][0]["due"], 1);
}
