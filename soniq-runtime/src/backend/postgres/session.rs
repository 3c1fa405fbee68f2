//! A worker's own connection: it holds the liveness lock, beats, listens for new jobs, and rescues
//! workers that died.
//!
//! Invariant: nothing that a session does waits without end. A worker that claims and does not
//! beat is taken for dead while it lives, so the lock is tried and never waited for (the backend of
//! a session that was cut off may hold it for a while), a rescue waits for nobody's rows and its
//! failure is no failure of the beat.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinHandle;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, GenericClient};
use uuid::Uuid;

use super::connect::{Connections, failed};
use super::rescue;
use crate::advisory;
use crate::backend::{Answer, Beat, Wake, WorkerRow, WorkerSession};
use crate::error::Error;

const REGISTER: &str = include_str!("sql/register_worker.sql");
const REGISTER_TASKS: &str = include_str!("sql/register_tasks.sql");
const UNREGISTER: &str = include_str!("sql/unregister_worker.sql");
const HEARTBEAT: &str = include_str!("sql/heartbeat.sql");
const STALE_WORKERS: &str = include_str!("sql/stale_workers.sql");
const TRY_LOCK: &str = include_str!("sql/try_lock_session.sql");
const PREPARE: &str = include_str!("sql/prepare_session.sql");

/// How long opening a session may take.
const OPENING: Duration = Duration::from_secs(15);

/// How long one rescue may take. Its statements wait for no lock for longer than a second, so only
/// a connection that is lost takes so long.
const RESCUING: Duration = Duration::from_secs(10);

/// Workers of one process beyond this many are refused.
const HOSTNAMES: u32 = 1000;

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
                    wake(notification.payload());
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
    // The lock first: from the moment the row advertises it, it should be held.
    session.try_lock().await?;
    if row == Row::Register {
        register(&session.client, &session.worker).await?;
    }
    session
        .client
        .batch_execute(PREPARE)
        .await
        .map_err(failed("listening for new jobs"))?;
    Ok(session)
}

async fn register(client: &Client, worker: &WorkerRow) -> Result<(), Error> {
    let doing = "registering the worker";
    let metadata = json!({
        "runtime": "soniq-rust",
        "liveness_lock": advisory::worker(worker.id),
        "heartbeat_interval": worker.heartbeat_interval.as_secs_f64(),
    });
    let pid = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
    let concurrency = i32::try_from(worker.concurrency).unwrap_or(i32::MAX);
    let mut registered = false;
    for number in 1..=HOSTNAMES {
        // (hostname, pid) is unique. A second worker of this process, and the row that a dead one
        // left under the same pid, are told apart by a number.
        let hostname = match number {
            1 => worker.hostname.clone(),
            number => format!("{}#{number}", worker.hostname),
        };
        let row = client
            .query_typed_opt(
                REGISTER,
                &[
                    (&worker.id, Type::UUID),
                    (&hostname, Type::TEXT),
                    (&pid, Type::INT4),
                    (&worker.queues, Type::TEXT_ARRAY),
                    (&concurrency, Type::INT4),
                    (&env!("CARGO_PKG_VERSION"), Type::TEXT),
                    (&metadata, Type::JSONB),
                ],
            )
            .await
            .map_err(failed(doing))?;
        if row.is_some() {
            registered = true;
            break;
        }
    }
    if !registered {
        return Err(Error::TooManyWorkers {
            hostname: worker.hostname.clone(),
        });
    }
    let (names, fingerprints): (Vec<&str>, Vec<&str>) = worker
        .tasks
        .iter()
        .map(|(name, fingerprint)| (name.as_str(), fingerprint.as_str()))
        .unzip();
    client
        .execute_typed(
            REGISTER_TASKS,
            &[
                (&worker.id.to_string(), Type::TEXT),
                (&names, Type::TEXT_ARRAY),
                (&fingerprints, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed(doing))?;
    Ok(())
}

pub(crate) async fn unregister(client: &impl GenericClient, worker: Uuid) -> Result<(), Error> {
    client
        .execute_typed(UNREGISTER, &[(&worker, Type::UUID)])
        .await
        .map_err(failed("removing the worker"))?;
    Ok(())
}

impl WorkerSession for Session {
    fn beat(&mut self) -> Answer<'_, Beat> {
        Box::pin(async move {
            let row = self
                .client
                .query_typed_opt(HEARTBEAT, &[(&self.worker.id, Type::UUID)])
                .await
                .map_err(failed("writing the heartbeat"))?;
            if row.is_none() {
                return Ok(Beat {
                    row_gone: true,
                    rescued: 0,
                });
            }
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
                    (&timeout.as_secs_f64(), Type::FLOAT8),
                ],
            )
            .await
            .map_err(failed("looking for dead workers"))?;
        // A session that is itself young may have seen nothing but a restart.
        let settled = self.since.elapsed() >= interval * 3;
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
                    dead.push((id, interval * 3));
                }
                suspects.insert(id, first);
            }
        }
        self.suspects = suspects;
        let mut rescued = 0;
        for (id, silent_for) in dead {
            rescued += rescue::rescue_worker(
                &mut self.client,
                id,
                silent_for,
                self.worker.default_max_attempts,
            )
            .await?;
        }
        Ok(rescued)
    }
}
