//! `soniq schedules list | pause | resume | run | remove`.

mod list;
mod remove;

use clap::{Args, Subcommand};
use soniq_runtime::Soniq;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{note, print};

/// List, pause, resume, run or remove the stored schedules
#[derive(Debug, Args)]
pub(crate) struct Schedules {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::List),
    Pause(Pause),
    Resume(Resume),
    Run(Run),
    Remove(remove::Remove),
}

/// Have schedules fire no more until they are resumed
///
/// A paused schedule stays paused when its contract changes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq schedules pause billing.close_month.v1")]
struct Pause {
    #[command(flatten)]
    chosen: Chosen,
}

/// Have schedules fire again
///
/// They go on with their next time: what was due while they were paused is not made up for.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq schedules resume billing.close_month.v1")]
struct Resume {
    #[command(flatten)]
    chosen: Chosen,
}

/// Enqueue one job now, as the schedule would
///
/// With the schedule's arguments, queue and priority, paused or not. When it fires next stays as
/// it is. Prints the job's id.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq schedules run billing.close_month.v1")]
struct Run {
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Debug, Args)]
struct Chosen {
    /// Schedules by task
    #[arg(value_name = "TASK", required = true)]
    tasks: Vec<String>,
}

impl Schedules {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        match self.verb {
            Verb::List(verb) => verb.run(&soniq).await,
            Verb::Remove(verb) => verb.run(&soniq).await,
            Verb::Pause(Pause { chosen }) => {
                chosen.each(async |task| pause(&soniq, task).await).await
            }
            Verb::Resume(Resume { chosen }) => {
                chosen.each(async |task| resume(&soniq, task).await).await
            }
            Verb::Run(Run { chosen }) => chosen.each(async |task| run(&soniq, task).await).await,
        }
    }
}

impl Chosen {
    /// Does it for each of them; one that is not there does not stop the others.
    async fn each(&self, act: impl AsyncFn(&str) -> Result<(), Error>) -> Result<(), Error> {
        let mut errors = Vec::new();
        for task in &self.tasks {
            if let Err(error) = act(task).await {
                errors.push(error);
            }
        }
        Error::all(errors)
    }
}

/// Asking for what is the case already is no failure.
async fn pause(soniq: &Soniq, task: &str) -> Result<(), Error> {
    if soniq.schedules().pause(task).await? {
        return print(&format!("paused {task}\n"));
    }
    note(&format!("{task} is already paused"));
    Ok(())
}

async fn resume(soniq: &Soniq, task: &str) -> Result<(), Error> {
    if soniq.schedules().resume(task).await? {
        return print(&format!("resumed {task}\n"));
    }
    note(&format!("{task} is not paused"));
    Ok(())
}

async fn run(soniq: &Soniq, task: &str) -> Result<(), Error> {
    let job = soniq.schedules().run_now(task).await?;
    if job.is_duplicate() {
        note("note: nothing was written, a queued job has the same arguments");
    }
    print(&format!("{}\n", job.id()))
}
