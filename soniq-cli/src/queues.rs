//! `soniq queues pause | resume | list`.

use clap::{Args, Subcommand};
use soniq_runtime::Soniq;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{note, print, print_json};

/// Pause and resume queues
#[derive(Debug, Args)]
pub(crate) struct Queues {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(List),
    Pause(Pause),
    Resume(Resume),
}

/// List the paused queues; `soniq status` counts what lies in every queue
#[derive(Debug, Args)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Have no worker claim from a queue until it is resumed
///
/// Jobs are still enqueued into it, and what has been claimed runs on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq queues pause billing")]
struct Pause {
    /// The queue
    queue: String,
}

/// Have workers claim from a queue again
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq queues resume billing")]
struct Resume {
    /// The queue
    queue: String,
}

impl Queues {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        match self.verb {
            Verb::List(verb) => verb.run(&soniq).await,
            Verb::Pause(Pause { queue }) => {
                let done = soniq.queues().pause(&queue).await?;
                tell(&queue, "paused", done)
            }
            Verb::Resume(Resume { queue }) => {
                let done = soniq.queues().resume(&queue).await?;
                tell(&queue, "resumed", done)
            }
        }
    }
}

impl List {
    async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let paused = soniq.queues().paused().await?;
        if self.json {
            return print_json(&paused);
        }
        if paused.is_empty() {
            note("no queue is paused");
            return Ok(());
        }
        let lines: Vec<String> = paused.iter().map(|queue| format!("{queue}\n")).collect();
        print(&lines.concat())
    }
}

/// Asking for what is the case already is no failure.
fn tell(queue: &str, what: &str, done: bool) -> Result<(), Error> {
    if done {
        return print(&format!("{what} {queue}\n"));
    }
    let state = if what == "paused" {
        "already paused"
    } else {
        "not paused"
    };
    note(&format!("{queue} is {state}"));
    Ok(())
}
