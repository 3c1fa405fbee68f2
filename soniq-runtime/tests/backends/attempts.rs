//! Every way in which an attempt ends that does not succeed: retries, snoozes, dead letters and what
//! becomes of those.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use soniq_runtime::{DeadLetterFilter, Enqueuer, JobError, NewJob, Status, Worker};

use crate::bed::Bed;
use crate::probe::{counting, handler, probe, task};

conformance! {
    a_failure_is_retried_and_then_dead_lettered;
    a_retry_waits_for_its_delay;
    times_beyond_the_calendar_are_a_hundred_years;
    a_permanent_failure_is_dead_lettered_at_once;
    a_panic_is_a_failure_of_that_attempt;
    an_attempt_that_takes_too_long_is_ended;
    a_snooze_uses_no_attempt;
    a_row_that_does_not_decode_is_dead_lettered_and_the_worker_goes_on;
    run_once_runs_retries_that_are_due_at_once;
    a_destructor_that_panics_at_the_timeout_is_a_failed_attempt;
    a_replay_is_a_new_job_and_the_dead_letter_stays;
}

async fn a_failure_is_retried_and_then_dead_lettered(bed: Bed) {
    let failing = handler(|_, context| async move {
        let attempt = context.attempt();
        Err::<(), _>(JobError::retry(format!("attempt {attempt} \0 failed")))
    });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
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

async fn a_retry_waits_for_its_delay(bed: Bed) {
    let failing = handler(|_, _| async {
        Err::<(), _>(JobError::retry_after(Duration::from_secs(3600), "later"))
    });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    bed.worker(failing).run_once().await.unwrap();
    let job = bed.job(id).await;
    assert_eq!(job.status, Status::Queued);
    assert_eq!(job.attempts, 1);
    assert_eq!(job.last_error.as_deref(), Some("later"));
    assert_eq!(job.worker_id, None);
    let delay = job.scheduled_at.unwrap() - job.updated_at.unwrap();
    assert_eq!(delay.num_seconds(), 3600);
}

async fn times_beyond_the_calendar_are_a_hundred_years(bed: Bed) {
    let soniq = bed.tuned(|settings| {
        settings.result_ttl = Duration::MAX;
        settings.snooze_max = Duration::MAX;
    });
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
    let jobs = bed.jobs().await;
    assert_eq!(jobs.len(), 4);
    let now = bed.now().await;
    for job in jobs {
        let until = job.expires_at.or(job.scheduled_at).unwrap() - now;
        let years = until.num_days() / 365;
        assert!((99..=101).contains(&years), "{until}");
    }
}

async fn a_permanent_failure_is_dead_lettered_at_once(bed: Bed) {
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no such customer")) });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    assert_eq!(bed.worker(failing).run_once().await.unwrap(), 1);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "permanent_failure");
    assert_eq!(dead.attempts, 1);
}

async fn a_panic_is_a_failure_of_that_attempt(bed: Bed) {
    let calls = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&calls);
    let panicking = handler(move |_, _| {
        let first = seen.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            assert!(!first, "the first attempt");
            Ok::<(), JobError>(())
        }
    });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    assert_eq!(bed.worker(panicking).run_once().await.unwrap(), 2);
    let job = bed.job(id).await;
    assert_eq!(job.status, Status::Done);
    assert!(
        job.last_error
            .unwrap()
            .starts_with("panicked: the first attempt")
    );
}

async fn an_attempt_that_takes_too_long_is_ended(bed: Bed) {
    let soniq = bed.tuned(|settings| settings.job_timeout = Some(Duration::from_millis(50)));
    let slow = handler(|_, _| std::future::pending::<Result<(), JobError>>());
    let id = task()
        .max_attempts(2)
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap()
        .id();
    let worker = Worker::builder(&soniq).handler(slow).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 2);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.reason, "timeout");
    assert!(dead.last_error.unwrap().contains("0.05 s"));
}

async fn a_snooze_uses_no_attempt(bed: Bed) {
    let snoozing = handler(|_, _| async {
        Err::<(), _>(JobError::snooze(Duration::from_secs(7 * 86_400), "not yet"))
    });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    bed.worker(snoozing).run_once().await.unwrap();
    let job = bed.job(id).await;
    assert_eq!((job.status, job.attempts), (Status::Queued, 0));
    assert_eq!(job.last_error.as_deref(), Some("SNOOZE: not yet"));
    // Capped at a day.
    let delay = job.scheduled_at.unwrap() - job.updated_at.unwrap();
    assert_eq!(delay.num_seconds(), 86_400);
}

async fn a_row_that_does_not_decode_is_dead_lettered_and_the_worker_goes_on(bed: Bed) {
    let deep = (0..500).fold(json!(1), |inner, _| json!([inner]));
    for n in [json!("seven"), deep] {
        let job = NewJob::new("test.probe.v1", json!({ "n": n })).unwrap();
        (&bed.soniq).insert(job).await.unwrap();
    }
    let good = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
    assert_eq!(bed.status(good).await, Some(Status::Done));
    let filter = DeadLetterFilter::default().reason("invalid_arguments");
    let dead = bed.soniq.dead_letter().list(&filter).await.unwrap();
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().all(|letter| letter.last_error.is_some()));
}

async fn run_once_runs_retries_that_are_due_at_once(bed: Bed) {
    for round in 1..=30 {
        let failing = handler(|_, context| async move {
            if context.attempt() < 3 {
                return Err(JobError::retry("again"));
            }
            Ok(())
        });
        task().enqueue(&bed.soniq, probe(round)).await.unwrap();
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

async fn a_destructor_that_panics_at_the_timeout_is_a_failed_attempt(bed: Bed) {
    let soniq = bed.tuned(|settings| settings.job_timeout = Some(Duration::from_millis(50)));
    let bombs = handler(|_, _| async {
        let _bomb = Bomb;
        std::future::pending::<()>().await;
        Ok::<(), JobError>(())
    });
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let worker = Worker::builder(&soniq).handler(bombs).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 3);
    let dead = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert!(
        dead.last_error
            .unwrap()
            .contains("a destructor that panics")
    );
}

async fn a_replay_is_a_new_job_and_the_dead_letter_stays(bed: Bed) {
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no")) });
    let id = task().enqueue(&bed.soniq, probe(5)).await.unwrap().id();
    bed.worker(failing).run_once().await.unwrap();

    let dead_letters = bed.soniq.dead_letter();
    let replayed = dead_letters.replay(id).await.unwrap().unwrap();
    assert_ne!(replayed, id);
    let job = bed.job(replayed).await;
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
