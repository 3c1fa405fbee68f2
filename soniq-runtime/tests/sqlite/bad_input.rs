//! Files that are not as they should be: one clear line each, and nothing lost.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;
use soniq_runtime::{Enqueuer as _, Error, JobFilter, NewJob, Soniq, Worker};

use crate::probe::{Running, counting, eventually, probe, quick, task};
use crate::work::bed;

fn at(path: &Path) -> Soniq {
    Soniq::with_settings(quick(&format!("sqlite://{}", path.display()))).unwrap()
}

/// One line that names the file and says what to do.
fn told(error: &Error, path: &Path, expected: &str) {
    let text = error.to_string();
    assert!(text.contains(expected), "{text}");
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[tokio::test]
async fn what_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(
        &text,
        "no database, but longer than the header of one ".repeat(100),
    )
    .unwrap();
    let error = at(&text).setup().await.unwrap_err();
    told(&error, &text, "is no SQLite database");
    assert!(!error.is_transient());
    assert!(
        fs::read_to_string(&text)
            .unwrap()
            .starts_with("no database")
    );

    let error = at(folder.path()).setup().await.unwrap_err();
    told(&error, folder.path(), "is a directory");

    let path = folder.path().join("not/there.db");
    let error = at(&path).setup().await.unwrap_err();
    told(&error, &path, "there is no directory");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_made_by_setup_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("soniq.db");
    let soniq = at(&path);
    let error = task().enqueue(&soniq, probe(1)).await.unwrap_err();
    told(&error, &path, "run `soniq setup`");
    let error = soniq.check_schema().await.unwrap_err();
    told(&error, &path, "run `soniq setup`");
    let steps = soniq.migrations().await.unwrap();
    assert!(steps.iter().all(|step| step.applied_at.is_none()));
    assert!(!path.exists());
    // Somebody else's file is left as it was until then.
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE mine (n)")
        .unwrap();
    let error = task().enqueue(&soniq, probe(1)).await.unwrap_err();
    assert!(matches!(error, Error::NotSetUp { .. }), "{error}");
    assert_eq!(soniq.setup().await.unwrap(), ["0001_tables"]);
    assert!(soniq.setup().await.unwrap().is_empty());
    soniq.check_schema().await.unwrap();
    task().enqueue(&soniq, probe(1)).await.unwrap();
}

#[tokio::test]
async fn what_is_nested_too_deep_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("soniq.db");
    let soniq = at(&path);
    soniq.setup().await.unwrap();
    let deep = (0..1500).fold(json!(1), |inner, _| json!([inner]));
    let job = NewJob::new("test.probe.v1", json!({ "deep": deep })).unwrap();
    let error = (&soniq).insert(job).await.unwrap_err();
    told(&error, &path, "nested more than 1000 deep");
    told(&error, &path, "make them flatter");
    assert!(!error.is_transient());
    assert!(
        soniq
            .jobs()
            .ids(&JobFilter::default())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_takes_a_removed_files_place_is_used() {
    let (folder, soniq) = bed().await;
    let (handler, runs) = counting();
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let running = Running::start(worker);
    task().enqueue(&soniq, probe(1)).await.unwrap();
    assert!(eventually(async || runs.lock().unwrap().len() == 1).await);
    for file in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let path = folder.path().join("jobs.db");
    let error = task().enqueue(&soniq, probe(2)).await.unwrap_err();
    told(&error, &path, "there is no file");
    assert!(!path.exists());
    // The worker finds that it is not registered there, and registers.
    soniq.setup().await.unwrap();
    task().enqueue(&soniq, probe(3)).await.unwrap();
    assert!(eventually(async || runs.lock().unwrap().len() == 2).await);
    assert_eq!(*runs.lock().unwrap(), [1, 3]);
    running.stop().await;
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let (folder, soniq) = bed().await;
    let file = Connection::open(folder.path().join("jobs.db")).unwrap();
    let newer = "INSERT INTO soniq_migrations (version, name) VALUES ('0999', 'future')";
    file.execute_batch(newer).unwrap();
    for error in [
        soniq.check_schema().await.unwrap_err(),
        soniq.setup().await.unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("schema is at version 0999"),
            "{error}"
        );
    }
    let steps = soniq.migrations().await.unwrap();
    assert_eq!(steps.last().unwrap().state.as_str(), "newer");
}

#[tokio::test]
async fn a_damaged_file_is_told_and_its_worker_claims_nothing() {
    let (folder, soniq) = bed().await;
    task()
        .enqueue_many(&soniq, (0..500).map(probe))
        .await
        .unwrap();
    drop(soniq);
    let path = folder.path().join("jobs.db");
    // The last handle has gone, so that all of it is in the one file.
    let mut bytes = fs::read(&path).unwrap();
    let header = 100;
    for byte in &mut bytes[header..] {
        *byte ^= 0x5a;
    }
    fs::write(&path, bytes).unwrap();
    let error = at(&path).stats().await.unwrap_err();
    told(&error, &path, "damaged");
    let (handler, runs) = counting();
    let soniq = at(&path);
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let error = worker.run_once().await.unwrap_err();
    told(&error, &path, "damaged");
    assert!(runs.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_another_process_keeps_locked_is_waited_for_then_told() {
    let (folder, soniq) = bed().await;
    let (handler, runs) = counting();
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let running = Running::start(worker);
    task().enqueue(&soniq, probe(1)).await.unwrap();
    assert!(eventually(async || runs.lock().unwrap().len() == 1).await);
    let path = folder.path().join("jobs.db");
    let other = Connection::open(&path).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let before = Instant::now();
    let error = task().enqueue(&soniq, probe(2)).await.unwrap_err();
    told(&error, &path, "the file is locked");
    assert!(error.is_transient());
    assert!(before.elapsed() >= Duration::from_secs(4));
    // The worker has been refused as often, and goes on where it was.
    other.execute_batch("ROLLBACK").unwrap();
    task().enqueue(&soniq, probe(3)).await.unwrap();
    assert!(eventually(async || runs.lock().unwrap().len() == 2).await);
    assert_eq!(*runs.lock().unwrap(), [1, 3]);
    running.stop().await;
}
