//! A worker on a file.

use std::time::{Duration, Instant};

use soniq_runtime::{Enqueued, JobError, Settings, Soniq, Status, Worker};

use crate::probe::{Running, counting, eventually, handler, probe, quick, task};

/// A folder with a file that is set up, and a handle on it.
pub(crate) async fn bed() -> (tempfile::TempDir, Soniq) {
    let folder = tempfile::tempdir().unwrap();
    let soniq = open(&folder, |_| ());
    soniq.setup().await.unwrap();
    (folder, soniq)
}

/// Another handle on the file.
pub(crate) fn open(folder: &tempfile::TempDir, tune: impl FnOnce(&mut Settings)) -> Soniq {
    let path = folder.path().join("jobs.db");
    let mut settings = quick(&format!("sqlite://{}", path.display()));
    tune(&mut settings);
    Soniq::with_settings(settings).unwrap()
}

#[tokio::test]
async fn jobs_run_once_and_are_done() {
    let (folder, soniq) = bed().await;
    let (handler, runs) = counting();
    let jobs = task().enqueue_many(&soniq, (0..250).map(probe)).await;
    let ids: Vec<_> = jobs.unwrap().iter().map(Enqueued::id).collect();
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    assert_eq!(worker.run_once().await.unwrap(), 250);
    let mut seen = runs.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, (0..250).collect::<Vec<_>>());
    for id in ids {
        let job = soniq.jobs().get(id).await.unwrap().unwrap();
        assert_eq!(job.status, Status::Done);
        assert_eq!((job.attempts, job.worker_id), (1, None));
    }
    assert!(soniq.stats().await.unwrap().workers.is_empty());
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("-worker-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_waiting_worker_is_woken_by_its_own_handle() {
    let (folder, _) = bed().await;
    let soniq = open(&folder, |settings| {
        settings.poll_interval = Duration::from_secs(3600);
    });
    let (handler, runs) = counting();
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let running = Running::start(worker);
    let listens = async || !soniq.stats().await.unwrap().workers.is_empty();
    assert!(eventually(listens).await);
    for round in 1..=3_usize {
        task().enqueue(&soniq, probe(1)).await.unwrap();
        assert!(eventually(async || runs.lock().unwrap().len() == round).await);
    }
    // Due later: it starts then, though nobody wakes the worker and the poll is an hour off.
    let delayed = task().delay(Duration::from_millis(300));
    let before = Instant::now();
    delayed.enqueue(&soniq, probe(2)).await.unwrap();
    assert!(eventually(async || runs.lock().unwrap().len() == 4).await);
    assert!(before.elapsed() >= Duration::from_millis(300));
    running.stop().await;
}

#[tokio::test]
async fn a_failing_job_is_retried_then_dead_lettered_and_replayed() {
    let (_folder, soniq) = bed().await;
    let failing = handler(|_, _| async { Err::<(), _>(JobError::retry("no luck")) });
    let id = task().enqueue(&soniq, probe(1)).await.unwrap().id();
    let worker = |handler| Worker::builder(&soniq).handler(handler).build().unwrap();
    assert_eq!(worker(failing).run_once().await.unwrap(), 3);
    assert!(soniq.jobs().get(id).await.unwrap().is_none());
    let dead = soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(
        (dead.attempts, dead.reason.as_str()),
        (3, "max_retries_exceeded")
    );
    assert!(dead.last_error.unwrap().contains("no luck"));
    let replayed = soniq.dead_letter().replay(id).await.unwrap().unwrap();
    let (handler, runs) = counting();
    assert_eq!(worker(handler).run_once().await.unwrap(), 1);
    assert_eq!(*runs.lock().unwrap(), [1]);
    let job = soniq.jobs().get(replayed).await.unwrap().unwrap();
    assert_eq!(job.status, Status::Done);
    let dead = soniq.dead_letter().get(id).await.unwrap().unwrap();
    assert_eq!(dead.resurrection_count, 1);
}
