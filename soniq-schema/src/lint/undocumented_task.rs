//! A task without a description.

use crate::contract::{Contracts, Task};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(_: &Contracts, task: &Task) -> Option<Diagnostic> {
    let message = format!("the task `{}` has no `description`", task.key);
    let lint = Diagnostic::new(codes::UNDOCUMENTED_TASK, message, &task.location);
    task.description.is_none().then_some(lint)
}
