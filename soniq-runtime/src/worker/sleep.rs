//! When a worker may count on being woken.
//!
//! Where a store wakes sleepers only, an enqueue looks for announced workers when it writes, and
//! commits later. So one that announces itself goes on looking, until every transaction has ended
//! that may not have seen it; only then is it asleep. One that finds jobs at every look is not
//! announced at all: it looks often instead, and no commit carries a notification for its sake.

use std::time::Duration;

use tokio::time::Instant;

use super::claim::{Asked, Claimed};

/// How often a worker looks that is awake and found too little.
const LOOK: Duration = Duration::from_millis(3);
/// How long it has found nothing when it announces itself.
const LINGER: Duration = Duration::from_millis(6);
/// Jobs that are found at a shorter distance keep an announced worker busy: it withdraws. Shorter
/// than `LINGER`, or it would announce itself again at the same pace.
const BUSY: Duration = Duration::from_millis(5);
/// The first pause between the looks of an announced worker; each further one is twice as long, up to a
/// limit.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// Pauses grow no further than this within a second of the announcement, so that a job of a
/// transaction that stayed open for so long starts at once after its commit.
const LIMIT: Duration = Duration::from_millis(20);
/// Later the limit is this part of the time since.
const PART: u32 = 50;

/// What is to be said along with the next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    Nothing,
    /// That the worker is to be woken.
    Asleep,
    /// That it looks by itself.
    Awake,
}

#[derive(Debug)]
pub(super) struct Sleep {
    state: State,
    found_at: Option<Instant>,
    /// Since when nothing was found.
    dry_since: Option<Instant>,
    /// More comes than is worth being woken for.
    busy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Woken by everything, or by nothing: it looks at the poll interval.
    Polling {
        announces: bool,
    },
    Awake,
    Announced {
        /// Transactions with a lower number may not have seen the announcement.
        unseen_by: Option<i64>,
        since: Instant,
        pause: Duration,
    },
    /// They have ended, since the last claim perhaps: one more look sees what they left.
    LastLook,
    Asleep,
}

impl Sleep {
    /// One that never announces itself.
    pub(super) fn never() -> Self {
        Sleep::new(State::Polling { announces: false })
    }

    /// One that has to be announced to be woken.
    pub(super) fn awake() -> Self {
        Sleep::new(State::Awake)
    }

    fn new(state: State) -> Self {
        Sleep {
            state,
            found_at: None,
            dry_since: None,
            busy: false,
        }
    }

    /// The announcement may be gone, with the worker's row or in a crash of the server.
    pub(super) fn forget(&mut self) {
        if self.state != (State::Polling { announces: false }) {
            self.state = State::Awake;
            self.dry_since = None;
        }
    }

    pub(super) fn is_announced(&self) -> bool {
        matches!(
            self.state,
            State::Announced { .. } | State::LastLook | State::Asleep
        )
    }

    /// What goes with a look that is made now.
    pub(super) fn say(&self, now: Instant) -> Say {
        match self.state {
            State::Awake if self.dry_since.is_some_and(|since| now - since >= LINGER) => {
                Say::Asleep
            }
            // Perhaps it hears by now.
            State::Polling { announces: true } => Say::Asleep,
            _ if self.busy && self.is_announced() => Say::Awake,
            _ => Say::Nothing,
        }
    }

