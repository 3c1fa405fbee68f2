//! The scheduler's loop.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{Contracts, FailedFiring, Fired, Firing, ScheduleChange};
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::soniq::Soniq;
use crate::task::TaskSpec;

/// How long a scheduler sleeps at most: a schedule added meanwhile is seen by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// How long it sleeps at least: one that fires all the time must not keep the database busy.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// How often one schedule that cannot fire is told of.
const TELL_AGAIN: Duration = Duration::from_secs(60);

/// Enqueues tasks at their times.
///
/// ```no_run
/// # async fn example(tasks: Vec<&'static soniq_runtime::TaskSpec>) -> Result<(), soniq_runtime::Error> {
/// use soniq_runtime::{Scheduler, Soniq, shutdown_signal};
///
/// let soniq = Soniq::from_env()?;
/// let scheduler = Scheduler::new(&soniq).tasks_of("billing", tasks);
/// scheduler.run_until(shutdown_signal()).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Scheduler {
    soniq: Soniq,
    contracts: Vec<Contracts>,
    /// Schedules that cannot fire, and when that was told last.
    told: Arc<Mutex<HashMap<Uuid, Instant>>>,
}

impl Scheduler {
    /// A scheduler of whatever schedules are stored.
    pub fn new(soniq: &Soniq) -> Self {
        Scheduler {
            soniq: soniq.clone(),
            contracts: Vec::new(),
            told: Arc::default(),
        }
    }

    /// Also stores the schedules of these tasks' contracts, at its start.
    ///
    /// Nobody notices when one of them is gone from the contracts; see
    /// [`tasks_of`](Scheduler::tasks_of).
    #[must_use]
    pub fn tasks(self, tasks: impl IntoIterator<Item = &'static TaskSpec>) -> Self {
        self.with(None, tasks)
    }

    /// Also stores the schedules of these tasks' contracts, at its start, and reports those that
    /// earlier tasks of this owner had and these have no more.
    ///
    /// The owner is a name that stays: a service's, not a process's. It must give all its tasks at
    /// once. Schedules that another owner has too, or that were stored without one, are none of
    /// its business.
    #[must_use]
    pub fn tasks_of(
        self,
        owner: impl Into<String>,
        tasks: impl IntoIterator<Item = &'static TaskSpec>,
    ) -> Self {
        self.with(Some(owner.into()), tasks)
    }

    fn with(
        mut self,
        owner: Option<String>,
        tasks: impl IntoIterator<Item = &'static TaskSpec>,
    ) -> Self {
        let tasks = tasks.into_iter().collect();
        self.contracts.push(Contracts { owner, tasks });
        self
    }

    /// Stores the contracts' schedules: new ones are added, changed ones replaced, a paused one
    /// stays paused. Nothing is deleted: what the contracts have no more is reported once, as
    /// [`Orphaned`](ScheduleChange::Orphaned), and marked until somebody removes it or a contract
    /// has it again.
    ///
    /// # Errors
    /// [`Error::Schedule`] for an expression that cannot be read, or what the database says.
    pub async fn reconcile(&self) -> Result<Vec<ScheduleChange>, Error> {
        let settings = self.soniq.settings();
        let defaults = ScheduleDefaults {
            priority: settings.priority,
            max_attempts: settings.default_max_attempts(),
        };
        self.soniq
            .backend()
            .reconcile_schedules(&self.contracts, defaults)
            .await
    }

    /// Enqueues what is due now, once; `None` when another scheduler is at it.
    ///
    /// A schedule that cannot fire stops no other and stays as it is; it is logged once a minute.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tick(&self) -> Result<Option<Vec<Firing>>, Error> {
        Ok(self.fire().await?.map(|fired| fired.firings))
    }

    /// Runs until `shutdown` completes. A database that cannot be reached is tried again.
    ///
    /// # Errors
    /// A schema that does not fit, or a contract's schedule that cannot be read, at the start.
    pub async fn run_until(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        self.soniq.check_schema().await?;
        let mut settled = self.settle().await?;
        tracing::info!("scheduler started");
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let sleep = match self.step(&mut settled).await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::error!(%error, "the scheduler could not fire; trying again");
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Reconciles and says what changed; whether all of it could be stored.
    async fn settle(&self) -> Result<bool, Error> {
        let mut settled = true;
        for change in self.reconcile().await? {
            match change {
                ScheduleChange::Added(task) => tracing::info!(task, "schedule added"),
                ScheduleChange::Changed(task) => tracing::info!(task, "schedule changed"),
                ScheduleChange::Orphaned(task) => tracing::warn!(
                    task,
                    "no contract has this schedule any more, and it still fires; \
                     `soniq schedules remove` removes it"
                ),
                ScheduleChange::Postponed(task) => {
                    settled = false;
                    tracing::warn!(task, "somebody has the schedule's row locked; trying again");
                }
            }
        }
        Ok(settled)
    }

    /// Fires what is due; how long to sleep.
    async fn step(&self, settled: &mut bool) -> Result<Duration, Error> {
        let fired = self.fire().await?;
        for firing in fired.iter().flat_map(|fired| &fired.firings) {
            tracing::info!(task = firing.job_name, job = %firing.job_id, "schedule fired");
        }
        if !*settled {
            *settled = self.settle().await?;
        }
        // What was due at the look and still is cannot fire, or somebody has it locked, or another
        // scheduler is firing it: that is looked at again, but is no reason to hurry.
        let looked = fired.map(|fired| fired.now);
        let next = self.soniq.backend().next_firing(looked).await?;
        Ok(next
            .unwrap_or(LONGEST_SLEEP)
            .clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
    }

    async fn fire(&self) -> Result<Option<Fired>, Error> {
        let producer = &self.soniq.settings().producer_id;
        let fired = self.soniq.backend().fire_schedules(producer).await?;
        if let Some(fired) = &fired {
            self.tell(&fired.failures);
        }
        Ok(fired)
    }

    /// Logs what could not fire, each schedule at most once in [`TELL_AGAIN`].
    fn tell(&self, failures: &[FailedFiring]) {
        // A panic elsewhere cannot leave the map half written.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        told.retain(|id, _| failures.iter().any(|failure| failure.schedule == *id));
        for failure in failures {
            let last = told.get(&failure.schedule);
            if last.is_some_and(|last| now.duration_since(*last) < TELL_AGAIN) {
                continue;
            }
            told.insert(failure.schedule, now);
            tracing::error!(
                task = failure.job_name,
                reason = failure.reason,
                "a stored schedule cannot fire; it is skipped until it can"
            );
        }
    }
}
