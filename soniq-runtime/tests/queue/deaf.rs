//! A session that stops hearing: something between it and the server swallows its notifications.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use soniq_runtime::{Soniq, Worker};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_postgres::config::Host;

use crate::log::Log;
use crate::support::{Bed, Running, bed, counting, probe, quick, task};

const ADVERTISED: &str = "SELECT count(*) FROM soniq_workers WHERE metadata ? 'liveness_lock'";
const LIVES: &str = "SELECT count(*) FROM soniq_workers
                     WHERE NOT metadata ? 'liveness_lock'
                       AND last_heartbeat > now() - interval '1 second'";

/// An address of the bed's server that passes on everything, but notifications only while it does
/// not `swallow` them.
async fn address(bed: &Bed, swallow: &Arc<AtomicBool>) -> String {
    let config: tokio_postgres::Config = bed.database.url().parse().unwrap();
    let (host, server_port) = (config.get_hosts()[0].clone(), config.get_ports()[0]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let swallow = Arc::clone(swallow);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let swallow = Arc::clone(&swallow);
            match host.clone() {
                Host::Unix(directory) => {
                    let path = directory.join(format!(".s.PGSQL.{server_port}"));
                    let server = UnixStream::connect(path).await.unwrap();
                    tokio::spawn(relay(client, server, swallow));
                }
                Host::Tcp(name) => {
                    let server = TcpStream::connect((name, server_port)).await.unwrap();
                    tokio::spawn(relay(client, server, swallow));
                }
            }
        }
    });
    let name = bed.database.name();
    format!("postgresql://soniq@127.0.0.1:{port}/{name}?sslmode=disable")
}

async fn relay<S>(client: TcpStream, server: S, swallow: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite,
{
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        _ = pass_messages(&mut from_server, &mut to_client, &swallow) => {}
    }
}

/// What a server says is a letter, the length of the rest, and the rest; a notification's letter is A.
async fn pass_messages(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    swallow: &AtomicBool,
) -> std::io::Result<()> {
    loop {
        let letter = from.read_u8().await?;
        let length = from.read_i32().await?;
        let mut rest = vec![0; usize::try_from(length).unwrap() - 4];
        from.read_exact(&mut rest).await?;
        if letter == b'A' && swallow.load(Ordering::SeqCst) {
            continue;
        }
        to.write_u8(letter).await?;
        to.write_i32(length).await?;
        to.write_all(&rest).await?;
        to.flush().await?;
    }
}

#[tokio::test]
async fn a_session_that_goes_deaf_is_noticed_and_so_is_one_that_hears_again() {
    let (log, _guard) = Log::start();
    let bed = bed().await;
    let swallow = Arc::new(AtomicBool::new(false));
    let mut settings = quick(bed.database.url());
    settings.session_url = Some(address(&bed, &swallow).await);
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for(ADVERTISED, 1).await;
    assert!(log.lines_with("SONIQ_SESSION_URL").is_empty());

    swallow.store(true, Ordering::SeqCst);
    // It takes its word about the lock back, and beats on.
    bed.wait_for(LIVES, 1).await;
    let said = log.lines_with("notifications do not reach this worker");
    assert_eq!(said.len(), 1, "{said:?}");
    // Nobody wakes it: it polls.
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status = 'done'", 1)
        .await;

    swallow.store(false, Ordering::SeqCst);
    bed.wait_for(ADVERTISED, 1).await;
    assert_eq!(*runs.lock().unwrap(), [1]);
    worker.stop().await;
    let said = log.lines_with("SONIQ_SESSION_URL");
    assert_eq!(said.len(), 1, "it is said once: {said:?}");
}
