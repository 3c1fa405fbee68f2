//! The same operations on a store, through the backend's door.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::model::{Entry, pick};
use super::{DELAY, End, Key, MAX_ATTEMPTS, Operation, STEP, Site, WORKERS};
use crate::backend::{
    Backend, ClaimScope, ClaimedJob, Delay, Fence, Finish, Outcome, Phase, WorkerRow, WorkerSession,
};
use crate::dead_letter::Reason;
use crate::enqueue::{Due, NewJob};
use crate::worker::Unknown;

const NAME: &str = "test.machine.v1";
const TIMEOUT: Duration = Duration::from_secs(300);

/// How long the dead have not beaten.
const SILENCE: Duration = Duration::from_secs(3600);

fn delay() -> Duration {
    Duration::from_secs(DELAY.unsigned_abs())
}

pub(super) struct Store<S> {
    site: S,
    /// By the model's numbers.
    jobs: Vec<Uuid>,
    claims: Vec<(Fence, bool)>,
    workers: Vec<Uuid>,
    places: Vec<(usize, Box<dyn WorkerSession>)>,
    /// Killed and not rescued.
    dead: bool,
}

impl<S: Site> Store<S> {
    pub(super) async fn open() -> Self {
        let mut store = Store {
            site: S::open().await,
            jobs: Vec::new(),
            claims: Vec::new(),
            workers: Vec::new(),
            places: Vec::new(),
            dead: false,
        };
        for _ in 0..WORKERS {
            let worker = store.worker().await;
            store.places.push(worker);
        }
        store
    }

    fn backend(&self) -> &dyn Backend {
        self.site.backend()
    }

    async fn worker(&mut self) -> (usize, Box<dyn WorkerSession>) {
        let number = self.workers.len();
        let row = WorkerRow {
            id: Uuid::now_v7(),
            hostname: format!("worker-{number}"),
            queues: vec!["default".to_owned()],
            concurrency: 1,
            // So long that only the timeout tells who is dead, and never the lock.
            heartbeat_interval: SILENCE,
            heartbeat_timeout: TIMEOUT,
            tasks: Vec::new(),
            default_max_attempts: MAX_ATTEMPTS,
        };
        self.workers.push(row.id);
        let session = self.backend().open_session(row, Arc::new(|_| {})).await;
        (number, session.unwrap())
    }

    fn scope(&self, place: usize) -> ClaimScope {
        ClaimScope {
            worker: self.workers[self.places[place].0],
            queues: vec!["default".to_owned()],
            names: vec![NAME.to_owned()],
            free: vec![NAME.to_owned()],
            limited: Vec::new(),
            unknown: Unknown::Leave,
            trail: Arc::default(),
        }
    }

    /// Does it, and compares what is answered with `changed`, the jobs that it is to change.
    pub(super) async fn apply(&mut self, operation: Operation, changed: &[usize]) {
        let did = !changed.is_empty();
        match operation {
            Operation::Enqueue {
                key,
                delayed,
                urgent,
            } => {
                self.enqueue(key, delayed, urgent, changed[0]).await;
            }
            Operation::Claim { worker, limit } => {
                let scope = self.scope(worker);
                let claimed = self.backend().claim(&scope, limit).await.unwrap();
                self.claimed(&claimed, changed);
            }
            Operation::ClaimSolo { worker } => {
                let scope = self.scope(worker);
                let claimed = self.backend().claim_solo(&scope).await.unwrap();
                self.claimed(claimed.as_slice(), changed);
            }
            Operation::End { claim, end } => {
                let Some(claim) = pick(self.claims.len(), claim) else {
                    return;
                };
                let (fence, solo) = self.claims[claim];
                let claims = [Finish::new(fence, outcome(end, solo))];
                let finished = self.backend().finish(&claims).await.unwrap();
                assert_eq!(finished.lost.is_empty(), did, "{operation:?}");
                assert!(finished.unwritten.is_empty());
            }
            Operation::Cancel { job } => {
                let Some(id) = self.job(job, changed) else {
                    return;
                };
                assert_eq!(self.backend().cancel_job(id, delay()).await.unwrap(), did);
            }
            Operation::CallOff { job } => {
                let Some(id) = self.job(job, changed) else {
                    return;
                };
                assert_eq!(self.backend().call_off_job(id, delay()).await.unwrap(), did);
            }
            Operation::Kill { worker } => {
                if self.dead {
                    return;
                }
                self.dead = true;
                let next = self.worker().await;
                let (dead, session) = std::mem::replace(&mut self.places[worker], next);
                drop(session);
                self.site.silence(self.workers[dead], SILENCE).await;
            }
            Operation::Beat { worker } => {
                self.dead = false;
                let beat = self.places[worker].1.beat(Phase::Running).await.unwrap();
                assert!(!beat.row_gone);
                assert_eq!(beat.rescued, changed.len());
            }
            Operation::Replay { job } => {
                let Some(id) = self.job(job, changed) else {
                    return;
                };
                let replayed = self.backend().replay(id, "machine").await.unwrap();
                assert_eq!(replayed.is_some(), did);
                self.jobs.extend(replayed);
            }
            Operation::Purge { job } => {
                let Some(id) = self.job(job, changed) else {
                    return;
                };
                assert_eq!(self.backend().delete_dead_letter(id).await.unwrap(), did);
            }
            Operation::Pause => drop(self.backend().pause_queue("default").await.unwrap()),
            Operation::Resume => drop(self.backend().resume_queue("default").await.unwrap()),
            Operation::Maintain => {
                let maintained = self.backend().maintain(MAX_ATTEMPTS).await.unwrap();
                let expired = maintained.expect("nobody else is at it").expired;
                assert_eq!(expired, changed.len() as u64);
            }
            Operation::Step => {
                self.site
                    .step(Duration::from_secs(STEP.unsigned_abs()))
                    .await;
            }
        }
    }

