//! The shop: stores an order and enqueues its invoice, both or neither.
//!
//! ```text
//! SONIQ_DATABASE_URL=postgres://localhost/shop cross-service-producer --orders 100 --rollback-rate 0.2
//! ```
//!
//! It shares nothing with the billing service but the contract in `contracts/billing.toml`.

use std::error::Error;
use std::process::ExitCode;

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::billing::{Currency, Money, send_invoice};

const USAGE: &str = "\
Usage: cross-service-producer [OPTIONS]

Options:
      --orders <N>           How many orders to take [default: 10]
      --rollback-rate <0..1> Share of orders whose transaction is rolled back [default: 0]
  -h, --help                 Show this

The database is SONIQ_DATABASE_URL; run `soniq setup` first.
";

struct Options {
    orders: u32,
    rollback_rate: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let url = std::env::var("SONIQ_DATABASE_URL").map_err(|_| "set SONIQ_DATABASE_URL")?;
    // By itself the error of tokio_postgres does not say why.
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls)
        .await
        .map_err(|error| match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })?;
    tokio::spawn(connection);
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS orders (
                 id uuid PRIMARY KEY,
                 customer text NOT NULL,
                 amount_minor bigint NOT NULL
             )",
        )
        .await?;
    let (mut committed, mut rolled_back) = (0, 0);
    for number in 0..options.orders {
        // Spread evenly, so that a rate of 0.2 means every fifth order.
        let share = f64::from(number + 1) * options.rollback_rate;
        let fails = share.floor() > (share - options.rollback_rate).floor();
        take_order(&mut client, number, fails).await?;
        if fails {
            rolled_back += 1;
        } else {
            committed += 1;
        }
    }
    println!("{committed} orders committed with their invoices, {rolled_back} rolled back");
    Ok(())
}

/// One order and its invoice, in one transaction.
async fn take_order(client: &mut Client, number: u32, fails: bool) -> Result<(), Box<dyn Error>> {
    let order = Uuid::now_v7();
    let customer = format!("customer-{number}@example.com");
    let amount_minor = 1_000 + i64::from(number);

    let transaction = client.transaction().await?;
    transaction
        .execute(
            "INSERT INTO orders (id, customer, amount_minor) VALUES ($1, $2, $3)",
            &[&order, &customer, &amount_minor],
        )
        .await?;
    let args = send_invoice::Args::builder()
        .invoice_id(order)
        .customer(customer)
        .total(Money {
            amount_minor,
            currency: Currency::Eur,
        })
        .build()?;
    send_invoice::enqueue(&transaction, args).await?;
    if fails {
        // The card was declined, say: no order, and no invoice for it.
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(())
}

fn options() -> Result<Option<Options>, Box<dyn Error>> {
    use lexopt::prelude::{Long, Short, ValueExt as _};
    let mut options = Options {
        orders: 10,
        rollback_rate: 0.0,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("orders") => options.orders = parser.value()?.parse()?,
            Long("rollback-rate") => options.rollback_rate = parser.value()?.parse()?,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    if !(0.0..=1.0).contains(&options.rollback_rate) {
        return Err("--rollback-rate is a share from 0 to 1".into());
    }
    Ok(Some(options))
}
