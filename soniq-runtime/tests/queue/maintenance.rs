//! What workers tidy up beside their jobs, and rows that refuse it.

use std::time::Duration;

use soniq_runtime::Soniq;

use crate::support::{Running, bed, counting, quick};

/// A trigger that refuses `event` on the rows of `table` for which `condition` holds.
fn refuse(table: &str, event: &str, condition: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
         CREATE TRIGGER refuse BEFORE {event} ON {table} FOR EACH ROW
           WHEN ({condition}) EXECUTE FUNCTION refuse();"
    )
}

#[tokio::test]
async fn a_worker_deletes_what_is_past_its_time() {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.dead_letter_retention = Some(Duration::from_secs(86_400));
    bed.soniq = Soniq::with_settings(settings).unwrap();
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args, status, expires_at)
             SELECT gen_random_uuid(), 'test.done.v1', '{}', status, now() + n * interval '1 hour'
             FROM unnest(ARRAY['done', 'cancelled', 'queued']) AS status, unnest(ARRAY[-1, 1]) AS n;
             INSERT INTO soniq_dead_letter_jobs (id, job_name, args, queue, priority, max_attempts,
               attempts, dead_letter_reason, original_created_at, moved_to_dead_letter_at)
             SELECT gen_random_uuid(), 'test.dead.v1', '{}', 'default', 1, 1, 1, 'timeout', now(),
               now() - days * interval '1 day'
             FROM unnest(ARRAY[0, 2, 3]) AS days",
        )
        .await
        .unwrap();
    let (handler, _) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_jobs", 4).await;
    bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 1)
        .await;
    running.stop().await;
    let kept = "SELECT count(*) FROM soniq_jobs WHERE status = 'queued' OR expires_at > now()";
    assert_eq!(bed.count(kept).await, 4);
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
