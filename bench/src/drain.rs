//! A backlog, worked off by a worker in a process of its own.

use soniq_runtime::Soniq;

use crate::bare;
use crate::cost::{Cost, Meter};
use crate::process::{self, Work, Worked};
use crate::report::Figure;
use crate::server::{Server, Tables, connect};
use crate::{Failure, Size};

/// What is set in a drain.
#[derive(Debug, Clone, Copy)]
pub struct Drain {
    /// Who made the tables.
    pub tables: Tables,
    /// Jobs at once: 4 is the default of a worker, 64 is tuned.
    pub concurrency: usize,
    /// Whether finished rows are kept.
    pub kept: bool,
}

impl Drain {
    /// The name of its figure.
    pub fn name(self) -> String {
        let tables = match self.tables {
            Tables::Ours => "",
            Tables::Python => ", tables of Python",
        };
        let history = if self.kept { "kept" } else { "deleted" };
        format!(
            "drain, concurrency {}, history {history}{tables}",
            self.concurrency
        )
    }
}

/// The drains whose figures are compared with an aim.
pub const DRAINS: [Drain; 4] = [
    drain(4, true),
    drain(4, false),
    drain(64, true),
    drain(64, false),
];

const fn drain(concurrency: usize, kept: bool) -> Drain {
    Drain {
        tables: Tables::Ours,
        concurrency,
        kept,
    }
}

/// Measures those of [`DRAINS`].
///
/// # Errors
/// The server refuses, or a worker does.
pub async fn measure(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for drain in DRAINS {
        figures.extend(one(server, size, drain).await?);
    }
    Ok(figures)
}

/// Measures drains of tables that Soniq for Python made.
///
/// # Errors
/// As for [`measure`].
pub async fn on_tables_of_python(server: &Server, size: Size) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for drain in [DRAINS[0], DRAINS[3]] {
        let tables = Tables::Python;
        figures.extend(one(server, size, Drain { tables, ..drain }).await?);
    }
    Ok(figures)
}

async fn one(server: &Server, size: Size, drain: Drain) -> Result<Vec<Figure>, Failure> {
    let database = server.database_with(drain.tables).await?;
    let observer = connect(database.url()).await?;
    let jobs = size.of(100_000);
    crate::enqueue::fill(&Soniq::connect(database.url())?, jobs).await?;
    observer.batch_execute("CHECKPOINT").await?;
    let work = Work::drain(drain.concurrency, drain.kept);
    let meter = Meter::start(&observer, server.pid()?).await?;
    let worked = process::run(database.url(), &work, 1).await?;
    let cost = of_worker(meter.end(()).await?, worked);
    let what = drain.name();
    let figures = vec![
        Figure::rate(what.clone(), u32::try_from(worked.jobs)?, cost)
            .against(bare::cycle_name(1000, drain.kept)),
        Figure::plain(
            format!("{what}: memory at rest"),
            mebibytes(worked.rest),
            "MiB",
        ),
        Figure::plain(
            format!("{what}: memory at most"),
            mebibytes(worked.peak),
            "MiB",
        ),
    ];
    Ok(figures.into_iter().map(Figure::announced).collect())
}

/// What the work cost, with the time and the processors of the worker rather than of this process.
pub fn of_worker(mut cost: Cost, worked: Worked) -> Cost {
    cost.seconds = worked.seconds;
    cost.own_cpu = worked.cpu;
    cost
}

fn mebibytes(kibibytes: u64) -> f64 {
    u32::try_from(kibibytes).map_or(f64::NAN, f64::from) / 1024.0
}
