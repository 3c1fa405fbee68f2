//! What holds of every library.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use soniq_runtime::{Error, JobError};
use tokio::time::timeout;

use crate::library::{Library, Transaction as _};
use crate::support::{Bed, Probe, bed, probe, task};

const ORDER: &str = "INSERT INTO orders VALUES (1)";

async fn connected<L: Library>() -> (Bed, L) {
    let bed = bed().await;
    let library = L::connect(bed.database.url()).await;
    (bed, library)
}

pub(crate) async fn a_commit_enqueues_and_a_worker_runs_it<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let mut tx = library.begin().await;
    assert!(tx.execute(ORDER).await);
    let job = tx.enqueue(task(), probe(7)).await.unwrap();
    assert!(!job.is_duplicate());
    assert_eq!(bed.count("soniq_jobs").await, 0, "it is not committed yet");
    tx.commit().await;
    assert_eq!(bed.count("orders").await, 1);

    let ran = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&ran);
    bed.work(move |args, context| {
        seen.lock().unwrap().push((args.n, context.id()));
        async { Ok(()) }
    })
    .await;
    assert_eq!(*ran.lock().unwrap(), [(7, job.id())]);
}

pub(crate) async fn a_rollback_leaves_nothing<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let mut tx = library.begin().await;
    assert!(tx.execute(ORDER).await);
    tx.enqueue(task(), probe(1)).await.unwrap();
    let many = (2..12).map(probe).collect();
    tx.enqueue_many(task(), many).await.unwrap();
    tx.rollback().await;
    assert_eq!(bed.count("soniq_jobs").await, 0);
    assert_eq!(bed.count("orders").await, 0);
}

pub(crate) async fn a_queued_twin_is_returned_and_the_transaction_goes_on<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let keyed = || task().dedup_key("k");
    let first = keyed().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let mut tx = library.begin().await;
    let twin = tx.enqueue(keyed(), probe(2)).await.unwrap();
    assert!(twin.is_duplicate());
    assert_eq!(twin.id(), first.id());
    let other = tx.enqueue(task().dedup_key("l"), probe(3)).await.unwrap();
    assert!(!other.is_duplicate());
    assert!(tx.execute(ORDER).await);
    tx.commit().await;
    assert_eq!(bed.count("soniq_jobs").await, 2);
    assert_eq!(bed.count("orders").await, 1);
}

pub(crate) async fn a_unique_job_meets_its_twin<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let unique = || task().unique(true);
    let mut tx = library.begin().await;
    let first = tx.enqueue(unique(), probe(1)).await.unwrap();
    let twin = tx.enqueue(unique(), probe(1)).await.unwrap();
    let other = tx.enqueue(unique(), probe(2)).await.unwrap();
    tx.commit().await;
    assert!(twin.is_duplicate() && !other.is_duplicate());
    assert_eq!(twin.id(), first.id());
    // As every other producer knows it.
    let twin = unique().enqueue(&bed.soniq, probe(1)).await.unwrap();
    assert_eq!(twin.id(), first.id());
}

pub(crate) async fn a_thousand_are_written_in_one_call<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let mut tx = library.begin().await;
    let jobs = (0..1000).map(probe).collect();
    let jobs = tx.enqueue_many(task(), jobs).await.unwrap();
    tx.commit().await;
    let ids: HashSet<_> = jobs.iter().map(soniq_runtime::Enqueued::id).collect();
    assert_eq!(ids.len(), 1000);
    let last = bed.soniq.jobs().get(jobs[999].id()).await.unwrap().unwrap();
    assert_eq!(last.args["n"], 999);
    assert_eq!(bed.count("soniq_jobs WHERE status = 'queued'").await, 1000);
}

pub(crate) async fn many_meet_their_twins<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let unique = || task().unique(true);
    let queued = unique().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let mut tx = library.begin().await;
    let jobs = [1, 2, 2, 3].map(probe).into();
    let jobs = tx.enqueue_many(unique(), jobs).await.unwrap();
    tx.commit().await;
    assert_eq!(jobs[0].id(), queued.id());
    assert!(jobs[0].is_duplicate());
    assert_eq!(jobs[1].id(), jobs[2].id());
    assert_eq!(bed.count("soniq_jobs").await, 3);
}

pub(crate) async fn options_go_before_the_contract<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let later: DateTime<Utc> = "2091-02-03T04:05:06.789012Z".parse().unwrap();
    let hour = Duration::from_hours(1);
    let mut tx = library.begin().await;
    let options = || task().queue("bulk").priority(10).max_attempts(9);
    let one = options().delay(hour);
    let mut ids = vec![tx.enqueue(one, probe(1)).await.unwrap().id()];
    let many = options().delay(hour);
    ids.push(tx.enqueue_many(many, vec![probe(2)]).await.unwrap()[0].id());
    for id in &ids {
        // Within its transaction, and by its clock: `created_at` is the default `now()`.
        let delayed = format!(
            "DO $$ BEGIN ASSERT (SELECT scheduled_at - created_at = interval '1 hour'
             FROM soniq_jobs WHERE id = '{id}'); END $$"
        );
        assert!(tx.execute(&delayed).await);
    }
    let at = tx.enqueue(options().run_at(later), probe(3)).await.unwrap();
    ids.push(at.id());
    let many = options().run_at(later);
    let many = tx.enqueue_many(many, vec![probe(4)]).await.unwrap();
    tx.commit().await;
    for id in [at.id(), many[0].id()] {
        let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
        assert_eq!(job.scheduled_at, Some(later));
    }
    ids.push(many[0].id());
    for id in ids {
        let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
        assert_eq!((job.queue.as_str(), job.priority), ("bulk", 10));
        assert_eq!(job.max_attempts, Some(9));
        assert!(job.producer_id.is_some());
    }
}

