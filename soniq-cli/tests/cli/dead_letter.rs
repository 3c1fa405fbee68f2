//! dead-letter list | show | replay | delete | cleanup | export.

use crate::support::Bed;

const LETTERS: &str = "SELECT count(*) FROM soniq_dead_letter_jobs";
const JOBS: &str = "SELECT count(*) FROM soniq_jobs";

#[tokio::test]
async fn a_list_is_filtered() {
    let bed = Bed::new().await;
    let late = bed.dead_letter("a.first.v1", "default", "timeout").await;
    let bad = bed
        .dead_letter("a.second.v1", "bulk", "invalid_arguments")
        .await;
    let ids = |arguments: &[&str]| -> Vec<String> {
        let letters = bed
            .run(&[&["dead-letter", "list", "--json"], arguments].concat())
            .json();
        let letters = letters.as_array().unwrap();
        letters
            .iter()
            .map(|letter| letter["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&[]), [bad.as_str(), &late]);
    assert_eq!(ids(&["--task", "a.first.v1"]), [late.as_str()]);
    assert_eq!(ids(&["--queue", "bulk"]), [bad.as_str()]);
    assert_eq!(ids(&["--reason", "timeout"]), [late.as_str()]);
    assert_eq!(ids(&["--limit", "1"]), [bad.as_str()]);

    let table = bed.run(&["dead-letter", "list", "--queue", "bulk"]).ok();
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with(&bad), "{table}");
    assert!(row.contains("invalid_arguments  3/3"), "{table}");
    assert!(row.contains("Z (1h ago)"), "{table}");
    assert!(row.ends_with("first line..."), "{table}");
    let none = bed.run(&["dead-letter", "list", "--queue", "no"]);
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "no dead letters\n")
    );
}

#[tokio::test]
async fn a_dead_letter_is_shown_whole() {
    let bed = Bed::new().await;
    let id = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    let text = bed.run(&["dead-letter", "show", &id]).ok();
    assert!(text.contains("reason:     timeout\n"), "{text}");
    assert!(
        text.contains("last error: first line\n            second\n"),
        "{text}"
    );
    assert!(text.contains("replayed:   0\n"), "{text}");
    let letter = bed.run(&["dead-letter", "show", &id, "--json"]).json();
    assert_eq!(letter["args"]["n"], 1);
    let unknown = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    assert_eq!(
        bed.run(&["dead-letter", "show", unknown]).error(),
        format!("there is no dead letter {unknown}")
    );
}

#[tokio::test]
async fn replay_enqueues_anew_and_the_dead_letter_counts_it() {
    let bed = Bed::new().await;
    let id = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    let stdout = bed.run(&["dead-letter", "replay", &id]).ok();
    let job = stdout
        .trim()
        .strip_prefix(&format!("replayed {id} as "))
        .unwrap();
    assert_ne!(job, id);

    let job = bed.row("soniq_jobs", job).await;
    assert_eq!(job["status"], "queued");
    assert_eq!(job["attempts"], 0);
    assert_eq!(job["max_attempts"], 3);
    assert_eq!(job["queue"], "bulk");
    assert_eq!(job["args"]["n"], 1);
    let letter = bed.row("soniq_dead_letter_jobs", &id).await;
    assert_eq!(letter["resurrection_count"], 1);
    assert!(letter["last_resurrection_at"].is_string());

    let text = bed.run(&["dead-letter", "show", &id]).ok();
    assert!(text.contains("replayed:   1, last "), "{text}");
}

#[tokio::test]
async fn ids_that_are_not_there_do_not_stop_the_others() {
    let bed = Bed::new().await;
    let id = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    let unknown = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    for (verb, done) in [("replay", "replayed"), ("delete", "deleted")] {
        let run = bed.run(&["dead-letter", verb, unknown, &id]);
        assert_eq!(run.status, Some(1));
        assert!(run.stdout.starts_with(&format!("{done} {id}")), "{run:?}");
        assert_eq!(
            run.stderr,
            format!("1 dead letter {done}\nerror: there is no dead letter {unknown}\n")
        );
    }
    assert_eq!(bed.count(LETTERS).await, 0);
    assert_eq!(bed.count(JOBS).await, 1);
}

#[tokio::test]
async fn bulk_without_yes_is_refused_where_nobody_can_be_asked() {
    let bed = Bed::new().await;
    bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    for verb in ["replay", "delete"] {
        for which in [&["--task", "a.b.v1"][..], &["--queue", "bulk"], &["--all"]] {
            let arguments = [&["dead-letter", verb], which].concat();
            // An answer from a pipe is none.
            let error = bed.run_with_input(&arguments, b"y\n").error();
            assert!(
                error.contains(&format!("would {verb} 2 dead letters")),
                "{error}"
            );
            assert!(error.contains("--yes"), "{error}");
        }
    }
    assert_eq!(bed.count(LETTERS).await, 2);
    assert_eq!(bed.count(JOBS).await, 0);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let bed = Bed::new().await;
    let id = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    bed.dead_letter("a.other.v1", "bulk", "timeout").await;
    for verb in ["replay", "delete"] {
        for which in [
            &["--task", "a.b.v1"][..],
            &[id.as_str()],
            &["--task", "a.b.v1", "--yes"],
        ] {
            let run = bed.run(&[&["dead-letter", verb, "--dry-run"], which].concat());
            assert_eq!(
                run.stderr,
                format!("would {verb} 1 dead letter; nothing was changed\n")
            );
            assert_eq!(run.ok(), format!("would {verb} {id} a.b.v1\n"));
        }
    }
    assert_eq!(bed.count(LETTERS).await, 2);
    assert_eq!(bed.count(JOBS).await, 0);
}

