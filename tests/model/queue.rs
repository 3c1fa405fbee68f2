//! The states and transitions of the queue, as small as they can be made: rows, workers, and what a
//! worker believes that it has claimed.

/// Claims of a job before it is dead-lettered; the solo last try comes on top.
pub(crate) const MAX_ATTEMPTS: u8 = 2;

/// Jobs that a worker has claimed at once.
const SLOTS: usize = 2;

/// The workers of the model: places, in which one process may follow another.
pub(crate) const PLACES: usize = 2;

/// By what a worker's write finds its row. Only the whole fence is right; the others are there to
/// show that the checker finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    /// Job, worker, claim number, attempts; and the row must be processing.
    Whole,
    /// All but the claim number.
    WithoutClaimNumber,
    /// Job and attempts.
    IdAndAttempts,
    /// The job's id, whatever has become of it.
    IdAlone,
}

/// One claim, as the row has it and as its worker remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    pub(crate) worker: u8,
    pub(crate) number: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    Queued,
    Processing(Claim),
    Done,
}

/// A row of `soniq_jobs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) status: Status,
    pub(crate) attempts: u8,
    pub(crate) solo: bool,
}

/// What the database has of one job, and what the checker remembers of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Job {
    pub(crate) row: Option<Row>,
    /// Rows in the dead-letter table.
    pub(crate) dead_letters: u8,
    /// Writes that made it done.
    pub(crate) completions: u8,
}

impl Job {
    pub(crate) fn has_ended(self) -> bool {
        let done = matches!(self.row, Some(row) if row.status == Status::Done);
        done || self.dead_letters > 0
    }
}

/// How a worker means to end a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Complete,
    Fail,
    Release,
}

/// A claim that a worker believes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Held {
    pub(crate) job: u8,
    pub(crate) claim: Claim,
    pub(crate) attempts: u8,
    pub(crate) solo: bool,
    /// Sent to the database, and no answer came: it will be sent again.
    unanswered: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Process {
    Up,
    /// By SIGSTOP: its connections live on and it does nothing.
    Stopped,
    /// Its connections, and so its liveness lock, are gone.
    Crashed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Worker {
    pub(crate) id: u8,
    pub(crate) process: Process,
    pub(crate) held: Vec<Held>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) jobs: Vec<Job>,
    pub(crate) workers: Vec<Worker>,
    /// The ids in `soniq_workers`, in order.
    pub(crate) registered: Vec<u8>,
    next_worker: u8,
    next_claim: u8,
    /// Crashes, stops, releases and lost answers still to come.
    pub(crate) faults_left: u8,
    /// A write changed a row that somebody else had claimed, or nobody.
    pub(crate) stolen: bool,
    /// A job was given up for the death of a worker that ran others beside it.
    pub(crate) died_in_company: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Claim {
        place: usize,
        job: u8,
    },
    End {
        place: usize,
        held: usize,
        end: End,
    },
    /// The statement is executed and its answer lost.
    EndUnanswered {
        place: usize,
        held: usize,
        end: End,
    },
    SendAgain {
        place: usize,
        held: usize,
    },
    /// A beat finds its own row gone: claims are forgotten, and a new id registered.
    RegisterAfresh {
        place: usize,
    },
    /// A beat finds another worker's lock gone or its heartbeat overdue.
    Rescue {
        by: usize,
        worker: u8,
    },
    Crash {
        place: usize,
    },
    Restart {
        place: usize,
    },
    Stop {
        place: usize,
    },
    Wake {
        place: usize,
    },
}

impl Action {
    /// What no worker does of its own accord.
    pub(crate) fn is_of_fate(self) -> bool {
        matches!(
            self,
            Action::Crash { .. }
                | Action::Restart { .. }
                | Action::Stop { .. }
                | Action::Wake { .. }
                | Action::EndUnanswered { .. }
                | Action::End {
                    end: End::Release,
                    ..
                }
        )
    }
}

