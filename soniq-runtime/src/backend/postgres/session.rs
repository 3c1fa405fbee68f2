//! A worker's own connection: it holds the liveness lock, beats, listens for new jobs, and rescues
//! workers that died.
//!
//! Invariant: nothing that a session does waits without end. A worker that claims and does not
//! beat is taken for dead while it lives, so the lock is tried and never waited for (the backend of
//! a session that was cut off may hold it for a while), a rescue waits for nobody's rows and its
//! failure is no failure of the beat.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, Notification};
use uuid::Uuid;

use super::connect::{Connections, failed};
use super::times::seconds;
use super::{register, rescue};
use crate::advisory;
use crate::backend::{Answer, Beat, Signal, Wake, WorkerRow, WorkerSession};
use crate::error::Error;

const HEARTBEAT: &str = include_str!("sql/heartbeat.sql");
const STALE_WORKERS: &str = include_str!("sql/stale_workers.sql");
const TRY_LOCK: &str = include_str!("sql/try_lock_session.sql");
const PREPARE: &str = include_str!("sql/prepare_session.sql");

/// How long opening a session may take.
const OPENING: Duration = Duration::from_secs(15);

/// How long one rescue may take. Its statements wait for no lock for longer than a second, so only
/// a connection that is lost takes so long.
const RESCUING: Duration = Duration::from_secs(10);

/// Whether the worker's row is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// It is new.
    Register,
    /// It was written before; only the connection is new.
    Resume,
}

struct Session {
    client: Client,
    worker: WorkerRow,
    /// Polls the connection; ends with it.
    pump: JoinHandle<()>,
    since: Instant,
    /// Whether the liveness lock is this session's. Until it is, each beat tries again.
    locked: bool,
    /// Workers whose lock was seen gone, and when first.
    suspects: HashMap<Uuid, Instant>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

pub(crate) async fn open(
    connections: &Connections,
    worker: WorkerRow,
    wake: Wake,
    row: Row,
) -> Result<Box<dyn WorkerSession>, Error> {
    match tokio::time::timeout(OPENING, open_now(connections, worker, wake, row)).await {
        Ok(session) => Ok(Box::new(session?)),
        Err(_) => Err(connections.silent(OPENING)),
    }
}

async fn open_now(
    connections: &Connections,
    worker: WorkerRow,
    wake: Wake,
    row: Row,
) -> Result<Session, Error> {
    let (client, mut connection) = connections.single().await?;
    let pump = tokio::spawn(async move {
        loop {
            match std::future::poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    if let Some(signal) = signal(&notification) {
                        wake(signal);
                    }
                }
                Some(Ok(_)) => {}
                // The next beat finds the connection closed and says so.
                Some(Err(_)) | None => return,
            }
        }
    });
    let mut session = Session {
        client,
        worker,
        pump,
        since: Instant::now(),
        locked: false,
        suspects: HashMap::new(),
    };
    session
        .client
        .batch_execute(PREPARE)
        .await
        .map_err(failed("listening for new jobs"))?;
    // The row last: from the moment it advertises the lock that should be held, and nobody sees a
    // worker that does not know yet that it is one.
    session.try_lock().await?;
    if row == Row::Register {
        register::register(&mut session.client, &session.worker).await?;
    }
    Ok(session)
}

/// What a notification says; one that anybody could have sent by hand may say nothing.
fn signal(notification: &Notification) -> Option<Signal<'_>> {
    match notification.channel() {
        "soniq_new_job" => Some(Signal::Due(notification.payload())),
        "soniq_job_called_off" => notification.payload().parse().ok().map(Signal::CalledOff),
        _ => None,
    }
}

impl WorkerSession for Session {
    fn beat(&mut self) -> Answer<'_, Beat> {
        Box::pin(async move {
            let row = self
                .client
                .query_typed_opt(HEARTBEAT, &[(&self.worker.id, Type::UUID)])
                .await
                .map_err(failed("writing the heartbeat"))?;
            let Some(row) = row else {
                return Ok(Beat {
                    row_gone: true,
                    ..Beat::default()
                });
            };
            if !self.locked {
                self.try_lock().await?;
            }
            let rescued = match tokio::time::timeout(RESCUING, self.rescue_the_dead()).await {
                Ok(Ok(rescued)) => rescued,
                // This worker lives, whatever became of the others.
                Ok(Err(error)) => {
                    tracing::warn!(%error, "a rescue failed; trying again");
                    0
                }
                Err(_) => {
                    tracing::warn!("a rescue took too long; trying again");
                    0
                }
            };
            Ok(Beat {
                row_gone: false,
                rescued,
                called_off: row.get("called_off"),
            })
        })
    }
}

impl Session {
    /// Takes the liveness lock if it is free.
    async fn try_lock(&mut self) -> Result<(), Error> {
        let key = advisory::worker(self.worker.id);
        let row = self
            .client
            .query_typed_one(TRY_LOCK, &[(&key, Type::INT8)])
            .await
            .map_err(failed("taking the worker's liveness lock"))?;
        self.locked = row.get(0);
        Ok(())
    }

    async fn rescue_the_dead(&mut self) -> Result<usize, Error> {
        let timeout = self.worker.heartbeat_timeout;
        let interval = self.worker.heartbeat_interval;
        let rows = self
            .client
            .query_typed(
                STALE_WORKERS,
                &[
                    (&self.worker.id, Type::UUID),
                    (&seconds(timeout), Type::FLOAT8),
                ],
            )
            .await
            .map_err(failed("looking for dead workers"))?;
        // A session that is itself young may have seen nothing but a restart.
        let settled = self.since.elapsed() >= interval.saturating_mul(3);
        let now = Instant::now();
        let mut suspects = HashMap::new();
        let mut dead: Vec<(Uuid, Duration)> = Vec::new();
        for row in &rows {
            let id: Uuid = row.get("id");
            if row.get("overdue") {
                dead.push((id, timeout));
            } else if row.get("lock_gone") && settled {
                let first = self.suspects.get(&id).copied().unwrap_or(now);
                // Seen twice, an interval apart; a little less, since timers are not exact.
                if now.duration_since(first) >= interval.mul_f64(0.9) {
                    dead.push((id, interval.saturating_mul(3)));
                }
                suspects.insert(id, first);
            }
        }
        self.suspects = suspects;
        let mut rescued = 0;
        for (id, silent_for) in dead {
            let done = rescue::rescue_worker(
                &mut self.client,
                id,
                silent_for,
                self.worker.default_max_attempts,
            );
            match done.await {
                Ok(jobs) => rescued += jobs,
                Err(error) if self.client.is_closed() => return Err(error),
                // The other dead have jobs too.
                Err(error) => {
                    tracing::warn!(worker = %id, %error, "a rescue failed; trying again");
                }
            }
        }
        Ok(rescued)
    }
}
