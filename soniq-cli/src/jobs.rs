//! `soniq jobs list | show | cancel | delete`.

mod delete;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use soniq_runtime::{Job, JobFilter, Soniq, Status};
use uuid::Uuid;

use crate::connection::Connection;
use crate::error::Error;
use crate::terminal::{Facts, Table, moment, note, one_line, optional_moment, print, print_json};

/// List jobs, look at one, call some off or delete them
#[derive(Debug, Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(List),
    Show(Show),
    Cancel(Cancel),
    Delete(delete::Delete),
}

/// List jobs, newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq jobs list --status processing
  soniq jobs list --task billing.send_invoice.v2 --limit 5
  soniq jobs list --queue billing --json | jq -r '.[].id'")]
struct List {
    /// Only jobs of this task
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Only jobs in this queue
    #[arg(long)]
    queue: Option<String>,
    /// Only jobs in this state: queued, processing, done or cancelled
    #[arg(long)]
    status: Option<Status>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show one job whole
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq jobs show 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq jobs show 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11 --json | jq .result")]
struct Show {
    /// The job's id
    id: Uuid,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Call off queued jobs
///
/// A job that has been claimed runs to its end, unless --running is given: then its handler is told
/// to stop, and the job ends as cancelled unless the handler succeeds all the same.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq jobs cancel 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11
  soniq jobs cancel --running 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11")]
struct Cancel {
    /// Tell the handlers of jobs that run to stop, too
    #[arg(long)]
    running: bool,
    /// The jobs' ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<Uuid>,
}

impl Jobs {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let soniq = connection.open().await?;
        match self.verb {
            Verb::List(verb) => verb.run(&soniq).await,
            Verb::Show(verb) => verb.run(&soniq).await,
            Verb::Cancel(verb) => verb.run(&soniq).await,
            Verb::Delete(verb) => verb.run(&soniq).await,
        }
    }
}

impl List {
    async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let mut filter = JobFilter::default().limit(self.limit);
        filter.job_name = self.task;
        filter.queue = self.queue;
        filter.status = self.status;
        let jobs = soniq.jobs().list(&filter).await?;
        if self.json {
            return print_json(&jobs);
        }
        if jobs.is_empty() {
            note("no jobs");
            return Ok(());
        }
        print(&table(&jobs, Utc::now()))
    }
}

fn table(jobs: &[Job], now: DateTime<Utc>) -> String {
    let mut table = Table::new([
        "ID",
        "TASK",
        "QUEUE",
        "STATUS",
        "ATTEMPTS",
        "DUE",
        "CREATED",
        "LAST ERROR",
    ]);
    for job in jobs {
        let error = job.last_error.as_deref().unwrap_or_default();
        table.row([
            job.id.to_string(),
            job.job_name.clone(),
            job.queue.clone(),
            job.status.to_string(),
            attempts(job),
            optional_moment(job.scheduled_at, now),
            optional_moment(job.created_at, now),
            one_line(error, 60),
        ]);
    }
    table.render()
}

fn attempts(job: &Job) -> String {
    match job.max_attempts {
        Some(most) => format!("{}/{most}", job.attempts),
        None => job.attempts.to_string(),
    }
}

impl Show {
    async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let Some(job) = soniq.jobs().get(self.id).await? else {
            return Err(missing(soniq, self.id).await?);
        };
        if self.json {
            return print_json(&job);
        }
        print(&facts(&job, Utc::now()).render())
    }
}

/// All that is known of a job.
pub(crate) fn facts(job: &Job, now: DateTime<Utc>) -> Facts {
    let mut facts = Facts::default();
    facts.fact("id", job.id.to_string());
    facts.fact("task", &job.job_name);
    facts.fact("status", job.status.as_str());
    facts.fact("queue", &job.queue);
    facts.fact("priority", job.priority.to_string());
    facts.fact("attempts", attempts(job));
    facts.fact("created", optional_moment(job.created_at, now));
    facts.optional("due", job.scheduled_at.map(|time| moment(time, now)));
    facts.fact("updated", optional_moment(job.updated_at, now));
    facts.optional("expires", job.expires_at.map(|time| moment(time, now)));
    facts.optional("dedup key", job.dedup_key.as_deref());
    facts.optional("producer", job.producer_id.as_deref());
    facts.optional("worker", job.worker_id.map(|id| id.to_string()));
    facts.optional("last error", job.last_error.as_deref());
    facts.fact("args", format!("{:#}", job.args));
    facts.optional(
        "result",
        job.result.as_ref().map(|value| format!("{value:#}")),
    );
    facts
}

impl Cancel {
    async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let mut errors = Vec::new();
        for id in self.ids {
            if soniq.jobs().cancel(id).await? {
                print(&format!("cancelled {id}\n"))?;
                continue;
            }
            if self.running && soniq.jobs().cancel_running(id).await? {
                print(&format!("told to stop {id}\n"))?;
                continue;
            }
            errors.push(match soniq.jobs().get(id).await? {
                Some(job) => Error::NotQueued {
                    id,
                    status: job.status,
                },
                None => missing(soniq, id).await?,
            });
        }
        Error::all(errors)
    }
}

/// Why a job is not in the jobs table.
async fn missing(soniq: &Soniq, id: Uuid) -> Result<Error, Error> {
    Ok(match soniq.dead_letter().get(id).await? {
        Some(_) => Error::DeadLettered { id },
        None => Error::NoJob { id },
    })
}
