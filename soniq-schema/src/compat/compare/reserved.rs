//! Names that were used once: they are not to be used again.

use super::schemas::pointer;
use super::{About, Pair};
use crate::compat::diff::Change;
use crate::compat::finding::{Direction, Finding, Level};
use crate::compat::rules;
use crate::contract::Task;
use crate::json_schema::SchemaRef;

impl Pair<'_> {
    /// Names of properties that went stay taken.
    pub(super) fn reserved(&mut self, task: &Task, changes: &[Change]) {
        let removed = [
            rules::optional_property_removed::ROW.name,
            rules::required_property_removed::ROW.name,
        ];
        for change in changes {
            let Some(name) = change
                .path
                .last()
                .filter(|_| removed.contains(&change.row.name))
            else {
                continue;
            };
            if !task.reserved.contains(name) {
                // `reserved` speaks of the arguments themselves, not of objects inside of them.
                let is_inside = change.path.len() > 1;
                let finding = self.finding(About {
                    row: &rules::name_not_reserved::ROW,
                    direction: Direction::Backward,
                    level: if is_inside {
                        Level::Warning
                    } else {
                        Level::Breaking
                    },
                    pointer: &pointer("/args", &change.path),
                    new: Some(change.new.clone()),
                    message: format!("{name:?} was removed and is not reserved"),
                });
                self.findings.extend(finding.map(|finding| Finding {
                    old: self.old_place(&change.old),
                    help: format!("add {name:?} to `reserved` of the task"),
                    ..finding
                }));
            }
        }
        let names = property_names(self.new.schemas.get(task.args));
        for name in &self.version.reserved {
            if task.reserved.contains(name) {
                continue;
            }
            let is_used = names.contains(name);
            let (row, message) = if is_used {
                (
                    &rules::name_reused::ROW,
                    format!("the reserved name {name:?} is used again"),
                )
            } else {
                (
                    &rules::name_not_reserved::ROW,
                    format!("{name:?} is no longer among the reserved names"),
                )
            };
            self.of_task(row, Direction::Backward, Level::Breaking, message);
        }
    }
}

/// Every name that the arguments have a property under.
fn property_names(schema: SchemaRef<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        if seen.contains(&schema.id) {
            continue;
        }
        seen.push(schema.id);
        let keywords = &schema.node().keywords;
        names.extend(keywords.properties.iter().map(|(name, _)| name.clone()));
        waiting.extend(keywords.in_place().map(|id| schema.at(id)));
    }
    names
}
