//! Enqueues one greeting: `cargo run -p {{name}}-producer -- Ada`

use std::error::Error;
use std::process::ExitCode;

use soniq_runtime::{Settings, Soniq};

mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::greetings::send_greeting;

#[tokio::main]
async fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "world".into());
    match greet(name).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn greet(name: String) -> Result<(), Box<dyn Error>> {
    // The database that SONIQ_DATABASE_URL names; soniq.db in a build for development.
    let settings = Settings::from_env()?.or_local(cfg!(debug_assertions));
    let soniq = Soniq::with_settings(settings)?;

    let args = send_greeting::Args::builder().name(name).build()?;
    // On Postgres pass your own transaction instead of `&soniq`: see README.md.
    let job = send_greeting::enqueue(&soniq, args).await?;
    println!("enqueued {}", job.id());
    Ok(())
}
