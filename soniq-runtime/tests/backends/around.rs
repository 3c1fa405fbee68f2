//! What runs around handlers: middleware, hooks, retry policies.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use soniq_runtime::{
    DeadLetterFilter, Enqueuer, Failure, Fate, JobContext, JobEnd, JobError, JobOutput, NewJob,
    Next, Retry, Status, TaskHandler, Worker,
};

use crate::bed::Bed;
use crate::probe::{Probe, counting, handler, probe, task};

conformance! {
    what_is_added_first_is_outermost;
    a_middleware_sees_the_output_and_can_refuse_the_attempt;
    a_hook_is_told_of_every_end;
    a_policy_decides_what_the_handler_left_open;
    a_policy_that_panics_leaves_it_to_the_contract;
}

type Log = Arc<Mutex<Vec<String>>>;

/// Ends its first attempt as the arguments say, and succeeds from then on.
fn ending() -> TaskHandler {
    handler(|args: Probe, context: JobContext| async move {
        if context.attempt() > 1 {
            return Ok(());
        }
        match args.n {
            1 => Err(JobError::retry("one")),
            2 => Err(JobError::permanent("two")),
            3 => Err(JobError::snooze(Duration::from_secs(60), "three")),
            4 => panic!("four"),
            5 => Err(JobError::retry_after(Duration::from_secs(30), "five")),
            _ => Ok(()),
        }
    })
}

async fn enqueue(bed: &Bed, numbers: impl IntoIterator<Item = i64>) {
    let jobs = numbers.into_iter().map(probe);
    task().enqueue_many(&bed.soniq, jobs).await.unwrap();
}

/// A middleware that writes down when it begins and ends.
fn noting(
    name: &'static str,
    log: &Log,
) -> impl Fn(JobContext, Next) -> futures_util::future::BoxFuture<'static, Result<JobOutput, JobError>>
+ Send
+ Sync
+ 'static {
    let log = Arc::clone(log);
    move |_, next| {
        let log = Arc::clone(&log);
        Box::pin(async move {
            log.lock().unwrap().push(format!("{name} begins"));
            let ended = next.await;
            log.lock().unwrap().push(format!("{name} ends"));
            ended
        })
    }
}

async fn what_is_added_first_is_outermost(bed: Bed) {
    enqueue(&bed, [0]).await;
    let log = Log::default();
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .middleware(noting("outer", &log))
        .middleware(noting("inner", &log))
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [0]);
    assert_eq!(
        *log.lock().unwrap(),
        ["outer begins", "inner begins", "inner ends", "outer ends"]
    );
}

async fn a_middleware_sees_the_output_and_can_refuse_the_attempt(bed: Bed) {
    enqueue(&bed, [0, 1]).await;
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .middleware(|ctx: JobContext, next: Next| async move {
            if ctx.attempt() == 1 {
                return Err(JobError::retry("not yet"));
            }
            let output = next.await?;
            assert!(output.as_json().is_null());
            assert!(ctx.attempt() != 2, "a middleware's panic");
            Ok(output)
        })
        .build()
        .unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 6);
    let mut seen = runs.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, [0, 0, 1, 1], "not run by the first attempt of each");
    let jobs = bed.jobs().await;
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        assert_eq!((job.status, job.attempts), (Status::Done, 3));
        assert_eq!(
            job.last_error.as_deref(),
            Some("panicked: a middleware's panic")
        );
    }
}

async fn a_hook_is_told_of_every_end(bed: Bed) {
    enqueue(&bed, 0..6).await;
    let broken = NewJob::new("test.probe.v1", serde_json::json!({ "n": "six" })).unwrap();
    (&bed.soniq).insert(broken).await.unwrap();
    let log = Log::default();
    let told = Arc::clone(&log);
    let worker = Worker::builder(&bed.soniq)
        .handler(ending())
        .on_end(|_: &JobEnd<'_>| panic!("a hook's panic"))
        .on_end(move |end: &JobEnd<'_>| {
            let text = match end.fate {
                Fate::Completed => "completed".to_owned(),
                Fate::Retried { error, after } => format!("retried in {after:?}: {error}"),
                Fate::Snoozed { reason, after } => format!("snoozed for {after:?}: {reason}"),
                Fate::DeadLettered { reason, error } => format!("dead, {reason}: {error}"),
                other => format!("{other:?}"),
            };
            assert_eq!(end.job.task(), "test.probe.v1");
            told.lock().unwrap().push(text);
        })
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    let mut ends = log.lock().unwrap().clone();
    ends.sort();
    assert_eq!(
        ends,
        [
            "completed",
            "completed",
            "completed",
            "dead, invalid_arguments: the value n is no integer (type)",
            "dead, permanent_failure: two",
            "retried in 0ns: one",
            "retried in 0ns: panicked: four",
            "retried in 30s: five",
            "snoozed for 60s: three",
        ]
    );
}

async fn a_policy_decides_what_the_handler_left_open(bed: Bed) {
    enqueue(&bed, 1..6).await;
    let asked = Log::default();
    let seen = Arc::clone(&asked);
    let worker = Worker::builder(&bed.soniq)
        .handler(ending())
        .retry_policy(move |failure: &Failure<'_>| {
            seen.lock().unwrap().push(failure.error.to_owned());
            assert_eq!((failure.attempt, failure.max_attempts), (1, 3));
            assert_eq!(failure.delay, Duration::ZERO);
            match failure.error {
                "one" => Retry::GiveUp,
                _ => Retry::After(Duration::from_secs(90)),
            }
        })
        .build()
        .unwrap();
    worker.run_once().await.unwrap();
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["one", "panicked: four"]);
    let filter = DeadLetterFilter::default();
    let dead = bed.soniq.dead_letter().list(&filter).await.unwrap();
    let mut dead: Vec<_> = dead
        .iter()
        .filter_map(|dead| dead.last_error.clone())
        .collect();
    dead.sort();
    assert_eq!(dead, ["one", "two"]);
    let jobs = bed.jobs().await;
    let put_off: Vec<_> = jobs
        .iter()
        .filter(|job| job.last_error.as_deref() == Some("panicked: four"))
        .collect();
    assert_eq!(put_off.len(), 1);
    let wait = put_off[0].scheduled_at.unwrap() - bed.now().await;
    assert!((60..=90).contains(&wait.num_seconds()), "{wait}");
}

async fn a_policy_that_panics_leaves_it_to_the_contract(bed: Bed) {
    enqueue(&bed, [1]).await;
    let worker = Worker::builder(&bed.soniq)
        .handler(ending())
        .retry_policy(|_: &Failure<'_>| -> Retry { panic!("a policy's panic") })
        .build()
        .unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 2);
    assert_eq!(bed.count(Status::Done).await, 1);
}
