//! A task whose number of attempts is left to the environment.

use crate::contract::{Contracts, Task};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(_: &Contracts, task: &Task) -> Option<Diagnostic> {
    let message = format!("the task `{}` has no `retry.max_attempts`", task.key);
    let lint = Diagnostic::new(codes::NO_MAX_ATTEMPTS, message, &task.location);
    task.retry.max_attempts.is_none().then_some(lint)
}
