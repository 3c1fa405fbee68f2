//! The main job of a queue, in one process and one command:
//!
//! ```text
//! cargo run -p quickstart
//! ```
//!
//! It uses `SONIQ_DATABASE_URL` if that is set, and else starts a Postgres of its own that is gone
//! when it ends.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::testing::Cluster;
use soniq_runtime::{JobContext, JobError, Scheduler, Soniq, Status, Worker};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::billing::{Currency, Money, close_month, refund_payment, send_invoice};

/// The billing team's handlers.
#[derive(Default)]
struct Billing {
    attempts: AtomicU32,
}

impl send_invoice::Handler for Billing {
    async fn handle(
        &self,
        args: send_invoice::Args,
        context: &JobContext,
    ) -> Result<send_invoice::Output, JobError> {
        let attempt = context.attempt();
        say(&format!(
            "claimed: invoice for {}, attempt {attempt}",
            args.customer
        ));
        if args.customer == "nobody@example.com" {
            return Err(JobError::permanent("the mailbox does not exist"));
        }
        // The first attempt of all fails, so that there is a retry to see.
        if self.attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(JobError::retry_after(
                Duration::from_millis(500),
                "the mail server did not answer",
            ));
        }
        Ok(send_invoice::Output {
            message_id: Some(format!("<{}@billing.example>", args.invoice_id)),
        })
    }

    fn upgrade_v1(&self, old: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
        let invoice = old.invoice_id.parse::<Uuid>()?;
        Ok(invoice_for("accounts@example.com", invoice)?)
    }
}

impl refund_payment::Handler for Billing {
    async fn handle(
        &self,
        args: refund_payment::Args,
        _context: &JobContext,
    ) -> Result<refund_payment::Output, JobError> {
        say(&format!("refunded payment {}", args.payment_id));
        Ok(())
    }
}

impl close_month::Handler for Billing {
    async fn handle(
        &self,
        _args: close_month::Args,
        _context: &JobContext,
    ) -> Result<close_month::Output, JobError> {
        say("claimed: the month is closed, as scheduled");
        Ok(())
    }
}

fn invoice_for(customer: &str, invoice: Uuid) -> Result<send_invoice::Args, soniq_runtime::Error> {
    send_invoice::Args::builder()
        .invoice_id(invoice)
        .customer(customer)
        .total(Money {
            amount_minor: 1_999,
            currency: Currency::Eur,
        })
        .build()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Dropped last: a server that was started here ends with the program.
    let mut cluster = None;
    let url = if let Ok(url) = std::env::var("SONIQ_DATABASE_URL") {
        url
    } else {
        step(
            "SONIQ_DATABASE_URL is not set: starting a Postgres that lives as long as this program",
        );
        cluster.insert(Cluster::start().await?).url("postgres")
    };
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    let soniq = Soniq::connect(&url)?;
    let worker = Worker::builder(&soniq)
        .handlers(tasks::billing::handlers(Billing::default()))
        .build()?;
    let mut story = Story {
        client,
        soniq,
        worker,
    };
    story.set_up().await?;
    let (ada, doomed) = story.take_orders().await?;
    Story::refuse_wrong_arguments()?;
    story.run_what_is_due(ada, doomed).await?;
    story.replay(doomed).await?;
    story.fire_a_schedule().await?;

    step("what is there now");
    print!("{}", story.soniq.stats().await?);
    println!(
        "\nNext: read contracts/billing.toml and examples/quickstart/src/main.rs side by side, then\n\
         examples/cross-service, where producer and consumer are programs of their own."
    );
    Ok(())
}

/// What the steps share: the application's own connection, the queue, and a worker.
struct Story {
    client: Client,
    soniq: Soniq,
    worker: Worker,
}

impl Story {
    async fn set_up(&self) -> Result<(), Box<dyn Error>> {
        step("setup: creating the tables");
        let applied = self.soniq.setup().await?;
        say(&format!("applied {} migrations", applied.len()));
        self.client
            .batch_execute("CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY, customer text)")
            .await?;
        Ok(())
    }

