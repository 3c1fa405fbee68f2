//! What can go wrong, each with what to do about it.

use crate::check::Violation;

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The arguments break the task's contract; nothing was written.
    #[error("arguments of {task} break its contract: {}", list(violations))]
    InvalidArgs {
        /// Wire name of the task.
        task: String,
        /// Every broken rule.
        violations: Vec<Violation>,
    },
}

fn list(violations: &[Violation]) -> String {
    let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
    text.join("; ")
}
