//! What a team's tests use: drain, one step, assertions, time travel.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use soniq_runtime::testing::{self, AttemptEnd, Drained};
use soniq_runtime::{
    CatchUp, Error, JobError, ScheduleSpec, Scheduler, Soniq, TaskHandler, TaskSpec, Trigger,
    Worker,
};

use crate::support::{HOUR, SHIP, Ship, handler, ship, shipping};

fn worker(soniq: &Soniq, handler: TaskHandler) -> Worker {
    Worker::builder(soniq).handler(handler).build().unwrap()
}

/// The message of a panic.
async fn panic_of<F>(asserting: F) -> String
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let panicked = tokio::spawn(asserting)
        .await
        .err()
        .expect("it did not panic");
    panicked
        .into_panic()
        .downcast_ref::<String>()
        .unwrap()
        .clone()
}

fn message(assert: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panicked = std::panic::catch_unwind(assert).expect_err("it did not panic");
    panicked.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn a_drain_tells_how_each_attempt_ended() {
    let soniq = testing::memory();
    let worker = worker(
        &soniq,
        handler(|args, _| async move {
            match args.order {
                1 => Ok(()),
                2 => Err(JobError::retry("not yet")),
                3 => Err(JobError::permanent("never")),
                _ => Err(JobError::snooze(HOUR, "tomorrow")),
            }
        }),
    );
    for order in 1..=4 {
        ship().enqueue(&soniq, Ship { order }).await.unwrap();
    }
    let drained = soniq.drain(&worker).await.unwrap();
    drained
        .assert_done(1)
        .assert_retried(1)
        .assert_dead_lettered(1)
        .assert_failed(2)
        .assert_snoozed(1);
    let tasks: Vec<&str> = drained
        .attempts()
        .iter()
        .map(|own| own.task.as_str())
        .collect();
    assert_eq!(tasks, ["test.ship.v1"; 4]);
    // What is due later stays, and comes with the time.
    soniq.drain(&worker).await.unwrap().assert_nothing_ran();
    soniq.assert_enqueued_times(SHIP, 2, |_| true).await;
    soniq.advance(HOUR).unwrap();
    let again = soniq.drain(&worker).await.unwrap();
    again.assert_retried(1).assert_snoozed(1);
    let attempts: Vec<u32> = again.attempts().iter().map(|own| own.attempt).collect();
    assert_eq!(attempts, [2, 1], "a snooze uses up no attempt");
}

#[tokio::test]
async fn a_failed_assertion_lists_the_attempts() {
    let soniq = testing::memory();
    let failing = handler(|_, _| async { Err(JobError::retry("no stock")) });
    let id = ship()
        .enqueue(&soniq, Ship { order: 1 })
        .await
        .unwrap()
        .id();
    let drained = soniq.drain(&worker(&soniq, failing)).await.unwrap();
    assert!(matches!(
        drained.attempts()[0].end,
        AttemptEnd::Retried { .. }
    ));
    assert_eq!(
        message(move || drop(drained.assert_done(1).clone())),
        format!(
            "expected 1 done, found 0; the attempts were:\n  \
             test.ship.v1 {id}, attempt 1: failed, again in 3600 s: no stock"
        )
    );
    assert_eq!(
        message(|| drop(Drained::default().assert_done(1).clone())),
        "expected 1 done, found 0; no job was due"
    );
}

#[tokio::test]
async fn a_drain_runs_what_handlers_enqueue_in_the_order_of_claims() {
    let soniq = testing::memory();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (seen, own) = (Arc::clone(&order), soniq.clone());
    let handler = handler(move |args, _| {
        seen.lock().unwrap().push(args.order);
        let soniq = own.clone();
        async move {
            if args.order == 1 {
                // Before what was enqueued long ago.
                ship()
                    .priority(1)
                    .enqueue(&soniq, Ship { order: 10 })
                    .await?;
                ship()
                    .priority(500)
                    .enqueue(&soniq, Ship { order: 11 })
                    .await?;
            }
            Ok(())
        }
    });
    // Many more than a worker would run at once.
    let worker = Worker::builder(&soniq)
        .handler(handler)
        .concurrency(8)
        .build()
        .unwrap();
    let orders = (1..=5).map(|order| Ship { order });
    ship().enqueue_many(&soniq, orders).await.unwrap();
    soniq.drain(&worker).await.unwrap().assert_done(7);
    assert_eq!(*order.lock().unwrap(), [1, 10, 2, 3, 4, 5, 11]);
}

#[tokio::test]
async fn a_step_runs_one_job() {
    let soniq = testing::memory();
    let runs = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&runs);
    let worker = worker(
        &soniq,
        handler(move |_, _| {
            seen.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        }),
    );
    ship()
        .enqueue_many(&soniq, (1..=3).map(|order| Ship { order }))
        .await
        .unwrap();
    for run in 1..=3 {
        soniq.run_one(&worker).await.unwrap().assert_done(1);
        assert_eq!(runs.load(Ordering::SeqCst), run);
        let left = usize::try_from(3 - run).unwrap();
        soniq.assert_enqueued_times(SHIP, left, |_| true).await;
    }
    soniq.run_one(&worker).await.unwrap().assert_nothing_ran();
}

#[tokio::test]
async fn the_clock_stands_still_while_it_drains() {
    let soniq = testing::memory();
    let own = soniq.clone();
    let worker = worker(
        &soniq,
        handler(move |_, _| {
            let soniq = own.clone();
            async move {
                let then = soniq.rows().census().await?.taken_at;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                assert_eq!(soniq.rows().census().await?.taken_at, then);
                Ok(())
            }
        }),
    );
    ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap();
    soniq.drain(&worker).await.unwrap().assert_done(1);
}

