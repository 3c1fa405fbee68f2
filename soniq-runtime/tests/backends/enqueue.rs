//! What an enqueue writes, and what it does not.

use std::time::Duration;

use soniq_runtime::{Enqueuer, Error, NewJob, Status};

use crate::bed::Bed;
use crate::probe::{Probe, probe, task};

conformance! {
    what_is_written_is_what_the_table_says;
    options_go_before_the_contract;
    a_queued_twin_is_returned_and_nothing_inserted;
    many_are_written_in_one_call_twins_found;
    many_that_differ_are_each_written_as_they_are;
    options_hold_for_each_of_many;
    arguments_that_cannot_be_stored_are_refused;
    ten_mebibytes_of_arguments_pass;
    an_id_that_another_job_has_is_told;
}

async fn what_is_written_is_what_the_table_says(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(7)).await.unwrap().id();
    let job = bed.job(id).await;
    assert_eq!(job.job_name, "test.probe.v1");
    assert_eq!(job.args, serde_json::json!({ "n": 7 }));
    assert_eq!((job.attempts, job.max_attempts), (0, Some(3)));
    assert_eq!((job.status, id.get_version_num()), (Status::Queued, 7));
    assert_eq!((job.queue.as_str(), job.priority), ("default", 100));
    assert_eq!(job.scheduled_at, None);
    assert!(
        job.producer_id
            .is_some_and(|id| id.contains(&std::process::id().to_string()))
    );
}

async fn options_go_before_the_contract(bed: Bed) {
    let id = task()
        .queue("bulk")
        .priority(10)
        .max_attempts(9)
        .delay(Duration::from_secs(3600))
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap()
        .id();
    let job = bed.job(id).await;
    assert_eq!((job.queue.as_str(), job.priority), ("bulk", 10));
    assert_eq!(job.max_attempts, Some(9));
    let delay = job.scheduled_at.unwrap() - job.created_at.unwrap();
    assert_eq!(delay.num_seconds(), 3600);
}

async fn a_queued_twin_is_returned_and_nothing_inserted(bed: Bed) {
    let first = task()
        .dedup_key("k")
        .enqueue(&bed.soniq, probe(1))
        .await
        .unwrap();
    let second = task()
        .dedup_key("k")
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap();
    assert!(second.is_duplicate());
    assert_eq!(second.id(), first.id());

    let first = task()
        .unique(true)
        .enqueue(&bed.soniq, probe(3))
        .await
        .unwrap();
    let twin = task()
        .unique(true)
        .enqueue(&bed.soniq, probe(3))
        .await
        .unwrap();
    let other = task()
        .unique(true)
        .enqueue(&bed.soniq, probe(4))
        .await
        .unwrap();
    assert_eq!(twin.id(), first.id());
    assert!(!other.is_duplicate());
    assert_eq!(bed.jobs().await.len(), 3);
}

async fn many_are_written_in_one_call_twins_found(bed: Bed) {
    let jobs = task()
        .unique(true)
        .enqueue_many(&bed.soniq, [1, 2, 1, 3, 2].map(probe))
        .await
        .unwrap();
    let duplicates: Vec<bool> = jobs
        .iter()
        .map(soniq_runtime::Enqueued::is_duplicate)
        .collect();
    // Which of two twins in one call is written is not said; that one of them is, is.
    assert_eq!(duplicates.iter().filter(|twin| **twin).count(), 2);
    assert_eq!(jobs[0].id(), jobs[2].id());
    assert_eq!(jobs[1].id(), jobs[4].id());
    assert_eq!(bed.jobs().await.len(), 3);
    let none = task().enqueue_many(&bed.soniq, []).await.unwrap();
    assert!(none.is_empty());
    let thousand = task()
        .enqueue_many(&bed.soniq, (0..1000).map(probe))
        .await
        .unwrap();
    assert_eq!(thousand.len(), 1000);
}

async fn many_that_differ_are_each_written_as_they_are(bed: Bed) {
    let job = |n: i32| {
        let mut job = NewJob::new("test.probe.v1", serde_json::json!({ "n": n })).unwrap();
        job.queue = Some(format!("q{n}"));
        job.priority = Some(n);
        job
    };
    let jobs = vec![job(1), job(2), job(3)];
    let answers = (&bed.soniq).insert_many(jobs.clone()).await.unwrap();
    for (answer, wanted) in answers.iter().zip(&jobs) {
        assert_eq!(answer.id(), wanted.id);
        let found = bed.job(wanted.id).await;
        assert_eq!(found.args, wanted.args);
        assert_eq!(Some(found.queue), wanted.queue);
        assert_eq!(Some(found.priority), wanted.priority);
    }
}

async fn options_hold_for_each_of_many(bed: Bed) {
    let answers = task()
        .queue("bulk")
        .priority(10)
        .max_attempts(9)
        .delay(Duration::from_secs(3600))
        .enqueue_many(&bed.soniq, [5, 6].map(probe))
        .await
        .unwrap();
    for (answer, n) in answers.iter().zip([5, 6]) {
        assert!(!answer.is_duplicate());
        let job = bed.job(answer.id()).await;
        assert_eq!(job.args, serde_json::json!({ "n": n }));
        assert_eq!((job.queue.as_str(), job.priority), ("bulk", 10));
        assert_eq!(job.max_attempts, Some(9));
        let delay = job.scheduled_at.unwrap() - job.created_at.unwrap();
        assert_eq!(delay.num_seconds(), 3600);
        assert!(job.producer_id.is_some());
    }
}

async fn arguments_that_cannot_be_stored_are_refused(bed: Bed) {
    let args = Probe {
        n: 1,
        text: Some("a\0b".to_owned()),
    };
    let error = task().enqueue(&bed.soniq, args).await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgs { .. }), "{error}");
    assert!(error.to_string().contains("test.probe.v1"));
    assert!(bed.jobs().await.is_empty());
}

async fn ten_mebibytes_of_arguments_pass(bed: Bed) {
    let args = Probe {
        n: 1,
        text: Some("x".repeat(10 << 20)),
    };
    let id = task().enqueue(&bed.soniq, args).await.unwrap().id();
    assert_eq!(bed.status(id).await, Some(Status::Queued));
}

async fn an_id_that_another_job_has_is_told(bed: Bed) {
    let args = serde_json::json!({ "n": 1 });
    let job = NewJob::new("test.probe.v1", args).unwrap();
    let first = (&bed.soniq).insert(job.clone()).await.unwrap();
    assert_eq!(first.id(), job.id);
    let again = (&bed.soniq).insert(job.clone()).await;
    assert!(matches!(again, Err(Error::IdTaken { id, .. }) if id == job.id));
    let mut keyed = job.clone();
    keyed.dedup_key = Some("k".to_owned());
    let again = (&bed.soniq).insert(keyed).await;
    assert!(matches!(again, Err(Error::IdTaken { .. })));
    let many = (&bed.soniq).insert_many(vec![job.clone()]).await;
    assert!(many.is_err());
    let mut twice = job;
    twice.id = uuid::Uuid::now_v7();
    let many = (&bed.soniq).insert_many(vec![twice.clone(), twice]).await;
    assert!(matches!(many, Err(Error::IdTaken { .. })));
    assert_eq!(bed.jobs().await.len(), 1);
}
