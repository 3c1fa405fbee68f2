//! How many jobs a worker claims ahead of its handlers.
//!
//! One claim takes a round trip and a commit, so a worker with short jobs must claim many at a
//! time; but what it holds and does not start, an idle sibling could run. So it holds what it can
//! start within [`HORIZON`], judged by how long its last jobs took, and no more than [`MOST_BYTES`] of them,
//! judged by how large they were.

use std::time::Duration;

/// A claimed job should start within this time.
const HORIZON: Duration = Duration::from_millis(100);

/// Most jobs held, however short they are. A busy worker claims half of it at a time: of 500, a job
/// costs the server about an eighth less than of 250, and a claim's commit is waited for half as often.
const MOST: usize = 1000;

/// Most bytes of rows held.
const MOST_BYTES: usize = 8 << 20;

/// Weight of the newest job in the running mean.
const WEIGHT: f64 = 0.1;

/// Watches how long jobs take, and how large they are.
#[derive(Debug)]
pub(super) struct Prefetch {
    concurrency: usize,
    /// Running mean of a job's time, in seconds; `None` before the first has ended.
    mean: Option<f64>,
    /// Running mean of a job's bytes.
    size: usize,
}

impl Prefetch {
    pub(super) fn new(concurrency: usize) -> Self {
        Prefetch {
            concurrency,
            mean: None,
            size: 0,
        }
    }

    /// A job took this long.
    pub(super) fn observe(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        self.mean = Some(match self.mean {
            None => took,
            Some(mean) => mean + (took - mean) * WEIGHT,
        });
    }

    /// A job of so many bytes was claimed.
    pub(super) fn weigh(&mut self, bytes: usize) {
        // The same weight, in whole bytes.
        self.size = self.size.saturating_mul(9).saturating_add(bytes) / 10;
    }

    /// Jobs waited for longer than they should: those that run are longer than the mean says.
    pub(super) fn stalled(&mut self) {
        self.mean = Some(self.mean.unwrap_or_default().max(1.0));
    }

    /// How many jobs may wait in the worker beside those that run.
    pub(super) fn ahead(&self) -> usize {
        let Some(mean) = self.mean else {
            return 0;
        };
        let mean = Duration::from_secs_f64(mean).as_micros().max(1);
        let rounds = HORIZON.as_micros() / mean;
        usize::try_from(rounds)
            .unwrap_or(MOST)
            .saturating_mul(self.concurrency)
            .min(MOST)
            .min(self.fit())
    }

    /// Whether so many jobs should have started within the horizon, by how long the last ones took: where
    /// they did not, it is for want of processors, and they are short all the same.
    pub(super) fn are_short(&self, waiting: usize) -> bool {
        waiting <= self.ahead()
    }

    /// How many jobs of the size that they have are not too much to hold.
    fn fit(&self) -> usize {
        MOST_BYTES / self.size.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(concurrency: usize, took: Duration) -> usize {
        let mut prefetch = Prefetch::new(concurrency);
        prefetch.observe(took);
        prefetch.ahead()
    }

    #[test]
    fn short_jobs_are_claimed_ahead_and_long_ones_are_not() {
        assert_eq!(Prefetch::new(4).ahead(), 0, "nothing is known yet");
        assert_eq!(after(4, Duration::from_micros(20)), MOST);
        assert_eq!(after(4, Duration::from_millis(10)), 40);
        assert_eq!(after(16, Duration::from_millis(50)), 32);
        assert_eq!(after(4, Duration::from_secs(1)), 0);
    }

    #[test]
    fn as_many_as_are_held_are_short_until_they_take_longer() {
        let mut prefetch = Prefetch::new(4);
        assert!(!prefetch.are_short(1), "nothing is known yet");
        prefetch.observe(Duration::from_micros(20));
        assert!(prefetch.are_short(MOST));
        for _ in 0..5 {
            prefetch.observe(Duration::from_millis(100));
        }
        assert!(!prefetch.are_short(MOST));
    }

    #[test]
    fn few_large_jobs_are_held() {
        let mut prefetch = Prefetch::new(4);
        prefetch.observe(Duration::from_micros(20));
        for _ in 0..100 {
            prefetch.weigh(1 << 20);
        }
        assert_eq!(prefetch.ahead(), 8);
        for _ in 0..100 {
            prefetch.weigh(200);
        }
        assert_eq!(prefetch.ahead(), MOST);
    }

    #[test]
    fn the_mean_follows_a_change() {
        let mut prefetch = Prefetch::new(1);
        prefetch.observe(Duration::from_micros(10));
        for _ in 0..100 {
            prefetch.observe(Duration::from_secs(1));
        }
        assert_eq!(prefetch.ahead(), 0);
    }
}
