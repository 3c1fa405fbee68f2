//! Enqueues one greeting: `SONIQ_DATABASE_URL=.. cargo run -p {{name}}-producer -- Ada`

use std::error::Error;
use std::process::ExitCode;

use tokio_postgres::NoTls;

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
    let url = std::env::var("SONIQ_DATABASE_URL").map_err(|_| "set SONIQ_DATABASE_URL")?;
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);

    // What you write in this transaction and the job exist both, or neither does.
    let transaction = client.transaction().await?;
    let args = send_greeting::Args::builder().name(name).build()?;
    let job = send_greeting::enqueue(&transaction, args).await?;
    transaction.commit().await?;

    println!("enqueued {}", job.id());
    Ok(())
}
