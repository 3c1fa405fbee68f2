//! `soniq inspect`: one job, wherever it is.

use chrono::Utc;
use clap::Args;
use serde::Serialize;
use soniq_runtime::{DeadLetter, Job, Soniq, Status};
use uuid::Uuid;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{print, print_json};
use crate::{dead_letter, jobs};

/// Show one job wherever it is, and what it waits for
///
/// It looks among the jobs and the dead letters. Of a queued job it says whether its queue is paused
/// and whether a live worker takes it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq inspect 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq inspect 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11 --json | jq -r .found_in")]
pub(crate) struct Inspect {
    /// The job's id
    id: Uuid,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Where the job was found, and all that is known of it.
#[derive(Debug, Serialize)]
#[serde(tag = "found_in", rename_all = "snake_case")]
enum Found {
    Jobs {
        job: Job,
        waits_for: Option<&'static str>,
    },
    DeadLetters {
        dead_letter: DeadLetter,
    },
}

impl Inspect {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        let found = find(&soniq, self.id).await?;
        if self.json {
            return print_json(&found);
        }
        let now = Utc::now();
        print(&match found {
            Found::Jobs { job, waits_for } => {
                let mut facts = jobs::facts(&job, now);
                facts.optional("waits for", waits_for);
                format!("a job\n\n{}", facts.render())
            }
            Found::DeadLetters { dead_letter } => {
                let facts = dead_letter::facts(&dead_letter, now);
                let id = dead_letter.id;
                format!(
                    "a dead letter: it runs again after `soniq dead-letter replay {id}`\n\n{}",
                    facts.render()
                )
            }
        })
    }
}

async fn find(soniq: &Soniq, id: Uuid) -> Result<Found, Error> {
    if let Some(job) = soniq.jobs().get(id).await? {
        let waits_for = waits_for(soniq, &job).await?;
        return Ok(Found::Jobs { job, waits_for });
    }
    // Looked at second: a job that fails for good meanwhile goes that way.
    match soniq.dead_letter().get(id).await? {
        Some(dead_letter) => Ok(Found::DeadLetters { dead_letter }),
        None => Err(Error::NoJob { id }),
    }
}

/// What keeps a queued job from running, beside its turn.
async fn waits_for(soniq: &Soniq, job: &Job) -> Result<Option<&'static str>, Error> {
    if job.status != Status::Queued {
        return Ok(None);
    }
    if soniq.queues().paused().await?.contains(&job.queue) {
        return Ok(Some("its queue to be resumed"));
    }
    let stats = soniq.stats().await?;
    let unhandled = &stats.unhandled;
    if unhandled
        .iter()
        .any(|jobs| jobs.job_name == job.job_name && jobs.queue == job.queue)
    {
        return Ok(Some("a worker: no live one takes this task in this queue"));
    }
    Ok(None)
}
