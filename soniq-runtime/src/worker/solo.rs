//! Whether a worker is clear for a job that must run alone.
//!
//! A job at its last attempt whose worker died may have killed it. It gets one more chance, with
//! nothing beside it, so that nobody else is harmed and its guilt is plain.

use std::time::Duration;

use tokio::time::Instant;

/// While a job waits for an empty worker, the worker looks this often whether it still waits: it
/// may have been claimed by another. After a look in vain it believes the next sign only as much
/// later, since the job may be locked by somebody who takes their time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing to do with solo jobs.
    Clear,
    /// One waits: nothing is claimed until the worker is empty.
    Waits { looked: Instant },
    /// One runs.
    Runs,
}

#[derive(Debug)]
pub(super) struct Solo {
    state: State,
    deaf_until: Instant,
}

impl Solo {
    pub(super) fn new() -> Self {
        Solo {
            state: State::Clear,
            deaf_until: Instant::now(),
        }
    }

    pub(super) fn waits(&self) -> bool {
        matches!(self.state, State::Waits { .. })
    }

    pub(super) fn runs(&self) -> bool {
        self.state == State::Runs
    }

    /// What a peek saw.
    pub(super) fn seen(&mut self, waiting: bool) {
        let now = Instant::now();
        self.state = match self.state {
            State::Runs => State::Runs,
            _ if waiting && now >= self.deaf_until => State::Waits { looked: now },
            _ => State::Clear,
        };
    }

    /// When to look again whether it still waits.
    pub(super) fn look_again_at(&self) -> Option<Instant> {
        match self.state {
            State::Waits { looked } => Some(looked + LOOK_AGAIN),
            State::Clear | State::Runs => None,
        }
    }

    /// The claim for it came back with a job.
    pub(super) fn started(&mut self) {
        self.state = State::Runs;
    }

    /// The claim for it came back with nothing.
    pub(super) fn missed(&mut self) {
        self.state = State::Clear;
        self.deaf_until = Instant::now() + LOOK_AGAIN;
    }

    /// It has ended.
    pub(super) fn ended(&mut self) {
        self.state = State::Clear;
    }
}
