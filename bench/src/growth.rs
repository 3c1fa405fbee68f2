//! The same drain in front of ever more rows that it has nothing to do with: it should not slow down.

use crate::cost::Meter;
use crate::drain::of_worker;
use crate::process::{self, Work};
use crate::report::Figure;
use crate::server::{Server, connect};
use crate::{Failure, Size, probe};

/// Rows that are there besides the jobs of the drain.
#[derive(Debug, Clone, Copy)]
pub struct Backdrop {
    /// What they are.
    pub name: &'static str,
    /// Their `job_name`.
    job: &'static str,
    /// Values of `status`, `queue`, `priority`, `scheduled_at`, `expires_at`.
    columns: &'static str,
    /// A statement besides.
    besides: &'static str,
    /// Queues that the worker is told to claim from; those of its handlers if there are none.
    queues: &'static [&'static str],
}

/// All that were thought of. Lower priorities run first: those of the drain have 100.
pub const BACKDROPS: [Backdrop; 6] = [
    Backdrop {
        name: "queued behind them",
        job: probe::NAME,
        columns: "'queued', 'default', 100, NULL, NULL",
        besides: "",
        queues: &[],
    },
    Backdrop {
        name: "done",
        job: probe::NAME,
        columns: "'done', 'default', 100, NULL, now() + interval '1 day'",
        besides: "",
        queues: &[],
    },
    Backdrop {
        name: "scheduled for tomorrow at a better priority",
        job: probe::NAME,
        columns: "'queued', 'default', 1, now() + interval '1 day', NULL",
        besides: "",
        queues: &[],
    },
    Backdrop {
        name: "of a name without handler at a better priority",
        job: "bench.unhandled.v1",
        columns: "'queued', 'default', 1, NULL, NULL",
        besides: "",
        queues: &[],
    },
    Backdrop {
        name: "in a paused queue at a better priority",
        job: probe::NAME,
        columns: "'queued', 'paused', 1, NULL, NULL",
        besides: "INSERT INTO soniq_paused_queues (queue) VALUES ('paused');",
        queues: &["default", "paused"],
    },
    Backdrop {
        name: "of a blocked key at a better priority",
        job: probe::BLOCKED,
        columns: "'queued', 'default', 1, NULL, NULL",
        besides: "",
        queues: &[],
    },
];

/// How many rows there are: few, and a hundred times as many.
pub fn sizes(size: Size) -> [u32; 2] {
    size.pick([1_000, 20_000], [10_000, 1_000_000], [10_000, 1_000_000])
}

impl Backdrop {
    /// The name of its figure.
    pub fn figure(&self, rows: u32) -> String {
        format!("drain beside {rows} rows {}", self.name)
    }

    /// Writes the rows, then the jobs of the drain, with ids in order as those of producers are.
    fn seed(&self, rows: u32, jobs: u32) -> String {
        let Backdrop {
            job,
            columns,
            besides,
            ..
        } = self;
        let jobs = insert(jobs, 0, probe::NAME, "'queued', 'default', 100, NULL, NULL");
        // Later ones by their ids, where the priority is the same.
        let rows = insert(rows, 100_000_000, job, columns);
        format!("{jobs}\n{rows}\n{besides}")
    }
}

/// A statement that writes so many rows; `n`, from 1, may be part of `columns`.
pub fn insert(rows: u32, first: u32, job: &str, columns: &str) -> String {
    format!(
        "INSERT INTO soniq_jobs
             (id, job_name, args, status, queue, priority, scheduled_at, expires_at, max_attempts)
         SELECT (lpad(to_hex(1790000000000 + {first} + n), 12, '0') || '70008000'
                 || substr(md5(n::text), 1, 12))::uuid,
                '{job}', '{{\"n\": 1}}', {columns}, 4
         FROM generate_series(1, {rows}) AS n;"
    )
}

/// Measures all of it, small and large in turns.
///
/// # Errors
/// The server refuses, or a worker fails.
pub async fn measure(server: &Server, size: Size, rounds: u32) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for backdrop in BACKDROPS {
        for _ in 0..rounds {
            for rows in sizes(size) {
                let figure = one(server, size, backdrop, rows).await?;
                figures.push(figure.announced());
            }
        }
    }
    Ok(figures)
}

async fn one(
    server: &Server,
    size: Size,
    backdrop: Backdrop,
    rows: u32,
) -> Result<Figure, Failure> {
    let jobs = size.of(50_000);
    let what = backdrop.figure(rows);
    let database = server
        .database_seeded(&what, &backdrop.seed(rows, jobs))
        .await?;
    let observer = connect(database.url()).await?;
    let work = Work {
        queues: backdrop.queues.iter().map(|&queue| queue.into()).collect(),
        jobs: Some(jobs.into()),
        seconds: 20,
        keyed: backdrop.job == probe::BLOCKED,
        ..Work::drain(4, true)
    };
    let meter = Meter::start(&observer, server.pid()?).await?;
    let worked = process::run(database.url(), &work, 1).await?;
    let cost = of_worker(meter.end(()).await?, worked);
    let figure = Figure::rate(what, u32::try_from(worked.jobs)?, cost);
    let [few, _] = sizes(size);
    if rows == few {
        return Ok(figure);
    }
    Ok(figure.against(backdrop.figure(few)))
}
