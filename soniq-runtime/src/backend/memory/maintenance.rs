//! Maintenance: what must be done now and then.

use std::time::Duration;

use super::rescue;
use super::state::State;
use crate::backend::Maintained;
use crate::jobs::Status;

/// One pass over all duties.
pub(super) fn maintain(
    state: &mut State,
    default_max_attempts: i32,
    dead_letter_retention: Option<Duration>,
) -> Maintained {
    let rescued = rescue::rescue_orphans(state, default_max_attempts);
    let now = state.now();
    let finished = state.jobs.len();
    state.jobs.retain(|_, row| {
        let ended = matches!(row.job.status, Status::Done | Status::Cancelled);
        !ended || row.job.expires_at.is_none_or(|time| time >= now)
    });
    let expired = finished - state.jobs.len();
    let letters = state.dead_letters.len();
    if let Some(retention) = dead_letter_retention {
        let oldest = state.clock.before(retention);
        let keep = |time| time >= oldest;
        state
            .dead_letters
            .retain(|_, letter| keep(letter.dead_lettered_at));
    }
    let purged = letters - state.dead_letters.len();
    Maintained {
        expired: expired as u64,
        rescued,
        purged: purged as u64,
    }
}
