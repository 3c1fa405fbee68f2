//! What the tables should hold.

use super::{DELAY, End, Key, MAX_ATTEMPTS, Operation, STEP, WORKERS};

/// Seconds of the model's clock, then the order of events within one.
type Time = (i64, usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Queued,
    /// By the claim of this number.
    Processing {
        worker: usize,
        claim: usize,
    },
    Done,
    Cancelled,
    Dead {
        resurrections: i32,
    },
    Deleted,
}

#[derive(Debug, Clone)]
struct Job {
    place: Place,
    attempts: i32,
    urgent: bool,
    created: Time,
    due: Time,
    key: Option<Key>,
    solo: bool,
    called_off: bool,
    /// When a finished row may be deleted, in seconds.
    expires: i64,
}

/// A row as both sides tell it. Jobs and workers are numbered in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) job: usize,
    pub(super) status: String,
    pub(super) attempts: i32,
    pub(super) worker: Option<usize>,
    pub(super) keyed: bool,
    pub(super) solo: bool,
    pub(super) called_off: bool,
    pub(super) resurrections: i32,
}

pub(super) struct Model {
    now: i64,
    events: usize,
    jobs: Vec<Job>,
    /// The job of each claim.
    claims: Vec<usize>,
    /// The worker in each place.
    workers: [usize; WORKERS],
    next_worker: usize,
    /// Killed and not rescued.
    dead: Option<usize>,
    paused: bool,
}

/// The newest first; none of nothing.
pub(super) fn pick(count: usize, number: usize) -> Option<usize> {
    (count > 0).then(|| count - 1 - number % count)
}

impl Model {
    pub(super) fn new() -> Self {
        Model {
            now: 0,
            events: 0,
            jobs: Vec::new(),
            claims: Vec::new(),
            workers: std::array::from_fn(|place| place),
            next_worker: WORKERS,
            dead: None,
            paused: false,
        }
    }

    /// The jobs that `operation` is to change, in the order in which it says so.
    pub(super) fn apply(&mut self, operation: Operation) -> Vec<usize> {
        self.events += 1;
        match operation {
            Operation::Enqueue {
                key,
                delayed,
                urgent,
            } => self.enqueue(key, delayed, urgent),
            Operation::Claim { worker, limit } => self.claim(self.workers[worker], limit),
            Operation::ClaimSolo { worker } => self.claim_solo(self.workers[worker]),
            Operation::End { claim, end } => self.end(claim, end),
            Operation::Cancel { job } => self.change(
                job,
                |job| job.place == Place::Queued,
                |job, now| {
                    job.place = Place::Cancelled;
                    job.expires = now + DELAY;
                },
            ),
            Operation::CallOff { job } => {
                let runs = |job: &Job| matches!(job.place, Place::Processing { .. });
                self.change(job, runs, |job, _| job.called_off = true)
            }
            Operation::Kill { worker } => {
                // One at a time: in which order the dead are found is nobody's promise.
                if self.dead.is_none() {
                    self.dead = Some(std::mem::replace(
                        &mut self.workers[worker],
                        self.next_worker,
                    ));
                    self.next_worker += 1;
                }
                Vec::new()
            }
            Operation::Beat { .. } => self.rescue(),
            Operation::Replay { job } => self.replay(job),
            Operation::Purge { job } => {
                let dead = |job: &Job| matches!(job.place, Place::Dead { .. });
                self.change(job, dead, |job, _| job.place = Place::Deleted)
            }
            Operation::Pause | Operation::Resume => {
                self.paused = matches!(operation, Operation::Pause);
                Vec::new()
            }
            Operation::Maintain => self.expire(),
            Operation::Step => {
                self.now += STEP;
                Vec::new()
            }
        }
    }

    /// Changes one of those that it applies to.
    fn change(
        &mut self,
        number: usize,
        applies: fn(&Job) -> bool,
        change: impl Fn(&mut Job, i64),
    ) -> Vec<usize> {
        let jobs: Vec<usize> = (0..self.jobs.len())
            .filter(|&job| applies(&self.jobs[job]))
            .collect();
        let picked = pick(jobs.len(), number).map(|index| jobs[index]);
        if let Some(job) = picked {
            change(&mut self.jobs[job], self.now);
        }
        picked.into_iter().collect()
    }

    fn twin(&self, key: Option<Key>) -> Option<usize> {
        let holds = |job: &Job| job.place == Place::Queued && job.key == key;
        key.and_then(|_| self.jobs.iter().position(holds))
    }

    fn enqueue(&mut self, key: Option<Key>, delayed: bool, urgent: bool) -> Vec<usize> {
        if let Some(twin) = self.twin(key) {
            return vec![twin];
        }
        let created = (self.now, self.events);
        let delay = if delayed { DELAY } else { 0 };
        self.jobs.push(Job {
            place: Place::Queued,
            attempts: 0,
            urgent,
            created,
            due: (self.now + delay, self.events),
            key,
            solo: false,
            called_off: false,
            expires: 0,
        });
        vec![self.jobs.len() - 1]
    }

    fn is_due(&self, job: &Job, solo: bool) -> bool {
        !self.paused && job.place == Place::Queued && job.solo == solo && job.due.0 <= self.now
    }

    fn claim(&mut self, worker: usize, limit: usize) -> Vec<usize> {
        let mut due: Vec<usize> = (0..self.jobs.len())
            .filter(|&job| self.is_due(&self.jobs[job], false))
            .collect();
        due.sort_by_key(|&job| (!self.jobs[job].urgent, self.jobs[job].due));
        due.truncate(limit);
        self.take(worker, due)
    }