impl State {
    pub(crate) fn new(jobs: usize, faults: u8) -> Self {
        let row = Row {
            status: Status::Queued,
            attempts: 0,
            solo: false,
        };
        let job = Job {
            row: Some(row),
            dead_letters: 0,
            completions: 0,
        };
        let ids = 0..u8::try_from(PLACES).expect("a handful of places");
        State {
            jobs: vec![job; jobs],
            workers: ids
                .clone()
                .map(|id| Worker {
                    id,
                    process: Process::Up,
                    held: Vec::new(),
                })
                .collect(),
            registered: ids.clone().collect(),
            next_worker: ids.end,
            next_claim: 0,
            faults_left: faults,
            stolen: false,
            died_in_company: false,
        }
    }

    fn is_registered(&self, worker: u8) -> bool {
        self.registered.contains(&worker)
    }

    /// Claims that the database says `worker` has.
    fn claims_of(&self, worker: u8) -> Vec<usize> {
        let is_its =
            |row: &Row| matches!(row.status, Status::Processing(claim) if claim.worker == worker);
        (0..self.jobs.len())
            .filter(|&job| self.jobs[job].row.as_ref().is_some_and(is_its))
            .collect()
    }

    /// All that may happen next.
    pub(crate) fn actions(&self, actions: &mut Vec<Action>) {
        let may_fail = self.faults_left > 0;
        for (place, worker) in self.workers.iter().enumerate() {
            match worker.process {
                Process::Up => {
                    self.actions_of(place, worker, actions);
                    if may_fail {
                        actions.extend([Action::Crash { place }, Action::Stop { place }]);
                    }
                }
                Process::Stopped => actions.push(Action::Wake { place }),
                Process::Crashed => actions.push(Action::Restart { place }),
            }
        }
    }

    fn actions_of(&self, place: usize, worker: &Worker, actions: &mut Vec<Action>) {
        let runs_solo = worker.held.iter().any(|held| held.solo);
        if self.is_registered(worker.id) && worker.held.len() < SLOTS && !runs_solo {
            for (job, entry) in (0..).zip(&self.jobs) {
                let Some(row) = entry.row else { continue };
                if row.status == Status::Queued && (!row.solo || worker.held.is_empty()) {
                    actions.push(Action::Claim { place, job });
                }
            }
        }
        for (index, held) in worker.held.iter().enumerate() {
            if held.unanswered.is_some() {
                actions.push(Action::SendAgain { place, held: index });
                continue;
            }
            for end in [End::Complete, End::Fail, End::Release] {
                if end != End::Release || self.faults_left > 0 {
                    actions.push(Action::End {
                        place,
                        held: index,
                        end,
                    });
                }
                if self.faults_left > 0 {
                    actions.push(Action::EndUnanswered {
                        place,
                        held: index,
                        end,
                    });
                }
            }
        }
        if !self.is_registered(worker.id) {
            actions.push(Action::RegisterAfresh { place });
        }
        for &other in &self.registered {
            // One that is up beats, and is neither overdue nor without its lock.
            let lives = |w: &Worker| w.id == other && w.process == Process::Up;
            if !self.workers.iter().any(lives) {
                actions.push(Action::Rescue {
                    by: place,
                    worker: other,
                });
            }
        }
    }

    /// The state after `action`, which is one of [`State::actions`].
    pub(crate) fn after(&self, action: Action, fence: Fence) -> State {
        let mut next = self.clone();
        match action {
            Action::Claim { place, job } => next.claim(place, job),
            Action::End { place, held, end } => {
                if end == End::Release {
                    next.faults_left -= 1;
                }
                let held = next.workers[place].held.remove(held);
                next.write(held, end, fence);
            }
            Action::EndUnanswered { place, held, end } => {
                next.faults_left -= 1;
                let held = &mut next.workers[place].held[held];
                held.unanswered = Some(end);
                let held = *held;
                next.write(held, end, fence);
            }
            Action::SendAgain { place, held } => {
                let held = next.workers[place].held.remove(held);
                let end = held.unanswered.expect("only what was sent is sent again");
                next.write(held, end, fence);
            }
            Action::RegisterAfresh { place } => {
                next.workers[place].held.clear();
                next.register(place);
            }
            Action::Rescue { worker, .. } => next.rescue(worker),
            Action::Crash { place } => {
                next.faults_left -= 1;
                next.workers[place].process = Process::Crashed;
                next.workers[place].held.clear();
            }
            Action::Restart { place } => {
                next.workers[place].process = Process::Up;
                next.register(place);
            }
            Action::Stop { place } => {
                next.faults_left -= 1;
                next.workers[place].process = Process::Stopped;
            }
            Action::Wake { place } => next.workers[place].process = Process::Up,
        }
        next
    }

