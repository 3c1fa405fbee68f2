//! What an operator does with a schedule.

use super::super::state::State;
use crate::scheduler::next_regular;

/// Whether it was active; `None` where there is no schedule of this task.
pub(crate) fn pause(state: &mut State, task: &str) -> Option<bool> {
    change(state, task, "paused")
}

/// Whether it was paused; `None` where there is no schedule of this task.
pub(crate) fn resume(state: &mut State, task: &str) -> Option<bool> {
    let now = state.now();
    let resumed = change(state, task, "active")?;
    if resumed && let Some(own) = state.schedules.get_mut(task) {
        let regular = next_regular(&own.stored, now);
        own.stored.next_run = regular.or(own.stored.next_run);
    }
    Some(resumed)
}

fn change(state: &mut State, task: &str, status: &str) -> Option<bool> {
    let stored = &mut state.schedules.get_mut(task)?.stored;
    let changes = stored.status != status;
    status.clone_into(&mut stored.status);
    Some(changes)
}

/// Whether it was there.
pub(crate) fn remove(state: &mut State, task: &str) -> bool {
    state.schedules.remove(task).is_some()
}
