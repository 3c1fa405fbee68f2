//! Workers that may have died: their sign of life is gone, not yet for long enough to be sure.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use uuid::Uuid;

/// Beats that a worker misses before a lost sign of life counts.
pub(crate) const MISSED: u32 = 3;

/// Intervals after which a beat is late, and a worker's sign of life is looked for.
#[cfg(feature = "sqlite")]
pub(crate) const LATE: f64 = 1.2;

/// What one look tells about a worker whose sign of life is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) worker: Uuid,
    /// Whether it has missed [`MISSED`] beats of its own, too.
    pub(crate) silent: bool,
}

/// What a session remembers of its looks.
///
/// A session that is young takes notes and judges nobody: it may have seen nothing but a restart,
/// after which every sign is gone and nobody is dead.
#[derive(Debug)]
pub(crate) struct Suspects {
    since: HashMap<Uuid, Instant>,
    /// For how long a worker's sign of life must have been gone at every look.
    patience: Duration,
    judges_from: Instant,
}

impl Suspects {
    /// For a session that begins at `now`, of beats `interval` apart, and judges after as many of
    /// them as `settling` says.
    pub(crate) fn new(now: Instant, interval: Duration, settling: u32) -> Self {
        Suspects {
            since: HashMap::new(),
            // A little less than an interval, since timers are not exact.
            patience: interval.mul_f64(0.9),
            judges_from: now + interval.saturating_mul(settling),
        }
    }

    /// Takes in a look at `now`. Gives the workers that are dead: silent, and without their sign of
    /// life for an interval, at this look and at each one since the first.
    pub(crate) fn look(&mut self, now: Instant, gone: &[Sighting]) -> Vec<Uuid> {
        let seen = |sighting: &Sighting| {
            let worker = sighting.worker;
            (worker, self.since.get(&worker).copied().unwrap_or(now))
        };
        self.since = gone.iter().map(seen).collect();
        let is_dead = |sighting: &&Sighting| {
            let since = self.since[&sighting.worker];
            sighting.silent && now >= self.judges_from && now - since >= self.patience
        };
        let dead = gone.iter().filter(is_dead);
        dead.map(|sighting| sighting.worker).collect()
    }

    /// Whether nobody's sign of life was gone at the last look.
    pub(crate) fn is_empty(&self) -> bool {
        self.since.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    /// Looks at these seconds, and what was seen of one worker: `.` its sign of life, `g` that it
    /// is gone, `s` that it is silent, too. Gives the second at which it is dead.
    fn check(settling: u32, looks: &[(f64, char)]) -> Option<f64> {
        let began = Instant::now();
        let mut suspects = Suspects::new(began, INTERVAL, settling);
        let worker = Uuid::now_v7();
        let dead = |&&(second, seen): &&(f64, char)| {
            let gone = (seen != '.').then_some(Sighting {
                worker,
                silent: seen == 's',
            });
            let now = began + Duration::from_secs_f64(second);
            let dead = suspects.look(now, gone.as_slice());
            assert_eq!(suspects.is_empty(), gone.is_none());
            dead == [worker]
        };
        let mut looks = looks.iter();
        looks.find(dead).map(|&(second, _)| second)
    }

    #[test]
    fn a_worker_is_dead_when_it_is_silent_and_was_seen_gone_for_an_interval() {
        for (settling, looks, dead) in [
            // By an old session: from its silence on, since its sign had been missed before.
            (0, &[(2.0, 'g'), (7.0, 'g'), (12.0, 's')][..], Some(12.0)),
            (0, &[(2.0, 's'), (3.2, 's'), (4.4, 's')], None),
            (0, &[(2.0, 's'), (6.4, 's'), (6.5, 's')], Some(6.5)),
            (0, &[(2.0, 'g'), (7.0, 'g'), (60.0, 'g')], None),
            // By a session that began just after the death.
            (
                3,
                &[(5.0, 'g'), (10.0, 'g'), (14.9, 's'), (15.0, 's')],
                Some(15.0),
            ),
            // The first look of an old session, and of one whose looks were held up.
            (3, &[(20.0, 's')], None),
            (3, &[(20.0, 's'), (25.0, 's')], Some(25.0)),
            // It was back in between.
            (0, &[(2.0, 's'), (4.0, '.'), (7.0, 's')], None),
            (
                0,
                &[(2.0, 's'), (4.0, '.'), (7.0, 's'), (12.0, 's')],
                Some(12.0),
            ),
        ] {
            assert_eq!(check(settling, looks), dead, "{looks:?}");
        }
    }
}
