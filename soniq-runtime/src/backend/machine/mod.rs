//! Random histories of a store of jobs, held against a model after every step.
//!
//! What workers, operators and the clock do comes in any order: claims, ends by fences that hold and
//! by fences that were lost long ago, deaths and rescues. The clock is stepped by moving the times in
//! the tables. The same few histories run each time; `SONIQ_MACHINE_CASES` says how many others to try.
#![allow(clippy::unwrap_used, reason = "tests")]

mod model;
mod store;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

use model::Model;
use store::Store;

/// So many seconds pass with a step of the clock. Delays are no multiple of it, so that nothing is
/// due at the very moment of a look.
const STEP: i64 = 60;
const DELAY: i64 = 90;

/// Attempts of every job.
const MAX_ATTEMPTS: i32 = 2;

/// Workers at a time.
const WORKERS: usize = 2;

/// What keeps a second job like it out of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Dedup(u8),
    Unique(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With the row kept, or deleted at once.
    Complete {
        kept: bool,
    },
    Retry {
        delayed: bool,
    },
    Snooze,
    Release,
    DeadLetter,
}

/// Numbers pick among what there is, the newest first.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Enqueue {
        key: Option<Key>,
        delayed: bool,
        urgent: bool,
    },
    Claim {
        worker: usize,
        limit: usize,
    },
    ClaimSolo {
        worker: usize,
    },
    /// By any fence that a claim ever gave, be it lost by now.
    End {
        claim: usize,
        end: End,
    },
    Cancel {
        job: usize,
    },
    CallOff {
        job: usize,
    },
    /// The worker beats no more; another takes its place.
    Kill {
        worker: usize,
    },
    /// A beat, which looks for the dead.
    Beat {
        worker: usize,
    },
    Replay {
        job: usize,
    },
    Purge {
        job: usize,
    },
    Pause,
    Resume,
    Maintain,
    Step,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = prop_oneof![
        2 => Just(None),
        1 => (0..2_u8).prop_map(|n| Some(Key::Dedup(n))),
        1 => (0..2_u8).prop_map(|n| Some(Key::Unique(n))),
    ];
    let end = prop_oneof![
        2 => any::<bool>().prop_map(|kept| End::Complete { kept }),
        2 => any::<bool>().prop_map(|delayed| End::Retry { delayed }),
        1 => Just(End::Snooze),
        1 => Just(End::Release),
        2 => Just(End::DeadLetter),
    ];
    let worker = 0..WORKERS;
    let pick = 0..8_usize;
    prop_oneof![
        8 => (key, prop::bool::weighted(0.2), any::<bool>())
            .prop_map(|(key, delayed, urgent)| Operation::Enqueue { key, delayed, urgent }),
        8 => (worker.clone(), 1..4_usize)
            .prop_map(|(worker, limit)| Operation::Claim { worker, limit }),
        2 => worker.clone().prop_map(|worker| Operation::ClaimSolo { worker }),
        8 => (pick.clone(), end).prop_map(|(claim, end)| Operation::End { claim, end }),
        1 => pick.clone().prop_map(|job| Operation::Cancel { job }),
        2 => pick.clone().prop_map(|job| Operation::CallOff { job }),
        3 => worker.clone().prop_map(|worker| Operation::Kill { worker }),
        4 => worker.prop_map(|worker| Operation::Beat { worker }),
        4 => pick.clone().prop_map(|job| Operation::Replay { job }),
        1 => pick.prop_map(|job| Operation::Purge { job }),
        1 => Just(Operation::Pause),
        2 => Just(Operation::Resume),
        2 => Just(Operation::Maintain),
        3 => Just(Operation::Step),
    ]
}

/// An operation's kind.
fn name(operation: Operation) -> String {
    let text = format!("{operation:?}");
    text.split([' ', '{']).next().unwrap().to_owned()
}

#[test]
fn any_history_leaves_what_the_model_says() {
    let others = std::env::var("SONIQ_MACHINE_CASES").ok();
    let config = Config {
        cases: others.as_ref().map_or(12, |text| text.parse().unwrap()),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let mut runner = if others.is_some() {
        TestRunner::new(config)
    } else {
        let rng = TestRng::deterministic_rng(config.rng_algorithm);
        TestRunner::new_with_rng(config, rng)
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let histories = prop::collection::vec(operation(), 20..70);
    runner
        .run(&histories, |history| {
            runtime.block_on(async {
                let mut store = Store::open().await;
                let mut model = Model::new();
                for (step, operation) in history.iter().enumerate() {
                    let changed = model.apply(*operation);
                    store.apply(*operation, &changed).await;
                    let (expected, found) = (model.contents(), store.contents().await);
                    prop_assert_eq!(expected, found, "after step {}, {:?}", step, operation);
                    if !changed.is_empty() {
                        seen.borrow_mut().insert(name(*operation));
                    }
                }
                Ok(())
            })
        })
        .unwrap();
    // Each kind of operation had something to change: the histories are no idle ones.
    let seen = seen.into_inner();
    for name in [
        "Enqueue", "Claim", "End", "CallOff", "Beat", "Replay", "Maintain",
    ] {
        assert!(seen.contains(name), "{name} never changed a job: {seen:?}");
    }
}
