//! Queues as an operator handles them: pause and resume.

use crate::error::Error;
use crate::soniq::Soniq;

/// The door to the queues; see [`Soniq::queues`]. Counts are in [`Soniq::stats`].
#[derive(Debug, Clone, Copy)]
pub struct Queues<'a> {
    pub(crate) soniq: &'a Soniq,
}

impl Queues<'_> {
    /// Has no worker claim from `queue` until it is resumed; `false` when it was paused already.
    ///
    /// Jobs are still enqueued into it, and what a worker has claimed runs on. Any name will do:
    /// a queue need not have had a job yet. Workers of Soniq for Python know nothing of it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pause(&self, queue: &str) -> Result<bool, Error> {
        self.soniq.backend().pause_queue(queue).await
    }

    /// Has workers claim from `queue` again, at once; `false` when it was not paused.
    ///
    /// # Errors
    /// What the database says.
    pub async fn resume(&self, queue: &str) -> Result<bool, Error> {
        self.soniq.backend().resume_queue(queue).await
    }

    /// The paused ones, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn paused(&self) -> Result<Vec<String>, Error> {
        self.soniq.backend().paused_queues().await
    }
}
