//! What is queued, and assertions on it.
#![expect(clippy::panic, reason = "an assertion that does not hold")]

use std::fmt::{self, Write as _};
use std::panic::Location;

use serde_json::Value;

use crate::check::{self, Checked, Violation};
use crate::error::Error;
use crate::jobs::{Job, JobFilter, Status};
use crate::soniq::Soniq;
use crate::task::TaskRef;

/// Most jobs that a failure lists.
const LISTED: usize = 50;

/// A queued job and its arguments.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Queued<A> {
    /// The row: its queue, its priority, when it is due.
    pub job: Job,
    /// Decoded.
    pub args: A,
}

/// With the feature `testing`, on every store.
///
/// A failure lists what is queued instead. Jobs that run, and those that have ended, are not queued;
/// rows under an alias or a retired version's name are not of the task. The futures panic where they
/// are awaited, and name the line that asked.
impl Soniq {
    /// The queued jobs of a task, those for later included, oldest first.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// let orders = (1..4).map(|order| Ship { order });
    /// EnqueueOptions::default().enqueue_many(&soniq, orders).await?;
    ///
    /// let orders: Vec<i64> = soniq.queued(SHIP).await?.iter().map(|own| own.args.order).collect();
    /// assert_eq!(orders, [1, 2, 3]);
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgs`] of a row that breaks the contract, or what the database says.
    pub async fn queued<A: Checked>(&self, task: TaskRef<A>) -> Result<Vec<Queued<A>>, Error> {
        let filter = JobFilter::default().job_name(task.name());
        let jobs = queued(self, filter).await?;
        let decoded = jobs.into_iter().map(|job| match decode(&job) {
            Ok(args) => Ok(Queued { job, args }),
            Err(violations) => Err(Error::InvalidArgs {
                task: job.job_name,
                violations,
            }),
        });
        decoded.collect()
    }

    /// That a job of this task is queued whose arguments fit. The oldest comes back, for assertions on
    /// its queue, its priority or its time.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// let express = EnqueueOptions::default().priority(1);
    /// express.enqueue(&soniq, Ship { order: 7 }).await?;
    ///
    /// let queued = soniq.assert_enqueued(SHIP, |args| args.order == 7).await;
    /// assert_eq!(queued.job.priority, 1);
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    /// If there is none, or the database fails.
    #[track_caller]
    pub fn assert_enqueued<A: Checked>(
        &self,
        task: TaskRef<A>,
        fits: impl Fn(&A) -> bool,
    ) -> impl Future<Output = Queued<A>> {
        let asked = Location::caller();
        async move {
            let found = fitting(self, task, &fits, asked).await;
            match found.into_iter().next() {
                Some(queued) => queued,
                None => {
                    fail(
                        self,
                        asked,
                        format!("no queued job of {} fits", task.name()),
                    )
                    .await
                }
            }
        }
    }

    /// That so many jobs of this task are queued whose arguments fit.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// let orders = (1..4).map(|order| Ship { order });
    /// EnqueueOptions::default().enqueue_many(&soniq, orders).await?;
    ///
    /// soniq.assert_enqueued_times(SHIP, 2, |args| args.order > 1).await;
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    /// If there are more or fewer, or the database fails.
    #[track_caller]
    pub fn assert_enqueued_times<A: Checked>(
        &self,
        task: TaskRef<A>,
        times: usize,
        fits: impl Fn(&A) -> bool,
    ) -> impl Future<Output = ()> {
        let asked = Location::caller();
        async move {
            let found = fitting(self, task, &fits, asked).await.len();
            if found != times {
                let name = task.name();
                let what =
                    format!("expected {times} queued jobs of {name} that fit, found {found}");
                fail(self, asked, what).await;
            }
        }
    }

    /// That no job of this task is queued whose arguments fit.
    ///
    #[doc = include_str!("example_task.md")]
    /// let soniq = testing::memory();
    /// EnqueueOptions::default().enqueue(&soniq, Ship { order: 7 }).await?;
    ///
    /// soniq.assert_not_enqueued(SHIP, |args| args.order == 8).await;
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    /// If there is one, or the database fails.
    #[track_caller]
    pub fn assert_not_enqueued<A: Checked>(
        &self,
        task: TaskRef<A>,
        fits: impl Fn(&A) -> bool,
    ) -> impl Future<Output = ()> {
        self.assert_enqueued_times(task, 0, fits)
    }

    /// That no job of any task is queued.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let soniq = soniq_runtime::testing::memory();
    /// soniq.assert_nothing_enqueued().await;
    /// # })
    /// ```
    ///
    /// # Panics
    /// If there is one, or the database fails.
    #[track_caller]
    pub fn assert_nothing_enqueued(&self) -> impl Future<Output = ()> {
        let asked = Location::caller();
        async move {
            let jobs = rows(self, JobFilter::default(), asked).await;
            if !jobs.is_empty() {
                let what = format!("expected no queued job, found {}", jobs.len());
                fail(self, asked, what).await;
            }
        }
    }
}

/// Oldest first.
async fn queued(soniq: &Soniq, filter: JobFilter) -> Result<Vec<Job>, Error> {
    let filter = filter.status(Status::Queued).limit(u32::MAX);
    let mut jobs = soniq.jobs().list(&filter).await?;
    jobs.reverse();
    Ok(jobs)
}

async fn rows(soniq: &Soniq, filter: JobFilter, asked: &Location<'_>) -> Vec<Job> {
    match queued(soniq, filter).await {
        Ok(jobs) => jobs,
        Err(error) => panic!("{error}; asked for at {asked}"),
    }
}

/// Rows that cannot be decoded do not fit, and show in the list of a failure.
async fn fitting<A: Checked>(
    soniq: &Soniq,
    task: TaskRef<A>,
    fits: &impl Fn(&A) -> bool,
    asked: &Location<'_>,
) -> Vec<Queued<A>> {
    let jobs = rows(soniq, JobFilter::default().job_name(task.name()), asked).await;
    let decoded = jobs.into_iter().filter_map(|job| {
        let args = decode(&job).ok()?;
        Some(Queued { job, args })
    });
    decoded.filter(|queued| fits(&queued.args)).collect()
}

fn decode<A: Checked>(job: &Job) -> Result<A, Vec<Violation>> {
    check::decode(job.args.clone())
}

/// Fails with what is queued.
async fn fail(soniq: &Soniq, asked: &Location<'_>, what: String) -> ! {
    let jobs = rows(soniq, JobFilter::default(), asked).await;
    panic!("{what}; asked for at {asked}; {}", Listed(&jobs))
}

/// Jobs, one a line.
struct Listed<'a>(&'a [Job]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing is queued");
        }
        f.write_str("queued are:")?;
        for job in self.0.iter().take(LISTED) {
            write!(f, "\n  {} {}", job.job_name, shortened(&job.args))?;
            if let Some(due) = job.scheduled_at {
                write!(f, " due {due}")?;
            }
        }
        if let Some(more) = self.0.len().checked_sub(LISTED + 1) {
            write!(f, "\n  and {} more", more + 1)?;
        }
        Ok(())
    }
}

/// Of arguments, enough to tell them apart.
fn shortened(args: &Value) -> String {
    const MOST: usize = 400;
    let text = args.to_string();
    match text.char_indices().nth(MOST) {
        None => text,
        Some((end, _)) => {
            let mut short = text[..end].to_owned();
            let _ = write!(short, "... ({} bytes)", text.len());
            short
        }
    }
}
