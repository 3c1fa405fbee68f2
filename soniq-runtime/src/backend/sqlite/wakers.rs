//! Tells the workers of this handle what another process has to poll for.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::backend::{Signal, Wake};

/// The open sessions' callbacks.
#[derive(Default)]
pub(crate) struct Wakers(Mutex<Vec<(Uuid, Wake)>>);

impl fmt::Debug for Wakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakers").finish_non_exhaustive()
    }
}

impl Wakers {
    /// Calls `wake` until [`Wakers::remove`] with the same `session`.
    pub(crate) fn add(&self, session: Uuid, wake: Wake) {
        self.with(|wakers| wakers.push((session, wake)));
    }

    pub(crate) fn remove(&self, session: Uuid) {
        self.with(|wakers| wakers.retain(|(known, _)| *known != session));
    }

    /// A job of this queue may be due.
    pub(crate) fn due(&self, queue: &str) {
        self.tell(Signal::Due(queue));
    }

    /// A job that runs has been called off.
    pub(crate) fn called_off(&self, job: Uuid) {
        self.tell(Signal::CalledOff(job));
    }

    fn tell(&self, signal: Signal<'_>) {
        let wakers = self.with(|wakers| wakers.clone());
        for (_, wake) in wakers {
            wake(signal);
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<(Uuid, Wake)>) -> T) -> T {
        // No code that can panic runs under the lock.
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
