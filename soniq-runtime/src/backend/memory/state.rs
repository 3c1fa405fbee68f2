//! What lies in the store, all of it behind one lock: every transition is seen whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::clock::Clock;
use super::fault::Faults;
use super::schedules::Schedule;
use super::session::Registered;
use crate::backend::{Fence, Signal, Wake};
use crate::dead_letter::DeadLetter;
use crate::jobs::{Job, Status};

/// A job's row. Of its `meta` only what is ever read is kept.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) job: Job,
    pub(super) unique: bool,
    /// Of a unique job.
    pub(super) args_hash: Option<String>,
    pub(super) claim_id: Option<i64>,
    /// Claimed alone the next time.
    pub(super) solo: bool,
    /// Called off while it runs; how long the row stays once it has ended.
    pub(super) called_off: Option<Duration>,
}

impl Row {
    /// Queued at `now`, due at once, with the priority and the attempts of a job that says neither.
    pub(super) fn queued(
        job_name: String,
        args: Value,
        queue: String,
        producer_id: &str,
        now: DateTime<Utc>,
    ) -> Self {
        Row {
            job: Job {
                id: Uuid::now_v7(),
                job_name,
                args,
                status: Status::Queued,
                attempts: 0,
                max_attempts: None,
                queue,
                priority: 100,
                scheduled_at: None,
                expires_at: None,
                last_error: None,
                result: None,
                producer_id: Some(producer_id.to_owned()),
                worker_id: None,
                dedup_key: None,
                created_at: Some(now),
                updated_at: Some(now),
            },
            unique: false,
            args_hash: None,
            claim_id: None,
            solo: false,
            called_off: None,
        }
    }

    /// When it is or was due.
    pub(super) fn due(&self) -> DateTime<Utc> {
        let due = self.job.scheduled_at.or(self.job.created_at);
        due.unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    pub(super) fn fence(&self) -> Fence {
        Fence {
            id: self.job.id,
            worker: self.job.worker_id,
            claim_id: self.claim_id,
            attempts: Some(self.job.attempts),
        }
    }

    pub(super) fn is_claimed_by(&self, worker: Uuid) -> bool {
        self.job.status == Status::Processing && self.job.worker_id == Some(worker)
    }

    /// Whether both would hold the same key if both were queued.
    pub(super) fn is_twin_of(&self, other: &Row) -> bool {
        let (own, others) = (&self.job, &other.job);
        own.dedup_key.is_some() && own.dedup_key == others.dedup_key
            || self.unique
                && other.unique
                && own.job_name == others.job_name
                && self.args_hash == other.args_hash
    }
}

/// What workers are to be told once the lock is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    Due(String),
    CalledOff(Uuid),
}

impl News {
    pub(super) fn signal(&self) -> Signal<'_> {
        match self {
            News::Due(queue) => Signal::Due(queue),
            News::CalledOff(job) => Signal::CalledOff(*job),
        }
    }
}

pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) jobs: BTreeMap<Uuid, Row>,
    pub(super) dead_letters: BTreeMap<Uuid, DeadLetter>,
    pub(super) workers: BTreeMap<Uuid, Registered>,
    pub(super) paused: BTreeSet<String>,
    /// By task.
    pub(super) schedules: BTreeMap<String, Schedule>,
    pub(super) faults: Faults,
    /// Sessions that listen, by number.
    pub(super) listeners: BTreeMap<u64, Wake>,
    pub(super) last_session: u64,
    last_claim: i64,
    news: Vec<News>,
}

impl State {
    pub(super) fn new() -> Self {
        State {
            clock: Clock::new(),
            jobs: BTreeMap::new(),
            dead_letters: BTreeMap::new(),
            workers: BTreeMap::new(),
            paused: BTreeSet::new(),
            schedules: BTreeMap::new(),
            faults: Faults::default(),
            listeners: BTreeMap::new(),
            last_session: 0,
            last_claim: 0,
            news: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number that no claim had before.
    pub(super) fn next_claim(&mut self) -> i64 {
        self.last_claim += 1;
        self.last_claim
    }

    /// The queued job that holds a key which `row` asks for.
    pub(super) fn twin_of(&self, row: &Row) -> Option<Uuid> {
        let mut rows = self.jobs.values();
        let twin = rows.find(|other| other.job.status == Status::Queued && other.is_twin_of(row));
        twin.map(|twin| twin.job.id)
    }

    /// A job of this queue may be due.
    pub(super) fn tell_due(&mut self, queue: &str) {
        self.tell(News::Due(queue.to_owned()));
    }

    pub(super) fn tell(&mut self, news: News) {
        if !self.news.contains(&news) {
            self.news.push(news);
        }
    }

    /// What is to be told, and to whom.
    pub(super) fn take_news(&mut self) -> (Vec<News>, Vec<Wake>) {
        let news = std::mem::take(&mut self.news);
        let listeners = if news.is_empty() {
            Vec::new()
        } else {
            self.listeners.values().cloned().collect()
        };
        (news, listeners)
    }
}
