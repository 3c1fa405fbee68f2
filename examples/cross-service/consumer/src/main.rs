//! The billing service: runs the jobs that the shop enqueues.
//!
//! ```text
//! export SONIQ_DATABASE_URL=postgres://localhost/shop
//! cross-service-consumer setup
//! cross-service-consumer worker --fail-rate 0.3
//! ```
//!
//! `--fail-rate` is the share of attempts that fail, `--send-time` how many seconds a mail takes.
//! Each run of a job leaves a row in the table `invoice_runs`, so that one can count afterwards what
//! ran how often.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use soniq_runtime::{App, JobContext, JobError};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::billing::{Currency, Money, close_month, refund_payment, send_invoice};

/// What the billing service needs to do its work.
struct Billing {
    /// Share of attempts that fail, from 0 to 1.
    fail_rate: f64,
    /// How long a mail takes.
    send_time: Duration,
    attempts: AtomicU64,
    /// Connected when the first job runs, so that `setup` and `--help` need no database.
    client: OnceCell<Client>,
}

impl Billing {
    async fn client(&self) -> Result<&Client, JobError> {
        let connect = async {
            let url = std::env::var("SONIQ_DATABASE_URL")?;
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            tokio::spawn(connection);
            client
                .batch_execute(
                    // One transaction: the lock is held until the table is there for all.
                    "SELECT pg_advisory_xact_lock(7);
                     CREATE TABLE IF NOT EXISTS invoice_runs (
                         job_id uuid NOT NULL, invoice_id uuid NOT NULL, attempt integer NOT NULL
                     )",
                )
                .await?;
            Ok::<_, JobError>(client)
        };
        self.client.get_or_try_init(|| connect).await
    }

    /// Spread evenly, so that a rate of 0.3 means three attempts of ten.
    fn fails(&self) -> bool {
        let attempt = u32::try_from(self.attempts.fetch_add(1, Ordering::Relaxed)).unwrap_or(0);
        let share = f64::from(attempt + 1) * self.fail_rate;
        share.floor() > (share - self.fail_rate).floor()
    }
}

impl send_invoice::Handler for Billing {
    async fn handle(
        &self,
        args: send_invoice::Args,
        context: &JobContext,
    ) -> Result<send_invoice::Output, JobError> {
        if self.fails() {
            return Err(JobError::retry("the mail server did not answer"));
        }
        tokio::time::sleep(self.send_time).await;
        let attempt = i32::try_from(context.attempt())?;
        self.client()
            .await?
            .execute(
                "INSERT INTO invoice_runs (job_id, invoice_id, attempt) VALUES ($1, $2, $3)",
                &[&context.id(), &args.invoice_id, &attempt],
            )
            .await?;
        println!(
            "invoice {} for {} sent on attempt {attempt}",
            args.invoice_id, args.customer
        );
        Ok(send_invoice::Output {
            message_id: Some(format!("<{}@billing.example>", args.invoice_id)),
        })
    }

    /// Version 1 knew only the invoice: the rest is looked up.
    fn upgrade_v1(&self, old: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
        // An old number that is none will not become one by waiting.
        let invoice: uuid::Uuid = old.invoice_id.parse().map_err(JobError::permanent)?;
        let args = send_invoice::Args::builder()
            .invoice_id(invoice)
            .customer("accounts@example.com")
            .total(Money {
                amount_minor: 0,
                currency: Currency::Eur,
            })
            .build()?;
        Ok(args)
    }
}

impl refund_payment::Handler for Billing {
    async fn handle(
        &self,
        args: refund_payment::Args,
        _context: &JobContext,
    ) -> Result<refund_payment::Output, JobError> {
        println!("payment {} refunded", args.payment_id);
        Ok(())
    }
}

impl close_month::Handler for Billing {
    async fn handle(
        &self,
        args: close_month::Args,
        _context: &JobContext,
    ) -> Result<close_month::Output, JobError> {
        println!("month closed (dry run: {})", args.dry_run);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    let options = take_option(&mut arguments, "--fail-rate")
        .and_then(|rate| Ok((rate, take_option(&mut arguments, "--send-time")?)));
    let (fail_rate, send_time) = match options {
        Ok((rate, seconds)) => (rate.clamp(0.0, 1.0), Duration::from_secs_f64(seconds)),
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let billing = Arc::new(Billing {
        fail_rate,
        send_time,
        attempts: AtomicU64::new(0),
        client: OnceCell::new(),
    });
    let app = App::new("cross-service-consumer").handlers(tasks::billing::handlers(billing));
    soniq_runtime::main_from(app, arguments).await
}

/// Takes an option of this example out of the arguments: the rest is the runtime's.
fn take_option(arguments: &mut Vec<OsString>, name: &str) -> Result<f64, String> {
    let Some(index) = arguments.iter().position(|argument| argument == name) else {
        return Ok(0.0);
    };
    let value = arguments
        .get(index + 1)
        .and_then(|text| text.to_str()?.parse().ok())
        .filter(|value| (0.0..=86_400.0).contains(value))
        .ok_or_else(|| format!("{name} needs a number, 0 or more"))?;
    arguments.drain(index..index + 2);
    Ok(value)
}
