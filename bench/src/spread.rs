//! The same drain over more queues, by more processes, and with larger arguments.

use crate::cost::Meter;
use crate::drain::of_worker;
use crate::growth::insert;
use crate::process::{self, Work};
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size, probe};

const QUEUES: [u32; 3] = [1, 8, 64];
const PROCESSES: [usize; 4] = [1, 4, 16, 64];

/// Sizes of arguments in bytes, and how many jobs have them.
const ARGS: [(u32, u32); 3] = [(100, 50_000), (10_000, 10_000), (1_000_000, 200)];

/// Measures all of it.
///
/// # Errors
/// The server refuses, or a worker fails.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let jobs = size.of(50_000);
    for queues in QUEUES {
        let columns = format!("'queued', 'queue_' || n % {queues}, 100, NULL, NULL");
        let seed = insert(jobs, 0, probe::NAME, &columns);
        let work = Work {
            queues: (0..queues).map(|queue| format!("queue_{queue}")).collect(),
            ..Work::drain(4, true)
        };
        let figure = one(server, &over_queues(queues), &seed, &work, 1).await?;
        figures.push(figure.against(over_queues(QUEUES[0])).announced());
    }
    for processes in PROCESSES {
        let seed = insert(jobs, 0, probe::NAME, "'queued', 'default', 100, NULL, NULL");
        let work = Work::drain(4, true);
        let figure = one(server, &by_processes(processes), &seed, &work, processes).await?;
        figures.push(figure.against(by_processes(PROCESSES[0])).announced());
    }
    for (bytes, jobs) in ARGS {
        let seed = format!(
            "{}
             UPDATE soniq_jobs SET args = (
                 SELECT jsonb_build_object('n', 1, 'text', string_agg(md5(piece::text), ''))
                 FROM generate_series(1, {bytes} / 32) AS piece
             );
             ",
            insert(
                size.of(jobs),
                0,
                probe::NAME,
                "'queued', 'default', 100, NULL, NULL"
            )
        );
        let figure = one(server, &with_args(bytes), &seed, &Work::drain(4, true), 1).await?;
        figures.push(figure.against(with_args(ARGS[0].0)).announced());
    }
    Ok(figures)
}

fn over_queues(queues: u32) -> String {
    format!("drain over queues: {queues}")
}

fn by_processes(processes: usize) -> String {
    format!("drain by worker processes: {processes}")
}

fn with_args(bytes: u32) -> String {
    format!("drain, arguments of {bytes} B")
}

async fn one(
    server: &Server,
    what: &str,
    seed: &str,
    work: &Work,
    processes: usize,
) -> Result<Figure, Failure> {
    let database = server.database_seeded(what, seed).await?;
    let observer = connect(database.url()).await?;
    let meter = Meter::start(&observer, server.pid()?).await?;
    let worked = process::run(database.url(), work, processes).await?;
    let cost = of_worker(meter.end(()).await?, worked);
    Ok(Figure::rate(what, u32::try_from(worked.jobs)?, cost))
}
