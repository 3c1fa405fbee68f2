//! Which workers are live, what they serve, and what nobody does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::rows::Moment;

/// What workers of this crate call themselves in their metadata.
pub(crate) const RUNTIME: &str = "soniq-rust";

/// The live workers of a database at one moment; see [`Soniq::fleet`](crate::Soniq::fleet).
///
/// A worker is live that said so within `SONIQ_HEARTBEAT_TIMEOUT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fleet {
    /// Of this format: 1.
    pub version: u32,
    /// The database's name.
    pub database: String,
    /// When, by the database's clock.
    pub taken_at: DateTime<Utc>,
    /// By host and process.
    pub workers: Vec<FleetWorker>,
    /// What they serve, by wire name: present names, aliases and retired versions.
    pub tasks: Vec<FleetTask>,
    /// Queued jobs that none of them takes, by wire name and queue.
    pub unserved: Vec<Unserved>,
}

/// A live worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FleetWorker {
    /// Its id: new with every start.
    pub id: Uuid,
    /// Where it runs.
    pub hostname: String,
    /// Its process.
    pub pid: i32,
    /// Its queues; empty for all, which only workers of Soniq for Python have.
    pub queues: Vec<String>,
    /// Release of its Soniq, where it says.
    pub release: Option<String>,
    /// `soniq-rust`, or `other`.
    pub runtime: String,
    /// Its last heartbeat.
    pub last_seen: Option<DateTime<Utc>>,
}

/// A wire name that live workers handle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FleetTask {
    /// The wire name.
    pub task: String,
    /// Whether its workers were built from different contracts: a deploy is under way, or one was
    /// forgotten.
    pub skew: bool,
    /// Who serves it, by contract.
    pub serving: Vec<Serving>,
}

/// The workers that serve a task by one contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Serving {
    /// SHA-256 of the canonical schema that they decode into, for an alias or a retired version that
    /// of the task's present one; `None` for workers of Soniq for Python.
    pub fingerprint: Option<String>,
    /// Their ids.
    pub workers: Vec<Uuid>,
}

/// Queued jobs that no live worker takes: none handles the name and claims from the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unserved {
    /// The wire name.
    pub task: String,
    /// The queue.
    pub queue: String,
    /// How many, those for later included.
    pub count: u64,
    /// When the oldest was enqueued.
    pub oldest: Option<DateTime<Utc>>,
}

/// A wire name, a worker that registered it, and by which contract.
pub(crate) type Registered = (String, Uuid, Option<String>);

impl Fleet {
    pub(crate) fn new(
        moment: Moment,
        workers: Vec<FleetWorker>,
        registered: Vec<Registered>,
        mut unserved: Vec<Unserved>,
    ) -> Self {
        let mut tasks: BTreeMap<String, BTreeMap<Option<String>, BTreeSet<Uuid>>> = BTreeMap::new();
        for (task, worker, fingerprint) in registered {
            let serving = tasks.entry(task).or_default();
            serving.entry(fingerprint).or_default().insert(worker);
        }
        unserved.sort_by(|a, b| (&a.task, &a.queue).cmp(&(&b.task, &b.queue)));
        Fleet {
            version: 1,
            database: moment.database,
            taken_at: moment.taken_at,
            workers,
            tasks: tasks
                .into_iter()
                .map(|(task, serving)| FleetTask {
                    task,
                    skew: serving.keys().flatten().count() > 1,
                    serving: serving
                        .into_iter()
                        .map(|(fingerprint, workers)| Serving {
                            fingerprint,
                            workers: workers.into_iter().collect(),
                        })
                        .collect(),
                })
                .collect(),
            unserved,
        }
    }
}
