//! `soniq scheduler`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use soniq_runtime::{
    Backoff, CatchUp, RetrySpec, ScheduleSpec, TaskSpec, Trigger, shutdown_signal,
};
use soniq_schema::Contracts;
use soniq_schema::contract::{self, Schedule, Task};

use crate::connection::Connection;
use crate::contracts;
use crate::error::Error;

/// Enqueue scheduled tasks at their times, until SIGTERM or Ctrl-C
///
/// Any number may run: one of them fires at a time, and no firing is doubled. Without contracts it
/// fires what is stored; with them it stores their schedules first, new ones and changed ones, and
/// leaves a paused one paused. It deletes none: one that is gone from the contracts is reported, and
/// `soniq schedules list` shows it as an orphan.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq scheduler --contracts contracts/
  soniq scheduler --log-level warn")]
pub(crate) struct Scheduler {
    /// Also store the schedules of the contracts in this folder
    #[arg(long, value_name = "DIR")]
    contracts: Option<PathBuf>,
}

impl Scheduler {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let contracts = match &self.contracts {
            Some(dir) => Some(contracts::load(dir)?),
            None => None,
        };
        // Listened for from now on: a signal while the database is still being reached counts too.
        let mut signal = tokio::spawn(shutdown_signal());
        let soniq = tokio::select! {
            soniq = connection.open() => soniq?,
            _ = &mut signal => return Ok(()),
        };
        let mut scheduler = soniq_runtime::Scheduler::new(&soniq);
        for (owner, tasks) in contracts.iter().flat_map(scheduled) {
            scheduler = scheduler.tasks_of(owner, tasks);
        }
        let shutdown = async {
            // Only a panic could end the task otherwise, and then stopping is right as well.
            let _ = signal.await;
        };
        Ok(scheduler.run_until(shutdown).await?)
    }
}

/// The specs of each namespace's tasks with a schedule, as generated code has them: the same
/// contract must store the same schedule whoever reads it.
///
/// A namespace is what a folder has as a whole: one of its schedules that is gone is an orphan,
/// and one of another folder's is not. A service has its own name as the owner.
fn scheduled(contracts: &Contracts) -> BTreeMap<String, Vec<&'static TaskSpec>> {
    let mut owners: BTreeMap<String, Vec<&'static TaskSpec>> = BTreeMap::new();
    for file in &contracts.contracts {
        let owner = format!("contracts:{}", file.namespace);
        let specs = file.tasks.iter();
        let specs = specs.filter_map(|task| Some(spec(contracts, task, task.schedule.as_ref()?)));
        // One without a schedule, too: it may have had one.
        owners.entry(owner).or_default().extend(specs);
    }
    owners
}

/// The runtime takes specs that live as long as the program, for that is what generated code has.
/// Here they are made once, at the start, and needed until the end: leaking them loses nothing.
fn spec(contracts: &Contracts, task: &Task, schedule: &Schedule) -> &'static TaskSpec {
    let args = contracts.schemas.get(task.args);
    let fingerprint = soniq_schema::fingerprint(args).leak();
    let mut spec = TaskSpec::new(leaked(&task.name), task.version, fingerprint)
        .retry(retry(&task.retry))
        .schedule(schedule_spec(contracts, task, schedule));
    if let Some(queue) = &task.queue {
        spec = spec.queue(leaked(queue));
    }
    if let Some(priority) = task.priority {
        spec = spec.priority(priority);
    }
    if task.unique {
        spec = spec.unique();
    }
    Box::leak(Box::new(spec))
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn retry(retry: &contract::Retry) -> RetrySpec {
    let default = RetrySpec::DEFAULT;
    RetrySpec {
        max_attempts: retry.max_attempts,
        backoff: match &retry.backoff {
            None => default.backoff,
            Some(contract::Backoff::Fixed(delay)) => Backoff::Fixed(*delay),
            Some(contract::Backoff::Exponential(delay)) => Backoff::Exponential(*delay),
            Some(contract::Backoff::List(delays)) => {
                let delays: &'static [Duration] = delays.clone().leak();
                Backoff::List(delays)
            }
        },
        max_delay: retry.max_delay,
        jitter: retry.jitter.unwrap_or(default.jitter),
    }
}

fn schedule_spec(contracts: &Contracts, task: &Task, schedule: &Schedule) -> ScheduleSpec {
    let mut args = schedule.args.clone();
    soniq_schema::fill_defaults(contracts.schemas.get(task.args), &mut args);
    ScheduleSpec {
        trigger: match &schedule.trigger {
            contract::Trigger::Cron(expression) => Trigger::Cron(leaked(expression)),
            contract::Trigger::Every(every) => Trigger::Every(*every),
        },
        timezone: schedule.timezone.as_deref().map(leaked),
        catch_up: match schedule.catch_up {
            None | Some(contract::CatchUp::One) => CatchUp::One,
            Some(contract::CatchUp::All) => CatchUp::All,
            Some(contract::CatchUp::None) => CatchUp::None,
        },
        args: args.to_string().leak(),
    }
}
