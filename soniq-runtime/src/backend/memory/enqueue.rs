//! Writes new jobs.

use std::collections::HashSet;

use uuid::Uuid;

use super::clock::micros;
use super::fault::Fault;
use super::state::{Row, State};
use crate::args_hash::args_hash;
use crate::enqueue::{Due, Enqueued, NewJob};
use crate::error::Error;
use crate::settings::Settings;

/// All or none; those that meet a queued twin stand for it.
pub(super) fn insert_all_or_none(
    state: &mut State,
    jobs: Vec<NewJob>,
    settings: &Settings,
) -> Result<Vec<Enqueued>, Error> {
    state.faults.strike(Fault::Enqueue)?;
    let mut ids = HashSet::with_capacity(jobs.len());
    if let Some(job) = jobs.iter().find(|job| !ids.insert(job.id)) {
        return Err(id_taken(&job.name, job.id));
    }
    let mut answers: Vec<Enqueued> = Vec::with_capacity(jobs.len());
    for job in jobs {
        let row = row(state, job, settings);
        match insert(state, row) {
            Ok(enqueued) => answers.push(enqueued),
            Err(error) => {
                for written in answers.iter().filter(|answer| !answer.is_duplicate()) {
                    state.jobs.remove(&written.id());
                }
                return Err(error);
            }
        }
    }
    Ok(answers)
}

/// Writes one row, unless a queued twin holds its key.
pub(super) fn insert(state: &mut State, row: Row) -> Result<Enqueued, Error> {
    if let Some(twin) = state.twin_of(&row) {
        return Ok(Enqueued::new(twin, true));
    }
    let id = row.job.id;
    if state.jobs.contains_key(&id) {
        return Err(id_taken(&row.job.job_name, id));
    }
    state.tell_due(&row.job.queue);
    state.jobs.insert(id, row);
    Ok(Enqueued::new(id, false))
}

fn id_taken(task: &str, id: Uuid) -> Error {
    Error::IdTaken {
        task: task.to_owned(),
        id,
    }
}

/// As the columns would have it.
fn row(state: &State, job: NewJob, settings: &Settings) -> Row {
    let now = state.now();
    let scheduled_at = job.due.map(|due| match due {
        Due::At(time) => micros(time),
        Due::After(delay) => state.clock.after(delay),
    });
    let queue = job.queue.unwrap_or_else(|| "default".to_owned());
    let mut row = Row::queued(job.name, job.args, queue, &settings.producer_id, now);
    row.unique = job.unique;
    row.args_hash = job.unique.then(|| args_hash(&row.job.args));
    row.job.id = job.id;
    row.job.max_attempts = job
        .max_attempts
        .or_else(|| Some(settings.default_max_attempts()));
    row.job.priority = job.priority.unwrap_or(settings.priority);
    row.job.scheduled_at = scheduled_at;
    row.job.dedup_key = job.dedup_key;
    row
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn job(n: i32) -> NewJob {
        NewJob::new("test.ship.v1", json!({ "n": n })).unwrap()
    }

    #[test]
    fn a_batch_with_an_id_that_is_taken_writes_nothing() {
        let (mut state, settings) = (State::new(), Settings::default());
        let mut insert = |jobs| insert_all_or_none(&mut state, jobs, &settings);
        let first = job(1);
        insert(vec![first.clone()]).unwrap();
        let error = insert(vec![job(2), first.clone(), job(3)]).unwrap_err();
        assert!(matches!(error, Error::IdTaken { id, .. } if id == first.id));
        let twice = job(4);
        assert!(insert(vec![twice.clone(), twice]).is_err());
        assert_eq!(state.jobs.len(), 1);
    }

    #[test]
    fn twins_of_a_batch_stand_for_the_first_of_them() {
        let (mut state, settings) = (State::new(), Settings::default());
        let keyed = |n| NewJob {
            dedup_key: Some("k".to_owned()),
            ..job(n)
        };
        let unique = || NewJob {
            unique: true,
            ..job(7)
        };
        let jobs = vec![keyed(1), keyed(2), unique(), unique(), job(7)];
        let answers = insert_all_or_none(&mut state, jobs, &settings).unwrap();
        let duplicate: Vec<bool> = answers.iter().map(Enqueued::is_duplicate).collect();
        assert_eq!(duplicate, [false, true, false, true, false]);
        assert_eq!(answers[0].id(), answers[1].id());
        assert_eq!(answers[2].id(), answers[3].id());
        assert_eq!(state.jobs.len(), 3);
    }
}
