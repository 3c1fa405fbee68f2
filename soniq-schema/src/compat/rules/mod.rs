//! The rules: one file for each row of the table of changes, with a stable id per direction.
//!
//! What a rule says about a change comes from the comparison; here stands what it is called and how
//! it is explained. An id keeps its meaning, and the number of a rule that is no longer used is not
//! given to another.

use std::fmt;

use super::finding::Direction;

/// A kind of change.
#[derive(Debug)]
pub struct Row {
    /// `required-property-added`
    pub name: &'static str,
    /// The change in one sentence.
    pub title: &'static str,
    /// Its id where old rows meet new code, if it can do harm there or has to be looked at.
    pub backward: Option<&'static str>,
    /// Its id where new rows meet old code.
    pub forward: Option<&'static str>,
    /// Its id where code has to compile.
    pub source: Option<&'static str>,
    /// Its id where rows are run otherwise than before.
    pub operational: Option<&'static str>,
    /// What follows, and why.
    pub explanation: &'static str,
    /// A piece of a contract before the change.
    pub before: &'static str,
    /// The same after it.
    pub after: &'static str,
    /// How to mend it. `TASK` stands for the task: a finding names it in its place.
    pub help: &'static str,
}

impl Row {
    /// The rule in a direction, if there is one.
    pub fn rule(&'static self, direction: Direction) -> Option<Rule> {
        self.id(direction).map(|_| Rule {
            row: self,
            direction,
        })
    }

    fn id(&self, direction: Direction) -> Option<&'static str> {
        match direction {
            Direction::Backward => self.backward,
            Direction::Forward => self.forward,
            Direction::Source => self.source,
            Direction::Operational => self.operational,
        }
    }
}

/// A kind of change as it matters in one direction.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The change.
    pub row: &'static Row,
    /// The direction.
    pub direction: Direction,
}

impl Rule {
    /// `B002`
    pub fn id(self) -> &'static str {
        // A rule is made of a row that has an id in this direction.
        self.row.id(self.direction).unwrap_or_default()
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.row.name)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Rule {}

macro_rules! rows {
    ($($module:ident,)*) => {
        $(pub(super) mod $module;)*

        /// Every row, in the order of the table.
        pub static ROWS: &[&Row] = &[$(&$module::ROW),*];
    };
}

rows! {
    rows_refused,
    optional_property_added,
    required_property_added,
    defaulted_property_added,
    optional_property_removed,
    required_property_removed,
    property_became_required,
    property_became_optional,
    property_renamed,
    type_changed,
    type_widened,
    type_narrowed,
    null_allowed,
    null_forbidden,
    enum_value_added,
    enum_value_removed,
    enum_opened,
    enum_closed,
    object_closed,
    object_opened,
    property_added_to_closed,
    branch_added,
    branch_removed,
    tag_changed,
    constraint_tightened,
    constraint_loosened,
    logic_changed,
    default_changed,
    default_removed,
    default_added,
    type_renamed,
    task_removed,
    version_not_bumped,
    version_lowered,
    version_not_retired,
    name_not_reserved,
    name_reused,
    queue_moved,
    priority_changed,
    attempts_lowered,
    timeout_lowered,
    uniqueness_changed,
    schedule_changed,
    concurrency_changed,
}

/// Every rule: row by row, and of each the directions in which it has an id.
pub fn all() -> impl Iterator<Item = Rule> {
    let directions = [
        Direction::Backward,
        Direction::Forward,
        Direction::Source,
        Direction::Operational,
    ];
    let rows = ROWS.iter();
    rows.flat_map(move |row| {
        directions
            .into_iter()
            .filter_map(|direction| row.rule(direction))
    })
}

/// The rule with this id.
///
/// ```
/// let rule = soniq_schema::compat::rules::find("B002").unwrap();
/// assert_eq!(rule.row.name, "required-property-added");
/// assert!(soniq_schema::compat::rules::find("B999").is_none());
/// ```
pub fn find(id: &str) -> Option<Rule> {
    all().find(|rule| rule.id() == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_of_one_rule_each_and_tell_the_direction() {
        let mut ids = BTreeSet::new();
        for rule in all() {
            let letter = rule.direction.to_string()[..1].to_uppercase();
            assert!(rule.id().starts_with(&letter), "{rule:?}");
            assert!(ids.insert(rule.id()), "{rule:?} is there twice");
        }
    }
}
