//! How far a worker's claims have come, for when it is dear to begin at the beginning.
//!
//! A claim passes over the index entries of whatever was claimed and has not been vacuumed away since.
//! Nearly always they are few. While somebody holds a transaction open they are all that were claimed
//! since it began: hundreds of thousands, each time. Then claims go on from where the last ones ended, and
//! begin at the beginning only as often as bounds the share of time that this takes. What lies before
//! that place, a retry or the job of a slow transaction, waits for so long.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Peek;

/// What a look may take, the way to the server and its planning included: so long in all, and so long for each
/// job that it finds.
const FAIR: Duration = Duration::from_millis(25);
const FAIR_FOR_A_JOB: Duration = Duration::from_micros(100);
/// How many in a row have to take longer: one may have met a busy processor.
const DEAR: u32 = 2;
/// The wait after a dear look, in times of what it took: at most a twentieth of the time goes there.
const WAIT: u32 = 19;
/// The longest wait, however long a busy server took.
const MOST: Duration = Duration::from_secs(5);

/// How long something dear is not done again.
pub(crate) fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(WAIT).min(MOST)
}

/// A place in the order of claims, but for the priority.
pub(crate) type Place = (DateTime<Utc>, Uuid);

/// What a worker's store remembers between its looks.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The last place of each priority.
    ends: BTreeMap<i32, Place>,
    claims: Spacing,
    peeks: Spacing,
    /// When the next job is due, as the last look ahead said.
    next_due: Option<Instant>,
    /// Each look begins at the beginning, however dear.
    thorough: bool,
}

/// How often something dear is done.
#[derive(Debug, Default)]
struct Spacing {
    dear: u32,
    not_before: Option<Instant>,
}

impl Spacing {
    /// Until then it is not due.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let time = self.not_before?;
        time.checked_duration_since(now)
            .filter(|wait| !wait.is_zero())
    }

    fn took(&mut self, took: Duration, fair: Duration, now: Instant) {
        self.dear = if took > fair { self.dear + 1 } else { 0 };
        self.not_before = (self.dear >= DEAR).then(|| now + rest_after(took));
    }
}

impl Trail {
    /// The last places, by priority, if the claim should go on from there. A worker that has claimed
    /// nothing yet has none, and begins at the beginning.
    pub(crate) fn onward(&self, now: Instant) -> Option<Vec<(i32, Place)>> {
        let state = self.state();
        state.claims.wait(now)?;
        if state.thorough || state.ends.is_empty() {
            return None;
        }
        Some(
            state
                .ends
                .iter()
                .map(|(priority, place)| (*priority, *place))
                .collect(),
        )
    }

    /// A claim that began at the beginning has taken so long for so many jobs.
    pub(crate) fn walked(&self, took: Duration, jobs: usize, now: Instant) {
        let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
        let fair = FAIR.saturating_add(FAIR_FOR_A_JOB.saturating_mul(jobs));
        self.state().claims.took(took, fair, now);
    }

    /// The next claim begins at the beginning.
    pub(crate) fn begin_anew(&self) {
        self.state().claims = Spacing::default();
    }

    /// Whoever stops when there is nothing more to do has to see all there is.
    pub(crate) fn be_thorough(&self) {
        self.state().thorough = true;
    }

    /// Jobs were claimed up to there.
    pub(crate) fn come_to(&self, priority: i32, place: Place) {
        let mut state = self.state();
        let end = state.ends.entry(priority).or_insert(place);
        *end = place.max(*end);
    }

    /// What is known of what comes next, while it is too dear to look.
    pub(crate) fn foreseen(&self, now: Instant) -> Option<Peek> {
        let state = self.state();
        if state.thorough {
            return None;
        }
        let look = state.peeks.wait(now)?;
        let due = state
            .next_due
            .map(|time| time.saturating_duration_since(now));
        let claim = state.claims.wait(now);
        Some(Peek {
            next_due: [Some(look), due, claim].into_iter().flatten().min(),
            ..Peek::default()
        })
    }

    /// A look ahead has taken so long, and found this; when the next claim should be, as far as that is
    /// known.
    pub(crate) fn peeked(
        &self,
        took: Duration,
        next_due: Option<Duration>,
        now: Instant,
    ) -> Option<Duration> {
        let mut state = self.state();
        state.peeks.took(took, FAIR, now);
        state.next_due = next_due.and_then(|wait| now.checked_add(wait));
        next_due.into_iter().chain(state.claims.wait(now)).min()
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
    fn two_dear_looks_in_a_row_are_followed_by_shorter_ones_for_nineteen_times_as_long() {
        let (trail, start) = (Trail::default(), Instant::now());
        trail.come_to(100, (DateTime::UNIX_EPOCH, Uuid::nil()));
        trail.walked(50 * MS, 1, start);
        assert_eq!(trail.onward(start), None, "it may have been the machine");
        trail.walked(50 * MS, 1, start);
        let onward = trail.onward(start + 949 * MS).unwrap();
        assert_eq!(onward, [(100, (DateTime::UNIX_EPOCH, Uuid::nil()))]);
        assert_eq!(trail.onward(start + 950 * MS), None);
    }

    #[test]
    fn who_has_to_see_all_there_is_begins_at_the_beginning() {
        let (trail, start) = (Trail::default(), Instant::now());
        trail.come_to(100, (DateTime::UNIX_EPOCH, Uuid::nil()));
        for _ in 0..2 {
            trail.walked(50 * MS, 1, start);
            trail.peeked(50 * MS, None, start);
        }
        assert!(trail.onward(start).is_some() && trail.foreseen(start).is_some());
        trail.be_thorough();
        assert!(trail.onward(start).is_none() && trail.foreseen(start).is_none());
    }

    #[test]
    fn a_look_may_take_its_time_for_what_it_finds() {
        let (trail, start) = (Trail::default(), Instant::now());
        for _ in 0..3 {
            trail.walked(50 * MS, 1000, start);
        }
        assert_eq!(trail.onward(start), None);
    }

    #[test]
    fn what_was_seen_ahead_is_told_until_the_next_look() {
        let (trail, start) = (Trail::default(), Instant::now());
        for _ in 0..2 {
            assert_eq!(trail.foreseen(start).map(|peek| peek.next_due), None);
            let due = trail.peeked(100 * MS, Some(300 * MS), start);
            assert_eq!(due, Some(300 * MS));
        }
        let at = |time| trail.foreseen(time).map(|peek| peek.next_due.unwrap());
        assert_eq!(at(start + 100 * MS), Some(200 * MS), "the job");
        assert_eq!(at(start + 1000 * MS), Some(Duration::ZERO), "is due");
        assert_eq!(at(start + 1900 * MS), None, "the look");
    }

    #[test]
    fn who_sleeps_wakes_for_the_look_that_is_owed() {
        let (trail, start) = (Trail::default(), Instant::now());
        for _ in 0..2 {
            trail.walked(100 * MS, 0, start);
        }
        assert_eq!(trail.peeked(MS, None, start), Some(1900 * MS));
        trail.begin_anew();
        assert_eq!(trail.peeked(MS, None, start), None);
    }
}
