//! The oracle: what is called safe is never contradicted by a value, as another checker sees it.
//!
//! Random pairs of schemas, one being an edit of the other or something else altogether. Where the
//! verdict is safe, a thousand values of the writer, drawn by other means than the search for
//! witnesses, are normalised as the reader does and checked with the `jsonschema` crate. And the
//! verdict has to be one in most cases: `unproven` is no way out.
//!
//! `SONIQ_ORACLE_PAIRS` is the number of pairs, `SONIQ_ORACLE_SEED` the first one's seed.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "tests")]

mod random;
mod schemas;
mod values;

use jsonschema::Validator;
use random::Random;
use serde_json::Value;
use soniq_schema::compat::{Verdict, containment};
use soniq_schema::load_sources;
use values::{Values, normalized, plain};

/// Values per safe pair.
const VALUES: usize = 1000;

/// The least part of the pairs that is decided, in percent.
const DECIDED: usize = 60;

fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&plain(schema))
        .unwrap()
}

/// What is said of a pair; none where one of the schemas is no contract's.
fn verdict(old: &Value, new: &Value) -> Option<Verdict> {
    let contract = "
        edition = '2026'
        namespace = 'a'
        [tasks]
        old = { version = 1, args = { '$ref' = 'old.json' } }
        young = { version = 1, args = { '$ref' = 'young.json' } }
    ";
    let loaded = load_sources([
        ("a.toml".to_owned(), contract.to_owned()),
        ("old.json".to_owned(), old.to_string()),
        ("young.json".to_owned(), new.to_string()),
    ]);
    // A default that does not fit is dropped with a warning, which a validator knows nothing of.
    if !loaded.diagnostics.is_empty() {
        return None;
    }
    let tasks = &loaded.contracts.contracts[0].tasks;
    let schema = |index: usize| loaded.contracts.schemas.get(tasks[index].args);
    Some(containment(schema(0), schema(1), true))
}

#[derive(Debug, Default)]
struct Count {
    safe: usize,
    breaking: usize,
    unproven: usize,
    refused: usize,
    values: usize,
}

#[test]
fn safe_is_never_contradicted() {
    let pairs = variable("SONIQ_ORACLE_PAIRS", 300);
    let first = variable("SONIQ_ORACLE_SEED", 1);
    let shows = std::env::var("SONIQ_ORACLE_SHOW").is_ok();
    let mut count = Count::default();
    for seed in first..first + pairs {
        let mut random = Random::new(seed);
        let old = schemas::args(&mut random);
        let new = match seed % 10 {
            0 => schemas::args(&mut random),
            _ => schemas::edited(&mut random, &old),
        };
        let Some(verdict) = verdict(&old, &new) else {
            count.refused += 1;
            continue;
        };
        match verdict {
            Verdict::Safe => {
                count.safe += 1;
                count.values += contradict(seed, &mut random, &old, &new);
            }
            Verdict::Breaking(witness) => {
                count.breaking += 1;
                let old = validator(&old);
                assert!(
                    old.is_valid(&witness),
                    "seed {seed}: {witness} is not written"
                );
            }
            Verdict::Unproven => {
                count.unproven += 1;
                if shows {
                    println!("seed {seed}\n  {old}\n  {new}");
                }
            }
        }
    }
    println!("{count:?}");
    let all = count.safe + count.breaking + count.unproven;
    let decided = (count.safe + count.breaking) * 100 / all;
    println!("{decided} % decided");
    assert!(decided >= DECIDED);
    assert!(count.refused * 10 < all, "most pairs have to be contracts");
    assert!(
        count.values > count.safe * VALUES / 2,
        "values have to be drawn"
    );
}

/// Draws values; panics where the reader refuses one.
fn contradict(seed: u64, random: &mut Random, old: &Value, new: &Value) -> usize {
    let (writer, reader) = (validator(old), validator(new));
    let values = Values::of(old);
    let mut drawn = 0;
    for _ in 0..VALUES {
        let Some(value) = values.draw(random).filter(|value| writer.is_valid(value)) else {
            continue;
        };
        drawn += 1;
        let mut read = value.clone();
        normalized(new, new, &mut read);
        assert!(
            reader.is_valid(&read),
            "seed {seed}: {value} is refused\n  {old}\n  {new}\n  {:?}",
            reader
                .iter_errors(&read)
                .map(|error| error.to_string())
                .collect::<Vec<_>>(),
        );
    }
    drawn
}
