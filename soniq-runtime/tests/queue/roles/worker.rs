//! A worker.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{
    Checked, ConcurrencySpec, EnqueueOptions, JobContext, JobError, Soniq, TaskArgs, TaskHandler,
    TaskHandlerBuilder, TaskRef, TaskSpec, Worker,
};
use tokio_postgres::Client;

use super::{bed, client, refused, url};
use crate::log::Log;
use crate::support::{Bed, Probe, Running, handler, probe, quick, task};

/// One at a time.
static LIMITED: TaskSpec = TaskSpec::new("test.limited.v1", 1, "limited")
    .concurrency(ConcurrencySpec { limit: 1, key: &[] });

#[derive(Serialize, Deserialize)]
struct Limited {}

impl Checked for Limited {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Limited {
    const TASK: TaskRef<Self> = TaskRef::new(&LIMITED);
}

/// What a fleet's workers have to tidy up: two dead workers, one of whose jobs is at its last try; a
/// claim of nobody; a finished job, a dead letter and a registration that are past their time.
const MESS: &str = "
    INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat)
    SELECT lpad(n::text, 32, '0')::uuid, 'gone', n, now() - interval '1 hour'
    FROM generate_series(1, 2) AS n;
    INSERT INTO soniq_jobs (id, job_name, args, status, worker_id, claim_id, attempts, max_attempts)
    SELECT gen_random_uuid(), 'test.probe.v1', jsonb_build_object('n', 100 + n), 'processing',
      lpad(n::text, 32, '0')::uuid, n, n, 2
    FROM generate_series(1, 3) AS n;
    INSERT INTO soniq_jobs (id, job_name, args, status, expires_at)
    VALUES (gen_random_uuid(), 'test.expired.v1', '{}', 'done', now() - interval '1 hour');
    INSERT INTO soniq_dead_letter_jobs (id, job_name, args, queue, priority, max_attempts,
      attempts, dead_letter_reason, original_created_at, moved_to_dead_letter_at)
    VALUES (gen_random_uuid(), 'test.expired.v1', '{}', 'default', 1, 1, 1, 'timeout', now(),
      now() - interval '2 days');
    INSERT INTO soniq_task_registry VALUES ('test.expired.v1', 'gone', now() - interval '2 hours')";

const LEFT: &str = "
    SELECT (SELECT count(*) FROM soniq_jobs WHERE job_name = 'test.expired.v1')
      + (SELECT count(*) FROM soniq_dead_letter_jobs WHERE job_name = 'test.expired.v1')
      + (SELECT count(*) FROM soniq_task_registry WHERE task_name = 'test.expired.v1')
      + (SELECT count(*) FROM soniq_workers WHERE hostname = 'gone')";

/// Ends each job in another way, by its number.
fn each_end(own: Client) -> TaskHandler {
    let own = Arc::new(Mutex::new(Some(own)));
    handler(move |args: Probe, context: JobContext| {
        let own = Arc::clone(&own);
        async move {
            match args.n {
                1 if context.attempt() == 1 => Err(JobError::retry("again")),
                2 => Err(JobError::permanent("never")),
                3 => Err(JobError::snooze(Duration::from_secs(3600), "later")),
                4 => {
                    let mut own = own.lock().unwrap().take().unwrap();
                    let transaction = own.transaction().await?;
                    context.complete_in(&transaction, &()).await?;
                    transaction.commit().await?;
                    Ok(())
                }
                // Until it is called off.
                5 => {
                    context.cancelled().await;
                    Err(JobError::retry("called off"))
                }
                _ => Ok(()),
            }
        }
    })
}

fn worker(bed: &Bed, handlers: [TaskHandler; 2]) -> Worker {
    let mut settings = quick(&url(&bed.database, "soniq_worker"));
    settings.dead_letter_retention = Some(Duration::from_secs(86_400));
    let soniq = Soniq::with_settings(settings).unwrap();
    handlers
        .into_iter()
        .fold(Worker::builder(&soniq), |builder, handler| {
            builder.handler(handler)
        })
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_worker_claims_ends_rescues_and_tidies_up_and_edits_no_job() {
    let (log, _guard) = Log::start();
    let bed = bed().await;
    bed.client.batch_execute(MESS).await.unwrap();
    let jobs = (1..6).map(probe);
    let jobs = task().enqueue_many(&bed.soniq, jobs).await.unwrap();
    EnqueueOptions::default()
        .enqueue_many(&bed.soniq, [Limited {}, Limited {}])
        .await
        .unwrap();
    bed.soniq.queues().pause("bulk").await.unwrap();
    let paused = task().queue("bulk").dedup_key("one");
    paused.enqueue(&bed.soniq, probe(6)).await.unwrap();

    let limited = TaskHandlerBuilder::<Limited>::new(|_, _| async { Ok::<(), JobError>(()) });
    let own = client(&bed, "soniq_worker").await;
    let running = Running::start(worker(&bed, [each_end(own), limited.build()]));
    let runs = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'
                  AND args = '{\"n\": 5}'";
    bed.wait_for(runs, 1).await;
    assert!(bed.soniq.jobs().cancel_running(jobs[4].id()).await.unwrap());
    bed.wait_for(LEFT, 0).await;
    // Jobs 1 and 4, the limited ones, and three that came back: of dead workers, and of nobody.
    let done = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
    bed.wait_for(done, 7).await;
    let ended = "SELECT count(*) FROM soniq_jobs WHERE status = 'cancelled'";
    bed.wait_for(ended, 1).await;
    let snoozed = "SELECT count(*) FROM soniq_jobs WHERE last_error LIKE 'SNOOZE%'";
    bed.wait_for(snoozed, 1).await;
    let dead = "SELECT count(*) FROM soniq_dead_letter_jobs WHERE last_error = 'never'";
    bed.wait_for(dead, 1).await;
    running.stop().await;
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
    assert_eq!(log.lines_with("permission denied"), [""; 0]);

    let others = [
        "INSERT INTO soniq_jobs (id, job_name, args) VALUES (gen_random_uuid(), 'a', '{}')",
        "UPDATE soniq_jobs SET args = '{}'",
        "UPDATE soniq_jobs SET job_name = 'a'",
        "UPDATE soniq_jobs SET queue = 'a'",
        "UPDATE soniq_jobs SET priority = 0",
        "UPDATE soniq_dead_letter_jobs SET args = '{}'",
        "UPDATE soniq_workers SET queues = '{}'",
        "DELETE FROM soniq_paused_queues",
        "SELECT * FROM soniq_schedules",
        "SELECT * FROM soniq_recurring_jobs",
        "SELECT setval('soniq_claim_ids', 1)",
        "SELECT soniq_enqueue('test.probe.v1')",
    ];
    refused(&client(&bed, "soniq_worker").await, &others).await;
}
