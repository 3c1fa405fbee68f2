//! The main job of a queue, in one process and one command:
//!
//! ```text
//! cargo run -p quickstart
//! ```
//!
//! Jobs lie in the file `soniq.db`, or in the Postgres that `SONIQ_DATABASE_URL` names. There they
//! are enqueued in the transaction of the order that they belong to.

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use soniq_runtime::{JobContext, JobError, Scheduler, Settings, Soniq, Status, Worker};
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
            say("failed for good: the mailbox does not exist");
            return Err(JobError::permanent("the mailbox does not exist"));
        }
        // The first attempt of all fails, so that there is a retry to see.
        if self.attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            say("failed: the mail server did not answer, to be retried in 500 ms");
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
async fn main() -> ExitCode {
    match tell().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?.or_local(cfg!(debug_assertions));
    let url = settings.database_url.clone();
    let soniq = Soniq::with_settings(settings)?;
    let worker = Worker::builder(&soniq)
        .handlers(tasks::billing::handlers(Billing::default()))
        .build()?;

    step("setup: the tables");
    let applied = soniq.setup().await?.len();
    say(&format!("steps of the schema that were missing: {applied}"));
    let orders = Orders::open(url.as_deref()).await?;
    let mut story = Story {
        orders,
        soniq,
        worker,
    };
    let (ada, doomed) = story.take_orders().await?;
    Story::refuse_wrong_arguments()?;
    story.run_what_is_due(ada, doomed).await?;
    story.replay(doomed).await?;
    story.run_a_schedule().await?;

    step("what is there now");
    print!("{}", story.soniq.stats().await?);
    println!("{}", story.orders.what_next());
    Ok(())
}

/// Where the application keeps what it sells.
enum Orders {
    /// In the database that the jobs are in: an order and its job commit together.
    Beside(Client),
    /// Somewhere else: a job is enqueued by itself.
    Apart,
}

impl Orders {
    async fn open(url: Option<&str>) -> Result<Self, Box<dyn Error>> {
        let Some(url) = url.filter(|url| url.starts_with("postgres")) else {
            return Ok(Orders::Apart);
        };
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute("CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY, customer text)")
            .await?;
        Ok(Orders::Beside(client))
    }

    fn what_next(&self) -> &'static str {
        match self {
            Orders::Beside(_) => {
                "\nNext: read contracts/billing.toml and examples/quickstart/src/main.rs side by side, then\n\
                 examples/cross-service, where producer and consumer are programs of their own."
            }
            Orders::Apart => {
                "\nNext: look at what the file holds,\n\n    \
                 cargo run -p soniq-cli -- jobs list\n    \
                 cargo run -p soniq-cli -- dead-letter list\n\n\
                 read contracts/billing.toml and examples/quickstart/src/main.rs side by side, and run this\n\
                 again on Postgres, where an order and its job commit together:\n\n    \
                 SONIQ_DATABASE_URL=postgres://user@localhost/app cargo run -p quickstart\n\n\
                 docs/getting-started.md goes on from here."
            }
        }
    }
}

/// What the steps share: the application's orders, the queue, and a worker.
struct Story {
    orders: Orders,
    soniq: Soniq,
    worker: Worker,
}

impl Story {
    async fn take_orders(&mut self) -> Result<(Uuid, Uuid), Box<dyn Error>> {
        if let Orders::Beside(client) = &mut self.orders {
            step("a job and an order commit together, or not at all");
            let ada = take_order(client, "ada@example.com", true).await?;
            take_order(client, "eve@example.com", false).await?;
            let doomed = take_order(client, "nobody@example.com", true).await?;
            return Ok((ada, doomed));
        }
        step("jobs are enqueued");
        let mut jobs = Vec::new();
        for customer in ["ada@example.com", "nobody@example.com"] {
            let args = invoice_for(customer, Uuid::now_v7())?;
            let job = send_invoice::enqueue(&self.soniq, args).await?.id();
            say(&format!("enqueued: invoice for {customer}, job {job}"));
            jobs.push(job);
        }
        Ok((jobs[0], jobs[1]))
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

    async fn run_a_schedule(&self) -> Result<(), Box<dyn Error>> {
        step("a schedule is stored; an operator has it fire now, not at the month's end");
        let scheduler = Scheduler::new(&self.soniq).tasks([close_month::TASK.spec()]);
        scheduler.reconcile().await?;
        let name = close_month::TASK.name();
        let next = self.soniq.schedules().get(name).await?.next_run;
        say(&format!(
            "scheduled: {name}, next at {}",
            next.map_or_else(String::new, |next| next.to_string())
        ));
        let job = self.soniq.schedules().run_now(name).await?;
        say(&format!("enqueued as job {}", job.id()));
        self.worker.run_once().await?;
        Ok(())
    }
}

async fn take_order(
    client: &mut Client,
    customer: &str,
    commit: bool,
) -> Result<Uuid, Box<dyn Error>> {
    let order = Uuid::now_v7();
    let transaction = client.transaction().await?;
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

fn step(text: &str) {
    println!("\n== {text}");
}

fn say(text: &str) {
    println!("   {text}");
}
