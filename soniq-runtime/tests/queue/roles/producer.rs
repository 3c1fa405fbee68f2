//! Producers, by generated code and by SQL.

use soniq_runtime::EnqueueOptions;
use uuid::Uuid;

use super::{bed, client, refused, soniq};
use crate::support::{Probe, probe, task};

/// What no producer may, whichever way it enqueues.
const OTHERS: [&str; 12] = [
    "SELECT args FROM soniq_jobs",
    "SELECT result FROM soniq_jobs",
    "SELECT last_error FROM soniq_jobs",
    "SELECT * FROM soniq_dead_letter_jobs",
    "SELECT * FROM soniq_workers",
    "INSERT INTO soniq_jobs (id, job_name, args, status) VALUES (gen_random_uuid(), 'a', '{}', 'done')",
    "UPDATE soniq_jobs SET status = 'cancelled'",
    "UPDATE soniq_jobs SET priority = 0",
    "DELETE FROM soniq_jobs",
    "SELECT 1 FROM soniq_jobs FOR UPDATE",
    "INSERT INTO soniq_paused_queues (queue) VALUES ('default')",
    "SELECT nextval('soniq_claim_ids')",
];

#[tokio::test]
async fn a_producer_enqueues_and_finds_twins_and_reads_nobodys_arguments() {
    let bed = bed().await;
    let mut own = client(&bed, "soniq_producer").await;
    let soniq = soniq(&bed, "soniq_producer");

    let transaction = own.transaction().await.unwrap();
    let first = task().enqueue(&transaction, probe(1)).await.unwrap();
    let later = std::time::Duration::from_secs(60);
    let delayed = task().delay(later).queue("bulk").priority(5);
    delayed.enqueue(&transaction, probe(2)).await.unwrap();
    task()
        .enqueue_many(&transaction, (3..6).map(probe))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert!(!first.is_duplicate());

    let twins: [fn() -> EnqueueOptions<Probe>; 2] =
        [|| task().unique(true), || task().dedup_key("one")];
    for options in twins {
        let first = options().enqueue(&soniq, probe(6)).await.unwrap();
        assert!(!first.is_duplicate());
        let twin = options().enqueue(&own, probe(6)).await.unwrap();
        assert!(twin.is_duplicate());
        assert_eq!(twin.id(), first.id());
        let many = options()
            .enqueue_many(&soniq, [probe(6), probe(6)])
            .await
            .unwrap();
        assert!(many.iter().all(|job| job.id() == first.id()), "{many:?}");
    }
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 7);

    refused(&own, &OTHERS).await;
    let by_sql = [
        "SELECT soniq_enqueue('test.probe.v1')",
        "SELECT * FROM soniq_get_job(gen_random_uuid())",
    ];
    refused(&own, &by_sql).await;
}

#[tokio::test]
async fn an_sql_producer_enqueues_and_asks_for_its_jobs_and_sees_no_table() {
    let bed = bed().await;
    let own = client(&bed, "soniq_sql_producer").await;
    let enqueue = "SELECT soniq_enqueue('test.probe.v1', '{\"n\": 1}', unique_job => true)";
    let id: Uuid = own.query_one(enqueue, &[]).await.unwrap().get(0);
    let twin: Uuid = own.query_one(enqueue, &[]).await.unwrap().get(0);
    assert_eq!(twin, id);
    let state = "SELECT status FROM soniq_get_job($1)";
    let row = own.query_one(state, &[&id]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "queued");

    refused(&own, &OTHERS).await;
    let rest = [
        "SELECT id FROM soniq_jobs",
        "INSERT INTO soniq_jobs (id, job_name, args) VALUES (gen_random_uuid(), 'a', '{}')",
        "SELECT soniq_wake('default')",
        "SELECT soniq_insert(gen_random_uuid(), 'a', '{}', '', 'q', 1, 1, false, '', now(), 0, '', '{}', true)",
    ];
    refused(&own, &rest).await;
}
