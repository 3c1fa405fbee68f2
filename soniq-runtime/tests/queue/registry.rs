//! What workers say they handle.

use crate::support::{Running, bed, counting};

#[tokio::test]
async fn a_worker_goes_on_saying_what_it_handles() {
    let bed = bed().await;
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_task_registry", 1)
        .await;
    // It is seen again, and again after somebody's sweep took the row away.
    let fresh = "SELECT count(*) FROM soniq_task_registry
                 WHERE task_name = 'test.probe.v1' AND args_model_repr = 'probe'
                   AND last_seen_at > now() - interval '1 minute'";
    for lost in [
        "UPDATE soniq_task_registry SET last_seen_at = now() - interval '1 day'",
        "DELETE FROM soniq_task_registry",
    ] {
        bed.client.batch_execute(lost).await.unwrap();
        assert_eq!(bed.count(fresh).await, 0);
        bed.wait_for(fresh, 1).await;
    }
    // A registry that cannot be written keeps no worker from beating.
    bed.client
        .batch_execute(
            "ALTER TABLE soniq_task_registry RENAME TO moved;
             CREATE TABLE began AS SELECT now() AS at",
        )
        .await
        .unwrap();
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers, began WHERE last_heartbeat > at + interval '4 s'",
        1,
    )
    .await;
    bed.client
        .batch_execute("ALTER TABLE moved RENAME TO soniq_task_registry")
        .await
        .unwrap();
    worker.stop().await;
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_task_registry").await,
        0
    );
}

#[tokio::test]
async fn the_sweep_takes_what_no_registered_worker_says() {
    let bed = bed().await;
    bed.client
        .batch_execute(
            "INSERT INTO soniq_workers (id, hostname, pid) VALUES
               ('00000000-0000-0000-0000-000000000001', 'here', 1);
             INSERT INTO soniq_task_registry (task_name, worker_id, last_seen_at) VALUES
               ('a', '00000000-0000-0000-0000-000000000001', now() - interval '1 day'),
               ('b', '00000000-0000-0000-0000-000000000002', now() - interval '1 day'),
               ('c', '00000000-0000-0000-0000-000000000002', now())",
        )
        .await
        .unwrap();
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for(
        "SELECT count(*) FROM soniq_task_registry WHERE task_name = 'b'",
        0,
    )
    .await;
    worker.stop().await;
    let left = "SELECT string_agg(task_name, ' ' ORDER BY task_name) FROM soniq_task_registry";
    let left: String = bed.client.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, "a c");
}
