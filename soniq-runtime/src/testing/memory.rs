//! The store in memory: made, moved through time, and made to fail.

use std::time::Duration;

use uuid::Uuid;

use crate::backend::memory::Memory;
use crate::error::Error;
use crate::settings::Settings;
use crate::soniq::Soniq;

pub use crate::backend::memory::Fault;

/// A handle on an empty store in memory, with the default settings rather than the environment's.
/// The store is gone when the last clone of the handle is. It is set up from the start.
///
/// Its URL, `memory:` and a name that nobody else has, is in [`Soniq::settings`]: a handle with other
/// settings and this URL is one on the same store.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use soniq_runtime::{Enqueuer, NewJob, testing};
///
/// let soniq = testing::memory();
/// let job = NewJob::new("orders.ship.v1", serde_json::json!({ "order": 7 }))?;
/// let id = (&soniq).insert(job).await?.id();
/// assert!(soniq.jobs().get(id).await?.is_some());
/// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
/// ```
pub fn memory() -> Soniq {
    let settings = Settings {
        database_url: Some(format!("memory:{}", Uuid::now_v7())),
        ..Settings::default()
    };
    Soniq::with_settings(settings).expect("a URL of the store in memory is always fine")
}

/// On the store in memory only, with the feature `testing`.
impl Soniq {
    /// Moves the store's clock ahead: what is scheduled for then becomes due, results and dead letters
    /// past their time may be deleted, schedules fire. Workers that run go on at once and are not
    /// taken for dead. What a handler itself sleeps or times out by is real time.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use std::time::Duration;
    /// use soniq_runtime::{Due, Enqueuer, NewJob, testing};
    ///
    /// let soniq = testing::memory();
    /// let mut job = NewJob::new("orders.remind.v1", serde_json::json!({ "order": 7 }))?;
    /// job.due = Some(Due::After(Duration::from_secs(86_400)));
    /// (&soniq).insert(job).await?;
    /// assert_eq!(soniq.stats().await?.queues[0].due, 0);
    /// soniq.advance(Duration::from_secs(86_400))?;
    /// assert_eq!(soniq.stats().await?.queues[0].due, 1);
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::NeedsMemory`] on other stores.
    pub fn advance(&self, by: Duration) -> Result<(), Error> {
        self.memory("moving the clock")?.advance(by);
        Ok(())
    }

    /// Has the next operation of this kind fail; asked for twice, the next two.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use soniq_runtime::testing::{self, Fault};
    /// use soniq_runtime::{Enqueuer, NewJob};
    ///
    /// let soniq = testing::memory();
    /// soniq.fail_next(Fault::Enqueue)?;
    /// let job = NewJob::new("orders.ship.v1", serde_json::json!({ "order": 7 }))?;
    /// assert!((&soniq).insert(job.clone()).await.unwrap_err().is_transient());
    /// (&soniq).insert(job).await?; // only the next one
    /// # Ok::<(), soniq_runtime::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::NeedsMemory`] on other stores.
    pub fn fail_next(&self, fault: Fault) -> Result<(), Error> {
        self.memory("failing on demand")?.fail_next(fault);
        Ok(())
    }

    fn memory(&self, what: &'static str) -> Result<&Memory, Error> {
        let memory = self.backend().as_memory();
        memory.ok_or(Error::NeedsMemory { what })
    }
}
