//! Queues that are paused.

use std::time::Duration;

use soniq_runtime::Worker;

use crate::bed::Bed;
use crate::probe::{Running, counting, eventually, probe, task};

conformance! {
    nobody_claims_from_a_paused_queue;
    a_resumed_queue_wakes_its_workers;
}

async fn nobody_claims_from_a_paused_queue(bed: Bed) {
    let queues = bed.soniq.queues();
    assert!(queues.pause("bulk").await.unwrap());
    assert!(!queues.pause("bulk").await.unwrap());
    assert_eq!(queues.paused().await.unwrap(), ["bulk"]);
    let bulk = task().queue("bulk").enqueue(&bed.soniq, probe(1));
    let solo = bulk.await.unwrap().id();
    task()
        .queue("bulk")
        .priority(1)
        .delay(Duration::from_secs(1))
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap();
    task().enqueue(&bed.soniq, probe(3)).await.unwrap();
    bed.must_run_alone(solo).await;
    let (handler, runs) = counting();
    let worker = Worker::builder(&bed.soniq)
        .handler(handler)
        .queues(["bulk", "default"])
        .build()
        .unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 1);
    assert_eq!(*runs.lock().unwrap(), [3]);
    let stats = bed.soniq.stats().await.unwrap();
    let paused: Vec<_> = stats.queues.iter().map(|q| (&*q.queue, q.paused)).collect();
    assert_eq!(paused, [("bulk", true), ("default", false)]);
    assert!(
        stats
            .to_string()
            .lines()
            .any(|line| line.starts_with("bulk") && line.ends_with("paused"))
    );
}

async fn a_resumed_queue_wakes_its_workers(mut bed: Bed) {
    bed.soniq = bed.tuned(|settings| settings.poll_interval = Duration::from_secs(3600));
    bed.soniq.queues().pause("default").await.unwrap();
    task()
        .enqueue_many(&bed.soniq, (0..20).map(probe))
        .await
        .unwrap();
    let (handler, runs) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_for_workers(1).await;
    assert!(bed.soniq.queues().resume("default").await.unwrap());
    assert!(!bed.soniq.queues().resume("default").await.unwrap());
    assert!(eventually(async || runs.lock().unwrap().len() == 20).await);
    running.stop().await;
}
