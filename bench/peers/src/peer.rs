//! What every queue is asked to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Why a queue did not do it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How a worker is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// As its first example has it.
    Default,
    /// As its documentation advises for speed.
    Best,
}

/// A queue. Only [`enqueue`](Self::enqueue) is for tasks of their own: that the other futures may
/// move between threads is beyond what the compiler can prove of some.
pub trait Peer: Clone + Send + Sync + 'static {
    /// Connects, with so many connections at most.
    async fn connect(url: &str, setting: Setting, connections: u32) -> Result<Self, Failure>;

    /// Makes its tables.
    async fn set_up(&self) -> Result<(), Failure>;

    /// Enqueues one job.
    fn enqueue(&self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Enqueues so many, by what it has for many.
    async fn fill(&self, jobs: u32) -> Result<(), Failure>;

    /// Runs what is enqueued until it is dropped. A handler counts, and does nothing else.
    async fn work(self, seen: Seen) -> Result<(), Failure>;
}

/// Counts the jobs that were run.
#[derive(Debug, Clone)]
pub struct Seen(Arc<Count>);

#[derive(Debug)]
struct Count {
    jobs: AtomicU32,
    most: u32,
    reached: Notify,
}

impl Seen {
    /// Of so many in all.
    pub fn of(most: u32) -> Self {
        Seen(Arc::new(Count {
            jobs: AtomicU32::new(0),
            most,
            reached: Notify::new(),
        }))
    }

    /// One more.
    pub fn one(&self) {
        if self.0.jobs.fetch_add(1, Ordering::Relaxed) + 1 == self.0.most {
            self.0.reached.notify_one();
        }
    }

    /// Waits for the last, and says how many there were by then.
    pub async fn last(&self, patience: Duration) -> u32 {
        // That not all came is told by the number.
        let _ = tokio::time::timeout(patience, self.0.reached.notified()).await;
        self.0.jobs.load(Ordering::Relaxed).min(self.0.most)
    }
}
