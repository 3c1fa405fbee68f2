//! Queues that are paused.

use std::time::Duration;

use soniq_runtime::{Soniq, Worker};

use crate::support::{Running, bed, counting, eventually, probe, quick, task};

#[tokio::test]
async fn nobody_claims_from_a_paused_queue() {
    let bed = bed().await;
    let queues = bed.soniq.queues();
    assert!(queues.pause("bulk").await.unwrap());
    assert!(!queues.pause("bulk").await.unwrap());
    assert_eq!(queues.paused().await.unwrap(), ["bulk"]);
    task()
        .queue("bulk")
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap();
    task()
        .queue("bulk")
        .priority(1)
        .delay(Duration::from_secs(1))
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap();
    task().enqueue(&bed.soniq, probe(3)).await.unwrap();
    let solo = "UPDATE soniq_jobs SET meta = '{\"solo\": true}' WHERE args = '{\"n\": 1}'";
    bed.client.batch_execute(solo).await.unwrap();
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

#[tokio::test]
async fn a_resumed_queue_wakes_its_workers() {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.poll_interval = Duration::from_secs(3600);
    bed.soniq = Soniq::with_settings(settings).unwrap();
    bed.soniq.queues().pause("default").await.unwrap();
    task()
        .enqueue_many(&bed.soniq, (0..20).map(probe))
        .await
        .unwrap();
    let (handler, runs) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers WHERE status = 'active'",
        1,
    )
    .await;
    assert!(bed.soniq.queues().resume("default").await.unwrap());
    assert!(!bed.soniq.queues().resume("default").await.unwrap());
    assert!(eventually(async || runs.lock().unwrap().len() == 20).await);
    running.stop().await;
}
