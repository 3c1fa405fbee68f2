//! A hundred jobs on their way back to the queue, and one of them meets a queued twin.

use std::sync::atomic::Ordering;
use std::time::Duration;

use soniq_runtime::{JobError, Soniq, TaskHandler, Worker};

use crate::support::{Bed, Running, bed, counting, gated, probe, quick, task, wait_for_start};

const JOBS: i64 = 100;
const LATER: Duration = Duration::from_secs(3600);

/// How a job is told from its twins.
#[derive(Debug, Clone, Copy)]
enum Key {
    Dedup,
    Arguments,
}

const KEYS: [Key; 2] = [Key::Dedup, Key::Arguments];

async fn enqueue(bed: &Bed, key: Key, n: i64, delay: Duration) {
    let options = match key {
        Key::Dedup => task().dedup_key(format!("key {n}")),
        Key::Arguments => task().unique(true),
    };
    let enqueued = options.delay(delay).enqueue(&bed.client, probe(n)).await;
    assert!(
        !enqueued.unwrap().is_duplicate(),
        "a job that runs holds no key"
    );
}

/// Starts a hundred jobs at once, queues a twin of one of them, and has `end` bring them back.
async fn collide(bed: &Bed, key: Key, handler: TaskHandler, end: impl AsyncFnOnce(Running)) {
    let mut settings = quick(bed.database.url());
    settings.concurrency = usize::try_from(JOBS).unwrap();
    settings.shutdown_timeout = Duration::ZERO;
    let soniq = Soniq::with_settings(settings).unwrap();
    for n in 0..JOBS {
        enqueue(bed, key, n, Duration::ZERO).await;
    }
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let running = Running::start(worker);
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'",
        JOBS,
    )
    .await;
    enqueue(bed, key, 42, LATER).await;
    end(running).await;
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'queued'",
        JOBS + 1,
    )
    .await;
    let (has_key, gave_up) = match key {
        Key::Dedup => ("dedup_key IS NOT NULL", "{\"dedup_key\": \"key 42\"}"),
        Key::Arguments => ("unique_job", "{\"unique_job\": true}"),
    };
    let keys = format!("SELECT count(*) FROM soniq_jobs WHERE {has_key}");
    assert_eq!(bed.count(&keys).await, JOBS, "{key:?}");
    let noted = format!(
        "SELECT count(*) FROM soniq_jobs
         WHERE NOT ({has_key}) AND meta -> 'gave_up_key' @> '{gave_up}'
           AND args ->> 'n' = '42' AND worker_id IS NULL AND claim_id IS NULL"
    );
    assert_eq!(bed.count(&noted).await, 1, "{key:?}");
}

/// Attempts of the hundred.
async fn attempts(bed: &Bed, expected: i64) {
    let spent = format!(
        "SELECT count(*) FROM soniq_jobs WHERE attempts = {expected} AND
           (scheduled_at IS NULL OR scheduled_at < now() + interval '30 minutes'
            OR last_error IS NOT NULL)"
    );
    assert_eq!(bed.count(&spent).await, JOBS);
}

/// Handlers that all fail in this way, at once, after which `spent` attempts count.
async fn fail(outcome: fn() -> Result<(), JobError>, spent: i64) {
    for key in KEYS {
        let bed = bed().await;
        let (handler, started, gate) = gated(outcome);
        collide(&bed, key, handler, async |running| {
            wait_for_start(&started, 100).await;
            gate.add_permits(100);
            let left = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";
            bed.wait_for(left, 0).await;
            running.stop().await;
        })
        .await;
        attempts(&bed, spent).await;
    }
}

#[tokio::test]
async fn a_hundred_retries() {
    fail(|| Err(JobError::retry_after(LATER, "again")), 1).await;
}

#[tokio::test]
async fn a_hundred_snoozes() {
    fail(|| Err(JobError::snooze(LATER, "not yet")), 0).await;
}

#[tokio::test]
async fn a_hundred_releases() {
    for key in KEYS {
        let bed = bed().await;
        let (deaf, started, _gate) = gated(|| Ok(()));
        collide(&bed, key, deaf, async |running| {
            wait_for_start(&started, 100).await;
            running.stop().await;
        })
        .await;
        attempts(&bed, 0).await;
    }
}

#[tokio::test]
async fn a_hundred_rescues() {
    for key in KEYS {
        let bed = bed().await;
        let (deaf, started, _gate) = gated(|| Ok(()));
        collide(&bed, key, deaf, async |running| {
            wait_for_start(&started, 100).await;
            running.kill();
            // A worker elsewhere: it rescues, and claims none of these.
            let (handler, _) = counting();
            let elsewhere = Worker::builder(&bed.soniq)
                .handler(handler)
                .queues(["elsewhere"])
                .build()
                .unwrap();
            let rescuer = Running::start(elsewhere);
            let gone = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";
            bed.wait_for(gone, 0).await;
            rescuer.stop().await;
        })
        .await;
        attempts(&bed, 1).await;
    }
}

/// A dead letter has no key any more: what is replayed meets no twin.
#[tokio::test]
async fn a_hundred_replays() {
    for key in KEYS {
        let bed = bed().await;
        for n in 0..JOBS {
            enqueue(&bed, key, n, Duration::ZERO).await;
        }
        let (dying, started, gate) = gated(|| Err(JobError::permanent("never")));
        gate.add_permits(100);
        bed.worker(dying).run_once().await.unwrap();
        assert_eq!(started.load(Ordering::SeqCst), 100);
        for n in 0..JOBS {
            enqueue(&bed, key, n, LATER).await;
        }
        let letters = bed.soniq.dead_letter();
        let filter = soniq_runtime::DeadLetterFilter::default();
        for letter in letters.list(&filter).await.unwrap() {
            assert!(letters.replay(letter.id).await.unwrap().is_some());
        }
        let (handler, runs) = counting();
        bed.worker(handler).run_once().await.unwrap();
        assert_eq!(runs.lock().unwrap().len(), 100, "{key:?}");
    }
}