    /// The job that is to change; or any, which is then to be refused.
    fn job(&self, number: usize, changed: &[usize]) -> Option<Uuid> {
        let any = pick(self.jobs.len(), number);
        let picked = changed.first().copied().or(any);
        picked.map(|job| self.jobs[job])
    }

    async fn enqueue(&mut self, key: Option<Key>, delayed: bool, urgent: bool, expected: usize) {
        let unique = match key {
            Some(Key::Unique(n)) => Some(n),
            _ => None,
        };
        let mut job = NewJob::new(NAME, json!({ "n": unique })).unwrap();
        job.max_attempts = Some(MAX_ATTEMPTS);
        job.priority = Some(if urgent { 1 } else { 2 });
        job.unique = unique.is_some();
        if let Some(Key::Dedup(n)) = key {
            job.dedup_key = Some(n.to_string());
        }
        if delayed {
            job.due = Some(Due::After(delay()));
        }
        let enqueued = self.backend().enqueue(vec![job]).await.unwrap()[0];
        assert_eq!(enqueued.is_duplicate(), expected < self.jobs.len());
        if !enqueued.is_duplicate() {
            self.jobs.push(enqueued.id());
        }
        assert_eq!(enqueued.id(), self.jobs[expected]);
    }

    fn claimed(&mut self, claimed: &[ClaimedJob], expected: &[usize]) {
        let ids: Vec<Uuid> = claimed.iter().map(|job| job.fence.id).collect();
        let expected: Vec<Uuid> = expected.iter().map(|&job| self.jobs[job]).collect();
        assert_eq!(ids, expected, "claimed in another order");
        let fences = claimed.iter().map(|job| (job.fence, job.solo));
        self.claims.extend(fences);
    }

    pub(super) async fn contents(&self) -> (Vec<Entry>, usize) {
        let number = |ids: &[Uuid], id: Uuid| ids.iter().position(|&known| known == id).unwrap();
        let (found, workers) = self.site.contents().await;
        let mut entries: Vec<Entry> = found
            .into_iter()
            .map(|found| Entry {
                job: number(&self.jobs, found.id),
                status: found.status,
                attempts: found.attempts,
                worker: found.worker.map(|id| number(&self.workers, id)),
                keyed: found.keyed,
                solo: found.solo,
                called_off: found.called_off,
                resurrections: found.resurrections,
            })
            .collect();
        entries.sort();
        (entries, workers)
    }
}

fn outcome(end: End, solo: bool) -> Outcome {
    let back = |refund, delay, error: Option<&str>, solo| Outcome::Requeue {
        refund,
        delay,
        error: error.map(str::to_owned),
        solo,
    };
    match end {
        End::Complete { kept } => Outcome::Complete {
            result: Some(json!(1)),
            ttl: if kept { delay() } else { Duration::ZERO },
        },
        End::Retry { delayed: true } => back(false, Delay::For(delay()), Some("no"), false),
        End::Retry { delayed: false } => back(false, Delay::None, Some("no"), false),
        End::Snooze => back(true, Delay::For(delay()), Some("SNOOZE: later"), false),
        End::Release => back(true, Delay::For(Duration::ZERO), None, solo),
        End::DeadLetter => Outcome::DeadLetter {
            reason: Reason::PermanentFailure,
            error: Some("no".to_owned()),
            max_attempts: MAX_ATTEMPTS,
        },
    }
}
