//! Two schemas of one place: each change with what containment says about it.

use serde_json::Value;

use super::{About, Pair};
use crate::compat::containment::{Break, breaks, breaks_of_json};
use crate::compat::diff::{self, Change};
use crate::compat::finding::{Direction, Finding, Level};
use crate::compat::rules;
use crate::fingerprint::canonical;
use crate::json_schema::SchemaRef;

impl<'a> Pair<'a> {
    /// Holds two schemas against each other, in both directions, and tells what that means for code.
    pub(super) fn schemas(
        &mut self,
        prefix: &str,
        old: SchemaRef<'a>,
        new: SchemaRef<'a>,
        is_args: bool,
    ) -> Vec<Change> {
        let names = self.old.names.as_ref().zip(Some(self.names));
        let changes = diff::changes(old, new, names);
        let is_same = canonical(old) == canonical(new);
        // A result is written by the worker and read by the caller.
        let (by_old, by_new) = if is_args {
            (Direction::Backward, Direction::Forward)
        } else {
            (Direction::Forward, Direction::Backward)
        };
        for (direction, index, writer, reader) in [(by_old, 0, old, new), (by_new, 1, new, old)] {
            if direction == Direction::Backward && !self.options.has_rows(self.version) {
                continue;
            }
            let refused = if is_same {
                Vec::new()
            } else {
                breaks(writer, reader, is_args)
            };
            self.direction(
                prefix,
                direction,
                index,
                &changes,
                &refused,
                (writer, reader),
            );
        }
        for change in &changes {
            let pointer = pointer(prefix, &change.path);
            self.of_change(change, Direction::Source, change.levels[2], &pointer, None);
        }
        changes
    }

    fn direction(
        &mut self,
        prefix: &str,
        direction: Direction,
        index: usize,
        changes: &[Change],
        refused: &[Break],
        (writer, reader): (SchemaRef<'_>, SchemaRef<'_>),
    ) {
        let mut claimed: Vec<Vec<&Break>> = vec![Vec::new(); changes.len()];
        let mut unclaimed: Vec<&Break> = Vec::new();
        for one in refused {
            let fits = changes.iter().enumerate().filter_map(|(position, change)| {
                let fit =
                    change.accounts_for(index, &one.path, one.keyword, one.name.as_deref())?;
                Some((fit, usize::MAX - position))
            });
            match fits.max() {
                Some((_, position)) => claimed[usize::MAX - position].push(one),
                None => unclaimed.push(one),
            }
        }
        for (change, refused) in changes.iter().zip(claimed) {
            let pointer = pointer(prefix, &change.path);
            let witness = refused.iter().find_map(|one| one.witness.clone());
            let level = match (&witness, refused.as_slice()) {
                (Some(_), _) => Level::Breaking,
                (None, [_, ..]) => Level::Unproven,
                (None, []) => change.levels[index],
            };
            if level == Level::Breaking && witness.is_none() {
                // Rows from before the property was there, which its default stood in for.
                let witness = without_default(change, writer, reader);
                let level = if witness.is_some() {
                    level
                } else {
                    Level::Warning
                };
                self.of_change(change, direction, level, &pointer, witness);
                continue;
            }
            self.of_change(change, direction, level, &pointer, witness);
        }
        let has_witness = unclaimed.iter().any(|one| one.witness.is_some());
        let mut told: Vec<String> = Vec::new();
        for one in unclaimed {
            let pointer = pointer(prefix, &one.path);
            if told.contains(&pointer) || has_witness && one.witness.is_none() {
                continue;
            }
            let level = if one.witness.is_some() {
                Level::Breaking
            } else {
                Level::Unproven
            };
            let message = format!("`{}` does not take all that is written", one.keyword);
            let finding = self.finding(About {
                row: &rules::rows_refused::ROW,
                direction,
                level,
                pointer: &pointer,
                new: None,
                message,
            });
            self.findings.extend(finding.map(|finding| Finding {
                witness: one.witness.clone(),
                ..finding
            }));
            told.push(pointer);
        }
    }

    fn of_change(
        &mut self,
        change: &Change,
        direction: Direction,
        level: Level,
        pointer: &str,
        witness: Option<Value>,
    ) {
        let finding = self.finding(About {
            row: change.row,
            direction,
            level,
            pointer,
            new: Some(change.new.clone()),
            message: change.message.clone(),
        });
        self.findings.extend(finding.map(|finding| Finding {
            old: self.old_place(&change.old),
            witness,
            ..finding
        }));
    }
}

/// A place in the values as a JSON pointer.
pub(super) fn pointer(prefix: &str, path: &[String]) -> String {
    let mut pointer = prefix.to_owned();
    for step in path {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

/// A row from before the property was there, which its default stood in for.
fn without_default(change: &Change, writer: SchemaRef<'_>, reader: SchemaRef<'_>) -> Option<Value> {
    let (name, around) = change.path.split_last()?;
    let refused = breaks_of_json(writer, reader);
    let at_property = |one: &&Break| one.path == around && one.name.as_ref() == Some(name);
    refused.iter().find(at_property)?.witness.clone()
}
