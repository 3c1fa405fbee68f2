//! Who looks, and who acts.

use std::time::Duration;

use soniq_runtime::{
    CatchUp, DeadLetterFilter, Handlers, JobFilter, ScheduleSpec, Scheduler, Soniq, TaskSpec,
    Trigger,
};
use uuid::Uuid;

use super::{bed, client, is_refused, refused, soniq};
use crate::support::{Bed, counting, probe, task};

const SCHEDULED: &str = "test.scheduled.v1";

static TASK: TaskSpec = TaskSpec::new(SCHEDULED, 1, "scheduled").schedule(ScheduleSpec {
    trigger: Trigger::Every(Duration::from_secs(3600)),
    timezone: None,
    catch_up: CatchUp::One,
    args: "{}",
});

/// A queued job, a running one, and a dead letter; and a schedule.
async fn furnish(bed: &Bed) -> [Uuid; 3] {
    let mut ids = [Uuid::nil(); 3];
    for (id, n) in ids.iter_mut().zip(1..) {
        *id = task().enqueue(&bed.soniq, probe(n)).await.unwrap().id();
    }
    let running = "UPDATE soniq_jobs SET status = 'processing' WHERE id = $1";
    bed.client.execute(running, &[&ids[1]]).await.unwrap();
    let dead = "WITH gone AS (DELETE FROM soniq_jobs WHERE id = $1 RETURNING *)
                INSERT INTO soniq_dead_letter_jobs (id, job_name, args, queue, priority, max_attempts,
                  attempts, dead_letter_reason, original_created_at, moved_to_dead_letter_at)
                SELECT id, job_name, args, queue, priority, max_attempts, attempts, 'timeout', now(), now()
                FROM gone";
    bed.client.execute(dead, &[&ids[2]]).await.unwrap();
    let scheduler = Scheduler::new(&bed.soniq).tasks_of("billing", [&TASK]);
    scheduler.reconcile().await.unwrap();
    bed.soniq.queues().pause("bulk").await.unwrap();
    ids
}

/// Everything that can be looked at.
async fn look(soniq: &Soniq, [queued, _, dead]: [Uuid; 3]) {
    soniq.check_schema().await.unwrap();
    assert!(!soniq.migrations().await.unwrap().is_empty());
    let stats = soniq.stats().await.unwrap();
    assert_eq!((stats.dead_letters, stats.queues.len()), (1, 1));
    assert!(soniq.fleet().await.is_ok());
    soniq.doctor().await.unwrap();
    let jobs = soniq.jobs().list(&JobFilter::default()).await.unwrap();
    assert_eq!(jobs.len(), 2);
    let ids = soniq.jobs().ids(&JobFilter::default()).await.unwrap();
    assert_eq!(ids.len(), 2);
    assert!(soniq.jobs().get(queued).await.unwrap().is_some());
    let letters = soniq.dead_letter();
    let filter = DeadLetterFilter::default();
    assert_eq!(letters.list(&filter).await.unwrap().len(), 1);
    assert_eq!(letters.ids(&filter).await.unwrap(), [dead]);
    assert!(letters.get(dead).await.unwrap().is_some());
    assert_eq!(soniq.schedules().list().await.unwrap().len(), 1);
    assert_eq!(soniq.queues().paused().await.unwrap(), ["bulk"]);
    assert!(soniq.rows().census().await.is_ok());
    let (handler, _) = counting();
    let judge = Handlers::from(vec![handler]);
    let report = soniq.rows().check(&judge, None, |_| {}).await;
    assert!(report.is_ok());
}

#[tokio::test]
async fn a_dashboard_reads_everything_and_writes_nothing() {
    let bed = bed().await;
    let ids = furnish(&bed).await;
    let soniq = soniq(&bed, "soniq_dashboard");
    look(&soniq, ids).await;

    let [queued, running, dead] = ids;
    assert!(is_refused(soniq.jobs().cancel(queued).await));
    assert!(is_refused(soniq.jobs().cancel_running(running).await));
    assert!(is_refused(soniq.jobs().delete(queued).await));
    assert!(is_refused(soniq.dead_letter().replay(dead).await));
    assert!(is_refused(soniq.dead_letter().purge(dead).await));
    assert!(is_refused(soniq.queues().pause("default").await));
    assert!(is_refused(soniq.queues().resume("bulk").await));
    assert!(is_refused(soniq.schedules().pause(SCHEDULED).await));
    assert!(is_refused(soniq.schedules().run_now(SCHEDULED).await));
    assert!(is_refused(soniq.schedules().remove(SCHEDULED).await));
    assert!(is_refused(task().enqueue(&soniq, probe(9)).await));
    let others = [
        "UPDATE soniq_jobs SET status = status",
        "DELETE FROM soniq_jobs",
        "SELECT 1 FROM soniq_jobs FOR UPDATE",
        "DELETE FROM soniq_workers",
        "SELECT nextval('soniq_claim_ids')",
        "SELECT soniq_enqueue('test.probe.v1')",
    ];
    refused(&client(&bed, "soniq_dashboard").await, &others).await;
}

#[tokio::test]
async fn an_operator_looks_and_acts_and_edits_no_job() {
    let bed = bed().await;
    let ids = furnish(&bed).await;
    let soniq = soniq(&bed, "soniq_operator");
    look(&soniq, ids).await;

    let [queued, running, dead] = ids;
    assert!(soniq.jobs().cancel(queued).await.unwrap());
    assert!(soniq.jobs().cancel_running(running).await.unwrap());
    assert!(soniq.jobs().delete(queued).await.unwrap());
    assert!(!soniq.jobs().delete(running).await.unwrap());
    assert!(soniq.dead_letter().replay(dead).await.unwrap().is_some());
    assert!(soniq.dead_letter().purge(dead).await.unwrap());
    assert!(soniq.queues().pause("default").await.unwrap());
    assert!(soniq.queues().resume("bulk").await.unwrap());
    assert!(soniq.schedules().pause(SCHEDULED).await.unwrap());
    assert!(soniq.schedules().resume(SCHEDULED).await.unwrap());
    soniq.schedules().run_now(SCHEDULED).await.unwrap();
    assert!(soniq.schedules().remove(SCHEDULED).await.unwrap());
    let owners = "SELECT count(*) FROM soniq_schedule_owners";
    assert_eq!(bed.count(owners).await, 0);

    let others = [
        "UPDATE soniq_jobs SET args = '{}'",
        "UPDATE soniq_jobs SET result = '{}'",
        "UPDATE soniq_dead_letter_jobs SET args = '{}'",
        "UPDATE soniq_schedules SET job_kwargs = '{}'",
        "DELETE FROM soniq_workers",
        "SELECT nextval('soniq_claim_ids')",
    ];
    refused(&client(&bed, "soniq_operator").await, &others).await;
}
