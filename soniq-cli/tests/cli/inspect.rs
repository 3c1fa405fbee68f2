//! inspect.

use crate::support::Bed;

#[tokio::test]
async fn a_job_is_found_wherever_it_is() {
    let bed = Bed::new().await;
    let queued = bed
        .run(&["enqueue", "a.b.v1", "{}", "--queue", "bulk"])
        .ok();
    let queued = queued.trim();
    let dead = bed.dead_letter("a.dead.v1", "bulk", "timeout").await;

    let text = bed.run(&["inspect", queued]).ok();
    assert!(text.starts_with("a job\n\nid: "), "{text}");
    assert!(text.contains("no live one takes this task"), "{text}");
    bed.run(&["queues", "pause", "bulk"]).ok();
    let found = bed.run(&["inspect", queued, "--json"]).json();
    assert_eq!(found["found_in"], "jobs");
    assert_eq!(found["job"]["job_name"], "a.b.v1");
    assert_eq!(found["waits_for"], "its queue to be resumed");
    bed.run(&["jobs", "cancel", queued]).ok();
    let found = bed.run(&["inspect", queued, "--json"]).json();
    assert!(found["waits_for"].is_null(), "{found}");

    let text = bed.run(&["inspect", &dead]).ok();
    let replay = format!("`soniq dead-letter replay {dead}`");
    assert!(text.lines().next().unwrap().contains(&replay), "{text}");
    assert!(text.contains("reason:     timeout\n"), "{text}");
    let found = bed.run(&["inspect", &dead, "--json"]).json();
    assert_eq!(found["found_in"], "dead_letters");
    assert_eq!(found["dead_letter"]["id"], dead.as_str());
}

#[tokio::test]
async fn a_job_that_is_nowhere_is_an_error() {
    let bed = Bed::new().await;
    let id = "01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11";
    let error = bed.run(&["inspect", id]).error();
    assert!(
        error.starts_with(&format!("there is no job {id}")),
        "{error}"
    );
    assert_eq!(bed.run(&["inspect", "7"]).status, Some(2));
}
