//! Enqueueing, one job a statement and a thousand a call.

use std::time::Instant;

use futures_util::future::try_join_all;
use soniq_runtime::Soniq;

use crate::bare::{self, WRITERS};
use crate::cost::Meter;
use crate::probe::{self, Probe};
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size};

/// The name of the figure of single enqueues.
pub fn name(writers: u32) -> String {
    format!("enqueue, {writers} writers, a listener")
}

/// The name of the figure of enqueueing many.
pub const MANY: &str = "enqueue_many, 1000 a call";

/// Measures all of it.
///
/// # Errors
/// The server refuses.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for writers in WRITERS {
        figures.push(single(server, size, writers).await?.announced());
    }
    figures.push(many(server, size).await?.announced());
    Ok(figures)
}

/// By `writers` connections, while a session listens that no one has to wake.
async fn single(server: &Server, size: Size, writers: u32) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let listener = connect(database.url()).await?;
    listener.batch_execute("LISTEN soniq_new_job").await?;
    let mut clients = Vec::new();
    for _ in 0..writers {
        clients.push(connect(database.url()).await?);
    }
    let meter = Meter::start(&observer, server.pid()?).await?;
    let deadline = size.deadline();
    let writing = clients.iter().map(|client| async move {
        let mut written = 0;
        while Instant::now() < deadline {
            probe::task().enqueue(client, Probe { n: written }).await?;
            written += 1;
        }
        Ok::<_, soniq_runtime::Error>(written)
    });
    let written = try_join_all(writing).await?.iter().sum();
    let cost = meter.end(clients).await?;
    Ok(Figure::rate(name(writers), written, cost).against(bare::insert_name(writers, false)))
}

async fn many(server: &Server, size: Size) -> Result<Figure, Failure> {
    let database = server.database().await?;
    let observer = connect(database.url()).await?;
    let soniq = Soniq::connect(database.url())?;
    let meter = Meter::start(&observer, server.pid()?).await?;
    let deadline = size.deadline();
    let mut written = 0;
    while Instant::now() < deadline {
        fill(&soniq, 1000).await?;
        written += 1000;
    }
    let cost = meter.end(soniq).await?;
    Ok(Figure::rate(MANY, written, cost).against(bare::INSERT_MANY_NAME))
}

/// Enqueues so many jobs, a thousand a call.
///
/// # Errors
/// The server refuses.
pub async fn fill(soniq: &Soniq, jobs: u32) -> Result<(), Failure> {
    for call in 0..jobs / 1000 {
        let args = (0..1000).map(|n| Probe { n: call * 1000 + n });
        probe::task().enqueue_many(soniq, args).await?;
    }
    Ok(())
}
