//! Handlers with code that blocks its thread.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use soniq_runtime::{
    Checked, EnqueueOptions, JobContext, JobError, Status, TaskArgs, TaskHandlerBuilder, TaskRef,
    TaskSpec, Worker,
};

use crate::bed::Bed;
use crate::probe::{Running, handler, probe, task, wait_for_start};

conformance! {
    a_timeout_counts_when_the_work_has_returned;
    a_shutdown_waits_for_work_that_nothing_can_stop;
    a_panic_in_it_fails_the_attempt;
}

/// At most 200 ms, one attempt.
static HURRIED: TaskSpec =
    TaskSpec::new("test.hurried.v1", 1, "hurried").timeout(Duration::from_millis(200));

#[derive(serde::Serialize, serde::Deserialize)]
struct Hurried {}

impl Checked for Hurried {
    fn check(_: &serde_json::Value, _: &mut soniq_runtime::check::Checker) {}
}

impl TaskArgs for Hurried {
    const TASK: TaskRef<Self> = TaskRef::new(&HURRIED);
}

/// Blocking work that returns once the sender is dropped.
struct Work {
    started: Arc<AtomicU32>,
    end: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Work {
    fn new() -> (Self, mpsc::Sender<()>) {
        let (end, ended) = mpsc::channel();
        let work = Work {
            started: Arc::default(),
            end: Arc::new(Mutex::new(ended)),
        };
        (work, end)
    }

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let (started, end) = (Arc::clone(&self.started), Arc::clone(&self.end));
        context
            .blocking(move || {
                started.fetch_add(1, Ordering::SeqCst);
                let _ = end.lock().unwrap().recv();
            })
            .await
    }
}

/// The job is this worker's until the end is near, and only then somebody else's.
async fn still_runs(bed: &Bed) {
    for _ in 0..5 {
        assert_eq!(bed.count(Status::Processing).await, 1);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_timeout_counts_when_the_work_has_returned(bed: Bed) {
    let (work, end) = Work::new();
    let started = Arc::clone(&work.started);
    let work = Arc::new(work);
    let hurried = TaskHandlerBuilder::<Hurried>::new(move |_, context: JobContext| {
        let work = Arc::clone(&work);
        async move { work.run(&context).await }
    });
    let enqueued = EnqueueOptions::default().enqueue(&bed.soniq, Hurried {});
    let id = enqueued.await.unwrap().id();
    let running = Running::start(bed.worker(hurried.build()));
    wait_for_start(&started, 1).await;
    still_runs(&bed).await;
    drop(end);
    bed.wait_for(Status::Queued, 1).await;
    let error = bed.job(id).await.last_error;
    assert_eq!(error.as_deref(), Some("timed out after 0.2 s"));
    assert_eq!(started.load(Ordering::SeqCst), 1);
    running.stop().await;
}

async fn a_shutdown_waits_for_work_that_nothing_can_stop(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let (work, end) = Work::new();
    let started = Arc::clone(&work.started);
    let work = Arc::new(work);
    let blocks = handler(move |_, context: JobContext| {
        let work = Arc::clone(&work);
        async move { work.run(&context).await }
    });
    let worker = Worker::builder(&bed.soniq)
        .handler(blocks)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    let running = Running::start(worker);
    wait_for_start(&started, 1).await;
    let stopping = tokio::spawn(running.stop());
    // Longer than the grace of a handler that can be dropped.
    for _ in 0..5 {
        still_runs(&bed).await;
    }
    assert!(!stopping.is_finished());
    drop(end);
    stopping.await.unwrap();
    let job = bed.job(id).await;
    // What was waited for counts.
    assert_eq!((job.status, job.attempts), (Status::Done, 1));
    assert!(bed.workers().await.is_empty());
}

async fn a_panic_in_it_fails_the_attempt(bed: Bed) {
    let id = task().enqueue(&bed.soniq, probe(1)).await.unwrap().id();
    let panics = handler(|_, context: JobContext| async move {
        if context.attempt() == 1 {
            context.blocking(|| panic!("on another thread")).await?;
        }
        Ok(())
    });
    bed.worker(panics).run_once().await.unwrap();
    let job = bed.job(id).await;
    assert_eq!((job.status, job.attempts), (Status::Done, 2));
    let error = job.last_error.as_deref();
    assert_eq!(error, Some("panicked: on another thread"));
}
