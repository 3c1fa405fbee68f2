//! The store's own clock: it runs, tests move it ahead, and a drain holds it.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use tokio::time::Instant;

use crate::backend::LONGEST_DELAY;

/// Real time since the store was made, and what tests added. It never goes back, whatever becomes
/// of the machine's clock. Where a test has paused tokio's clock, this one goes by that.
#[derive(Debug)]
pub(super) struct Clock {
    /// What it showed at `since`.
    shown: DateTime<Utc>,
    since: Instant,
    /// Holds under way; while there are any it stands still.
    holds: usize,
}

impl Clock {
    pub(super) fn new() -> Self {
        Clock {
            shown: micros(Utc::now()),
            since: Instant::now(),
            holds: 0,
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        if self.holds > 0 {
            return self.shown;
        }
        micros(self.shown + self.since.elapsed())
    }

    /// So long after now.
    pub(super) fn after(&self, delay: Duration) -> DateTime<Utc> {
        micros(self.now() + delay.min(LONGEST_DELAY))
    }

    /// So long before now.
    pub(super) fn before(&self, age: Duration) -> DateTime<Utc> {
        micros(self.now() - age.min(LONGEST_DELAY))
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.set(self.after(by));
    }

    /// Has it stand still until [`release`](Self::release) was called as often.
    pub(super) fn hold(&mut self) {
        self.set(self.now());
        self.holds += 1;
    }

    pub(super) fn release(&mut self) {
        self.holds = self.holds.saturating_sub(1);
        self.since = Instant::now();
    }

    fn set(&mut self, now: DateTime<Utc>) {
        self.shown = now;
        self.since = Instant::now();
    }
}

/// No finer than Postgres tells times, so that what is compared here compares there alike.
pub(super) fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn it_runs_and_is_moved() {
        let mut clock = Clock::new();
        let before = clock.now();
        clock.advance(HOUR);
        assert!(clock.now() >= before + HOUR);
        let hundred_years = clock.after(Duration::MAX);
        assert!(hundred_years > clock.now());
        clock.advance(Duration::MAX);
        assert!(clock.now() >= hundred_years);
    }

    #[test]
    fn held_it_stands_still_but_can_be_moved() {
        let mut clock = Clock::new();
        clock.hold();
        clock.hold();
        let held = clock.now();
        clock.since -= HOUR;
        assert_eq!(clock.now(), held);
        clock.advance(HOUR);
        assert_eq!(clock.now(), held + HOUR);
        clock.release();
        assert_eq!(clock.now(), held + HOUR);
        clock.release();
        // What passed while it was held is not made up for.
        let released = clock.now();
        assert!(released >= held + HOUR && released < held + 2 * HOUR);
    }
}
