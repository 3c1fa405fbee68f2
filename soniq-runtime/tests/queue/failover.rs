//! The server goes away for a while, or comes back elsewhere: a worker goes on, and loses nothing.

use std::sync::Arc;
use std::time::Duration;

use soniq_runtime::{JobError, Soniq, Worker};
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::config::Host;

use crate::log::Log;
use crate::support::{
    Bed, Running, bed, counting, eventually, gated, handler, probe, quick, task, wait_for_start,
};

const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done' AND attempts = 1";

/// An address of the database that can be taken away: whoever is connected is cut off, and whoever
/// comes is refused.
struct Address {
    port: u16,
    up: watch::Sender<bool>,
}

impl Address {
    async fn of(bed: &Bed) -> Self {
        let config: tokio_postgres::Config = bed.database.url().parse().unwrap();
        let (host, server_port) = (config.get_hosts()[0].clone(), config.get_ports()[0]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (up, mut is_up) = watch::channel(true);
        tokio::spawn(async move {
            let mut listener = Some(listener);
            loop {
                let Some(open) = &listener else {
                    if is_up.wait_for(|up| *up).await.is_err() {
                        return;
                    }
                    listener = Some(TcpListener::bind(("127.0.0.1", port)).await.unwrap());
                    continue;
                };
                let watching = is_up.clone();
                tokio::select! {
                    down = is_up.wait_for(|up| !*up) => match down {
                        Ok(_) => {}
                        Err(_) => return,
                    },
                    Ok((client, _)) = open.accept() => {
                        relay(client, &host, server_port, watching);
                        continue;
                    }
                }
                listener = None;
            }
        });
        Address { port, up }
    }

    fn take_away(&self) {
        self.up.send_replace(false);
    }

    fn bring_back(&self) {
        self.up.send_replace(true);
    }
}

fn relay(client: TcpStream, host: &Host, port: u16, is_up: watch::Receiver<bool>) {
    match host.clone() {
        Host::Unix(directory) => {
            let path = directory.join(format!(".s.PGSQL.{port}"));
            tokio::spawn(async move {
                let server = UnixStream::connect(path).await.unwrap();
                pass_on(client, server, is_up).await;
            });
        }
        Host::Tcp(name) => {
            tokio::spawn(async move {
                let server = TcpStream::connect((name, port)).await.unwrap();
                pass_on(client, server, is_up).await;
            });
        }
    }
}

async fn pass_on<S>(mut client: TcpStream, mut server: S, mut is_up: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = is_up.wait_for(|up| !*up) => {}
    }
}

/// A worker at `addresses`, in this order.
fn worker_at(bed: &Bed, addresses: &[&Address], handler: soniq_runtime::TaskHandler) -> Running {
    let hosts: Vec<String> = addresses
        .iter()
        .map(|address| format!("127.0.0.1:{}", address.port))
        .collect();
    let name = bed.database.name();
    let url = format!("postgresql://soniq@{}/{name}", hosts.join(","));
    let soniq = Soniq::with_settings(quick(&url)).unwrap();
    Running::start(Worker::builder(&soniq).handler(handler).build().unwrap())
}

#[tokio::test]
async fn a_server_that_comes_back_elsewhere_is_found_by_the_urls_next_address() {
    let bed = bed().await;
    let (first, second) = (Address::of(&bed).await, Address::of(&bed).await);
    second.take_away();
    let (slow, started, gate) = gated(|| Ok(()));
    task().enqueue(&bed.client, probe(0)).await.unwrap();
    let worker = worker_at(&bed, &[&first, &second], slow);
    wait_for_start(&started, 1).await;

    first.take_away();
    // It ends while there is no server at all, and waits here.
    gate.add_permits(21);
    task()
        .enqueue_many(&bed.client, (1..21).map(probe))
        .await
        .unwrap();
    second.bring_back();
    bed.wait_for(DONE, 21).await;
    let locked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                    (SELECT oid FROM pg_database WHERE datname = current_database())";
    bed.wait_for(locked, 1).await;
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 1);
    worker.stop().await;
}

#[tokio::test]
async fn results_outlast_a_server_that_refuses_for_seconds() {
    let (log, _guard) = Log::start();
    let bed = bed().await;
    let address = Address::of(&bed).await;
    let (slow, started, gate) = gated(|| Ok(()));
    task()
        .enqueue_many(&bed.client, (0..8).map(probe))
        .await
        .unwrap();
    let worker = worker_at(&bed, &[&address], slow);
    wait_for_start(&started, 4).await;

    address.take_away();
    gate.add_permits(8);
    // With a pause between that doubles each time, five take more than a second.
    let refused = async || log.lines_with("no session with the database").len() >= 5;
    assert!(eventually(refused).await, "{}", log.text());
    assert_eq!(bed.count(DONE).await, 0);
    address.bring_back();
    bed.wait_for(DONE, 8).await;
    worker.stop().await;
}

#[tokio::test]
async fn losing_every_connection_again_and_again_loses_no_job() {
    let bed = bed().await;
    let (handler, runs) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    for n in 0..20 {
        task()
            .enqueue_many(&bed.client, (n * 10..(n + 1) * 10).map(probe))
            .await
            .unwrap();
        bed.client
            .batch_execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
    }
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 200)
        .await;
    worker.stop().await;
    let ran: std::collections::BTreeSet<i64> = runs.lock().unwrap().iter().copied().collect();
    assert_eq!(ran.len(), 200);
}

/// As a careful administrator sets them for an application's role.
#[tokio::test]
async fn timeouts_of_the_role_stop_no_worker() {
    let bed = bed().await;
    let name = bed.database.name();
    for limit in [
        "statement_timeout = '2s'",
        "lock_timeout = '1s'",
        "idle_in_transaction_session_timeout = '100ms'",
        // Shorter than the time between two beats.
        "idle_session_timeout = '100ms'",
    ] {
        bed.client
            .batch_execute(&format!("ALTER DATABASE \"{name}\" SET {limit}"))
            .await
            .unwrap();
    }
    let started = Arc::new(tokio::sync::Notify::new());
    let tell = Arc::clone(&started);
    let worker = Running::start(bed.worker(handler(move |_, _| {
        let tell = Arc::clone(&tell);
        async move {
            tell.notify_one();
            // Its worker's connections are idle for longer than they may be.
            tokio::time::sleep(Duration::from_millis(400)).await;
            Ok::<(), JobError>(())
        }
    })));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    let session = "SELECT pg_locks.pid::int8 FROM pg_locks, soniq_workers
                   WHERE locktype = 'advisory' AND granted
                     AND classid::bigint << 32 | objid::bigint
                         = (metadata ->> 'liveness_lock')::bigint";
    let before = bed.count(session).await;
    for n in 0..5 {
        task().enqueue(&bed.client, probe(n)).await.unwrap();
        started.notified().await;
    }
    bed.wait_for(DONE, 5).await;
    assert_eq!(
        bed.count(session).await,
        before,
        "the session is the first one still"
    );
    let lives = async || bed.count("SELECT count(*) FROM soniq_workers").await == 1;
    assert!(eventually(lives).await);
    worker.stop().await;
}
