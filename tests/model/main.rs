//! A model check of claim, heartbeat, rescue, release and of workers that come back from the dead:
//! every order of events, up to so many faults.
//!
//! Two workers, each of which may crash, be stopped by SIGSTOP, and lose the answer to a write. That
//! the properties can fail at all is shown with fences that lack a part.
#![allow(clippy::unwrap_used, reason = "tests")]

mod queue;

use queue::{Action, Fence, MAX_ATTEMPTS, Process, State};
use stateright::{Checker, Model, Property};

struct Queue {
    jobs: usize,
    faults: u8,
    fence: Fence,
}

const ONE_PLACE: &str = "a job is in exactly one place";
const ONE_COMPLETION: &str = "no job is completed twice";
const OWN_CLAIM: &str = "a write changes its own claim or nothing";
const BOUNDED: &str = "a job is claimed at most once beyond its limit";
const ALONE: &str = "a job is given up for its worker's death only if it ran alone";
const ALWAYS_WORK: &str = "a live worker has something to do until all jobs have ended";
const ENDS: &str = "every action brings the end nearer";

impl Model for Queue {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self.jobs, self.faults)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        state.actions(actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        Some(state.after(action, self.fence))
    }

    /// Together the last two say that every job ends while workers live, without the checker's
    /// own `eventually`, which misses paths that join.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_PLACE, |_, state: &State| {
                let places = |job: &queue::Job| u8::from(job.row.is_some()) + job.dead_letters;
                state.jobs.iter().all(|job| places(job) == 1)
            }),
            Property::always(ONE_COMPLETION, |_, state: &State| {
                state.jobs.iter().all(|job| job.completions <= 1)
            }),
            Property::always(OWN_CLAIM, |_, state: &State| !state.stolen),
            Property::always(BOUNDED, |_, state: &State| {
                let mut rows = state.jobs.iter().filter_map(|job| job.row);
                rows.all(|row| row.attempts <= MAX_ATTEMPTS + 1)
            }),
            Property::always(ALONE, |_, state: &State| !state.died_in_company),
            Property::always(ALWAYS_WORK, |model: &Queue, state: &State| {
                let lives = |w: &queue::Worker| w.process == Process::Up;
                let mut actions = Vec::new();
                model.actions(state, &mut actions);
                state.jobs.iter().all(|job| job.has_ended())
                    || !state.workers.iter().any(lives)
                    || actions.iter().any(|action| !action.is_of_fate())
            }),
            Property::always(ENDS, |model: &Queue, state: &State| {
                let rank = state.rank();
                model
                    .next_states(state)
                    .iter()
                    .all(|next| next.rank() < rank)
            }),
            Property::sometimes("a job runs alone", |_, state: &State| {
                let mut held = state.workers.iter().flat_map(|worker| &worker.held);
                held.any(|held| held.solo)
            }),
            Property::sometimes(
                "a worker believes in a claim that it has lost",
                |_, state: &State| {
                    let lost = |held: &queue::Held| {
                        let row = state.jobs[usize::from(held.job)].row;
                        row.is_none_or(|row| row.status != queue::Status::Processing(held.claim))
                    };
                    state
                        .workers
                        .iter()
                        .any(|worker| worker.held.iter().any(lost))
                },
            ),
        ]
    }
}

impl Queue {
    /// The names of the properties that do not hold.
    fn violated(self) -> Vec<&'static str> {
        let checker = self.checker().threads(2).spawn_bfs().join();
        let mut violated: Vec<&'static str> = checker
            .discoveries()
            .into_keys()
            .filter(|name| checker.discovery_classification(name).to_string() == "counterexample")
            .collect();
        violated.sort_unstable();
        violated
    }
}

fn holds(jobs: usize, faults: u8, at_least: usize) {
    let queue = Queue {
        jobs,
        faults,
        fence: Fence::Whole,
    };
    let checker = queue.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    println!("{jobs} jobs, {faults} faults: {states} states");
    assert!(states >= at_least, "only {states} states were looked at");
}

#[test]
fn one_job_survives_any_four_faults() {
    holds(1, 4, 1000);
}

#[test]
fn two_jobs_survive_any_two_faults() {
    holds(2, 2, 1000);
}

/// What the checker finds when a worker's writes go by less than the whole fence.
fn finds(fence: Fence, expected: &[&str]) {
    let queue = Queue {
        jobs: 1,
        faults: 2,
        fence,
    };
    assert_eq!(queue.violated(), expected);
}

#[test]
fn without_the_claims_number_a_late_write_ends_a_later_claim() {
    finds(Fence::WithoutClaimNumber, &[OWN_CLAIM, ENDS]);
}

#[test]
fn with_id_and_attempts_a_zombie_ends_the_claim_of_another() {
    finds(Fence::IdAndAttempts, &[OWN_CLAIM, ENDS]);
}

#[test]
fn by_id_alone_a_job_is_completed_twice() {
    finds(Fence::IdAlone, &[OWN_CLAIM, ENDS, ONE_COMPLETION]);
}
