//! How soon a job runs again whose worker was killed.

use std::time::{Duration, Instant};

use tokio_postgres::Client;
use uuid::Uuid;

use crate::Failure;
use crate::probe::{self, Probe};
use crate::process::{Process, Work};
use crate::report::Figure;
use crate::server::{Server, connect};

/// The name of the figure.
pub const NAME: &str = "recovery after kill -9 with a job of 60 s running";

const HOLDER: &str = "SELECT worker_id FROM soniq_jobs WHERE status = 'processing'";

/// Measures it.
///
/// # Errors
/// The server refuses, or the job is not taken over in two minutes.
pub async fn measure(server: &Server) -> Result<Vec<Figure>, Failure> {
    let database = server.database().await?;
    let client = connect(database.url()).await?;
    let work = Work {
        milliseconds: 60_000,
        seconds: 180,
        ..Work::drain(4, true)
    };
    let mut killed = Process::start(database.url(), &work)?;
    killed.ready().await?;
    probe::task().enqueue(&client, Probe { n: 1 }).await?;
    killed.go().await?;
    let first = held_by(&client, |_| true).await?;
    let mut other = Process::start(database.url(), &work)?;
    other.ready().await?;
    // Without a job it would end at once.
    probe::task().enqueue(&client, Probe { n: 2 }).await?;
    other.go().await?;
    let second = held_by(&client, |holder| holder != first).await?;
    killed.kill().await?;
    let started = Instant::now();
    loop {
        let rows = client.query(HOLDER, &[]).await?;
        let holders = rows.iter().map(|row| row.get::<_, Option<Uuid>>(0));
        if holders.filter(|holder| *holder == Some(second)).count() == 2 {
            break;
        }
        if started.elapsed() > Duration::from_secs(120) {
            return Err("the job of a killed worker was not taken over in two minutes".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let figure = Figure::plain(NAME, started.elapsed().as_secs_f64(), "s");
    Ok(vec![figure.announced()])
}

/// Waits for a worker that holds a job and that `which` accepts.
async fn held_by(client: &Client, which: impl Fn(Uuid) -> bool) -> Result<Uuid, Failure> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        let rows = client.query(HOLDER, &[]).await?;
        let mut holders = rows.iter().filter_map(|row| row.get::<_, Option<Uuid>>(0));
        if let Some(holder) = holders.find(|holder| which(*holder)) {
            return Ok(holder);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("no worker took the job".into())
}