#[tokio::test]
async fn bulk_takes_all_that_the_filter_finds() {
    let bed = Bed::new().await;
    // More than a list shows.
    for _ in 0..3 {
        bed.dead_letter("a.keep.v1", "bulk", "timeout").await;
    }
    bed.sql(
        "INSERT INTO soniq_dead_letter_jobs (
             id, job_name, args, queue, priority, max_attempts, attempts, dead_letter_reason,
             original_created_at, moved_to_dead_letter_at
         )
         SELECT gen_random_uuid(), 'a.b.v1', '{}', 'bulk', 100, 4, 4, 'timeout', now(), now()
         FROM generate_series(1, 130)",
    )
    .await;

    let run = bed.run(&["dead-letter", "replay", "--task", "a.b.v1", "--yes"]);
    assert_eq!(run.stderr, "130 dead letters replayed\n");
    assert_eq!(run.ok().lines().count(), 130);
    assert_eq!(bed.count(JOBS).await, 130);
    let replayed = "SELECT count(*) FROM soniq_dead_letter_jobs WHERE resurrection_count = 1";
    assert_eq!(bed.count(replayed).await, 130);

    bed.run(&[
        "dead-letter",
        "delete",
        "--task",
        "a.b.v1",
        "--limit",
        "30",
        "--yes",
    ])
    .ok();
    assert_eq!(bed.count(LETTERS).await, 103);
    bed.run(&["dead-letter", "delete", "--task", "a.b.v1", "--yes"])
        .ok();
    assert_eq!(bed.count(LETTERS).await, 3);
    bed.run(&["dead-letter", "delete", "--all", "--yes"]).ok();
    assert_eq!(bed.count(LETTERS).await, 0);
    let none = bed.run(&["dead-letter", "delete", "--all"]);
    assert_eq!(none.stderr, "no dead letters\n");
    assert_eq!(none.ok(), "");
}

#[tokio::test]
async fn cleanup_goes_by_age() {
    let bed = Bed::new().await;
    // An hour old each.
    let old = bed.dead_letter("a.old.v1", "bulk", "timeout").await;
    bed.dead_letter("a.new.v1", "bulk", "timeout").await;
    bed.sql(&format!(
        "UPDATE soniq_dead_letter_jobs
         SET moved_to_dead_letter_at = now() - interval '40 days' WHERE id = '{old}'"
    ))
    .await;
    let cleanup = ["dead-letter", "cleanup", "--older-than", "30d"];

    let listed = bed.run(&["dead-letter", "list", "--older-than", "30d", "--json"]);
    assert_eq!(listed.json()[0]["id"], old.as_str());
    let error = bed.run(&cleanup).error();
    assert!(
        error.starts_with("this would delete 1 dead letter: "),
        "{error}"
    );
    let dry = bed.run(&[&cleanup[..], &["--dry-run"]].concat());
    assert_eq!(dry.ok(), format!("would delete {old} a.old.v1\n"));
    assert_eq!(bed.count(LETTERS).await, 2);

    let done = bed.run(&[&cleanup[..], &["--yes"]].concat());
    assert_eq!(done.stderr, "1 dead letter deleted\n");
    assert_eq!(done.ok(), format!("deleted {old}\n"));
    assert_eq!(bed.count(LETTERS).await, 1);
    let again = bed.run(&[&cleanup[..], &["--yes"]].concat());
    assert_eq!(again.stderr, "no dead letters\n");
}

#[tokio::test]
async fn cleanup_without_an_age_is_refused() {
    let bed = Bed::new().await;
    for (arguments, part) in [
        (&["--yes"][..], "--older-than"),
        (&["--reason", "timeout", "--yes"], "--older-than"),
        (&["--older-than", "30", "--yes"], "invalid value '30'"),
        (&["--older-than", "-1d", "--yes"], "--older-than"),
    ] {
        let run = bed.run(&[&["dead-letter", "cleanup"], arguments].concat());
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.stderr.contains(part), "{run:?}");
    }
}

#[tokio::test]
async fn an_export_is_a_line_of_json_each() {
    let bed = Bed::new().await;
    for _ in 0..101 {
        bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    }
    let last = bed.dead_letter("a.last.v1", "bulk", "timeout").await;
    let run = bed.run(&["dead-letter", "export"]);
    assert_eq!(run.stderr, "102 dead letters exported\n");
    let lines = run.ok();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        bed.run(&["dead-letter", "show", &last, "--json"]).json()
    );
    assert_eq!(lines.lines().count(), 102);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.jsonl");
    let out = ["dead-letter", "export", "--out", path.to_str().unwrap()];
    assert_eq!(bed.run(&out).ok(), "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), lines);
    // What was exported before is not lost.
    let error = bed.run(&out).error();
    assert!(
        error.contains("letters.jsonl cannot be written: "),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), lines);

    let some = bed.run(&["dead-letter", "export", "--task", "a.last.v1"]);
    assert_eq!(some.ok().lines().count(), 1);
    let none = bed.run(&["dead-letter", "export", "--queue", "no"]);
    assert_eq!(none.stderr, "0 dead letters exported\n");
    assert_eq!(none.ok(), "");
}
