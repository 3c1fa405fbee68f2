//! Where the time of one job goes that nothing stands in the way of.
//!
//! `cargo run --release -p soniq-bench --bin latency [JOBS [PAUSE_MS]]`; `-- --together` measures two workers instead.

use std::process::ExitCode;
use std::time::Duration;

use soniq_bench::server::Server;
use soniq_bench::{Failure, Size, stages, together, told};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = if arguments == ["--together"] {
        both().await
    } else {
        let numbers: Result<Vec<u32>, _> = arguments.iter().map(|text| text.parse()).collect();
        let (jobs, pause) = match numbers.as_deref() {
            Ok([]) => (300, 30),
            Ok([jobs]) => (*jobs, 30),
            Ok([jobs, pause]) => (*jobs, *pause),
            _ => {
                eprintln!("usage: latency [JOBS [PAUSE_MS] | --together]");
                return ExitCode::from(2);
            }
        };
        run(jobs, Duration::from_millis(pause.into())).await
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", told(&failure));
            ExitCode::FAILURE
        }
    }
}

/// Its figures go to the standard error stream as they come.
async fn both() -> Result<(), Failure> {
    together::measure(&Server::start().await?, Size::Quick).await?;
    Ok(())
}

async fn run(jobs: u32, pause: Duration) -> Result<(), Failure> {
    let server = Server::start_with(&["ALTER SYSTEM SET track_commit_timestamp = on"]).await?;
    println!("fdatasync of 8 KiB: {:.2} ms", server.disk_latency()?);
    for figure in stages::measure(&server, usize::try_from(jobs)?, pause).await? {
        println!("{}: {:.3} {}", figure.what, figure.value, figure.unit);
    }
    Ok(())
}