    /// How soon to look again, after this; `None` for the poll interval or when something is due.
    pub(super) fn looked(&mut self, now: Instant, claimed: &Claimed) -> Option<Duration> {
        match claimed.said {
            Some((Say::Asleep, true)) => {
                self.state = State::Announced {
                    unseen_by: None,
                    since: now,
                    pause: FIRST_PAUSE,
                };
            }
            Some((Say::Asleep, false)) => self.state = State::Polling { announces: true },
            Some((Say::Awake, _)) => self.state = State::Awake,
            Some((Say::Nothing, _)) | None => {}
        }
        if claimed.asked != Asked::Jobs {
            self.dry_since = None;
            return None;
        }
        if claimed.jobs.is_empty() {
            self.busy = false;
            self.dry_since.get_or_insert(now);
        } else {
            let close = self.found_at.is_some_and(|last| now - last < BUSY);
            self.busy = close || !claimed.short;
            self.found_at = Some(now);
            self.dry_since = None;
        }
        match &mut self.state {
            State::Polling { .. } | State::Asleep => None,
            State::Awake => Some(LOOK),
            State::LastLook => {
                self.state = State::Asleep;
                None
            }
            State::Announced {
                unseen_by,
                since,
                pause,
            } => {
                if let Some(under_way) = claimed.peek.and_then(|peek| peek.under_way) {
                    let unseen_by = unseen_by.get_or_insert(under_way.next);
                    if under_way.oldest >= *unseen_by {
                        self.state = State::LastLook;
                        return Some(Duration::ZERO);
                    }
                }
                let soon = *pause;
                *pause = (soon * 2).min(LIMIT.max((now - *since) / PART));
                Some(soon)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Peek, UnderWay};

    /// A look that found nothing while the transactions from `oldest` to `next` were under way.
    fn dry(said: Option<(Say, bool)>, oldest: i64, next: i64) -> Claimed {
        Claimed {
            short: true,
            asked: Asked::Jobs,
            said,
            peek: Some(Peek {
                under_way: Some(UnderWay { oldest, next }),
                ..Peek::default()
            }),
            ..Claimed::default()
        }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn it_lingers_announces_itself_and_sleeps_when_all_others_have_ended() {
        let start = Instant::now();
        let mut sleep = Sleep::awake();
        assert_eq!(sleep.looked(start, &dry(None, 7, 9)), Some(LOOK));
        assert_eq!(sleep.say(start + ms(5)), Say::Nothing);
        let now = start + LINGER;
        assert_eq!(sleep.say(now), Say::Asleep);

        let announced = dry(Some((Say::Asleep, true)), 7, 9);
        assert_eq!(sleep.looked(now, &announced), Some(ms(5)));
        assert!(sleep.is_announced());
        assert_eq!(sleep.say(now), Say::Nothing);
        // 7 and 8 may not have seen it.
        assert_eq!(sleep.looked(now, &dry(None, 7, 30)), Some(ms(10)));
        assert_eq!(sleep.looked(now, &dry(None, 8, 40)), Some(ms(20)));
        assert_eq!(sleep.looked(now, &dry(None, 8, 40)), Some(ms(20)));
        let later = now + ms(10_000);
        assert_eq!(sleep.looked(later, &dry(None, 8, 40)), Some(ms(20)));
        assert_eq!(sleep.looked(later, &dry(None, 8, 40)), Some(ms(40)));
        // They may have committed between that look's claim and its count of them.
        assert_eq!(sleep.looked(now, &dry(None, 9, 50)), Some(ms(0)));
        assert_eq!(sleep.looked(now, &dry(None, 9, 60)), None);
        assert_eq!(sleep.looked(now, &dry(None, 9, 70)), None);
    }

    #[test]
    fn one_that_cannot_be_woken_polls_and_tries_again() {
        let now = Instant::now();
        let mut sleep = Sleep::awake();
        let refused = dry(Some((Say::Asleep, false)), 1, 2);
        assert_eq!(sleep.looked(now, &refused), None);
        assert!(!sleep.is_announced());
        assert_eq!(sleep.say(now), Say::Asleep);
    }

    #[test]
    fn what_was_announced_before_a_crash_is_announced_again() {
        let now = Instant::now();
        let mut sleep = Sleep::awake();
        sleep.looked(now, &dry(Some((Say::Asleep, true)), 2, 2));
        assert_eq!(sleep.say(now + LINGER), Say::Nothing);
        sleep.forget();
        sleep.looked(now, &dry(None, 3, 3));
        assert_eq!(sleep.say(now + LINGER), Say::Asleep);

        let mut never = Sleep::never();
        never.forget();
        assert_eq!(never.looked(now, &dry(None, 1, 1)), None);
        assert_eq!(never.say(now + LINGER), Say::Nothing);
    }
}