    async fn take_orders(&mut self) -> Result<(Uuid, Uuid), Box<dyn Error>> {
        step("a job and an order commit together, or not at all");
        let ada = self.take_order("ada@example.com", true).await?;
        self.take_order("eve@example.com", false).await?;
        let doomed = self.take_order("nobody@example.com", true).await?;
        Ok((ada, doomed))
    }

    async fn take_order(&mut self, customer: &str, commit: bool) -> Result<Uuid, Box<dyn Error>> {
        let order = Uuid::now_v7();
        let transaction = self.client.transaction().await?;
        transaction
            .execute("INSERT INTO orders VALUES ($1, $2)", &[&order, &customer])
            .await?;
        let job = send_invoice::enqueue(&transaction, invoice_for(customer, order)?).await?;
        if commit {
            transaction.commit().await?;
            say(&format!(
                "enqueued: invoice for {customer}, job {}",
                job.id()
            ));
        } else {
            transaction.rollback().await?;
            say(&format!(
                "rolled back: neither order nor job for {customer}"
            ));
        }
        Ok(job.id())
    }

    fn refuse_wrong_arguments() -> Result<(), Box<dyn Error>> {
        step("arguments that break the contract are refused before anything is written");
        let wrong = send_invoice::Args::builder()
            .invoice_id(Uuid::now_v7())
            .customer("not an address")
            .total(Money {
                amount_minor: -1,
                currency: Currency::Eur,
            })
            .build();
        match wrong {
            Err(error) => say(&error.to_string()),
            Ok(_) => return Err("the contract let it pass".into()),
        }
        Ok(())
    }

    async fn run_what_is_due(&self, ada: Uuid, doomed: Uuid) -> Result<(), Box<dyn Error>> {
        step("a worker runs what is due: one job fails once and is retried, one is dead-lettered");
        self.worker.run_once().await?;
        // The retry is due half a second after the failure.
        while !self.is_done(ada).await? {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.worker.run_once().await?;
        }
        let dead = self.soniq.dead_letter().get(doomed).await?;
        let dead = dead.ok_or("the doomed job is no dead letter")?;
        let reason = dead.last_error.unwrap_or_default();
        say(&format!("dead letter {}: {reason}", dead.id));
        Ok(())
    }

    async fn is_done(&self, job: Uuid) -> Result<bool, soniq_runtime::Error> {
        let job = self.soniq.jobs().get(job).await?;
        Ok(job.is_none_or(|job| job.status == Status::Done))
    }

    async fn replay(&self, doomed: Uuid) -> Result<(), Box<dyn Error>> {
        step("an operator replays the dead letter: a new job, and the dead letter stays");
        let replayed = self.soniq.dead_letter().replay(doomed).await?;
        let replayed = replayed.ok_or("there was nothing to replay")?;
        say(&format!("replayed as job {replayed}"));
        self.worker.run_once().await?;
        Ok(())
    }

    async fn fire_a_schedule(&self) -> Result<(), Box<dyn Error>> {
        step(
            "a schedule fires: its next run is set to now, instead of waiting for the month's end",
        );
        let scheduler = Scheduler::new(&self.soniq).tasks([close_month::TASK.spec()]);
        scheduler.reconcile().await?;
        self.client
            .execute(
                "UPDATE soniq_schedules SET next_run = now() WHERE job_name = $1",
                &[&close_month::TASK.name()],
            )
            .await?;
        for firing in scheduler.tick().await?.unwrap_or_default() {
            let name = &firing.job_name;
            say(&format!("scheduled: {name} as job {}", firing.job_id));
        }
        self.worker.run_once().await?;
        Ok(())
    }
}

fn step(text: &str) {
    println!("\n== {text}");
}

fn say(text: &str) {
    println!("   {text}");
}
