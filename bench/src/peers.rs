//! Other queues on the same server. They are built in a workspace of their own, `bench/peers`, and
//! driven through its program.

use std::path::Path;

use serde::Deserialize;
use tokio::process::Command;

use crate::bare::WRITERS;
use crate::cost::Meter;
use crate::drain::DRAINS;
use crate::report::{Figure, say};
use crate::server::{Server, connect};
use crate::{Failure, Size, enqueue};

/// What the program knows.
const PEERS: [&str; 5] = [
    "graphile_worker",
    "riverqueue",
    "apalis-postgres",
    "awa",
    "underway",
];

/// What the program tells at its end.
#[derive(Debug, Deserialize)]
struct Told {
    jobs: u32,
    seconds: f64,
    cpu: f64,
}

/// Measures each peer at its default and at its documented best. One that does not run is said so
/// and left out.
///
/// # Errors
/// The server refuses.
pub async fn measure(server: &Server, size: Size, program: &Path) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for name in PEERS {
        for writers in WRITERS {
            let what = format!("{name}: enqueue, {writers} writers");
            let seconds = size.time().as_secs_f64();
            let job = [
                "enqueue".to_owned(),
                writers.to_string(),
                seconds.to_string(),
            ];
            let figure = one(server, program, name, &what, &[], &job).await;
            figures.extend(kept(&what, figure, enqueue::name(writers)));
        }
        for (set, options, ours) in [
            ("default", &[][..], DRAINS[0]),
            ("at its best", &["--best"][..], DRAINS[3]),
        ] {
            let what = format!("{name}: drain, {set}");
            let job = ["drain".to_owned(), size.of(50_000).to_string()];
            let figure = one(server, program, name, &what, options, &job).await;
            figures.extend(kept(&what, figure, ours.name()));
        }
    }
    Ok(figures)
}

fn kept(what: &str, figure: Result<Figure, Failure>, ours: String) -> Option<Figure> {
    match figure {
        Ok(figure) => Some(figure.against(ours).announced()),
        Err(failure) => {
            say(&format!("{what}: left out, {}", crate::told(&failure)));
            None
        }
    }
}

/// In a database of its own: the peer makes its tables, fills them if need be, then works.
async fn one(
    server: &Server,
    program: &Path,
    name: &str,
    what: &str,
    options: &[&str],
    job: &[String],
) -> Result<Figure, Failure> {
    let database = server.database_empty().await?;
    let observer = connect(database.url()).await?;
    let prepare = ["prepare", if job[0] == "drain" { &job[1] } else { "0" }].map(str::to_owned);
    call(program, name, database.url(), options, &prepare).await?;
    observer.batch_execute("CHECKPOINT").await?;
    let meter = Meter::start(&observer, server.pid()?).await?;
    let told = call(program, name, database.url(), options, job).await?;
    let mut cost = meter.end(()).await?;
    cost.seconds = told.seconds;
    cost.own_cpu = told.cpu;
    if told.jobs == 0 {
        return Err("no job was done".into());
    }
    Ok(Figure::rate(what, told.jobs, cost))
}

async fn call(
    program: &Path,
    name: &str,
    url: &str,
    options: &[&str],
    job: &[String],
) -> Result<Told, Failure> {
    let output = Command::new(program)
        .arg(name)
        .args(options)
        .args(job)
        .env("DATABASE_URL", url)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(90), output).await??;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.trim().to_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
