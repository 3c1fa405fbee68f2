//! A worker's session: it keeps the liveness file, beats, and rescues workers that died.
//!
//! A crash is noticed by the liveness file once three of the dead worker's beats are missing, and by
//! the heartbeat timeout where there is no such file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension as _, params};
use uuid::Uuid;

use super::failure::Failure;
use super::file::{Change, File};
use super::liveness::{self, Liveness};
use super::rescue::Silent;
use super::values::{Id, Time};
use super::{register, rescue};
use crate::backend::suspects::{LATE, MISSED, Sighting, Suspects};
use crate::backend::{Answer, Beat, Phase, Wake, WorkerRow, WorkerSession};
use crate::error::Error;

const HEARTBEAT: &str = include_str!("sql/heartbeat.sql");
const CALLED_OFF: &str = include_str!("sql/called_off.sql");

/// Whether the worker's row is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// It is new.
    Register,
    /// It was written before.
    Resume,
}

struct Session {
    file: Arc<File>,
    worker: WorkerRow,
    /// By which its callback is known; a worker may open a session before the last one is dropped.
    number: Uuid,
    liveness: Option<Liveness>,
    /// Workers whose file was seen unlocked.
    suspects: Suspects,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.file.wakers().remove(self.number);
    }
}

pub(crate) async fn open(
    file: Arc<File>,
    worker: WorkerRow,
    wake: Wake,
    row: Row,
) -> Result<Box<dyn WorkerSession>, Error> {
    let liveness = Liveness::keep(file.path(), worker.id).inspect_err(|error| {
        tracing::debug!(%error, "no liveness file: a crash is noticed by the heartbeat alone");
    });
    // It may judge at once: the files that are locked outlive everything but their workers.
    let suspects = Suspects::new(Instant::now(), worker.heartbeat_interval, 0);
    let session = Session {
        file,
        worker,
        number: Uuid::now_v7(),
        liveness: liveness.ok(),
        suspects,
    };
    let registering = session.worker.clone();
    let keeps_file = session.liveness.is_some();
    let registered = session
        .file
        .change("registering the worker", move |change| match row {
            Row::Register => register::register(change, &registering, keeps_file),
            Row::Resume => register::advertise(change, registering.id, keeps_file),
        });
    registered.await?;
    session.file.wakers().add(session.number, wake);
    Ok(Box::new(session))
}

/// Removes the rows of a worker that has no claims left, and its file.
pub(crate) async fn unregister(file: &File, worker: Uuid) -> Result<(), Error> {
    file.change("removing the worker", move |change| {
        register::unregister(change, worker)
    })
    .await?;
    liveness::forget(file.path(), worker);
    Ok(())
}

impl WorkerSession for Session {
    fn beat(&mut self, phase: Phase) -> Answer<'_, Beat> {
        Box::pin(async move {
            let worker = self.worker.clone();
            let looked = self.file.change("writing the heartbeat", move |change| {
                let beat = beat(change, worker.id, phase)?;
                let shortest = worker.heartbeat_timeout.min(Duration::from_secs(1));
                let silent = rescue::silent(change, worker.id, change.now.minus(shortest))?;
                Ok((beat, silent, change.now))
            });
            let (mut beat, silent, now) = looked.await?;
            if beat.row_gone {
                return Ok(beat);
            }
            for (other, silent_for) in self.dead(&silent, now) {
                beat.rescued += self.rescue(other, silent_for).await;
            }
            beat.suspects = !self.suspects.is_empty();
            Ok(beat)
        })
    }
}

impl Session {
    /// Those of `silent` that are dead, and for how long each must have been silent to be so.
    fn dead(&mut self, silent: &[Silent], now: Time) -> Vec<(Uuid, Duration)> {
        let timeout = self.worker.heartbeat_timeout;
        let (mut dead, mut gone) = (Vec::new(), Vec::new());
        for other in silent {
            let silence = now.0 - other.last_heartbeat.0;
            let silence = silence.to_std().unwrap_or_default();
            if silence > timeout {
                dead.push((other.id, timeout));
                continue;
            }
            let Some(interval) = other.interval else {
                continue;
            };
            // Looking at a file takes its lock for a moment: not at those of workers that beat.
            if silence > interval.mul_f64(LATE) && liveness::has_ended(self.file.path(), other.id) {
                let missed = interval.saturating_mul(MISSED);
                let sighting = Sighting {
                    worker: other.id,
                    silent: silence > missed,
                };
                gone.push((sighting, missed));
            }
        }
        let sightings: Vec<Sighting> = gone.iter().map(|(sighting, _)| *sighting).collect();
        let ended = self.suspects.look(Instant::now(), &sightings);
        for (sighting, missed) in gone {
            if ended.contains(&sighting.worker) {
                dead.push((sighting.worker, missed));
            }
        }
        dead
    }

    /// How many jobs were rescued. A failure is none of the beat's: this worker lives.
    async fn rescue(&self, other: Uuid, silent_for: Duration) -> usize {
        let attempts = self.worker.default_max_attempts;
        let doing = "rescuing a dead worker's jobs";
        let rescued = self.file.change(doing, move |change| {
            rescue::rescue_worker(change, other, silent_for, attempts)
        });
        match rescued.await {
            Ok(Some(jobs)) => {
                liveness::forget(self.file.path(), other);
                jobs
            }
            Ok(None) => 0,
            Err(error) => {
                tracing::warn!(worker = %other, %error, "a rescue failed; trying again");
                0
            }
        }
    }
}

fn beat(change: &Change<'_>, worker: Uuid, phase: Phase) -> Result<Beat, Failure> {
    let drains = phase == Phase::Draining;
    let row = change
        .prepare_cached(HEARTBEAT)?
        .query_row(params![Id(worker), change.now, drains], |_| Ok(()))
        .optional()?;
    let mut statement = change.prepare_cached(CALLED_OFF)?;
    let called_off = statement.query_map([Id(worker)], |row| row.get::<_, Id>(0))?;
    Ok(Beat {
        row_gone: row.is_none(),
        called_off: called_off
            .map(|id| id.map(|Id(id)| id))
            .collect::<Result<_, _>>()?,
        ..Beat::default()
    })
}
