//! jobs list | show | cancel.

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
    for verb in ["show", "cancel"] {
        assert!(
            bed.run(&["jobs", verb, id])
                .error()
                .starts_with(&format!("there is no job {id}"))
        );
        let error = bed.run(&["jobs", verb, &dead]).error();
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