/// What a notation of arrays, an encoding or a null could lose on the way.
pub(crate) async fn odd_values_arrive_as_they_are<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let texts = [
        r#"a "quoted" \ one"#,
        "{}",
        "NULL",
        "a,b\n\tc",
        "ü 🦀 \u{2028}",
        "",
    ];
    let jobs: Vec<Probe> = (0..)
        .zip(texts)
        .map(|(n, text)| Probe {
            n,
            text: text.to_owned(),
        })
        .collect();
    let mut tx = library.begin().await;
    let mut written = Vec::new();
    for job in &jobs {
        let key = format!("one {}", job.text);
        written.push(
            tx.enqueue(task().dedup_key(key), job.clone())
                .await
                .unwrap(),
        );
    }
    let many = task().queue(r#"q"\"#);
    written.extend(tx.enqueue_many(many, jobs.clone()).await.unwrap());
    tx.commit().await;
    for (enqueued, sent) in written.iter().zip(jobs.iter().chain(&jobs)) {
        let job = bed.soniq.jobs().get(enqueued.id()).await.unwrap().unwrap();
        assert_eq!(job.args, serde_json::to_value(sent).unwrap());
        let key = format!("one {}", sent.text);
        if job.queue == "default" {
            assert_eq!(job.dedup_key, Some(key));
        } else {
            assert_eq!((job.queue.as_str(), job.dedup_key), (r#"q"\"#, None));
        }
        assert_eq!(job.scheduled_at, None);
    }
    let known = "soniq_jobs WHERE meta = '{\"fingerprint\": \"probe\"}'";
    assert_eq!(bed.count(known).await, 12);
}

pub(crate) async fn invalid_arguments_write_nothing_and_the_transaction_goes_on<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let mut tx = library.begin().await;
    let one = tx.enqueue(task(), probe(-1)).await;
    let nul = Probe {
        n: 1,
        text: "\0".to_owned(),
    };
    let nul = tx.enqueue(task(), nul).await;
    for error in [one.unwrap_err(), nul.unwrap_err()] {
        assert!(matches!(error, Error::InvalidArgs { .. }), "{error}");
    }
    let many = tx.enqueue_many(task(), [1, -1].map(probe).into()).await;
    assert!(matches!(many, Err(Error::InvalidArgs { .. })));
    assert!(tx.execute(ORDER).await);
    tx.commit().await;
    assert_eq!(bed.count("orders").await, 1);
    assert_eq!(bed.count("soniq_jobs").await, 0);
}

pub(crate) async fn a_serialization_failure_is_passed_on<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let keyed = || task().dedup_key("k");
    let mut tx = library.begin().await;
    let snapshot = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1";
    assert!(tx.execute(snapshot).await);
    keyed().enqueue(&bed.soniq, probe(1)).await.unwrap();
    // A twin that this transaction cannot see.
    let error = tx.enqueue(keyed(), probe(2)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    tx.rollback().await;
    assert_eq!(bed.count("soniq_jobs").await, 1);
}

pub(crate) async fn a_lost_connection_is_transient<L: Library>() {
    let (bed, mut library) = connected::<L>().await;
    let mut tx = library.begin().await;
    assert!(
        tx.execute("SET idle_in_transaction_session_timeout = 1")
            .await
    );
    let others = "pg_stat_activity WHERE state = 'idle in transaction'
                  AND datname = current_database()";
    let ended = async {
        while bed.count(others).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), ended).await.unwrap();
    let error = tx.enqueue(task(), probe(1)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

/// Runs one job that completes itself in a transaction with an order.
async fn complete<L: Library>(commits: bool) -> Bed {
    let bed = bed().await;
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let url = bed.database.url().to_owned();
    bed.work(move |_, context| {
        let url = url.clone();
        async move {
            let mut library = L::connect(&url).await;
            let mut tx = library.begin().await;
            assert!(tx.execute(ORDER).await);
            tx.complete(&context).await?;
            if commits {
                tx.commit().await;
            } else {
                tx.rollback().await;
            }
            Ok::<(), JobError>(())
        }
    })
    .await;
    bed
}

pub(crate) async fn a_job_is_completed_with_what_its_handler_wrote<L: Library>() {
    let bed = complete::<L>(true).await;
    assert_eq!(bed.count("orders").await, 1);
    assert_eq!(bed.count("soniq_jobs WHERE status = 'done'").await, 1);
}

pub(crate) async fn a_completion_that_is_rolled_back_is_a_failed_attempt<L: Library>() {
    let bed = complete::<L>(false).await;
    assert_eq!(bed.count("orders").await, 0);
    assert_eq!(bed.count("soniq_dead_letter_jobs").await, 1);
}