#[tokio::test]
async fn what_is_enqueued_is_asserted_by_task_and_arguments() {
    let soniq = testing::memory();
    soniq.assert_nothing_enqueued().await;
    ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap();
    ship()
        .delay(HOUR)
        .queue("slow")
        .enqueue(&soniq, Ship { order: 2 })
        .await
        .unwrap();
    let queued = soniq.assert_enqueued(SHIP, |args| args.order == 2).await;
    assert_eq!(queued.job.queue, "slow");
    assert!(queued.job.scheduled_at > queued.job.created_at);
    soniq
        .assert_not_enqueued(SHIP, |args| args.order == 3)
        .await;
    soniq.assert_enqueued_times(SHIP, 2, |_| true).await;
    let all = soniq.queued(SHIP).await.unwrap();
    let orders: Vec<i64> = all.iter().map(|queued| queued.args.order).collect();
    assert_eq!(orders, [1, 2], "oldest first");
    // Those that have run are not queued.
    soniq.run_one(&worker(&soniq, shipping())).await.unwrap();
    soniq
        .assert_not_enqueued(SHIP, |args| args.order == 1)
        .await;
}

#[tokio::test]
async fn a_failed_assertion_lists_what_is_enqueued() {
    let soniq = testing::memory();
    let (own, line) = (soniq.clone(), line!() + 1);
    let nothing = async move { own.assert_enqueued(SHIP, |args| args.order == 7).await };
    let here = |line| format!("asked for at {}:{line}", file!());
    let message = panic_of(nothing).await;
    let expected = format!("no queued job of test.ship.v1 fits; {}", here(line));
    assert!(message.starts_with(&expected), "{message}");
    assert!(message.ends_with("; nothing is queued"), "{message}");

    ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap();
    ship()
        .delay(HOUR)
        .enqueue(&soniq, Ship { order: 2 })
        .await
        .unwrap();
    let own = soniq.clone();
    let message =
        panic_of(async move { own.assert_not_enqueued(SHIP, |args| args.order == 1).await });
    let message = message.await;
    assert!(message.starts_with("expected 0 queued jobs of test.ship.v1 that fit, found 1;"));
    let list: Vec<&str> = message.lines().skip(1).collect();
    assert_eq!(list[0], r#"  test.ship.v1 {"order":1}"#);
    assert!(
        list[1].starts_with(r#"  test.ship.v1 {"order":2} due "#),
        "{message}"
    );
    let own = soniq.clone();
    let message = panic_of(async move { own.assert_nothing_enqueued().await }).await;
    assert!(
        message.starts_with("expected no queued job, found 2;"),
        "{message}"
    );
}

static REPORT: TaskSpec = TaskSpec::new("test.report.v1", 1, "report").schedule(ScheduleSpec {
    trigger: Trigger::Every(HOUR),
    timezone: None,
    catch_up: CatchUp::All,
    args: r#"{"order": 1}"#,
});

#[tokio::test]
async fn schedules_fire_when_the_clock_is_moved() {
    let soniq = testing::memory();
    let scheduler = Scheduler::new(&soniq).tasks([&REPORT]);
    scheduler.reconcile().await.unwrap();
    assert_eq!(scheduler.tick().await.unwrap().unwrap().len(), 0);
    soniq.advance(3 * HOUR).unwrap();
    assert_eq!(scheduler.tick().await.unwrap().unwrap().len(), 3);
    let schedule = soniq.schedules().get("test.report.v1").await.unwrap();
    assert_eq!(schedule.run_count, 3);
    // A pause makes up for nothing.
    assert!(soniq.schedules().pause("test.report.v1").await.unwrap());
    soniq.advance(5 * HOUR).unwrap();
    assert_eq!(scheduler.tick().await.unwrap().unwrap().len(), 0);
    assert!(soniq.schedules().resume("test.report.v1").await.unwrap());
    assert_eq!(scheduler.tick().await.unwrap().unwrap().len(), 0);
}

/// With tokio's clock paused the store's goes by it, so nothing waits for real.
#[tokio::test(start_paused = true)]
async fn the_store_goes_by_tokios_paused_clock() {
    let soniq = testing::memory();
    ship()
        .delay(24 * HOUR)
        .enqueue(&soniq, Ship { order: 1 })
        .await
        .unwrap();
    let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
    let worker = worker(
        &soniq,
        handler(move |args, _| {
            let _ = ran.send(args.order);
            async { Ok(()) }
        }),
    );
    let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    assert_eq!(runs.recv().await, Some(1));
    running.abort();
}

#[tokio::test]
async fn postgres_has_all_of_it_but_time_travel_and_faults() {
    let soniq = testing::postgres().await.unwrap();
    ship().enqueue(&soniq, Ship { order: 1 }).await.unwrap();
    ship()
        .delay(HOUR)
        .enqueue(&soniq, Ship { order: 2 })
        .await
        .unwrap();
    soniq.assert_enqueued(SHIP, |args| args.order == 1).await;
    let worker = worker(&soniq, shipping());
    soniq.run_one(&worker).await.unwrap().assert_done(1);
    soniq.drain(&worker).await.unwrap().assert_nothing_ran();
    soniq.assert_enqueued_times(SHIP, 1, |_| true).await;
    let refused = soniq.advance(HOUR).unwrap_err();
    assert!(matches!(refused, Error::NeedsMemory { .. }));
    assert_eq!(
        refused.to_string(),
        "moving the clock works in memory only: make the handle with `testing::memory()`"
    );
    assert!(soniq.fail_next(testing::Fault::Claim).is_err());
}
