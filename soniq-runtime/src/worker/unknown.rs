//! What a worker does with jobs that it has no handler for.

/// What becomes of due jobs in a worker's own queues whose task it has no handler for.
///
/// ```
/// # fn example(builder: soniq_runtime::WorkerBuilder) -> soniq_runtime::WorkerBuilder {
/// use soniq_runtime::Unknown;
///
/// builder.queues(["billing"]).unknown(Unknown::DeadLetter)
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unknown {
    /// They stay queued for a worker that handles them, and [`Soniq::stats`](crate::Soniq::stats)
    /// counts those that no live worker takes. During a rolling deploy, or with several services on
    /// one queue, that is the normal state.
    #[default]
    Leave,
    /// They go to the dead letters with the reason `job_not_found`, whenever the worker finds too
    /// little to claim, as workers of Soniq for Python do.
    ///
    /// Only for queues that this worker shares with nobody. A job that another worker of the queue
    /// handles is taken from under it, and so is every job of a new task while workers without it
    /// are still running: deploy workers before producers. What a paused queue holds is left alone.
    DeadLetter,
}

impl Unknown {
    /// The text of the setting.
    pub fn as_str(self) -> &'static str {
        match self {
            Unknown::Leave => "leave",
            Unknown::DeadLetter => "dead-letter",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Unknown::Leave, Unknown::DeadLetter]
            .into_iter()
            .find(|unknown| unknown.as_str() == text)
    }
}
