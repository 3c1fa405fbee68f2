//! Who is taken for dead, and who is not.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use soniq_runtime::testing::Cluster;
use soniq_runtime::{JobError, Soniq, TaskHandler, Worker};

use crate::support::{
    Bed, Running, bed, bed_on, counting, eventually, gated, handler, probe, quick, row_version,
    task, wait_for_start,
};

const WORKERS: u32 = 4;

/// With a heartbeat of 0.2 s this is what a minute and a quarter is with the default of 5 s.
const STALL: Duration = Duration::from_secs(3);

/// What others would look at to find a worker dead is older than three heartbeats.
async fn stall_of_the_workers_table(bed: &mut Bed) {
    let lock = bed.client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE soniq_workers IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let age = "SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))::float8
               FROM soniq_workers";
    let old = eventually(async || {
        let row = lock.query_one(age, &[]).await.unwrap();
        row.get::<_, f64>(0) > STALL.as_secs_f64()
    });
    assert!(old.await);
    lock.rollback().await.unwrap();
}

/// Every process of the server stands still: no query is answered, no connection ends.
async fn stall_of_the_server(bed: &mut Bed) {
    let rows = bed
        .client
        .query("SELECT pid::text FROM pg_stat_activity", &[])
        .await
        .unwrap();
    let pids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let signal = |name: &str| {
        // One that has ended meanwhile makes it fail, and is no matter.
        Command::new("kill").arg(name).args(&pids).status().unwrap();
    };
    signal("-STOP");
    tokio::time::sleep(STALL).await;
    signal("-CONT");
}

async fn loss_of_every_connection(bed: &mut Bed) {
    bed.client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
}

async fn restart(bed: &mut Bed, cluster: &Arc<Cluster>) {
    let cluster = Arc::clone(cluster);
    tokio::task::spawn_blocking(move || cluster.restart().unwrap())
        .await
        .unwrap();
    bed.client = bed.database.connect().await.unwrap();
}

/// Each worker has a claim of its own, first and only: nobody was rescued, nobody registered afresh.
async fn all_live(bed: &Bed, fault: &str, workers: &[String]) {
    // Long enough for a worker that was suspected to be seen so twice.
    bed.client
        .batch_execute("DROP TABLE IF EXISTS seen; CREATE TABLE seen AS SELECT now() AS at")
        .await
        .unwrap();
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers, seen WHERE last_heartbeat > at + interval '1.5 s'",
        i64::from(WORKERS),
    )
    .await;
    let claims = "SELECT count(*) FROM soniq_jobs AS job JOIN soniq_workers AS worker
                  ON worker.id = job.worker_id WHERE job.status = 'processing' AND job.attempts = 1";
    assert_eq!(bed.count(claims).await, i64::from(WORKERS), "{fault}");
    assert_eq!(ids(bed).await, workers, "{fault}");
}

async fn ids(bed: &Bed) -> Vec<String> {
    let ids = "SELECT id::text FROM soniq_workers ORDER BY id";
    let rows = bed.client.query(ids, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn nothing_that_happens_to_the_database_makes_workers_rescue_each_other() {
    // A server of its own, which this may stop.
    let cluster = Arc::new(Cluster::start().await.unwrap());
    let mut bed = bed_on(&cluster).await;
    let (slow, started, gate) = gated(|| Ok(()));
    let mut settings = quick(bed.database.url());
    settings.concurrency = 1;
    let soniq = Soniq::with_settings(settings).unwrap();
    let worker = Worker::builder(&soniq).handler(slow).build().unwrap();
    let mut running = Vec::new();
    for n in 1..=WORKERS {
        task()
            .enqueue(&bed.client, probe(i64::from(n)))
            .await
            .unwrap();
        running.push(Running::start(worker.clone()));
    }
    wait_for_start(&started, WORKERS).await;
    let workers = ids(&bed).await;
    all_live(&bed, "nothing yet", &workers).await;

    stall_of_the_workers_table(&mut bed).await;
    all_live(&bed, "a stall of the workers' table", &workers).await;
    stall_of_the_server(&mut bed).await;
    all_live(&bed, "a stall of the server", &workers).await;
    loss_of_every_connection(&mut bed).await;
    all_live(&bed, "the loss of every connection", &workers).await;
    restart(&mut bed, &cluster).await;
    all_live(&bed, "a restart", &workers).await;

    gate.add_permits(4);
    bed.wait_for(
        "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 1",
        i64::from(WORKERS),
    )
    .await;
    for running in running {
        running.stop().await;
    }
}

/// A handler that blocks the one thread of its worker: nothing of the worker goes on, and its
/// connections stay open, as those of a process that got SIGSTOP do.
fn standing_still(woken: mpsc::Receiver<()>, stands: &Arc<AtomicBool>) -> TaskHandler {
    let (woken, stands) = (Mutex::new(woken), Arc::clone(stands));
    handler(move |_, _| {
        stands.store(true, Ordering::SeqCst);
        let _ = woken.lock().unwrap().recv();
        async { Ok::<(), JobError>(()) }
    })
}

#[tokio::test]
async fn a_worker_that_stands_still_is_rescued_after_the_timeout_and_then_changes_nothing() {
    let bed = bed().await;
    let id = task().enqueue(&bed.client, probe(1)).await.unwrap().id();
    let mut settings = quick(bed.database.url());
    settings.heartbeat_timeout = Duration::from_secs(2);
    // A handle each: connections are driven by the runtime that opened them.
    let (soniq, other) = (
        Soniq::with_settings(settings.clone()).unwrap(),
        Soniq::with_settings(settings).unwrap(),
    );
    let (wake, woken) = mpsc::channel();
    let stands = Arc::new(AtomicBool::new(false));
    let still = Worker::builder(&soniq)
        .handler(standing_still(woken, &stands))
        .build()
        .unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let process = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(still.run_until(async { drop(stopped.await) }))
    });
    assert!(eventually(async || stands.load(Ordering::SeqCst)).await);
    let (finishing, runs) = counting();
    let sibling = Running::start(Worker::builder(&other).handler(finishing).build().unwrap());
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    let silence = "SELECT count(*) FROM soniq_jobs WHERE attempts = 2
                   AND updated_at > created_at + interval '2 seconds'";
    assert_eq!(bed.count(silence).await, 1, "not before the timeout");
    let before = row_version(&bed, id).await;

    // Woken, it writes the end of a job that it lost, finds its row gone, and registers afresh.
    drop(wake);
    bed.wait_for("SELECT count(*) FROM soniq_workers", 2).await;
    let _ = stop.send(());
    let ended = tokio::task::spawn_blocking(|| process.join().unwrap());
    ended.await.unwrap().unwrap();
    assert_eq!(row_version(&bed, id).await, before);
    sibling.stop().await;
}
