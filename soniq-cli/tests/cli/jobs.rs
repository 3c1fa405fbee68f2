//! jobs list | show | cancel | delete.

use crate::support::Bed;

#[tokio::test]
async fn a_list_is_filtered_and_says_ids_whole() {
    let bed = Bed::new().await;
    let first = bed.run(&["enqueue", "a.first.v1", "{}"]).ok();
    let second = bed
        .run(&["enqueue", "a.second.v1", "{}", "--queue", "bulk"])
        .ok();
    let (first, second) = (first.trim(), second.trim());
    bed.run(&["jobs", "cancel", second]).ok();

    let table = bed.run(&["jobs", "list"]).ok();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(lines[0].starts_with("ID "), "{table}");
    assert!(lines[1].starts_with(second), "newest first: {table}");
    assert!(lines[2].starts_with(first), "{table}");
    assert!(
        lines[2].contains("Z (now)") || lines[2].contains("s ago)"),
        "{table}"
    );

    let ids = |arguments: &[&str]| -> Vec<String> {
        let jobs = bed
            .run(&[&["jobs", "list", "--json"], arguments].concat())
            .json();
        let jobs = jobs.as_array().unwrap();
        jobs.iter()
            .map(|job| job["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&["--task", "a.first.v1"]), [first]);
    assert_eq!(ids(&["--queue", "bulk"]), [second]);
    assert_eq!(ids(&["--status", "cancelled"]), [second]);
    assert_eq!(ids(&["--limit", "1"]), [second]);
    assert_eq!(ids(&["--status", "done"]), Vec::<String>::new());

    let none = bed.run(&["jobs", "list", "--status", "done"]);
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "no jobs\n")
    );
}

#[tokio::test]
async fn a_job_is_shown_whole() {
    let bed = Bed::new().await;
    let id = bed
        .run(&["enqueue", "a.b.v1", "{\"x\": [1]}", "--dedup-key", "k"])
        .ok();
    let text = bed.run(&["jobs", "show", id.trim()]).ok();
    assert!(text.contains(&format!("id:        {id}")), "{text}");
    assert!(text.contains("dedup key: k\n"), "{text}");
    assert!(text.contains("status:    queued\n"), "{text}");
    assert!(text.contains("\"x\": ["), "{text}");
    let job = bed.run(&["jobs", "show", id.trim(), "--json"]).json();
    assert_eq!(job["args"]["x"][0], 1);
    assert!(job["producer_id"].as_str().unwrap().ends_with(":soniq"));
}

#[tokio::test]
async fn a_job_that_is_not_there_is_told_apart_from_a_dead_letter() {
    let bed = Bed::new().await;
    let id = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    let dead = bed.dead_letter("a.b.v1", "bulk", "timeout").await;
    for verb in ["show", "cancel", "delete"] {
        let last_line = |arguments: &[&str]| {
            let run = bed.run(arguments);
            assert_eq!(run.status, Some(1), "{run:?}");
            run.stderr.lines().next_back().unwrap().to_owned()
        };
        let error = last_line(&["jobs", verb, id]);
        assert!(
            error.starts_with(&format!("error: there is no job {id}")),
            "{error}"
        );
        let error = last_line(&["jobs", verb, &dead]);
        assert!(
            error.contains(&format!("`soniq dead-letter show {dead}`")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn only_queued_jobs_are_cancelled() {
    let bed = Bed::new().await;
    let queued = bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    let running = bed.run(&["enqueue", "a.b.v1", "{}"]).ok();
    let (queued, running) = (queued.trim(), running.trim());
    bed.sql(&format!(
        "UPDATE soniq_jobs SET status = 'processing' WHERE id = '{running}'"
    ))
    .await;
    // One that cannot be cancelled does not keep the others from it.
    let run = bed.run(&["jobs", "cancel", running, queued]);
    assert_eq!(run.stdout, format!("cancelled {queued}\n"));
    assert_eq!(
        run.error(),
        format!("{running} is processing: --running tells its handler to stop")
    );
    assert_eq!(bed.row("soniq_jobs", queued).await["status"], "cancelled");

    let told = bed.run(&["jobs", "cancel", "--running", running]).ok();
    assert_eq!(told, format!("told to stop {running}\n"));
    // Its worker's next heartbeat, or its rescuer, reads this.
    let meta = &bed.row("soniq_jobs", running).await["meta"];
    assert_eq!(meta["called_off"], 300.0);
    assert_eq!(bed.row("soniq_jobs", running).await["status"], "processing");
}

#[tokio::test]
async fn what_does_not_run_is_deleted() {
    let bed = Bed::new().await;
    let ids: Vec<String> = (0..3)
        .map(|_| bed.run(&["enqueue", "a.b.v1", "{}"]).ok().trim().to_owned())
        .collect();
    let [queued, cancelled, running] = [&ids[0], &ids[1], &ids[2]].map(String::as_str);
    bed.run(&["jobs", "cancel", cancelled]).ok();
    bed.sql(&format!(
        "UPDATE soniq_jobs SET status = 'processing' WHERE id = '{running}'"
    ))
    .await;

    let dry = bed.run(&["jobs", "delete", "--dry-run", queued, cancelled]);
    assert_eq!(dry.stderr, "would delete 2 jobs; nothing was changed\n");
    assert_eq!(
        dry.ok(),
        format!(
            "would delete {queued} a.b.v1 (queued)\nwould delete {cancelled} a.b.v1 (cancelled)\n"
        )
    );

    let run = bed.run(&["jobs", "delete", running, queued, cancelled]);
    assert_eq!(run.status, Some(1));
    assert_eq!(
        run.stdout,
        format!("deleted {queued}\ndeleted {cancelled}\n")
    );
    let (count, error) = run.stderr.split_once('\n').unwrap();
    assert_eq!(count, "2 jobs deleted");
    assert!(
        error.starts_with(&format!("error: {running} runs: ")),
        "{error}"
    );
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 1);
}

#[tokio::test]
async fn many_jobs_are_deleted_once_that_is_confirmed() {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_jobs (id, job_name, args, queue, status)
         SELECT gen_random_uuid(), 'a.b.v1', '{}', queue, status
         FROM unnest(ARRAY['default', 'bulk']) AS queue,
              unnest(ARRAY['queued', 'processing', 'done', 'cancelled']) AS status,
              generate_series(1, 60)",
    )
    .await;
    let left = "SELECT count(*) FROM soniq_jobs";

    let error = bed.run(&["jobs", "delete", "--queue", "bulk"]).error();
    assert!(error.starts_with("this would delete 180 jobs: "), "{error}");
    let dry = bed.run(&["jobs", "delete", "--all", "--dry-run", "--yes"]);
    assert_eq!(dry.stderr, "would delete 360 jobs; nothing was changed\n");
    assert_eq!(bed.count(left).await, 480);

    let done = bed.run(&[
        "jobs", "delete", "--queue", "bulk", "--status", "done", "--yes",
    ]);
    assert_eq!(done.stderr, "60 jobs deleted\n");
    assert_eq!(done.ok().lines().count(), 60);
    let other = bed.run(&["jobs", "delete", "--task", "a.other.v1", "--yes"]);
    assert_eq!(other.stderr, "no jobs\n");
    bed.run(&["jobs", "delete", "--all", "--yes"]).ok();
    let running = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";
    assert_eq!(bed.count(left).await, 120);
    assert_eq!(bed.count(running).await, 120);
}

#[tokio::test]
async fn deleting_needs_to_be_told_what() {
    let bed = Bed::new().await;
    for (arguments, part) in [
        (&[][..], "required arguments were not provided"),
        (
            &["--status", "processing"],
            "a job that runs is not deleted",
        ),
        (&["--status", "gone"], "is no status"),
        (&["--all", "--queue", "bulk"], "cannot be used with"),
    ] {
        let run = bed.run(&[&["jobs", "delete"], arguments].concat());
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.stderr.contains(part), "{run:?}");
    }
}
