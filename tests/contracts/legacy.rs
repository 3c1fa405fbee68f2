//! A task that is older than its contract: a wire name of its own, an alias, retired versions.

use std::sync::{Arc, Mutex};

use serde_json::json;
use soniq_generated::shapes::legacy::{self, forget_customer, reindex, sync_customer};
use soniq_runtime::{JobContext, JobError, Status};

use crate::bed::Bed;

const QUEUES: [&str; 1] = ["legacy"];

/// Handles the namespace: keeps the wire name and the customer of each job, and answers with
/// `revision`.
#[derive(Clone)]
struct Crm {
    revision: i64,
    seen: Arc<Mutex<Vec<(String, i64)>>>,
}

impl Crm {
    fn new(revision: i64) -> Self {
        Crm {
            revision,
            seen: Arc::default(),
        }
    }

    fn saw(&self, ctx: &JobContext, customer: i64) {
        let job = (ctx.task().to_owned(), customer);
        self.seen.lock().unwrap().push(job);
    }

    /// What was seen, in an order that does not depend on who ran first.
    fn sorted(&self) -> Vec<(String, i64)> {
        let mut seen = self.seen.lock().unwrap().clone();
        seen.sort();
        seen
    }
}

impl sync_customer::Handler for Crm {
    async fn handle(
        &self,
        args: sync_customer::Args,
        ctx: &JobContext,
    ) -> Result<sync_customer::Output, JobError> {
        self.saw(ctx, args.customer_id);
        Ok(sync_customer::Output {
            revision: self.revision,
        })
    }

    fn upgrade_v1(&self, old: sync_customer::v1::Args) -> Result<sync_customer::Args, JobError> {
        let customer: i64 = old.id.parse()?;
        Ok(sync_customer::Args::builder()
            .customer_id(customer)
            .build()?)
    }

    fn upgrade_v2(&self, old: sync_customer::v2::Args) -> Result<sync_customer::Args, JobError> {
        // Not by the builder: what an upgrade makes is checked by the runtime.
        Ok(sync_customer::Args {
            customer_id: old.customer,
            full: true,
        })
    }
}

impl forget_customer::Handler for Crm {
    async fn handle(&self, args: forget_customer::Args, ctx: &JobContext) -> Result<(), JobError> {
        self.saw(ctx, args.customer_id);
        Ok(())
    }
}

impl reindex::Handler for Crm {
    async fn handle(&self, _: reindex::Args, _: &JobContext) -> Result<(), JobError> {
        Ok(())
    }
}

fn customer(id: i64) -> sync_customer::Args {
    sync_customer::Args::builder()
        .customer_id(id)
        .build()
        .unwrap()
}

#[tokio::test]
async fn rows_of_every_name_run() {
    let bed = Bed::new().await;
    let enqueued = sync_customer::enqueue(&bed.soniq, customer(1))
        .await
        .unwrap();
    let row = bed.job(enqueued.id()).await;
    assert_eq!(row.job_name, "crm.customer_sync");
    assert_eq!(row.args, json!({ "customer_id": 1, "full": false }));

    let old = [
        ("crm.sync", json!({ "customer_id": 2 })),
        ("crm.sync_v1", json!({ "id": "3" })),
        ("legacy.sync_customer.v2", json!({ "customer": 4 })),
    ];
    for (name, args) in old {
        bed.insert(name, "legacy", args).await;
    }
    // The name that the task would have, had it none of its own.
    let nobodys = json!({ "customer_id": 5 });
    let nobodys = bed
        .insert("legacy.sync_customer.v3", "legacy", nobodys)
        .await;

    let crm = Crm::new(7);
    assert_eq!(bed.run(legacy::handlers(crm.clone()), &QUEUES).await, 4);
    let seen = [
        ("crm.customer_sync", 1),
        ("crm.sync", 2),
        ("crm.sync_v1", 3),
        ("legacy.sync_customer.v2", 4),
    ];
    assert_eq!(crm.sorted(), seen.map(|(name, id)| (name.to_owned(), id)));
    let done = bed.job(enqueued.id()).await;
    assert_eq!(done.status, Status::Done);
    assert_eq!(done.result, Some(json!({ "revision": 7 })));
    assert_eq!(bed.job(nobodys).await.status, Status::Queued);
}

