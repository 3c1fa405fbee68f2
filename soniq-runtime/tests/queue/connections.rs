//! What the network and the server do to a worker: cut answers, a database that only reads, a
//! sequence that is gone for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use soniq_runtime::{Soniq, Worker};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_postgres::config::Host;

use crate::support::{Bed, Running, bed, counting, eventually, gated, probe, quick, task};

const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
const PROCESSING: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'processing'";

#[tokio::test]
async fn an_end_that_cannot_be_written_now_is_written_later() {
    let bed = bed().await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    let (handler, _, gate) = gated(|| Ok(()));
    let worker = Running::start(bed.worker(handler));
    bed.wait_for(PROCESSING, 1).await;
    // Any failure that is not about the row will do: here the table is gone for a while.
    bed.client
        .batch_execute("ALTER TABLE soniq_jobs RENAME TO elsewhere")
        .await
        .unwrap();
    let failures = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let before = bed.count(failures).await;
    gate.add_permits(1);
    assert!(eventually(async || bed.count(failures).await > before + 2).await);
    bed.client
        .batch_execute("ALTER TABLE elsewhere RENAME TO soniq_jobs")
        .await
        .unwrap();
    bed.wait_for(DONE, 1).await;
    worker.stop().await;
    assert_eq!(
        bed.count("SELECT count(*) FROM soniq_jobs WHERE attempts = 1")
            .await,
        1
    );
}

#[tokio::test]
async fn an_end_that_the_database_refuses_is_a_dead_letter() {
    let bed = bed().await;
    // As a result might be that breaks a limit of the server.
    bed.client
        .batch_execute(
            "ALTER TABLE soniq_jobs ADD CHECK (status <> 'done' OR args <> '{\"n\": 1}')",
        )
        .await
        .unwrap();
    let jobs = task()
        .enqueue_many(&bed.client, [0, 1, 2].map(probe))
        .await
        .unwrap();
    let (handler, runs) = counting();
    bed.worker(handler).run_once().await.unwrap();
    assert_eq!(runs.lock().unwrap().len(), 3);
    assert_eq!(bed.count(DONE).await, 2);
    let dead = bed.soniq.dead_letter().get(jobs[1].id()).await.unwrap();
    let dead = dead.unwrap();
    assert_eq!(dead.reason, "permanent_failure");
    assert_eq!(dead.max_attempts, 3, "a replay has its full budget");
    assert!(dead.last_error.unwrap().contains("could not be written"));
}

#[tokio::test]
async fn run_once_fails_when_claiming_does() {
    let bed = bed().await;
    let (handler, _) = counting();
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.client
        .batch_execute("DROP SEQUENCE soniq_claim_ids")
        .await
        .unwrap();
    let error = bed.worker(handler).run_once().await.unwrap_err();
    assert!(error.to_string().contains("soniq_claim_ids"), "{error}");
}

#[tokio::test]
async fn notifications_do_not_shorten_the_wait_after_a_failed_claim() {
    let bed = bed().await;
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    bed.client
        .batch_execute("ALTER SEQUENCE soniq_claim_ids RENAME TO elsewhere")
        .await
        .unwrap();
    let failures = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let before = bed.count(failures).await;
    for n in 0..200 {
        task().enqueue(&bed.client, probe(n)).await.unwrap();
    }
    bed.client
        .batch_execute("ALTER SEQUENCE elsewhere RENAME TO soniq_claim_ids")
        .await
        .unwrap();
    bed.wait_for(DONE, 200).await;
    worker.stop().await;
    let failed = bed.count(failures).await - before;
    // What heartbeats roll back meanwhile counts, too.
    assert!(failed < 100, "{failed} failed claims for 200 notifications");
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_given_back() {
    let bed = bed().await;
    let armed = Arc::new(AtomicBool::new(false));
    let url = cutting_proxy(&bed, Arc::clone(&armed)).await;
    let soniq = Soniq::with_settings(quick(&url)).unwrap();
    let (handler, _) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    task().enqueue(&bed.client, probe(0)).await.unwrap();
    bed.wait_for(DONE, 1).await;
    // Armed once the job is there, so that a claim which is cut off takes it; a poll may come
    // between, which is cut off in vain.
    let lost = eventually(async || {
        bed.client.batch_execute("BEGIN").await.unwrap();
        task().enqueue(&bed.client, probe(1)).await.unwrap();
        armed.store(true, Ordering::SeqCst);
        bed.client.batch_execute("COMMIT").await.unwrap();
        let due = "SELECT count(*) FROM soniq_jobs WHERE status = 'queued'";
        bed.wait_for(due, 0).await;
        !armed.load(Ordering::SeqCst)
    })
    .await;
    assert!(lost);
    bed.wait_for(PROCESSING, 0).await;
    let queued = "SELECT count(*) FROM soniq_jobs WHERE status <> 'done'";
    bed.wait_for(queued, 0).await;
    worker.stop().await;
}

/// A way to the database that, once armed, cuts the connection of the next claim after the server
/// has got it and before its answer comes through.
async fn cutting_proxy(bed: &Bed, armed: Arc<AtomicBool>) -> String {
    let config: tokio_postgres::Config = bed.database.url().parse().unwrap();
    let (host, port) = (config.get_hosts()[0].clone(), config.get_ports()[0]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let armed = Arc::clone(&armed);
            match &host {
                Host::Unix(directory) => {
                    let path = directory.join(format!(".s.PGSQL.{port}"));
                    let server = tokio::net::UnixStream::connect(path).await.unwrap();
                    tokio::spawn(relay(client, server, armed));
                }
                Host::Tcp(name) => {
                    let to = (name.as_str(), port);
                    let server = tokio::net::TcpStream::connect(to).await.unwrap();
                    tokio::spawn(relay(client, server, armed));
                }
            }
        }
    });
    format!("postgresql://soniq@{address}/{}", bed.database.name())
}

async fn relay<S>(client: tokio::net::TcpStream, server: S, armed: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let cut = Arc::new(AtomicBool::new(false));
    let cuts = Arc::clone(&cut);
    tokio::spawn(async move {
        let mut buffer = vec![0; 65536];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]);
            let is_claim = text.contains("nextval('soniq_claim_ids') AS claim_id");
            if is_claim && armed.swap(false, Ordering::SeqCst) {
                cuts.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    });
    let mut buffer = vec![0; 65536];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        if cut.load(Ordering::SeqCst) {
            // The server has answered: what it was asked is done. The answer ends here.
            return;
        }
        if to_client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_claim_under_way_while_the_worker_registers_afresh_runs_once() {
    let mut bed = bed().await;
    let other = bed.database.connect().await.unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    let lock = bed.client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE soniq_jobs IN EXCLUSIVE MODE")
        .await
        .unwrap();
    let count = async |sql: &str| -> i64 { other.query_one(sql, &[]).await.unwrap().get(0) };
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL";
    assert!(eventually(async || count(waiting).await > 0).await);
    let id = "SELECT count(*) FROM soniq_workers WHERE started_at > now() - interval '1 hour'";
    other
        .batch_execute("DELETE FROM soniq_workers")
        .await
        .unwrap();
    assert!(eventually(async || count(id).await == 1).await);
    task().enqueue(&lock, probe(1)).await.unwrap();
    lock.commit().await.unwrap();
    bed.wait_for(DONE, 1).await;
    worker.stop().await;
    assert_eq!(*runs.lock().unwrap(), [1], "nobody crashed");
}
