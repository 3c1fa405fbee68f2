//! Text that would be SQL, were it ever part of a statement: it goes in and comes out as it is.

use std::time::Duration;

use serde_json::json;
use soniq_runtime::{
    DeadLetterFilter, Enqueuer as _, JobError, JobFilter, NewJob, Scheduler, Soniq, TaskSpec,
    Worker,
};
use uuid::Uuid;

use crate::support::{Bed, Probe, Running, bed, handler, probe, quick, task};

const HOSTILE: [&str; 5] = [
    "'; DROP TABLE soniq_jobs; --",
    "x' OR '1' = '1",
    "\"default\"; DELETE FROM soniq_jobs",
    "$1 $$ \\'; SELECT pg_sleep(1000) $$ %s",
    "a\nb\tc\u{202e}é😀",
];

/// A bed whose producer is called so, and a worker of the queue that is called so, and whose handler
/// says so.
async fn bed_of(text: &'static str) -> (Bed, Worker) {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    text.clone_into(&mut settings.producer_id);
    bed.soniq = Soniq::with_settings(settings).unwrap();
    let handler = handler(move |args, _| async move {
        match args.n {
            1 => Ok(Probe {
                n: 1,
                text: Some(text.to_owned()),
            }),
            2 => Err(JobError::permanent(text)),
            _ => Err(JobError::snooze(Duration::from_secs(600), text)),
        }
    });
    let worker = Worker::builder(&bed.soniq).handler(handler).queues([text]);
    let worker = worker.build().unwrap();
    (bed, worker)
}

#[tokio::test]
async fn hostile_text_is_data_to_producers_and_workers() {
    for text in HOSTILE {
        let (bed, worker) = bed_of(text).await;
        let mut ids = Vec::new();
        for n in 1..4 {
            let job = task().queue(text).enqueue(&bed.soniq, probe(n)).await;
            ids.push(job.unwrap().id());
        }
        let running = Running::start(worker);
        bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
            .await;
        bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 1)
            .await;
        let snoozed = "SELECT count(*) FROM soniq_jobs WHERE last_error IS NOT NULL";
        bed.wait_for(snoozed, 1).await;
        let workers = bed.soniq.stats().await.unwrap().workers;
        assert_eq!(workers[0].queues, [text]);
        running.stop().await;

        let jobs = bed.soniq.jobs();
        let done = jobs.get(ids[0]).await.unwrap().unwrap();
        assert_eq!(done.queue, text);
        assert_eq!(done.producer_id.as_deref(), Some(text));
        assert_eq!(done.result, Some(json!({ "n": 1, "text": text })));
        let snoozed = jobs.get(ids[2]).await.unwrap().unwrap();
        assert!(snoozed.last_error.unwrap().ends_with(text));
        let filter = DeadLetterFilter::default().queue(text);
        let dead = bed.soniq.dead_letter().list(&filter).await.unwrap();
        assert_eq!(dead[0].last_error.as_deref(), Some(text));
    }
}

#[tokio::test]
async fn hostile_text_is_data_to_operators() {
    static TASKS: [&TaskSpec; 0] = [];
    let bed = bed().await;
    let soniq = &bed.soniq;
    task().enqueue(soniq, probe(1)).await.unwrap();
    for text in HOSTILE {
        let mut named = NewJob::new(text, json!({ text: text })).unwrap();
        named.dedup_key = Some(text.to_owned());
        let first = soniq.insert(named.clone()).await.unwrap();
        named.id = Uuid::now_v7();
        let twin = soniq.insert_many(vec![named]).await.unwrap()[0];
        assert_eq!((twin.id(), twin.is_duplicate()), (first.id(), true));

        let filter = JobFilter::default().job_name(text).queue("default");
        let found = soniq.jobs().list(&filter).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].args, json!({ text: text }));
        assert_eq!(found[0].dedup_key.as_deref(), Some(text));
        let filter = DeadLetterFilter::default().reason(text).job_name(text);
        assert!(soniq.dead_letter().ids(&filter).await.unwrap().is_empty());

        assert!(soniq.queues().pause(text).await.unwrap());
        assert_eq!(soniq.queues().paused().await.unwrap(), [text]);
        assert!(soniq.queues().resume(text).await.unwrap());
        assert!(!soniq.schedules().remove(text).await.unwrap());
        let scheduler = Scheduler::new(soniq).tasks_of(text, TASKS);
        assert_eq!(scheduler.reconcile().await.unwrap(), []);
    }
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 6);
}

#[tokio::test]
async fn hostile_text_is_data_to_the_functions_of_sql() {
    let bed = bed().await;
    for text in HOSTILE {
        let enqueue = "SELECT soniq_enqueue('test.probe.v1', $1, $2, unique_job => true, dedup_key => $2, producer_id => $2)";
        let args = json!({ text: text });
        let row = bed.client.query_one(enqueue, &[&args, &text]).await;
        let id: Uuid = row.unwrap().get(0);
        let job = bed.soniq.jobs().get(id).await.unwrap().unwrap();
        assert_eq!((job.queue.as_str(), &job.args), (text, &args));
        assert_eq!(job.dedup_key.as_deref(), Some(text));
        assert_eq!(job.producer_id.as_deref(), Some(text));
        let named = "SELECT soniq_enqueue($1)";
        bed.client.query_one(named, &[&text]).await.unwrap_err();
    }
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 5);
}

/// The statements of the store are constants. What is put together is a `String`, which goes out by
/// reference: there is one, a `LISTEN`, which takes no parameters, of a worker's id in hexadecimal digits.
#[test]
fn only_a_listen_is_put_together() {
    const CALLS: [&str; 11] = [
        ".rows(",
        ".batch_execute(",
        ".simple_query(",
        ".execute(",
        ".query(",
        ".query_one(",
        ".query_opt(",
        ".execute_typed(",
        ".query_typed(",
        ".query_typed_one(",
        ".query_typed_opt(",
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/backend/postgres");
    let (mut calls, mut put_together) = (0, Vec::new());
    for file in sources(folder.as_ref()) {
        let text = std::fs::read_to_string(&file).unwrap();
        let (code, _) = text.split_once("mod tests {").unwrap_or((&text, ""));
        for call in CALLS {
            for statement in code.split(call).skip(1).map(str::trim_start) {
                calls += 1;
                if statement.starts_with('&') {
                    put_together.extend(statement.lines().next().map(str::to_owned));
                }
            }
        }
    }
    assert!(calls > 50, "{calls}");
    put_together.sort();
    // What was prepared is a text of the program, by its type.
    let known = [
        r#"&format!("{PREPARE};\n{own}"))"#,
        "&prepared, &values).await",
    ];
    assert_eq!(put_together, known);
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            // Both are tests.
            && !path.ends_with("tests.rs")
            && !path.ends_with("machine.rs")
        {
            files.push(path);
        }
    }
    files
}
