//! One service twice: with generated types, and with the same types written by hand.
//!
//! Both have a file per handler, which logs what it was given and uses each of the fields, and a
//! function per task that enqueues it. By hand, a task is a struct with serde's derives, a check of
//! its bounds and patterns, and a row written with tokio-postgres; a worker takes the row apart by
//! the task's name. There are no builders, no examples, no retries and no schema by hand.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Failure;
use crate::contracts::{self, TASKS_A_FILE};

/// Where the types come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// From contracts.
    Generated,
    /// From somebody who wrote them down.
    ByHand,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Generated, Kind::ByHand];

    /// As a word for tables, and the crate's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Generated => "generated",
            Kind::ByHand => "by_hand",
        }
    }
}

/// Writes the service of so many tasks into `folder`.
///
/// # Errors
/// A file that cannot be written.
pub fn write(kind: Kind, folder: &Path, repository: &Path, tasks: usize) -> Result<(), Failure> {
    let handlers = folder.join("src/handlers");
    fs::create_dir_all(&handlers)?;
    fs::write(folder.join("Cargo.toml"), manifest(kind, repository))?;
    // The versions that are here already; cargo drops what the service does not need.
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut modules = String::new();
    for task in 0..tasks {
        let name = format!("work_{task:03}");
        // Writing to a `String` does not fail.
        let _ = writeln!(modules, "pub mod {name};");
        let text = match kind {
            Kind::Generated => generated_handler(task),
            Kind::ByHand => handler_by_hand(&name),
        };
        fs::write(handlers.join(format!("{name}.rs")), text)?;
    }
    fs::write(handlers.join("mod.rs"), modules)?;
    match kind {
        Kind::Generated => {
            let contracts = folder.join("contracts");
            fs::create_dir_all(&contracts)?;
            for (name, text) in contracts::files(contracts::Kind::Plain, tasks) {
                fs::write(contracts.join(name), text)?;
            }
            let build = "fn main() {\n    soniq_codegen::generate(\"contracts\");\n}\n";
            fs::write(folder.join("build.rs"), build)?;
        }
        Kind::ByHand => {
            let types = folder.join("src/tasks");
            fs::create_dir_all(&types)?;
            let mut modules = String::new();
            for task in 0..tasks {
                let name = format!("work_{task:03}");
                let _ = writeln!(modules, "pub mod {name};");
                fs::write(types.join(format!("{name}.rs")), types_by_hand(task))?;
            }
            fs::write(types.join("mod.rs"), modules)?;
        }
    }
    fs::write(folder.join("src/main.rs"), program(kind, tasks))?;
    Ok(())
}

