//! Rows that somebody wrote by hand, by another program or by mistake: too large, too deep, with
//! nothing where something should be. Each runs or is dead-lettered, and holds up no other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{DeadLetterFilter, JobError, JobFilter};

use crate::support::{Bed, Running, bed, counting, handler, probe, quick, task};

/// A job with these arguments, an expression of SQL.
async fn insert(bed: &Bed, priority: i32, args: &str) {
    let insert = format!(
        "INSERT INTO soniq_jobs (id, job_name, args, priority)
         SELECT gen_random_uuid(), 'test.probe.v1', {args}, {priority}"
    );
    bed.client.batch_execute(&insert).await.unwrap();
}

/// Status or reason by priority, from both tables.
async fn fates(bed: &Bed) -> BTreeMap<i32, String> {
    let both = "SELECT priority, status FROM soniq_jobs
                UNION ALL SELECT priority, dead_letter_reason FROM soniq_dead_letter_jobs";
    let rows = bed.client.query(both, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn expected(fates: &[(i32, &str)]) -> BTreeMap<i32, String> {
    let owned = |(priority, fate): &(i32, &str)| (*priority, (*fate).to_owned());
    fates.iter().map(owned).collect()
}

#[tokio::test]
async fn a_hundred_megabytes_of_arguments_run_or_are_dead_lettered() {
    let bed = bed().await;
    insert(
        &bed,
        1,
        "jsonb_build_object('n', 1, 'text', repeat('x', 100 << 20))",
    )
    .await;
    insert(
        &bed,
        2,
        "jsonb_build_object('n', 'no number', 'text', repeat('x', 100 << 20))",
    )
    .await;
    insert(&bed, 3, "'{\"n\": 3}'").await;
    let seen = Arc::new(AtomicU32::new(0));
    let longest = Arc::clone(&seen);
    let measuring = handler(move |args, _| {
        let length = args.text.map_or(0, |text| text.len());
        longest.fetch_max(u32::try_from(length).unwrap(), Ordering::SeqCst);
        async { Ok::<(), JobError>(()) }
    });
    bed.worker(measuring).run_once().await.unwrap();
    assert_eq!(
        fates(&bed).await,
        expected(&[(1, "done"), (2, "invalid_arguments"), (3, "done")])
    );
    assert_eq!(seen.load(Ordering::SeqCst), 100 << 20);
}

#[tokio::test]
async fn json_deeper_than_any_reader_goes_is_dead_lettered() {
    let bed = bed().await;
    for (priority, levels) in [(1, 200), (2, 5000)] {
        let deep = format!("(repeat('[', {levels}) || repeat(']', {levels}))::jsonb");
        insert(
            &bed,
            priority,
            &format!("jsonb_build_object('n', 1, 'text', {deep})"),
        )
        .await;
    }
    insert(&bed, 3, "'{\"n\": 3}'").await;
    // Arguments are an object: whatever else lies there is refused, not run.
    for (priority, other) in [(4, "null"), (5, "[]"), (6, "\"text\""), (7, "1e400")] {
        insert(&bed, priority, &format!("'{other}'::jsonb")).await;
    }
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    let refused = "invalid_arguments";
    assert_eq!(
        fates(&bed).await,
        expected(&[
            (1, refused),
            (2, refused),
            (3, "done"),
            (4, refused),
            (5, refused),
            (6, refused),
            (7, refused),
        ])
    );
    assert_eq!(*runs.lock().unwrap(), [3]);
    // They can be looked at, put back by hand and given up again.
    let all = DeadLetterFilter::default();
    for letter in bed.soniq.dead_letter().list(&all).await.unwrap() {
        bed.soniq.dead_letter().replay(letter.id).await.unwrap();
    }
    let queued = bed.soniq.jobs().list(&JobFilter::default()).await.unwrap();
    assert_eq!(queued.len(), 7);
}

#[tokio::test]
async fn claims_without_a_valid_fence_are_rescued() {
    let bed = bed().await;
    let (gone, never) = (
        "'00000000-0000-0000-0000-000000000001'",
        "'00000000-0000-0000-0000-000000000009'",
    );
    bed.client
        .batch_execute(&format!(
            "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat)
             VALUES ({gone}, 'gone', 1, now() - interval '1 hour')"
        ))
        .await
        .unwrap();
    let mut jobs = 0;
    for worker in ["NULL", gone, never] {
        for claim in ["NULL", "-1", "9223372036854775807"] {
            for attempts in ["NULL", "-7", "0", "1"] {
                bed.client
                    .batch_execute(&format!(
                        "INSERT INTO soniq_jobs
                           (id, job_name, args, status, worker_id, claim_id, attempts)
                         VALUES (gen_random_uuid(), 'test.probe.v1', '{{\"n\": 1}}', 'processing',
                           {worker}, {claim}, {attempts})"
                    ))
                    .await
                    .unwrap();
                jobs += 1;
            }
        }
    }
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    let done = "SELECT count(*) FROM soniq_jobs
                WHERE status = 'done' AND worker_id IS NULL AND claim_id IS NULL";
    bed.wait_for(done, jobs).await;
    assert_eq!(i64::try_from(runs.lock().unwrap().len()), Ok(jobs));
    worker.stop().await;
}

/// The columns of a table that may be null.
async fn nullable(bed: &Bed, table: &str) -> Vec<String> {
    let columns = "SELECT column_name::text FROM information_schema.columns
                   WHERE table_name = $1 AND is_nullable = 'YES' ORDER BY ordinal_position";
    let rows = bed.client.query(columns, &[&table]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn nulls_wherever_they_may_be_stop_no_transition() {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.shutdown_timeout = Duration::ZERO;
    bed.soniq = soniq_runtime::Soniq::with_settings(settings).unwrap();
    let columns = nullable(&bed, "soniq_jobs").await;
    assert!(columns.len() > 15, "{columns:?}");
    let all = columns
        .iter()
        .map(|column| format!("{column} = NULL"))
        .collect::<Vec<_>>()
        .join(", ");
    let mut sets: Vec<String> = columns.iter().map(|c| format!("{c} = NULL")).collect();
    sets.push(all);
    // What becomes of it is told by its argument: done; retried and given up; snoozed once; dead.
    for set in &sets {
        for n in 0..4 {
            let id = task().enqueue(&bed.client, probe(n)).await.unwrap().id();
            let nulled = format!("UPDATE soniq_jobs SET {set} WHERE id = '{id}'");
            bed.client.batch_execute(&nulled).await.unwrap();
        }
    }
    let snoozed = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&snoozed);
    let most = u32::try_from(sets.len()).unwrap();
    let ending = handler(move |args, _| {
        let ended = match args.n {
            1 => Err(JobError::retry("again")),
            2 if counted.fetch_add(1, Ordering::SeqCst) < most => {
                Err(JobError::snooze(Duration::ZERO, "not yet"))
            }
            3 => Err(JobError::permanent("never")),
            _ => Ok(()),
        };
        async move { ended }
    });
    bed.worker(ending).run_once().await.unwrap();
    let each = i64::from(most);
    for (ended, jobs) in [
        ("soniq_jobs", 2 * each),
        (
            "soniq_jobs WHERE status = 'done' AND args ->> 'n' IN ('0', '2')",
            2 * each,
        ),
        (
            "soniq_dead_letter_jobs WHERE args ->> 'n' = '1' AND attempts = max_attempts
             AND dead_letter_reason = 'max_retries_exceeded'",
            each,
        ),
        (
            "soniq_dead_letter_jobs WHERE args ->> 'n' = '3' AND attempts = 1
             AND dead_letter_reason = 'permanent_failure'",
            each,
        ),
    ] {
        let count = bed.count(&format!("SELECT count(*) FROM {ended}")).await;
        assert_eq!(count, jobs, "{ended}");
    }
}

#[tokio::test]
async fn dead_letters_and_workers_with_nulls_can_be_seen_and_dealt_with() {
    let bed = bed().await;
    let letters = nullable(&bed, "soniq_dead_letter_jobs").await;
    let workers = nullable(&bed, "soniq_workers").await;
    let nulls = |columns: &[String]| vec!["NULL"; columns.len()].join(", ");
    bed.client
        .batch_execute(&format!(
            "INSERT INTO soniq_dead_letter_jobs (id, job_name, args, queue, priority, max_attempts,
               attempts, dead_letter_reason, original_created_at, moved_to_dead_letter_at, {})
             VALUES (gen_random_uuid(), 'test.probe.v1', '{{\"n\": 1}}', 'default', 100, 3, 3,
               'timeout', now(), now(), {});
             INSERT INTO soniq_workers (id, hostname, pid, {})
             VALUES (gen_random_uuid(), 'odd', 1, {})",
            letters.join(", "),
            nulls(&letters),
            workers.join(", "),
            nulls(&workers),
        ))
        .await
        .unwrap();
    let all = DeadLetterFilter::default();
    let listed = bed.soniq.dead_letter().list(&all).await.unwrap();
    let id = listed[0].id;
    bed.soniq.dead_letter().replay(id).await.unwrap();
    let letter = bed.soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(letter.resurrection_count, 1);
    assert_eq!(bed.soniq.stats().await.unwrap().workers.len(), 1);
    assert_eq!(bed.soniq.fleet().await.unwrap().workers.len(), 1);
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(*runs.lock().unwrap(), [1]);
}

#[tokio::test]
async fn a_megabyte_of_error_is_kept_to_8192_characters() {
    let bed = bed().await;
    for n in 0..3 {
        task().enqueue(&bed.client, probe(n)).await.unwrap();
    }
    // Two bytes each, so that a cut by bytes would show.
    let text = "ä".repeat(1 << 20);
    let failing = handler(move |args, _| {
        let text = text.clone();
        let ended: Result<(), JobError> = Err(match args.n {
            0 => JobError::permanent(text),
            1 => JobError::retry_after(Duration::from_secs(3600), text),
            _ => JobError::snooze(Duration::from_secs(3600), text),
        });
        async move { ended }
    });
    bed.worker(failing).run_once().await.unwrap();
    let lengths = "SELECT min(length(last_error)) || ' ' || max(length(last_error)) FROM
                   (SELECT last_error FROM soniq_jobs
                    UNION ALL SELECT last_error FROM soniq_dead_letter_jobs) AS kept";
    let lengths: String = bed.client.query_one(lengths, &[]).await.unwrap().get(0);
    assert_eq!(lengths, "8192 8192");
}

#[tokio::test]
async fn the_database_refuses_an_unknown_status() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    for status in ["'failed'", "'dead_letter'", "'QUEUED'", "''", "NULL"] {
        for statement in [
            format!("UPDATE soniq_jobs SET status = {status}"),
            format!(
                "INSERT INTO soniq_jobs (id, job_name, args, status)
                 VALUES (gen_random_uuid(), 'test.probe.v1', '{{}}', {status})"
            ),
        ] {
            let refused = bed.client.batch_execute(&statement).await.unwrap_err();
            let code = refused.code().unwrap().code();
            assert!(["23514", "23502"].contains(&code), "{statement}: {refused}");
        }
    }
}
