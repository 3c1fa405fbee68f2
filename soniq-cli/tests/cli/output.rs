//! What the binary writes where, and what it makes of a wrong command line.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::{Bed, PASSWORD, run, soniq};

#[test]
fn a_wrong_command_line_is_status_2() {
    for (arguments, expected) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["enqueue", "a.b.v1"], "<JSON>"),
        (
            &["enqueue", "a.b.v1", "{}", "--priority", "0"],
            "--priority",
        ),
        (
            &["enqueue", "a.b.v1", "{}", "--max-attempts", "0"],
            "--max-attempts",
        ),
        (
            &["enqueue", "a.b.v1", "{}", "--delay", "10"],
            "needs a unit",
        ),
        (&["enqueue", "a.b.v1", "{}", "--run-at", "noon"], "--run-at"),
        (&["enqueue", "a.b.v1", "{}", "--queue", ""], "--queue"),
        (
            &[
                "enqueue",
                "a.b.v1",
                "{}",
                "--delay",
                "1s",
                "--run-at",
                "2026-01-01T00:00:00Z",
            ],
            "cannot be used with",
        ),
        (&["jobs", "show", "7"], "<ID>"),
        (
            &["jobs", "list", "--status", "dead"],
            "queued, processing, done or cancelled",
        ),
        (&["jobs", "list", "--limit", "0"], "--limit"),
        (&["dead-letter", "list", "--reason", "tmeout"], "timeout"),
        // A bulk action says what it takes.
        (&["dead-letter", "delete", "--yes"], "--all"),
        (&["dead-letter", "replay", "--limit", "3", "--yes"], "--all"),
        (
            &[
                "dead-letter",
                "delete",
                "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11",
                "--all",
            ],
            "cannot be used with",
        ),
    ] {
        let run = run(soniq(arguments));
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.contains(expected), "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_url_in_the_wrong_place_shows_no_password() {
    let url = format!("postgres://u:{PASSWORD}@h/d");
    // The password is looked for in every run.
    assert_eq!(run(soniq(&[&url])).status, Some(2));
    assert_eq!(run(soniq(&["status", &url])).status, Some(2));
    assert_eq!(
        run(soniq(&[&format!("--url={url}"), "status"])).status,
        Some(2)
    );
    assert_eq!(run(soniq(&["enqueue", &url, "{}"])).status, Some(1));
}

#[test]
fn help_and_version_are_on_standard_output() {
    for verb in ["setup", "migrate-status", "status", "enqueue", "scheduler"] {
        let help = run(soniq(&[verb, "--help"])).ok();
        assert!(
            help.contains(&format!("Examples:\n  soniq {verb}")),
            "{help}"
        );
    }
    assert_eq!(
        run(soniq(&["--version"])).ok(),
        format!("soniq {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn colours_are_for_terminals() {
    let bed = Bed::new().await;
    bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    let list = ["jobs", "list"];
    assert!(!bed.run(&list).ok().contains('\u{1b}'));

    // As on a terminal.
    let forced = |arguments: &[&str], no_color: bool| {
        let mut command = bed.command(arguments);
        command.env("CLICOLOR_FORCE", "1");
        if no_color {
            command.env("NO_COLOR", "1");
        }
        run(command).ok()
    };
    assert!(forced(&list, false).contains('\u{1b}'));
    assert!(!forced(&list, true).contains('\u{1b}'));
    assert!(!forced(&["jobs", "list", "--no-color"], false).contains('\u{1b}'));
}

#[tokio::test]
async fn a_row_cannot_write_to_the_terminal() {
    let bed = Bed::new().await;
    let id = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    bed.sql("UPDATE soniq_dead_letter_jobs SET last_error = E'\\x1b[2Jgone\\x07'")
        .await;
    bed.run(&["enqueue", "a.b.v1", "{}", "--queue", "\u{1b}[2Jgone\u{7}"])
        .ok();
    for verb in [
        &["status"][..],
        &["jobs", "list"],
        &["dead-letter", "list"],
        &["dead-letter", "show", &id],
    ] {
        let text = bed.run(verb).ok();
        assert!(text.contains("\\u{1b}[2Jgone\\u{7}"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test]
async fn a_reader_that_leaves_early_is_no_error() {
    let bed = Bed::new().await;
    // More than a pipe holds.
    bed.sql(
        "INSERT INTO soniq_jobs (id, job_name, args)
         SELECT gen_random_uuid(), 'a.b.v1', '{}' FROM generate_series(1, 5000)",
    )
    .await;
    let mut child = bed
        .command(&["jobs", "list", "--limit", "5000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_an_error() {
    let bed = Bed::new().await;
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = bed.command(&["status"]);
    command.stdout(full).stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("error: the output cannot be written: "),
        "{stderr}"
    );
}
