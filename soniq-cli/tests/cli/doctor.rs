//! doctor.

use crate::support::Bed;

#[tokio::test]
async fn what_nobody_takes_is_a_problem_with_its_remedy() {
    let bed = Bed::new().await;
    bed.run(&["enqueue", "a.b.v1", "{}", "--queue", "bulk"])
        .ok();
    let run = bed.run(&["doctor"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let found = "problem unserved: 1 queued job of a.b.v1 in the queue bulk and no live worker takes it\n        \
                 start a worker that handles a.b.v1 and claims from bulk;";
    assert!(run.stdout.contains(found), "{}", run.stdout);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);

    let run = bed.run(&["doctor", "--json"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let unserved: Vec<_> = findings
        .iter()
        .filter(|finding| finding["check"] == "unserved")
        .collect();
    assert_eq!(unserved.len(), 1);
    assert_eq!(unserved[0]["severity"], "problem");
}

#[tokio::test]
async fn a_python_worker_on_a_queue_of_ours_is_a_problem() {
    let bed = Bed::new().await;
    bed.sql(
        "INSERT INTO soniq_workers (id, hostname, pid, queues, metadata) VALUES
            (gen_random_uuid(), 'ours', 1, '{bulk,mail}', '{\"runtime\": \"soniq-rust\"}'),
            (gen_random_uuid(), 'apart', 2, '{python}', '{}'),
            (gen_random_uuid(), 'shares', 3, '{python,bulk}', '{}'),
            (gen_random_uuid(), 'everything', 4, '{}', '{}')",
    )
    .await;
    for verb in ["setup", "status"] {
        let run = bed.run(&[verb]);
        let told = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        assert_eq!(told.count(), 2, "{run:?}");
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    let run = bed.run(&["doctor"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    for (host, found) in [
        ("ours:1", None),
        ("apart:2", None),
        ("shares:3", Some("claims from bulk, as workers of ours do")),
        ("everything:4", Some("claims from all queues")),
    ] {
        let line = run.stdout.lines().find(|line| line.contains(host));
        match found {
            None => assert_eq!(line, None),
            Some(words) => assert!(line.unwrap().contains(words), "{line:?}"),
        }
    }
}

#[tokio::test]
async fn a_database_that_is_not_set_up_is_a_problem() {
    let bed = Bed::new().await;
    bed.sql("DROP TABLE soniq_jobs, soniq_migrations CASCADE")
        .await;
    let run = bed.run(&["doctor"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stdout.contains("soniq setup"), "{}", run.stdout);
}
