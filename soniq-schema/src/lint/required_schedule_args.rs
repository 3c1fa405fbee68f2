//! Required args of a task that the scheduler enqueues.

use super::union::applied;
use crate::contract::{Contracts, Task};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(contracts: &Contracts, task: &Task) -> Option<Diagnostic> {
    let schedule = task.schedule.as_ref()?;
    let applied = applied(contracts.schemas.get(task.args));
    let has_default = |name: &str| {
        applied.iter().any(|schema| {
            let mut properties = schema.node().keywords.properties.iter();
            properties.any(|(key, id)| key == name && schema.at(*id).default_value().is_some())
        })
    };
    let mut names: Vec<String> = Vec::new();
    for name in applied.iter().flat_map(|one| &one.node().keywords.required) {
        let quoted = format!("`{name}`");
        if !has_default(name) && !names.contains(&quoted) {
            names.push(quoted);
        }
    }
    if names.is_empty() {
        return None;
    }
    let names = names.join(", ");
    let message = format!("the scheduled task `{}` requires {names}", task.key);
    let at = &schedule.location;
    let lint = Diagnostic::new(codes::REQUIRED_SCHEDULE_ARGS, message, at);
    Some(lint.label("every firing has the same args"))
}
