//! Rows that refuse to be written, and values that only Postgres has.

use soniq_runtime::DeadLetterFilter;

use crate::support::{Running, bed, counting, probe, task};

/// A trigger that refuses `event` on the rows of `table` for which `condition` holds.
fn refuse(table: &str, event: &str, condition: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
         CREATE TRIGGER refuse BEFORE {event} ON {table} FOR EACH ROW
           WHEN ({condition}) EXECUTE FUNCTION refuse();"
    )
}

/// The jobs of dead workers are rescued around one that refuses it, and around a worker whose row
/// refuses to go.
#[tokio::test]
async fn one_bad_row_stops_no_rescue() {
    let bed = bed().await;
    bed.client
        .batch_execute(&format!(
            "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat)
             SELECT lpad(to_hex(n), 32, '0')::uuid, 'gone', n, now() - interval '1 hour'
             FROM generate_series(1, 3) AS n;
             INSERT INTO soniq_jobs (id, job_name, args, status, worker_id, claim_id, attempts)
             SELECT gen_random_uuid(), 'test.other.v1', jsonb_build_object('n', n), 'processing',
               lpad(to_hex(n % 3 + 1), 32, '0')::uuid, n, 1
             FROM generate_series(1, 30) AS n;
             {}
             {}",
            refuse("soniq_jobs", "UPDATE", "OLD.claim_id = 17"),
            refuse("soniq_workers", "DELETE", "OLD.pid = 1"),
        ))
        .await
        .unwrap();
    let (handler, _) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'queued'",
        29,
    )
    .await;
    // The one whose row may go, and whose jobs are all rescued, goes.
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers WHERE hostname = 'gone'",
        2,
    )
    .await;
    running.stop().await;
    let left = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing' AND claim_id = 17";
    assert_eq!(bed.count(left).await, 1);
}

#[tokio::test]
async fn a_job_that_was_always_due_runs() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET scheduled_at = '-infinity'")
        .await
        .unwrap();
    bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(bed.soniq.stats().await.unwrap().queues[0].due, 1);
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
}

#[tokio::test]
async fn a_row_whose_time_cannot_be_read_is_dead_lettered() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET created_at = '-infinity'")
        .await
        .unwrap();
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [2]);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "invalid_arguments");
    assert!(dead.last_error.unwrap().contains("created_at"));
    let all = DeadLetterFilter::default();
    assert_eq!(bed.soniq.dead_letter().list(&all).await.unwrap().len(), 1);
}

/// A row that is due later must not keep a worker from learning when the next one is.
#[tokio::test]
async fn a_job_scheduled_for_the_end_of_time_waits() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.client
        .batch_execute("UPDATE soniq_jobs SET scheduled_at = 'infinity'")
        .await
        .unwrap();
    let (handler, _) = counting();
    assert_eq!(bed.worker(handler).run_once().await.unwrap(), 0);
    assert_eq!(bed.status(id).await.as_deref(), Some("queued"));
    bed.soniq.jobs().get(id).await.unwrap().unwrap();
}

#[tokio::test]
async fn odd_workers_do_not_keep_the_dead_from_being_removed() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat, metadata)
             SELECT gen_random_uuid(), 'odd', n, now() - interval '1 minute', metadata::jsonb
             FROM unnest(ARRAY[
               '{\"liveness_lock\": 1e300, \"heartbeat_interval\": 5}',
               '{\"liveness_lock\": 0.5, \"heartbeat_interval\": 1e300}',
               '{\"liveness_lock\": 1, \"heartbeat_interval\": -1e300}',
               '{\"liveness_lock\": \"one\", \"heartbeat_interval\": {}}',
               '[]', NULL
             ]) WITH ORDINALITY AS odd (metadata, n);
             INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat) VALUES
               ('00000000-0000-0000-0000-000000000001', 'dead', 1, now() - interval '1 hour');
             INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at) VALUES
               ('test.probe.v1', '00000000-0000-0000-0000-000000000001', now() - interval '1 day'),
               ('test.probe.v1', 'nobody', now() - interval '1 day')",
        )
        .await
        .unwrap();
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    let dead = "SELECT count(*) FROM soniq_workers WHERE hostname = 'dead'";
    bed.wait_for(dead, 0).await;
    // What workers said they handle goes with them, whoever removed them.
    bed.wait_for("SELECT count(*) FROM soniq_task_registry", 1)
        .await;
    worker.stop().await;
}