#[tokio::test]
async fn rows_that_cannot_be_read_or_upgraded_are_dead_lettered_for_their_reason() {
    let bed = Bed::new().await;
    let unreadable = json!({ "id": "three" });
    let unreadable = bed.insert("crm.sync_v1", "legacy", unreadable).await;
    let upgraded_badly = json!({ "customer": -4 });
    let upgraded_badly = bed
        .insert("legacy.sync_customer.v2", "legacy", upgraded_badly)
        .await;

    let crm = Crm::new(7);
    bed.run(legacy::handlers(crm.clone()), &QUEUES).await;
    assert!(crm.sorted().is_empty());
    for (id, reason, says) in [
        (unreadable, "invalid_arguments", "/id"),
        (upgraded_badly, "permanent_failure", "/customer_id"),
    ] {
        let letter = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
        assert_eq!(letter.reason, reason);
        let error = letter.last_error.unwrap();
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_result_that_breaks_the_contract_fails_the_attempt() {
    let bed = Bed::new().await;
    let enqueued = sync_customer::enqueue(&bed.soniq, customer(1))
        .await
        .unwrap();
    bed.run(legacy::handlers(Crm::new(0)), &QUEUES).await;
    let letter = bed.soniq.dead_letter().get(enqueued.id()).await;
    let letter = letter.unwrap().unwrap();
    assert_eq!(letter.reason, "max_retries_exceeded");
    let error = letter.last_error.unwrap();
    let says = "the result breaks the contract: /revision is 0, but must be at least 1 (minimum)";
    assert!(error.contains(says), "{error}");
}

#[tokio::test]
async fn many_jobs_keep_the_order_and_meet_their_twins() {
    let bed = Bed::new().await;
    let queued = sync_customer::enqueue(&bed.soniq, customer(2))
        .await
        .unwrap();
    let customers = [1, 2, 3, 1].map(customer);
    let many = sync_customer::enqueue_many(&bed.soniq, customers)
        .await
        .unwrap();
    let duplicates: Vec<bool> = many
        .iter()
        .map(soniq_runtime::Enqueued::is_duplicate)
        .collect();
    assert_eq!(duplicates, [false, true, false, true]);
    assert_eq!(many[1].id(), queued.id());
    assert_eq!(many[3].id(), many[0].id());
    for (enqueued, id) in many.iter().zip([1, 2, 3]) {
        let row = bed.job(enqueued.id()).await;
        assert_eq!(row.args["customer_id"], id);
        assert_eq!(row.dedup_key, Some(format!("customer:{id}")));
    }

    let crm = Crm::new(1);
    assert_eq!(bed.run(legacy::handlers(crm), &QUEUES).await, 3);
    let again = sync_customer::enqueue(&bed.soniq, customer(1))
        .await
        .unwrap();
    assert!(!again.is_duplicate(), "only queued jobs hold their key");
}

#[tokio::test]
async fn one_job_that_breaks_the_contract_keeps_all_from_being_written() {
    let bed = Bed::new().await;
    let broken = sync_customer::Args {
        customer_id: 0,
        full: false,
    };
    let many = [customer(1), broken];
    let refused = sync_customer::enqueue_many(&bed.soniq, many).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("/customer_id is 0"), "{text}");
    let count = bed.client.query_one("SELECT count(*) FROM soniq_jobs", &[]);
    assert_eq!(count.await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
#[expect(deprecated, reason = "that is the test: it warns, and it works")]
async fn a_deprecated_task_still_runs() {
    let bed = Bed::new().await;
    let args = forget_customer::Args::builder().customer_id(9);
    let args = args.build().unwrap();
    let enqueued = forget_customer::enqueue(&bed.soniq, args).await.unwrap();
    let crm = Crm::new(1);
    bed.run(legacy::handlers(crm.clone()), &QUEUES).await;
    assert_eq!(bed.job(enqueued.id()).await.status, Status::Done);
    assert_eq!(crm.sorted(), [("legacy.forget_customer.v1".to_owned(), 9)]);
}
