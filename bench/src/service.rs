//! One service twice: with generated types, and with the same types written by hand.
//!
//! Both run on this runtime with the same `main`, have a file per handler, which logs what it was
//! given and uses each of the fields, and a function per task that enqueues it. By hand, a task is a
//! struct with serde's derives, a check of its bounds and patterns on the value, and the runtime's
//! traits; it has no builder, no example, no trait for its handler and no schema.

mod by_hand;

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
            Kind::ByHand => by_hand::handler(&name),
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
                let text = by_hand::types(&namespace(task), task);
                fs::write(types.join(format!("{name}.rs")), text)?;
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
            "
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
soniq-runtime = {{ path = \"{repository}/soniq-runtime\" }}
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
    let module = format!("crate::tasks::{}", generated_module(task));
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

fn namespace(task: usize) -> String {
    format!("team_{:03}", task / TASKS_A_FILE)
}

fn generated_module(task: usize) -> String {
    format!("{}::work_{:03}", namespace(task), task % TASKS_A_FILE)
}

fn program(kind: Kind, tasks: usize) -> String {
    let mut handlers = String::new();
    for task in 0..tasks {
        // Writing to a `String` does not fail.
        let _ = match kind {
            Kind::Generated => writeln!(
                handlers,
                "        tasks::{}::handler(handlers::work_{task:03}::Work),",
                generated_module(task)
            ),
            Kind::ByHand => writeln!(handlers, "        handlers::work_{task:03}::handler(),"),
        };
    }
    let types = match kind {
        Kind::Generated => "mod tasks {\n    soniq_runtime::include_contracts!();\n}",
        Kind::ByHand => "mod tasks;",
    };
    let name = kind.name();
    format!(
        "\
#![allow(dead_code, reason = \"a service uses some of its tasks\")]
mod handlers;
{types}

#[tokio::main]
async fn main() -> std::process::ExitCode {{
    let handlers = soniq_runtime::Handlers::from(Vec::from([
{handlers}    ]));
    soniq_runtime::main(soniq_runtime::App::new(\"{name}\").handlers(handlers)).await
}}
"
    )
}
