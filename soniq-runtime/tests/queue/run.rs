//! From queued to done, and every other way in which an attempt ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{DeadLetterFilter, JobError, Status, Worker};

use crate::support::{Running, bed, counting, eventually, handler, probe, task};

#[tokio::test]
async fn jobs_run_once_and_are_done() {
    let bed = bed().await;
    let (handler, runs) = counting();
    task()
        .enqueue_many(&bed.soniq, (0..250).map(probe))
        .await
        .unwrap();
    assert_eq!(bed.worker(handler).run_once().await.unwrap(), 250);
    let mut seen = runs.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..250).collect::<Vec<_>>());
    let done = "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND worker_id IS NULL \
                AND claim_id IS NULL AND expires_at > now() AND attempts = 1";
    assert_eq!(bed.count(done).await, 250);
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}

#[tokio::test]
async fn a_waiting_worker_is_woken_by_a_commit() {
    let bed = bed().await;
    let mut settings = bed.soniq.settings().clone();
    settings.poll_interval = Duration::from_secs(3600);
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let running = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    for round in 1..=3 {
        task().enqueue(&bed.client, probe(round)).await.unwrap();
        bed.wait_for(
            "SELECT count(*) FROM soniq_jobs WHERE status = 'done'",
            round,
        )
        .await;
    }
    // Due later: it starts then, though nobody wakes the worker and the poll is an hour off.
    task()
        .delay(Duration::from_millis(300))
        .enqueue(&bed.client, probe(4))
        .await
        .unwrap();
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 4)
        .await;
    running.stop().await;
}

#[tokio::test]
async fn a_result_is_kept_for_as_long_as_the_settings_say() {
    let bed = bed().await;
    let returning = handler(|args, _| async move { Ok::<_, JobError>(Doubled(args.n * 2)) });
    let id = task().enqueue(&bed.client, probe(21)).await.unwrap().id();
    bed.worker(returning.clone()).run_once().await.unwrap();
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Done);
    assert_eq!(job.result, Some(serde_json::json!(42)));

    let mut settings = bed.soniq.settings().clone();
    settings.result_ttl = Duration::ZERO;
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let worker = Worker::builder(&soniq).handler(returning).build().unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(bed.status(id).await, None);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Doubled(i64);

impl soniq_runtime::Checked for Doubled {
    fn check(_: &serde_json::Value, _: &mut soniq_runtime::check::Checker) {}
}

#[tokio::test]
async fn a_failure_is_retried_and_then_dead_lettered() {
    let bed = bed().await;
    let failing = handler(|_, context| async move {
        let attempt = context.attempt();
        Err::<(), _>(JobError::retry(format!("attempt {attempt} \0 failed")))
    });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    assert_eq!(bed.worker(failing).run_once().await.unwrap(), 3);
    assert_eq!(bed.status(id).await, None);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "max_retries_exceeded");
    assert_eq!((dead.attempts, dead.max_attempts), (3, 3));
    assert_eq!(
        dead.last_error.as_deref(),
        Some("attempt 3 \u{fffd} failed")
    );
}

#[tokio::test]
async fn a_retry_waits_for_its_delay() {
    let bed = bed().await;
    let failing = handler(|_, _| async {
        Err::<(), _>(JobError::retry_after(Duration::from_secs(3600), "later"))
    });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.worker(failing).run_once().await.unwrap();
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Queued);
    assert_eq!(job.attempts, 1);
    assert_eq!(job.last_error.as_deref(), Some("later"));
    assert_eq!(job.worker_id, None);
    let delay = job.scheduled_at.unwrap() - job.updated_at.unwrap();
    assert_eq!(delay.num_seconds(), 3600);
}

#[tokio::test]
async fn times_beyond_the_calendar_are_a_hundred_years() {
    let bed = bed().await;
    let mut settings = bed.soniq.settings().clone();
    settings.result_ttl = Duration::MAX;
    settings.snooze_max = Duration::MAX;
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let odd = handler(|args, _| async move {
        match args.n {
            0 => Ok::<(), _>(()),
            1 => Err(JobError::retry_after(Duration::MAX, "later")),
            _ => Err(JobError::snooze(Duration::MAX, "later")),
        }
    });
    for n in 0..3 {
        task().enqueue(&soniq, probe(n)).await.unwrap();
    }
    let cancelled = task().delay(Duration::MAX).enqueue(&soniq, probe(3)).await;
    let cancelled = cancelled.unwrap().id();
    assert!(soniq.jobs().cancel(cancelled).await.unwrap());
    let worker = Worker::builder(&soniq).handler(odd).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 3);
    let far = "SELECT count(*) FROM soniq_jobs
               WHERE coalesce(expires_at, scheduled_at) BETWEEN now() + interval '99 years'
                 AND now() + interval '101 years'";
    assert_eq!(bed.count(far).await, 4);
}

