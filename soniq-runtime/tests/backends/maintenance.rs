//! What workers tidy up beside their jobs.

use std::time::Duration;

use serde_json::json;
use soniq_runtime::{JobError, Status};

use crate::bed::{Bed, Table};
use crate::probe::{Running, counting, handler, probe, task};

conformance! {
    a_worker_deletes_what_is_past_its_time;
    a_job_that_is_queued_does_not_expire needs shared_tables;
}

/// One job that is done, one that was called off and a dead letter.
async fn end_three(bed: &Bed) {
    let ending = handler(|args, _| async move {
        match args.n {
            0 => Ok(()),
            _ => Err(JobError::permanent("no")),
        }
    });
    for n in 0..2 {
        task().enqueue(&bed.soniq, probe(n)).await.unwrap();
    }
    let cancelled = task().enqueue(&bed.soniq, probe(0)).await.unwrap().id();
    assert!(bed.soniq.jobs().cancel(cancelled).await.unwrap());
    bed.worker(ending).run_once().await.unwrap();
}

async fn a_worker_deletes_what_is_past_its_time(mut bed: Bed) {
    const DAY: Duration = Duration::from_secs(86_400);
    bed.soniq = bed.tuned(|settings| {
        settings.dead_letter_retention = Some(DAY);
        settings.result_ttl = DAY / 24;
    });
    let later = task().delay(10 * DAY).enqueue(&bed.soniq, probe(1));
    let later = later.await.unwrap().id();
    end_three(&bed).await;
    bed.pass(2 * DAY).await;
    end_three(&bed).await;

    let (handler, _) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_until("jobs", 3, async || bed.jobs().await.len())
        .await;
    bed.wait_for_dead_letters(1).await;
    running.stop().await;
    let now = bed.now().await;
    for job in bed.jobs().await {
        assert!(job.id == later || job.expires_at.unwrap() > now);
    }
}

/// What others wrote on a job that has yet to run says nothing.
async fn a_job_that_is_queued_does_not_expire(bed: Bed) {
    let later = task().delay(Duration::from_secs(3600));
    let later = later.enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let expired = json!({ "expires_at": bed.ago(Duration::from_secs(3600)).await });
    let matching = json!({ "id": later });
    bed.update(Table::Jobs, matching, expired.clone()).await;
    let (handler, _) = counting();
    let running = Running::start(bed.worker(handler));
    // A row that is done and as old goes meanwhile.
    let done = task().enqueue(&bed.soniq, probe(2)).await.unwrap().id();
    bed.wait_for(Status::Done, 1).await;
    bed.update(Table::Jobs, json!({ "id": done }), expired)
        .await;
    bed.wait_for(Status::Done, 0).await;
    running.stop().await;
    assert_eq!(bed.status(later).await, Some(Status::Queued));
}
