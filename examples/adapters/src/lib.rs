//! What the programs share: the contracts, a database, and the billing service's worker.
//!
//! ```text
//! cargo run -p adapters --bin sqlx          # or diesel-async, sea-orm, deadpool
//! ```
//!
//! Each uses `SONIQ_DATABASE_URL` if that is set, and else starts a Postgres of its own that is gone
//! when it ends. They read alike on purpose: what differs is how a transaction is handed over.

use soniq_runtime::testing::Cluster;
use soniq_runtime::{JobContext, JobError, Soniq, Worker};
use uuid::Uuid;

/// The generated modules, one for each namespace.
#[allow(missing_docs, reason = "written by soniq-codegen")]
pub mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::billing::{Currency, Money, send_invoice};

/// Any error; one that can be sent, as services need it.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The database of a shop, with a table of purchases beside the queue.
pub struct Shop {
    /// Where it is.
    pub url: String,
    soniq: Soniq,
    /// A server that was started here ends with the program.
    _server: Option<Cluster>,
}

impl Shop {
    /// Opens `SONIQ_DATABASE_URL`, or a throwaway server's database.
    ///
    /// # Errors
    /// No server is installed, or it cannot be reached.
    pub async fn open() -> Result<Self, Error> {
        let (url, server) = if let Ok(url) = std::env::var("SONIQ_DATABASE_URL") {
            (url, None)
        } else {
            println!("SONIQ_DATABASE_URL is not set: starting a Postgres for this program");
            let server = Cluster::start().await?;
            (server.url("postgres"), Some(server))
        };
        let soniq = Soniq::connect(&url)?;
        soniq.setup().await?;
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS purchases (id uuid PRIMARY KEY, customer text)",
            )
            .await?;
        Ok(Shop {
            url,
            soniq,
            _server: server,
        })
    }

    /// Runs the invoices that were enqueued, as the billing service would in another process.
    ///
    /// # Errors
    /// What the database says.
    pub async fn send_invoices(&self) -> Result<(), Error> {
        let worker = Worker::builder(&self.soniq)
            .handler(send_invoice::handler(Billing))
            .build()?;
        worker.run_once().await?;
        Ok(())
    }
}

struct Billing;

impl send_invoice::Handler for Billing {
    async fn handle(
        &self,
        args: send_invoice::Args,
        _context: &JobContext,
    ) -> Result<send_invoice::Output, JobError> {
        println!("invoice sent to {}", args.customer);
        Ok(send_invoice::Output { message_id: None })
    }

    fn upgrade_v1(&self, _old: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
        Err(JobError::permanent("this shop is younger than version 2"))
    }
}

/// The job's arguments, checked against the contract.
///
/// # Errors
/// They break it.
pub fn invoice(order: Uuid, customer: &str) -> Result<send_invoice::Args, soniq_runtime::Error> {
    send_invoice::Args::builder()
        .invoice_id(order)
        .customer(customer)
        .total(Money {
            amount_minor: 1_999,
            currency: Currency::Eur,
        })
        .build()
}

/// Says what became of an order.
pub fn tell(customer: &str, order: Result<Uuid, Error>) {
    match order {
        Ok(order) => println!("{customer}: purchase {order} and its job are committed"),
        Err(why) => println!("{customer}: neither a purchase nor a job, since {why}"),
    }
}