    fn claim_solo(&mut self, worker: usize) -> Vec<usize> {
        let is_solo = |&job: &usize| self.is_due(&self.jobs[job], true);
        let first = (0..self.jobs.len())
            .filter(is_solo)
            .min_by_key(|&job| (!self.jobs[job].urgent, job));
        self.take(worker, first.into_iter().collect())
    }

    fn take(&mut self, worker: usize, jobs: Vec<usize>) -> Vec<usize> {
        for &job in &jobs {
            let claim = self.claims.len();
            self.claims.push(job);
            self.jobs[job].attempts += 1;
            self.jobs[job].place = Place::Processing { worker, claim };
        }
        jobs
    }

    fn end(&mut self, number: usize, end: End) -> Vec<usize> {
        let Some(claim) = pick(self.claims.len(), number) else {
            return Vec::new();
        };
        let job = self.claims[claim];
        match self.jobs[job].place {
            Place::Processing { claim: current, .. } if current == claim => {}
            _ => return Vec::new(),
        }
        let now = (self.now, self.events);
        let later = (self.now + DELAY, self.events);
        match end {
            End::Complete { kept } => {
                self.jobs[job].place = if kept { Place::Done } else { Place::Deleted };
                self.jobs[job].expires = self.now + DELAY;
            }
            End::DeadLetter => self.jobs[job].place = Place::Dead { resurrections: 0 },
            End::Retry { delayed } => {
                let due = if delayed {
                    later
                } else {
                    self.jobs[job].created
                };
                self.back(&[job], false, Some(due), false);
            }
            End::Snooze => self.back(&[job], true, Some(later), false),
            End::Release => self.back(&[job], true, Some(now), self.jobs[job].solo),
        }
        vec![job]
    }

    /// Back to the queue, all in one statement: whose key is taken gives it up, and who was called
    /// off ends.
    fn back(&mut self, jobs: &[usize], refund: bool, due: Option<Time>, solo: bool) {
        let mut taken: Vec<Option<Key>> = Vec::new();
        let gives_up: Vec<bool> = jobs
            .iter()
            .map(|&job| {
                let key = self.jobs[job].key;
                let gives_up = self.twin(key).is_some() || taken.contains(&key);
                taken.push(key);
                gives_up
            })
            .collect();
        for (&number, gives_up) in jobs.iter().zip(gives_up) {
            let job = &mut self.jobs[number];
            job.place = if job.called_off {
                Place::Cancelled
            } else {
                Place::Queued
            };
            job.expires = self.now + DELAY;
            job.attempts -= i32::from(refund);
            job.due = due.unwrap_or(job.due);
            job.solo = solo;
            job.called_off = false;
            if gives_up {
                job.key = None;
            }
        }
    }

    fn rescue(&mut self) -> Vec<usize> {
        let Some(dead) = self.dead.take() else {
            return Vec::new();
        };
        let is_its =
            |job: &Job| matches!(job.place, Place::Processing { worker, .. } if worker == dead);
        let claims: Vec<usize> = (0..self.jobs.len())
            .filter(|&job| is_its(&self.jobs[job]))
            .collect();
        let (given_up, others): (Vec<usize>, Vec<usize>) = claims.iter().partition(|&&job| {
            let job = &self.jobs[job];
            job.attempts >= MAX_ATTEMPTS && job.solo && !job.called_off
        });
        let solo: Vec<bool> = others
            .iter()
            .map(|&job| self.jobs[job].attempts >= MAX_ATTEMPTS)
            .collect();
        self.back(&others, false, None, false);
        for (&job, solo) in others.iter().zip(solo) {
            self.jobs[job].solo = solo;
        }
        for job in given_up {
            self.jobs[job].place = Place::Dead { resurrections: 0 };
        }
        claims
    }

    fn replay(&mut self, number: usize) -> Vec<usize> {
        let replayed = self.change(
            number,
            |job| matches!(job.place, Place::Dead { .. }),
            |job, _| {
                if let Place::Dead { resurrections } = &mut job.place {
                    *resurrections += 1;
                }
            },
        );
        if let [job] = replayed[..] {
            self.enqueue(None, false, self.jobs[job].urgent);
        }
        replayed
    }

    fn expire(&mut self) -> Vec<usize> {
        let mut expired = Vec::new();
        for (number, job) in self.jobs.iter_mut().enumerate() {
            if matches!(job.place, Place::Done | Place::Cancelled) && job.expires <= self.now {
                job.place = Place::Deleted;
                expired.push(number);
            }
        }
        expired
    }

    /// The rows, and how many workers are registered.
    pub(super) fn contents(&self) -> (Vec<Entry>, usize) {
        let entry = |(number, job): (usize, &Job)| {
            let (status, worker, resurrections) = match job.place {
                Place::Queued => ("queued", None, 0),
                Place::Processing { worker, .. } => ("processing", Some(worker), 0),
                Place::Done => ("done", None, 0),
                Place::Cancelled => ("cancelled", None, 0),
                Place::Dead { resurrections } => ("dead", None, resurrections),
                Place::Deleted => return None,
            };
            let lives = matches!(job.place, Place::Queued | Place::Processing { .. });
            Some(Entry {
                job: number,
                status: status.to_owned(),
                attempts: job.attempts,
                worker,
                keyed: job.key.is_some() && lives,
                solo: job.solo && lives,
                called_off: job.called_off && lives,
                resurrections,
            })
        };
        let rows = self.jobs.iter().enumerate().filter_map(entry).collect();
        (rows, WORKERS + usize::from(self.dead.is_some()))
    }
}
