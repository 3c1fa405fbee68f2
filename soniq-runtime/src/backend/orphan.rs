//! What becomes of a claim whose worker died, whatever store it lies in.

use super::{Delay, Fence, Finish, Outcome};
use crate::dead_letter::Reason;

/// A claim whose worker died.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Orphan {
    pub(crate) fence: Fence,
    /// `None` in rows of producers that leave it to the handler.
    pub(crate) max_attempts: Option<i32>,
    /// It was claimed to run alone.
    pub(crate) solo: bool,
    /// Somebody called it off while it ran.
    pub(crate) called_off: bool,
}

impl Orphan {
    /// Queued again with its attempts as they stand; at its limit queued once more to run alone; and
    /// given up when it has been alone with its worker already.
    ///
    /// A row that leaves its limit to the handler is judged by the rescuer's setting: the handler's
    /// policy is known only to workers that have it, and a job must not crash them without end. Such
    /// a job still runs once more alone, and there a failure is judged by the policy again.
    ///
    /// A job that was called off goes nowhere: putting it back ends it as cancelled.
    pub(crate) fn verdict(self, default_max_attempts: i32) -> Finish {
        let max_attempts = self.max_attempts.unwrap_or(default_max_attempts);
        let at_limit = self.fence.attempts.unwrap_or(0) >= max_attempts;
        let outcome = if at_limit && self.solo && !self.called_off {
            Outcome::DeadLetter {
                reason: Reason::MaxRetriesExceeded,
                error: Some("its worker died while it ran alone".to_owned()),
                max_attempts,
            }
        } else {
            Outcome::Requeue {
                refund: false,
                delay: Delay::Keep,
                error: None,
                solo: at_limit,
            }
        };
        Finish::new(self.fence, outcome)
    }
}
