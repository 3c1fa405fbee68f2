//! Generated checks against `soniq_schema::evaluate`, over random schemas.
//!
//! As many schemas as `SONIQ_RANDOM_SCHEMAS` says, made from `SONIQ_RANDOM_SEED`, become one crate
//! for each dialect. It checks random values: generated code accepts what `evaluate` accepts, which the
//! oracle of soniq-schema's tests holds to JSON Schema, and what it accepts it carries through its types.
//!
//! ```text
//! SONIQ_RANDOM_SEED=7 SONIQ_RANDOM_SCHEMAS=500 cargo test -p soniq-tests --test random
//! ```
#![allow(clippy::unwrap_used, reason = "a broken build ends the run")]

#[path = "../../soniq-schema/tests/arbitrary/mod.rs"]
mod arbitrary;
mod harness;
#[allow(dead_code, reason = "random groups are not read from files")]
mod suite;

use std::process::ExitCode;

use arbitrary::{Choices, numbers, schema, value};
use harness::{Generated, Outcome};
use soniq_schema::json_schema::{Dialect, evaluate_as};
use soniq_schema::load_sources;
use suite::{Group, Test};

/// How many values each schema is given.
const VALUES: usize = 30;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        println!("random: test");
        return ExitCode::SUCCESS;
    }
    let first = asked("SONIQ_RANDOM_SEED", 1) * 1_000_000;
    let count = usize::try_from(asked("SONIQ_RANDOM_SCHEMAS", 60)).unwrap();
    let is_good = [
        ("random", Dialect::Contract),
        ("random-standard", Dialect::JsonSchema),
    ]
    .map(|(name, dialect)| {
        let groups = (first..).filter_map(|seed| group(seed, dialect));
        let groups: Vec<Group> = groups.take(count).collect();
        report(name, dialect, &groups)
    });
    if is_good == [true, true] {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn asked(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

/// A random schema with values, each with what `evaluate` says; `None` for a schema that is refused,
/// such as one whose `$ref` leads back to itself.
fn group(seed: u64, dialect: Dialect) -> Option<Group> {
    let mut choices = Choices::new(numbers(seed));
    let schema = schema(&mut choices);
    let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'schema.json' }";
    let loaded = load_sources([
        ("a.toml".to_owned(), contract.to_owned()),
        ("schema.json".to_owned(), schema.to_string()),
    ]);
    if !loaded.is_ok() {
        return None;
    }
    let contracts = &loaded.contracts;
    let judge = contracts
        .schemas
        .get(contracts.contracts[0].types[0].schema);
    let test = |number: usize| {
        let mut choices = Choices::new(numbers(seed.wrapping_mul(1000) + number as u64));
        let data = value(&schema, &schema, &mut choices, 0);
        Test {
            description: format!("value {number}"),
            valid: evaluate_as(dialect, judge, &data).is_empty(),
            data,
        }
    };
    Some(Group {
        file: "random".to_owned(),
        description: format!("seed {seed}"),
        tests: (0..VALUES).map(test).collect(),
        schema: schema.clone(),
    })
}

/// Runs the groups, prints what is wrong and the figures; says whether nothing is.
fn report(name: &'static str, dialect: Dialect, groups: &[Group]) -> bool {
    let mut generated = Generated::new(name, dialect);
    let mut faults = 0;
    let mut is_refused = Vec::new();
    for group in groups {
        let refusal = generated.add(group);
        is_refused.push(refusal.is_some());
        // By the contract language a default is filled in, and one that comes by a `$ref` may not fit
        // what stands beside that.
        let may_be = dialect == Dialect::Contract;
        if let Some(refusal) = refusal
            && !(may_be && refusal.contains("error[E103]"))
        {
            faults += 1;
            let (seed, schema) = (&group.description, &group.schema);
            println!("REFUSED: {seed}: {schema}\n{refusal}");
        }
    }
    let outcomes = generated.run(groups);
    let (mut accepted, mut rejected) = (0, 0);
    let in_crate = groups.iter().enumerate();
    for (index, group) in in_crate.filter(|(index, _)| !is_refused[*index]) {
        for (number, test) in group.tests.iter().enumerate() {
            // Without a line of its own the program ended before: a stack overflow is no panic.
            let outcome = outcomes.get(&(index, number)).unwrap_or(&Outcome::Panicked);
            match (outcome, test.valid) {
                (Outcome::Accepted, true) => accepted += 1,
                (Outcome::Rejected(_), false) => rejected += 1,
                _ => {
                    faults += 1;
                    println!(
                        "DISAGREED: {}: {}\n  {}\n  valid: {}, here: {outcome}",
                        group.description, group.schema, test.data, test.valid
                    );
                }
            }
        }
    }
    println!(
        "{name}: {} schemas, {accepted} accepted, {rejected} rejected, {faults} faults",
        groups.len()
    );
    faults == 0 && accepted > 0 && rejected > 0
}
