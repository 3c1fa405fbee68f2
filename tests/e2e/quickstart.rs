//! The quickstart, as a newcomer runs it.

use std::path::Path;
use std::process::{Command, Output};

use soniq_runtime::testing;

use crate::processes::{assert_ok, programs};

/// Runs it in `directory`, told nothing but `url`.
fn run(directory: &Path, url: Option<&str>) -> Output {
    let mut command = Command::new(programs().join("quickstart"));
    command.current_dir(directory).env_clear();
    if let Some(url) = url {
        command.env("SONIQ_DATABASE_URL", url);
    }
    command.output().unwrap()
}

/// Whether the parts of the story are told, in this order.
fn tells(output: &Output, story: &[&str]) {
    assert_ok(output);
    let said = String::from_utf8_lossy(&output.stdout);
    let mut rest = said.as_ref();
    for part in story {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("{part:?} is not said, or too early: {said}");
        };
        rest = after;
    }
}

const LIFE: [&str; 12] = [
    "/customer is not a valid email",
    "claimed: invoice for ada@example.com, attempt 1",
    "failed: the mail server did not answer",
    "claimed: invoice for ada@example.com, attempt 2",
    "the mailbox does not exist",
    "replayed as job",
    "claimed: invoice for nobody@example.com, attempt 1",
    "failed for good: the mailbox does not exist",
    "scheduled: billing.close_month.v1",
    "the month is closed",
    "dead letters: ",
    "Next: ",
];

#[test]
fn it_needs_no_server_and_runs_again_on_the_same_file() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = run(directory.path(), None);
        tells(&output, &["enqueued: invoice for ada@example.com"]);
        tells(&output, &LIFE);
        let notice = String::from_utf8_lossy(&output.stderr);
        assert!(notice.contains("sqlite://soniq.db"), "{notice}");
    }
    assert!(directory.path().join("soniq.db").is_file());
}

#[tokio::test]
async fn on_postgres_an_order_and_its_job_commit_together() {
    let database = testing::database().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), Some(database.url()));
    let story = [
        "enqueued: invoice for ada@example.com",
        "rolled back: neither order nor job for eve@example.com",
    ];
    tells(&output, &story);
    tells(&output, &LIFE);
    let client = database.connect().await.unwrap();
    let orders = client.query_one("SELECT count(*) FROM orders", &[]).await;
    assert_eq!(orders.unwrap().get::<_, i64>(0), 2);
}

/// A mistake in the first line that a newcomer types is told in words, not as a Rust value.
#[test]
fn a_wrong_url_is_one_line() {
    let directory = tempfile::tempdir().unwrap();
    for (url, expected) in [
        ("mysql://localhost/app", "its scheme is \"mysql\""),
        (
            "postgres://app@127.0.0.1:1/app",
            "cannot connect to Postgres at 127.0.0.1:1",
        ),
    ] {
        let output = run(directory.path(), Some(url));
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.strip_suffix('\n').unwrap();
        assert!(!line.contains('\n'), "{said}");
        assert!(
            line.starts_with("error: ") && line.contains(expected),
            "{said}"
        );
    }
}
