//! How often claims of limited tasks look far.
//!
//! Beside a crowd of a key that has all that it may, each claim would look at tens of thousands of rows
//! and find nothing. What has looked in vain does not look again for as long as bounds the share of
//! time that it takes, unless a job has ended meanwhile that may have freed a key.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::backend::trail::rest_after;

/// Of the workers of one handle.
#[derive(Debug, Default)]
pub(super) struct FarLooks(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    not_before: Option<Instant>,
    /// A claim would have looked, and has to come back.
    owed: bool,
    /// How many times a key may have become free.
    freed: u64,
}

/// A look that has started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    began: Instant,
    freed: u64,
}

impl FarLooks {
    /// Whether it may be now.
    pub(super) fn start(&self, now: Instant) -> Option<Look> {
        let mut state = self.state();
        state.owed = state.not_before.is_some_and(|time| now < time);
        (!state.owed).then_some(Look {
            began: now,
            freed: state.freed,
        })
    }

    /// It found nothing. What has become free since it started it may have missed.
    pub(super) fn in_vain(&self, look: Look, now: Instant) {
        let mut state = self.state();
        if look.freed == state.freed {
            let wait = rest_after(now.saturating_duration_since(look.began));
            state.not_before = Some(now + wait);
        }
    }

    /// A job of a limited task has ended: its key may have jobs that lie far.
    pub(super) fn freed(&self) {
        let mut state = self.state();
        state.not_before = None;
        state.freed += 1;
    }

    /// How long until a claim that was to look far may.
    pub(super) fn owed_in(&self, now: Instant) -> Option<Duration> {
        let state = self.state();
        let time = state.not_before.filter(|_| state.owed)?;
        Some(time.saturating_duration_since(now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn looks_in_vain_take_a_twentieth_of_the_time() {
        let (looks, start) = (FarLooks::default(), Instant::now());
        let look = looks.start(start).unwrap();
        looks.in_vain(look, start + 10 * MS);
        assert_eq!(looks.owed_in(start + 10 * MS), None, "nobody was put off");
        assert!(looks.start(start + 199 * MS).is_none());
        assert_eq!(looks.owed_in(start + 150 * MS), Some(50 * MS));
        assert!(looks.start(start + 200 * MS).is_some());
        assert_eq!(looks.owed_in(start + 200 * MS), None);
    }

    #[test]
    fn one_that_found_something_is_followed_by_the_next() {
        let (looks, start) = (FarLooks::default(), Instant::now());
        for _ in 0..3 {
            assert!(looks.start(start).is_some());
        }
    }

    #[test]
    fn a_key_that_became_free_is_looked_for_at_once() {
        let (looks, start) = (FarLooks::default(), Instant::now());
        let look = looks.start(start).unwrap();
        looks.in_vain(look, start + 10 * MS);
        looks.freed();
        let look = looks.start(start + 11 * MS).unwrap();
        looks.freed();
        looks.in_vain(look, start + 20 * MS);
        assert!(looks.start(start + 21 * MS).is_some(), "freed meanwhile");
    }

    #[test]
    fn no_wait_is_longer_than_that_of_a_poll() {
        let (looks, start) = (FarLooks::default(), Instant::now());
        let look = looks.start(start).unwrap();
        looks.in_vain(look, start + 60_000 * MS);
        assert!(looks.start(start + 64_999 * MS).is_none());
        assert!(looks.start(start + 65_000 * MS).is_some());
    }
}