#[tokio::test]
async fn a_permanent_failure_is_dead_lettered_at_once() {
    let bed = bed().await;
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no such customer")) });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    assert_eq!(bed.worker(failing).run_once().await.unwrap(), 1);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "permanent_failure");
    assert_eq!(dead.attempts, 1);
}

#[tokio::test]
async fn a_panic_is_a_failure_of_that_attempt() {
    let bed = bed().await;
    let calls = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&calls);
    let panicking = handler(move |_, _| {
        let first = seen.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            assert!(!first, "the first attempt");
            Ok::<(), JobError>(())
        }
    });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    assert_eq!(bed.worker(panicking).run_once().await.unwrap(), 2);
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Done);
    assert!(
        job.last_error
            .unwrap()
            .starts_with("panicked: the first attempt")
    );
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_ended() {
    let bed = bed().await;
    let mut settings = bed.soniq.settings().clone();
    settings.job_timeout = Some(Duration::from_millis(50));
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let slow = handler(|_, _| std::future::pending::<Result<(), JobError>>());
    let id = task()
        .max_attempts(2)
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap()
        .id();
    let worker = Worker::builder(&soniq).handler(slow).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 2);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "timeout");
    assert!(dead.last_error.unwrap().contains("0.05 s"));
}

#[tokio::test]
async fn a_snooze_uses_no_attempt() {
    let bed = bed().await;
    let snoozing = handler(|_, _| async {
        Err::<(), _>(JobError::snooze(Duration::from_secs(7 * 86_400), "not yet"))
    });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    bed.worker(snoozing).run_once().await.unwrap();
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
    assert_eq!(job.last_error.as_deref(), Some("SNOOZE: not yet"));
    // Capped at a day.
    let delay = job.scheduled_at.unwrap() - job.updated_at.unwrap();
    assert_eq!(delay.num_seconds(), 86_400);
}

#[tokio::test]
async fn a_row_that_does_not_decode_is_dead_lettered_and_the_worker_goes_on() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args) VALUES
             (gen_random_uuid(), 'test.probe.v1', '{\"n\": \"seven\"}')",
        )
        .await
        .unwrap();
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    bed.client
        .execute(
            "INSERT INTO soniq_jobs (id, job_name, args)
             VALUES (gen_random_uuid(), 'test.probe.v1', jsonb_build_object('n', $1::text::jsonb))",
            &[&deep],
        )
        .await
        .unwrap();
    let good = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
    assert_eq!(bed.status(good).await.as_deref(), Some("done"));
    let filter = DeadLetterFilter::default().reason("invalid_arguments");
    let dead = bed.soniq.dead_letter().list(&filter).await.unwrap();
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().all(|letter| letter.last_error.is_some()));
}

#[tokio::test]
async fn jobs_of_other_tasks_and_queues_are_left_alone() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_jobs (id, job_name, args)
             VALUES (gen_random_uuid(), 'test.unknown.v1', '{}')",
        )
        .await
        .unwrap();
    task()
        .queue("other")
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap();
    let (handler, runs) = counting();
    bed.worker(handler.clone()).run_once().await.unwrap();
    assert!(runs.lock().unwrap().is_empty());
    let running = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    let stats = bed.soniq.stats().await.unwrap();
    let unhandled: Vec<(&str, &str)> = stats
        .unhandled
        .iter()
        .map(|jobs| (jobs.job_name.as_str(), jobs.queue.as_str()))
        .collect();
    assert_eq!(
        unhandled,
        [("test.probe.v1", "other"), ("test.unknown.v1", "default")]
    );
    running.stop().await;
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_jobs WHERE status = 'queued'")
            .await,
        2
    );
}

#[tokio::test]
async fn a_better_priority_runs_first_and_then_who_was_due_first() {
    let bed = bed().await;
    for (n, priority) in [(1, 100), (2, 100), (3, 10), (4, 1000)] {
        task()
            .priority(priority)
            .enqueue(&bed.client, probe(n))
            .await
            .unwrap();
    }
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .concurrency(1)
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [3, 1, 2, 4]);
}

#[tokio::test]
async fn a_cancelled_job_does_not_run() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    assert!(bed.soniq.jobs().cancel(id).await.unwrap());
    assert!(!bed.soniq.jobs().cancel(id).await.unwrap());
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert!(runs.lock().unwrap().is_empty());
    let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Cancelled);
    assert!(job.expires_at.is_some());
}

