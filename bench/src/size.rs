//! How much is measured, and for how long at most.

use std::time::{Duration, Instant};

/// How much to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Enough to see that everything runs; its figures mean little.
    Quick,
    /// Enough for figures.
    Full,
    /// With what takes half an hour.
    Long,
}

impl Size {
    /// A tenth of `full` when quick.
    pub fn of(self, full: u32) -> u32 {
        match self {
            Size::Quick => full / 10,
            Size::Full | Size::Long => full,
        }
    }

    /// One of three, as this is.
    pub fn pick<T>(self, quick: T, full: T, long: T) -> T {
        match self {
            Size::Quick => quick,
            Size::Full => full,
            Size::Long => long,
        }
    }

    /// For how long one figure is measured at most.
    pub fn time(self) -> Duration {
        self.pick(
            Duration::from_millis(400),
            Duration::from_secs(3),
            Duration::from_secs(8),
        )
    }

    /// When one figure that begins now has been measured for long enough.
    pub fn deadline(self) -> Instant {
        Instant::now() + self.time()
    }
}
