//! queues list | pause | resume.

use crate::support::Bed;

#[tokio::test]
async fn a_queue_is_paused_and_resumed() {
    let bed = Bed::new().await;
    bed.run(&["enqueue", "a.b.v1", "{}", "--queue", "bulk"])
        .ok();
    assert_eq!(bed.run(&["queues", "pause", "bulk"]).ok(), "paused bulk\n");
    let again = bed.run(&["queues", "pause", "bulk"]);
    assert_eq!(again.stderr, "bulk is already paused\n");
    assert_eq!(again.ok(), "");
    assert_eq!(bed.run(&["queues", "list"]).ok(), "bulk\n");
    assert_eq!(
        bed.run(&["queues", "list", "--json"]).ok(),
        "[\n  \"bulk\"\n]\n"
    );
    let status = bed.run(&["status"]).ok();
    assert!(
        status
            .lines()
            .any(|line| line.starts_with("bulk") && line.ends_with("paused")),
        "{status}"
    );

    assert_eq!(
        bed.run(&["queues", "resume", "bulk"]).ok(),
        "resumed bulk\n"
    );
    let again = bed.run(&["queues", "resume", "bulk"]);
    assert_eq!(again.stderr, "bulk is not paused\n");
    assert_eq!(bed.run(&["queues", "list", "--json"]).ok(), "[]\n");
}

#[tokio::test]
async fn a_pause_of_a_queue_that_nothing_knows_is_told_so() {
    let bed = Bed::new().await;
    let hint =
        "no job lies in bulk and no worker claims from it: `soniq status` shows the queues\n";
    for state in ["", "bulk is already paused\n"] {
        let paused = bed.run(&["queues", "pause", "bulk"]);
        assert_eq!(paused.stderr, format!("{state}{hint}"));
        paused.ok();
    }
    // A worker that waits there is enough to know it.
    bed.sql(
        "INSERT INTO soniq_workers (id, hostname, pid, queues, last_heartbeat)
         VALUES (gen_random_uuid(), 'here', 1, '{bulk}', now())",
    )
    .await;
    assert_eq!(
        bed.run(&["queues", "pause", "bulk"]).stderr,
        "bulk is already paused\n"
    );
}