#[tokio::test]
async fn a_replay_is_a_new_job_and_the_dead_letter_stays() {
    let bed = bed().await;
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no")) });
    let id = task().enqueue(&bed.client, probe(5)).await.unwrap().id();
    bed.worker(failing).run_once().await.unwrap();

    let dead_letters = bed.soniq.dead_letter();
    let replayed = dead_letters.replay(id).await.unwrap().unwrap();
    assert_ne!(replayed, id);
    let job = bed.soniq.jobs().get(replayed).await.unwrap().unwrap();
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
    assert_eq!(job.max_attempts, Some(3));
    let dead = dead_letters.get(id).await.unwrap().unwrap();
    assert_eq!(dead.resurrection_count, 1);
    assert!(dead.last_resurrection_at.is_some());

    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [5]);
    assert_eq!(dead_letters.replay(uuid::Uuid::nil()).await.unwrap(), None);
    assert!(dead_letters.purge(id).await.unwrap());
    assert!(!dead_letters.purge(id).await.unwrap());
}

#[tokio::test]
async fn finished_rows_past_their_time_are_deleted() {
    let bed = bed().await;
    let (handler, _) = counting();
    let mut settings = bed.soniq.settings().clone();
    settings.result_ttl = Duration::from_millis(1);
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    task()
        .enqueue_many(&bed.soniq, (0..20).map(probe))
        .await
        .unwrap();
    let running = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for("SELECT count(*) FROM soniq_jobs", 0).await;
    running.stop().await;
}

#[tokio::test]
async fn run_once_runs_retries_that_are_due_at_once() {
    let bed = bed().await;
    for round in 1..=30 {
        let failing = handler(|_, context| async move {
            if context.attempt() < 3 {
                return Err(JobError::retry("again"));
            }
            Ok(())
        });
        task().enqueue(&bed.client, probe(round)).await.unwrap();
        assert_eq!(
            bed.worker(failing).run_once().await.unwrap(),
            3,
            "round {round}"
        );
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor that panics");
    }
}

#[tokio::test]
async fn a_destructor_that_panics_at_the_timeout_is_a_failed_attempt() {
    let bed = bed().await;
    let mut settings = bed.soniq.settings().clone();
    settings.job_timeout = Some(Duration::from_millis(50));
    let soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let bombs = handler(|_, _| async {
        let _bomb = Bomb;
        std::future::pending::<()>().await;
        Ok::<(), JobError>(())
    });
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let worker = Worker::builder(&soniq).handler(bombs).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 3);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert!(
        dead.last_error
            .unwrap()
            .contains("a destructor that panics")
    );
}

#[tokio::test]
async fn jobs_claimed_ahead_do_not_wait_behind_a_long_one() {
    let bed = bed().await;
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let opens = Arc::clone(&gate);
    let handler = handler(move |args, _| {
        let opens = Arc::clone(&opens);
        async move {
            if args.n == -1 {
                let _open = opens.acquire().await?;
            }
            Ok::<(), JobError>(())
        }
    });
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .concurrency(1)
        .build()
        .unwrap();
    let busy = Running::start(worker.clone());
    let done = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
    // Many short ones first, so that it claims far ahead.
    let short = (0..200).map(probe);
    task().enqueue_many(&bed.client, short).await.unwrap();
    bed.wait_for(done, 200).await;
    let long = std::iter::once(-1).chain(1000..1050).map(probe);
    task().enqueue_many(&bed.client, long).await.unwrap();
    let idle = Running::start(worker);
    bed.wait_for(done, 250).await;
    gate.add_permits(1);
    bed.wait_for(done, 251).await;
    busy.stop().await;
    idle.stop().await;
}

#[tokio::test]
async fn enqueues_that_wait_for_a_key_leave_the_worker_its_connections() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let open = bed.client.transaction().await.unwrap();
    task()
        .dedup_key("k")
        .enqueue(&open, probe(0))
        .await
        .unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for n in 1..=40 {
        let soniq = bed.soniq.clone();
        waiting.spawn(async move { task().dedup_key("k").enqueue(&soniq, probe(n)).await });
    }
    let waits = "SELECT count(*) FROM pg_stat_activity
                 WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let all = eventually(async || {
        let row = other.query_one(waits, &[]).await.unwrap();
        row.get::<_, i64>(0) == 16
    })
    .await;
    assert!(all, "as many wait as there are connections for callers");
    task().enqueue(&other, probe(99)).await.unwrap();
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .build()
        .unwrap();
    let worker = Running::start(worker);
    let ran = eventually(async || *runs.lock().unwrap() == [99]).await;
    open.rollback().await.unwrap();
    while let Some(answer) = waiting.join_next().await {
        answer.unwrap().unwrap();
    }
    worker.stop().await;
    assert!(ran, "{:?}", runs.lock().unwrap());
}
