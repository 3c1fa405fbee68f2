//! What the bare database can do on these tables.
//!
//! `cargo run --release -p soniq-bench --bin limits [--quick]`

use std::process::ExitCode;

use soniq_bench::report::Report;
use soniq_bench::server::{Server, machine};
use soniq_bench::{Failure, Size, bare, told};

const USAGE: &str = "usage: limits [--quick]\n";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Size::Full,
        ["--quick"] => Size::Quick,
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(size).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", told(&failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(size: Size) -> Result<(), Failure> {
    let mut machine = machine();
    let server = Server::start().await?;
    machine.extend(server.settings().await?);
    let mut report = Report {
        date: chrono::Utc::now().date_naive().to_string(),
        options: "limits".to_owned(),
        machine,
        sections: Vec::new(),
        steady: Vec::new(),
    };
    let bare = bare::measure(&server, size).await?;
    report.add("The bare database", "", bare);
    print!("{}", report.markdown(&[]));
    Ok(())
}
