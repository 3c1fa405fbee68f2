//! What a comparison finds.

use std::fmt;

use serde_json::Value;

use super::rules::Rule;
use crate::source::Location;

/// Who meets whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// What old code wrote, new code reads. Of a result, it is what new workers return and callers
    /// that were built earlier wait for.
    Backward,
    /// What new code wrote, old code reads: workers not deployed yet, or rolled back.
    Forward,
    /// The code of callers and handlers, which has to compile.
    Source,
    /// How rows are run that are there already.
    Operational,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Backward => "backward",
            Direction::Forward => "forward",
            Direction::Source => "source",
            Direction::Operational => "operational",
        })
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Proven to do no harm.
    Safe,
    /// Worth a look.
    Warning,
    /// Neither proven to be safe nor shown to break; fails as if it broke.
    Unproven,
    /// Breaks.
    Breaking,
}

impl Level {
    /// Whether a check with such a finding fails.
    pub fn fails(self) -> bool {
        self >= Level::Unproven
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Safe => "safe",
            Level::Warning => "warning",
            Level::Unproven => "unproven",
            Level::Breaking => "breaking",
        })
    }
}

/// One change, and what comes of it in one direction.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which rule speaks.
    pub rule: Rule,
    /// What it says.
    pub level: Level,
    /// The task, `billing.send_invoice`.
    pub task: String,
    /// The version that was released.
    pub old_version: Option<u32>,
    /// The version that it is compared with; none where there is none any more.
    pub new_version: Option<u32>,
    /// Where in the values: `/args/lines/*/sku`, with `*` for every item or undeclared property.
    /// Empty for what is about the task as a whole.
    pub pointer: String,
    /// The place in the old contracts, in their [`sources`](crate::Contracts::sources); none where
    /// the old state is a lock file's.
    pub old: Option<Location>,
    /// The place in the new contracts, or the nearest one that is left.
    pub new: Option<Location>,
    /// What was changed and what follows.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// A whole value that one side writes and the other refuses; confirmed by both schemas. Every
    /// breaking finding about values has one.
    pub witness: Option<Value>,
}

impl Finding {
    /// `B002`
    pub fn id(&self) -> &'static str {
        self.rule.id()
    }

    /// The rule's direction.
    pub fn direction(&self) -> Direction {
        self.rule.direction
    }
}