fn manifest(kind: Kind, repository: &Path) -> String {
    let name = kind.name();
    let repository = repository.display();
    let own = match kind {
        Kind::Generated => format!(
            "\
soniq-runtime = {{ path = \"{repository}/soniq-runtime\" }}

[build-dependencies]
soniq-codegen = {{ path = \"{repository}/soniq-codegen\", default-features = false }}
"
        ),
        Kind::ByHand => "\
chrono = { version = \"0.4\", default-features = false, features = [\"std\", \"serde\"] }
serde = { version = \"1\", features = [\"derive\"] }
serde_json = \"1\"
uuid = { version = \"1\", features = [\"serde\", \"v4\", \"v7\"] }
"
        .to_owned(),
    };
    format!(
        "\
[package]
name = \"{name}\"
version = \"0.1.0\"
edition = \"2024\"

[workspace]

[dependencies]
tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\", \"time\"] }}
tokio-postgres = {{ version = \"0.7\", features = [\"with-chrono-0_4\", \"with-serde_json-1\", \"with-uuid-1\"] }}
{own}"
    )
}

/// What stands before the number in a handler that tells one build from another.
pub const CHANGED: &str = "let round = ";

/// What each handler does with its arguments.
const WORK: &str = "\
        let round = 0;
        let weight = args.weight.unwrap_or(1.0) * args.copies as f64;
        let after = args.send_after.map(|at| at.to_rfc3339());
        let note = args.note.as_deref().unwrap_or(\"-\");
        println!(
            \"{round}: {} {} {:?} {} {} {weight} {after:?} {note}\",
            args.order_id, args.customer, args.state, args.address.line, args.address.country
        );
";

fn generated_handler(task: usize) -> String {
    let module = format!(
        "crate::tasks::team_{:03}::work_{:03}",
        task / TASKS_A_FILE,
        task % TASKS_A_FILE
    );
    format!(
        "\
use soniq_runtime::{{Error, JobContext, JobError}};
use tokio_postgres::Transaction;

use {module}::{{self as task, Args, Handler, Output}};

pub struct Work;

impl Handler for Work {{
    async fn handle(&self, args: Args, _context: &JobContext) -> Result<Output, JobError> {{
{WORK}        Ok(())
    }}
}}

pub async fn enqueue(transaction: &Transaction<'_>, args: Args) -> Result<(), Error> {{
    task::enqueue(transaction, args).await?;
    Ok(())
}}
"
    )
}

fn handler_by_hand(name: &str) -> String {
    format!(
        "\
use crate::Failure;
use crate::tasks::{name}::Args;
use tokio_postgres::Transaction;

pub async fn handle(args: Args) -> Result<(), Failure> {{
    {{
{WORK}    }}
    Ok(())
}}

pub async fn enqueue(transaction: &Transaction<'_>, args: Args) -> Result<(), Failure> {{
    args.check()?;
    crate::insert(transaction, \"{name}\", serde_json::to_value(&args)?).await
}}
"
    )
}

fn types_by_hand(task: usize) -> String {
    format!(
        "\
use chrono::{{DateTime, Utc}};
use serde::{{Deserialize, Serialize}};
use uuid::Uuid;

/// Does the work number {task}.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Args {{
    /// Which order.
    pub order_id: Uuid,
    /// Where it goes.
    pub customer: String,
    /// Not before this instant.
    #[serde(default, skip_serializing_if = \"Option::is_none\")]
    pub send_after: Option<DateTime<Utc>>,
    /// How many times.
    #[serde(default = \"one\")]
    pub copies: i64,
    /// In kilograms.
    #[serde(default, skip_serializing_if = \"Option::is_none\")]
    pub weight: Option<f64>,
    /// For the customer.
    #[serde(default, skip_serializing_if = \"Option::is_none\")]
    pub note: Option<String>,
    /// How far it is.
    pub state: State,
    /// Where the goods go.
    pub address: Address,
}}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = \"snake_case\")]
pub enum State {{
    Open,
    Paid,
    Lost,
}}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {{
    /// Street and number.
    pub line: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}}

fn one() -> i64 {{
    1
}}

impl Args {{
    pub fn check(&self) -> Result<(), String> {{
        if !self.customer.contains('@') || self.customer.chars().count() > 320 {{
            return Err(format!(\"customer: {{:?}} is no address\", self.customer));
        }}
        if !(1..=9).contains(&self.copies) {{
            return Err(format!(\"copies: {{}} is not from 1 to 9\", self.copies));
        }}
        if self.weight.is_some_and(|weight| weight <= 0.0) {{
            return Err(\"weight: must be above 0\".to_owned());
        }}
        let note = self.note.as_ref().map(|note| note.chars().count());
        if note.is_some_and(|length| !(1..=500).contains(&length)) {{
            return Err(\"note: has 1 to 500 characters\".to_owned());
        }}
        let line = self.address.line.chars().count();
        if !(1..=80).contains(&line) {{
            return Err(\"address.line: has 1 to 80 characters\".to_owned());
        }}
        let country = self.address.country.as_bytes();
        if country.len() != 2 || !country.iter().all(u8::is_ascii_uppercase) {{
            return Err(format!(\"address.country: {{:?}}\", self.address.country));
        }}
        Ok(())
    }}
}}
"
    )
}

fn program(kind: Kind, tasks: usize) -> String {
    let mut arms = String::new();
    for task in 0..tasks {
        // Writing to a `String` does not fail.
        let _ = match kind {
            Kind::Generated => writeln!(
                arms,
                "        tasks::team_{:03}::work_{:03}::handler(handlers::work_{task:03}::Work),",
                task / TASKS_A_FILE,
                task % TASKS_A_FILE
            ),
            Kind::ByHand => writeln!(
                arms,
                "        \"work_{task:03}\" => {{
            let args: tasks::work_{task:03}::Args = serde_json::from_value(args)?;
            args.check()?;
            handlers::work_{task:03}::handle(args).await
        }}"
            ),
        };
    }
    match kind {
        Kind::Generated => format!(
            "\
#![allow(dead_code, reason = \"a service uses some of its tasks\")]
mod handlers;
mod tasks {{
    soniq_runtime::include_contracts!();
}}

#[tokio::main]
async fn main() -> std::process::ExitCode {{
    let handlers = soniq_runtime::Handlers::from(Vec::from([
{arms}    ]));
    soniq_runtime::main(soniq_runtime::App::new(\"generated\").handlers(handlers)).await
}}
"
        ),
        Kind::ByHand => format!(
            "\
#![allow(dead_code, reason = \"a service uses some of its tasks\")]
mod handlers;
mod tasks;

use serde_json::Value;
use tokio_postgres::{{NoTls, Transaction}};

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

pub async fn insert(transaction: &Transaction<'_>, name: &str, args: Value) -> Result<(), Failure> {{
    let statement = \"INSERT INTO jobs (name, args) VALUES ($1, $2)\";
    transaction.execute(statement, &[&name, &args]).await?;
    Ok(())
}}

async fn run(name: &str, args: Value) -> Result<(), Failure> {{
    match name {{
{arms}        _ => Err(format!(\"nobody handles {{name}}\").into()),
    }}
}}

#[tokio::main]
async fn main() -> Result<(), Failure> {{
    let url = std::env::var(\"DATABASE_URL\")?;
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    loop {{
        let transaction = client.transaction().await?;
        let claim = \"DELETE FROM jobs WHERE id = (SELECT id FROM jobs ORDER BY id
            FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING name, args\";
        if let Some(row) = transaction.query_opt(claim, &[]).await? {{
            run(row.get(0), row.get(1)).await?;
            transaction.commit().await?;
        }} else {{
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }}
    }}
}}
"
        ),
    }
}
