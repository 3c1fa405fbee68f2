//! setup, migrate-status, status, and databases that are not as they should be.

use crate::support::{Bed, PASSWORD, run, soniq};

#[tokio::test]
async fn setup_creates_the_tables_once() {
    let bed = Bed::empty().await;
    let before = bed.run(&["migrate-status"]);
    assert_eq!(before.status, Some(1));
    assert!(
        before.stdout.contains("0001     core         missing  -"),
        "{before:?}"
    );
    assert!(before.stderr.contains("run `soniq setup`"), "{before:?}");

    assert!(bed.run(&["setup"]).ok().starts_with("applied 0001_core\n"));
    assert_eq!(bed.run(&["setup"]).ok(), "the database is up to date\n");

    let after = bed.run(&["migrate-status", "--json"]).json();
    let steps = after.as_array().unwrap();
    assert!(steps.len() >= 7);
    assert!(steps.iter().all(|step| step["state"] == "applied"));
    assert!(steps[0]["applied_at"].is_string());
}

#[tokio::test]
async fn every_verb_asks_for_setup_first() {
    let bed = Bed::empty().await;
    let id = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    for verb in [
        &["status"][..],
        &["enqueue", "a.b.v1", "{}"],
        &["dead-letter", "list"],
        &["dead-letter", "show", id],
        &["dead-letter", "replay", id],
        &["dead-letter", "delete", "--all", "--yes"],
        &["jobs", "list"],
        &["jobs", "show", id],
        &["jobs", "cancel", id],
        &["schedules", "list"],
        &["scheduler"],
    ] {
        let error = bed.run(verb).error();
        assert!(error.contains("no Soniq tables"), "{verb:?}: {error}");
        assert!(error.contains("`soniq setup`"), "{verb:?}: {error}");
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let bed = Bed::new().await;
    bed.sql("INSERT INTO soniq_migrations (version, name) VALUES ('0999', 'future')")
        .await;
    for verb in [
        &["status"][..],
        &["setup"],
        &["jobs", "list"],
        &["enqueue", "a.b.v1", "{}"],
    ] {
        let error = bed.run(verb).error();
        assert!(
            error.contains("schema is at version 0999"),
            "{verb:?}: {error}"
        );
    }
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 0);
    let status = bed.run(&["migrate-status", "--json"]);
    assert_eq!(status.status, Some(1));
    let steps: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let last = steps.as_array().unwrap().last().unwrap();
    assert_eq!(last["version"], "0999");
    assert_eq!(last["state"], "newer");
}

/// In a rolling deploy old programs go on beside the new schema.
#[tokio::test]
async fn a_newer_schema_that_only_adds_is_no_obstacle() {
    let bed = Bed::new().await;
    bed.sql("INSERT INTO soniq_migrations (version, name) VALUES ('0899', 'future')")
        .await;
    bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    bed.run(&["status"]).ok();
    let again = bed.run(&["setup"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    let table = bed.run(&["migrate-status"]);
    assert!(table.stdout.contains("newer"), "{table:?}");
}

#[tokio::test]
async fn a_version_of_another_soniq_is_no_obstacle() {
    let bed = Bed::new().await;
    bed.sql("INSERT INTO soniq_migrations (version, name) VALUES ('0099', 'theirs')")
        .await;
    let table = bed.run(&["migrate-status"]).ok();
    assert!(table.contains("0099     theirs       foreign"), "{table}");
    bed.run(&["status"]).ok();
}

#[test]
fn a_database_that_cannot_be_reached_is_one_line() {
    for (url, expected) in [
        (
            format!("postgres://u:{PASSWORD}@127.0.0.1:1/d"),
            "127.0.0.1:1",
        ),
        (
            format!("postgres://u:{PASSWORD}@no-such-host.invalid/d"),
            "no-such-host.invalid",
        ),
        (
            format!("postgres://u:{PASSWORD}@h:port/d"),
            "the database URL cannot be read",
        ),
        (
            format!("mysql://u:{PASSWORD}@h/d"),
            "its scheme is \"mysql\"",
        ),
        (
            format!("postgres://u:{PASSWORD}@h/d?sslmode=maybe"),
            "sslmode is \"maybe\"",
        ),
        (PASSWORD.to_owned(), "the database URL cannot be read"),
    ] {
        let error = run(soniq(&["status", "--database-url", &url])).error();
        assert!(error.contains(expected), "{url}: {error}");
    }
}

/// With SQLite, a development build uses a local file: see `sqlite.rs`.
#[cfg(not(all(feature = "sqlite", debug_assertions)))]
#[test]
fn no_database_at_all_is_one_line() {
    let error = run(soniq(&["status", "--database-url", ""])).error();
    assert!(
        error.contains("set SONIQ_DATABASE_URL or pass --database-url"),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_one_line() {
    let bed = Bed::new().await;
    let url = bed.url().replace(bed.database.name(), "no_such_database");
    let error = run(soniq(&["status", "--database-url", &url])).error();
    assert!(
        error.contains("\"no_such_database\" does not exist"),
        "{error}"
    );
}

#[tokio::test]
async fn a_flag_goes_before_the_environment() {
    let bed = Bed::new().await;
    let mut command = soniq(&[
        "status",
        "--log-level",
        "warn",
        "--database-url",
        &bed.url(),
    ]);
    command.env("SONIQ_DATABASE_URL", "postgres://127.0.0.1:1/d");
    command.env("SONIQ_LOG_LEVEL", "loud");
    run(command).ok();

    let mut command = bed.command(&["status"]);
    command.env("SONIQ_LOG_LEVEL", "loud");
    assert!(
        run(command)
            .error()
            .starts_with("SONIQ_LOG_LEVEL is \"loud\"")
    );
}

#[tokio::test]
async fn status_counts() {
    let bed = Bed::new().await;
    bed.run(&["enqueue", "a.b.v1", "{}", "--queue", "bulk"])
        .ok();
    bed.run(&[
        "enqueue", "a.b.v1", "{}", "--queue", "bulk", "--delay", "1h",
    ])
    .ok();
    bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    let status = bed.run(&["status", "--json"]).json();
    assert_eq!(status["queues"][0]["queue"], "bulk");
    assert_eq!(status["queues"][0]["due"], 1);
    assert_eq!(status["queues"][0]["scheduled"], 1);
    assert_eq!(status["dead_letters"], 1);
    assert_eq!(status["unhandled"][0]["job_name"], "a.b.v1");
    let table = bed.run(&["status"]).ok();
    assert!(table.contains("dead letters: 1"), "{table}");
}
