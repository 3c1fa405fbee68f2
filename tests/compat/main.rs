//! Witnesses of the contract gate against generated code: what the gate says that one side writes and
//! the other refuses, the code of the one does write, and that of the other does refuse.
//!
//! The cases are those of soniq-schema's `tests/compat`. The code of both sides of all of them is one
//! crate, compiled once.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod cases;
mod sides;

use std::collections::BTreeMap;

use cases::{Trial, trials};
use serde_json::{Value, json};
use sides::Sides;
use soniq_tests::Compiled;

/// What a type said of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is read, and written again as it was.
    Written,
    /// It is read, and written otherwise: with a default that it lacked.
    Read,
    Refused,
}

impl Outcome {
    fn parse(text: &str) -> Self {
        match text {
            "written" => Outcome::Written,
            "read" => Outcome::Read,
            "refused" => Outcome::Refused,
            other => unreachable!("the program writes outcomes, not {other:?}"),
        }
    }
}

#[test]
fn one_side_writes_what_the_other_refuses() {
    let mut sides = Sides::default();
    let trials: Vec<Trial> = trials(&mut sides);
    // A comparison that finds nothing would try nothing.
    assert!(trials.len() >= 40, "{} witnesses", trials.len());
    let outcomes = outcomes(&sides, &trials);
    let mut failures = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        let (writer, reader) = (outcomes[&(2 * index)], outcomes[&(2 * index + 1)]);
        let writes = if trial.is_of_older_rows {
            Outcome::Read
        } else {
            Outcome::Written
        };
        if (writer, reader) != (writes, Outcome::Refused) {
            failures.push(format!(
                "{trial}: {writer:?} by its writer, {reader:?} by its reader"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// By twice the trial's index for its writer, and one more for its reader.
fn outcomes(sides: &Sides, trials: &[Trial]) -> BTreeMap<usize, Outcome> {
    let values = trials.iter().enumerate().flat_map(|(index, trial)| {
        [
            json!([2 * index, trial.writer, trial.witness]),
            json!([2 * index + 1, trial.reader, trial.witness]),
        ]
    });
    let main =
        include_str!("program.rs.txt").replace("        // One arm per type.\n", &sides.arms());
    let program = Compiled {
        name: "soniq-compat",
        main: &main,
        generated: sides.generated(),
    };
    let values: Value = values.collect();
    let output = program.run(&values.to_string());
    let lines = output.lines().map(|line| line.split_once(' ').unwrap());
    lines
        .map(|(index, outcome)| (index.parse().unwrap(), Outcome::parse(outcome)))
        .collect()
}
