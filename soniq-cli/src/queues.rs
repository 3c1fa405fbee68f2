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
                tell(&queue, "paused", done)?;
                hint(&soniq, &queue).await
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

/// A queue need not exist to be paused; one that nothing knows may be a slip.
async fn hint(soniq: &Soniq, queue: &str) -> Result<(), Error> {
    let stats = soniq.stats().await?;
    let has_jobs = stats.queues.iter().any(|known| {
        let jobs = known.due + known.scheduled + known.processing + known.done + known.cancelled;
        known.queue == queue && jobs > 0
    });
    let mut workers = stats.workers.iter();
    // Of one that names no queue, every queue is.
    let served = |named: &[String]| named.is_empty() || named.iter().any(|name| name == queue);
    if !has_jobs && !workers.any(|worker| served(&worker.queues)) {
        note(&format!(
            "no job lies in {queue} and no worker claims from it: `soniq status` shows the queues"
        ));
    }
    Ok(())
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