    fn register(&mut self, place: usize) {
        self.workers[place].id = self.next_worker;
        self.registered.push(self.next_worker);
        self.next_worker += 1;
    }

    fn claim(&mut self, place: usize, job: u8) {
        let claim = Claim {
            worker: self.workers[place].id,
            number: self.next_claim,
        };
        self.next_claim += 1;
        let row = self.jobs[usize::from(job)].row.as_mut();
        let row = row.expect("a queued job has a row");
        row.status = Status::Processing(claim);
        row.attempts += 1;
        self.workers[place].held.push(Held {
            job,
            claim,
            attempts: row.attempts,
            solo: row.solo,
            unanswered: None,
        });
    }

    /// A worker's write about a claim that it believes in: changes the row that `fence` finds.
    fn write(&mut self, held: Held, end: End, fence: Fence) {
        let Some(row) = self.jobs[usize::from(held.job)].row else {
            return;
        };
        let owner = match row.status {
            Status::Processing(claim) => Some(claim),
            Status::Queued | Status::Done => None,
        };
        let same_attempt = owner.is_some() && row.attempts == held.attempts;
        let found = match fence {
            Fence::Whole => owner == Some(held.claim) && same_attempt,
            Fence::WithoutClaimNumber => {
                owner.map(|claim| claim.worker) == Some(held.claim.worker) && same_attempt
            }
            Fence::IdAndAttempts => same_attempt,
            Fence::IdAlone => true,
        };
        if !found {
            return;
        }
        self.stolen |= owner != Some(held.claim);
        let job = usize::from(held.job);
        match end {
            End::Complete => {
                self.jobs[job].completions += 1;
                self.set(job, Status::Done);
            }
            End::Fail if row.attempts >= MAX_ATTEMPTS => self.dead_letter(job),
            End::Fail => self.set(job, Status::Queued),
            End::Release => {
                self.set(job, Status::Queued);
                let row = self.jobs[job].row.as_mut().expect("it was found");
                row.attempts = row.attempts.saturating_sub(1);
            }
        }
    }

    fn set(&mut self, job: usize, status: Status) {
        let row = self.jobs[job].row.as_mut().expect("the write found a row");
        row.status = status;
    }

    /// Insert and delete are one statement.
    fn dead_letter(&mut self, job: usize) {
        self.jobs[job].row = None;
        self.jobs[job].dead_letters += 1;
    }

    /// One transaction: the claims of a dead worker go back, and its row goes.
    fn rescue(&mut self, worker: u8) {
        let claims = self.claims_of(worker);
        for &job in &claims {
            let row = self.jobs[job].row.as_mut().expect("a claim is a row");
            if row.attempts < MAX_ATTEMPTS {
                row.status = Status::Queued;
            } else if row.solo {
                self.died_in_company |= claims.len() > 1;
                self.dead_letter(job);
            } else {
                row.status = Status::Queued;
                row.solo = true;
            }
        }
        self.registered.retain(|&id| id != worker);
    }

    /// Grows smaller, in the order of its parts, with every action: the model's runs end.
    pub(crate) fn rank(&self) -> (u8, u32, usize, usize) {
        let of_job = |job: &Job| match job.row {
            None => 0,
            Some(row) => {
                let tries = u32::from((MAX_ATTEMPTS + 1).saturating_sub(row.attempts));
                match row.status {
                    Status::Done => 0,
                    Status::Queued => 2 * tries + 2,
                    Status::Processing(_) => 2 * tries + 3,
                }
            }
        };
        let of_worker = |worker: &Worker| match worker.process {
            Process::Up if self.is_registered(worker.id) => 0,
            Process::Up | Process::Crashed => 2,
            Process::Stopped => 3,
        };
        (
            self.faults_left,
            self.jobs.iter().map(of_job).sum(),
            self.workers.iter().map(|worker| worker.held.len()).sum(),
            self.workers.iter().map(of_worker).sum::<usize>() + self.registered.len(),
        )
    }
}
