//! Where the time of one job goes that nothing stands in the way of.
//!
//! `cargo run --release -p soniq-bench --bin latency [JOBS [PAUSE_MS]]`

use std::process::ExitCode;
use std::time::Duration;

use soniq_bench::server::Server;
use soniq_bench::{Failure, stages, told};

#[tokio::main]
async fn main() -> ExitCode {
    let numbers: Result<Vec<u32>, _> = std::env::args().skip(1).map(|text| text.parse()).collect();
    let (jobs, pause) = match numbers.as_deref() {
        Ok([]) => (300, 30),
        Ok([jobs]) => (*jobs, 30),
        Ok([jobs, pause]) => (*jobs, *pause),
        _ => {
            eprintln!("usage: latency [JOBS [PAUSE_MS]]");
            return ExitCode::from(2);
        }
    };
    match run(jobs, Duration::from_millis(pause.into())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", told(&failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(jobs: u32, pause: Duration) -> Result<(), Failure> {
    let server = Server::start_with(&["ALTER SYSTEM SET track_commit_timestamp = on"]).await?;
    println!("fdatasync of 8 KiB: {:.2} ms", server.disk_latency()?);
    for figure in stages::measure(&server, usize::try_from(jobs)?, pause).await? {
        println!("{}: {:.3} {}", figure.what, figure.value, figure.unit);
    }
    Ok(())
}
