//! Random histories of a store of jobs, held against a model after every step.
//!
//! What workers, operators and the clock do comes in any order: claims, ends by fences that hold and
//! by fences that were lost long ago, deaths and rescues. Each store is looked at and its clock stepped
//! through its own [`Site`]. The same few histories run each time; `SONIQ_MACHINE_CASES` says how many others to try.
#![allow(clippy::unwrap_used, reason = "tests")]

mod model;
mod store;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use uuid::Uuid;

use super::Backend;
use model::Model;
use store::Store;

/// A store under the machine, and what no worker or operator can see or do: each store's folder
/// implements it for its own.
pub(super) trait Site: Sized {
    /// Histories of a run that asks for no others.
    const CASES: u32;

    /// A store with nothing in it.
    async fn open() -> Self;

    fn backend(&self) -> &dyn Backend;

    /// The rows of jobs and dead letters in any order, and how many workers are registered.
    async fn contents(&self) -> (Vec<Found>, usize);

    /// Lets so much time pass for jobs. Workers that live beat meanwhile.
    async fn step(&self, by: Duration);

    /// Has a worker have beaten last so long ago.
    async fn silence(&self, worker: Uuid, since: Duration);
}

/// A row as a store has it. What ended keeps its marks, which say nothing any more: they are false.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: Uuid,
    /// As in the table; `dead` for a dead letter.
    pub(super) status: String,
    pub(super) attempts: i32,
    pub(super) worker: Option<Uuid>,
    /// Keeps others like it out of the queue, or would if it came back.
    pub(super) keyed: bool,
    pub(super) solo: bool,
    pub(super) called_off: bool,
    pub(super) resurrections: i32,
}

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

/// Runs histories on stores of one kind.
pub(super) fn any_history_leaves_what_the_model_says<S: Site>() {
    let others = std::env::var("SONIQ_MACHINE_CASES").ok();
    let config = Config {
        cases: others
            .as_ref()
            .map_or(S::CASES, |text| text.parse().unwrap()),
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
                let mut store = Store::<S>::open().await;
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
