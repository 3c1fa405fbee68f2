//! A worker's own connection: it holds the liveness lock, beats, listens for new jobs, and rescues
//! workers that died.
//!
//! Invariant: nothing that a session does waits without end. A worker that claims and does not
//! beat is taken for dead while it lives, so the lock is tried and never waited for (the backend of
//! a session that was cut off may hold it for a while), a rescue waits for nobody's rows and its
//! failure is no failure of the beat.
//!
//! Invariant: the lock is advertised only by a connection that can hold it ([`Standing::Own`]).
//! Behind a pooler a worker takes no lock and listens to nothing: it polls, and is rescued by its
//! heartbeat alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, Connection, Notification};
use uuid::Uuid;

use super::connect::{Connections, failed};
use super::standing::{self, Standing};
use super::times::seconds;
use super::{register, rescue};
use crate::advisory;
use crate::backend::suspects::{MISSED, Sighting, Suspects};
use crate::backend::{Answer, Beat, Phase, Signal, Wake, WorkerRow, WorkerSession};
use crate::error::Error;
use crate::settings::SESSION_URL;

#[cfg(all(test, feature = "testing"))]
mod tests;

const HEARTBEAT: &str = include_str!("sql/heartbeat.sql");
const STALE_WORKERS: &str = include_str!("sql/stale_workers.sql");
const TRY_LOCK: &str = include_str!("sql/try_lock_session.sql");
const PREPARE: &str = include_str!("sql/prepare_session.sql");

/// How long opening a session may take.
const OPENING: Duration = Duration::from_secs(15);

/// How long one rescue may take. Its statements wait for no lock for longer than a second, so only
/// a connection that is lost takes so long.
const RESCUING: Duration = Duration::from_secs(10);

/// Beats between two trials of a session, and between two writes of what the worker handles: a
/// minute with the default interval.
const BEATS_BETWEEN: u32 = 12;

/// How long a trial may hold up a beat.
const PROBING: Duration = Duration::from_secs(7);

/// Where sessions connect.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// Where `SONIQ_SESSION_URL` leads.
    own: Option<Connections>,
    /// Where claims go, and sessions too unless they have a URL of their own.
    workers: Arc<Connections>,
    /// Whether it was said what a pooler takes away; set once for all sessions.
    told: Arc<AtomicBool>,
}

impl Sessions {
    /// Reads the URL; connects to nothing yet.
    pub(crate) fn new(url: Option<&str>, workers: Arc<Connections>) -> Result<Self, Error> {
        let own = url.map(|url| Connections::new(url, 1)).transpose();
        Ok(Sessions {
            own: own.map_err(|error| match error {
                Error::DatabaseUrl { reason } => Error::SessionUrl {
                    reason: format!("cannot be read: {reason}"),
                },
                other => other,
            })?,
            workers,
            told: Arc::default(),
        })
    }

    fn connections(&self) -> &Connections {
        self.own.as_ref().unwrap_or(&self.workers)
    }

    /// What the session of a worker would be; opens one and leaves nothing of it.
    pub(crate) async fn standing(&self) -> Result<Standing, Error> {
        let (client, connection) = self.connections().single().await?;
        let id = Uuid::now_v7();
        let heard = Arc::new(Notify::new());
        let probes = (standing::channel(id), Arc::clone(&heard));
        let pump = tokio::spawn(pump(connection, Arc::new(|_| {}), probes));
        let found = async {
            let mut other = self.workers.client().await?;
            let found = stand(&client, &mut other, self.own.is_none(), id, &heard).await?;
            Ok(found.0)
        };
        let found = tokio::time::timeout(OPENING, found).await;
        pump.abort();
        found.unwrap_or_else(|_| Err(self.connections().silent(OPENING)))
    }
}

/// Whether the worker's row is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// It is new.
    Register,
    /// It was written before; only the connection is new.
    Resume,
}

impl Row {
    /// Intervals until a session may judge whose lock is gone. What cut a session off may have cut
    /// off others, who are still on their way back: it waits for one more.
    fn settling(self) -> u32 {
        match self {
            Row::Register => MISSED,
            Row::Resume => MISSED + 1,
        }
    }
}

struct Session {
    client: Client,
    worker: WorkerRow,
    /// Polls the connection; ends with it.
    pump: JoinHandle<()>,
    standing: Standing,
    /// The backend that it began on.
    backend: Option<i32>,
    /// Pulsed by the pump for each probe that arrives.
    heard: Arc<Notify>,
    /// Probes are sent from there.
    workers: Arc<Connections>,
    tried: Instant,
    /// When the tasks were last written.
    registered: Instant,
    told: Arc<AtomicBool>,
    /// Whether the liveness lock is this session's. Until it is, each beat tries again.
    locked: bool,
    /// Workers whose lock was seen gone.
    suspects: Suspects,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

pub(crate) async fn open(
    sessions: &Sessions,
    worker: WorkerRow,
    wake: Wake,
    row: Row,
) -> Result<Box<dyn WorkerSession>, Error> {
    match tokio::time::timeout(OPENING, open_now(sessions, worker, wake, row)).await {
        Ok(session) => Ok(Box::new(session?)),
        Err(_) => Err(sessions.connections().silent(OPENING)),
    }
}

async fn open_now(
    sessions: &Sessions,
    worker: WorkerRow,
    wake: Wake,
    row: Row,
) -> Result<Session, Error> {
    let (client, connection) = sessions.connections().single().await?;
    let heard = Arc::new(Notify::new());
    let probes = (standing::channel(worker.id), Arc::clone(&heard));
    let now = Instant::now();
    let mut session = Session {
        client,
        pump: tokio::spawn(pump(connection, wake, probes)),
        suspects: Suspects::new(now, worker.heartbeat_interval, row.settling()),
        worker,
        standing: Standing::Pooled,
        backend: None,
        heard,
        workers: Arc::clone(&sessions.workers),
        tried: now,
        registered: now,
        told: Arc::clone(&sessions.told),
        locked: false,
    };
    // Not one of the pool: after the network was cut those may be dead and not know it yet.
    let mut other = sessions.workers.client().await?;
    let same_url = sessions.own.is_none();
    let id = session.worker.id;
    (session.standing, session.backend) =
        stand(&session.client, &mut other, same_url, id, &session.heard).await?;
    if same_url || session.standing == Standing::Pooled {
        let keeps = session.standing == Standing::Own;
        sessions.workers.plans().note(keeps);
    }
    session.tell();
    // The row last: from the moment it advertises the lock that should be held, and nobody sees a
    // worker that does not know yet that it is one.
    session.try_lock().await?;
    let advertises = session.standing == Standing::Own;
    match row {
        Row::Register => {
            register::register(&mut session.client, &session.worker, advertises).await?;
        }
        Row::Resume => register::advertise(&session.client, id, advertises).await?,
    }
    Ok(session)
}

/// What the connection `session` is, and its backend where it keeps one. A session listens from then on.
async fn stand(
    session: &Client,
    other: &mut Client,
    same_url: bool,
    worker: Uuid,
    heard: &Notify,
) -> Result<(Standing, Option<i32>), Error> {
    let Some(backend) = standing::backend_of(session, other, same_url, worker).await? else {
        return Ok((Standing::Pooled, None));
    };
    listen(session, worker).await?;
    let standing = if standing::hears(other, worker, heard).await? {
        Standing::Own
    } else {
        Standing::Deaf
    };
    Ok((standing, Some(backend)))
}

async fn listen(session: &Client, worker: Uuid) -> Result<(), Error> {
    let own = format!("LISTEN {}", standing::channel(worker));
    session
        .batch_execute(&format!("{PREPARE};\n{own}"))
        .await
        .map_err(failed("listening for new jobs"))
}

/// Polls the connection and passes on what it hears.
async fn pump<S, T>(
    mut connection: Connection<S, T>,
    wake: Wake,
    (channel, heard): (String, Arc<Notify>),
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                if notification.channel() == channel {
                    heard.notify_one();
                } else if let Some(signal) = signal(&notification) {
                    wake(signal);
                }
            }
            Some(Ok(_)) => {}
            // The next beat finds the connection closed and says so.
            Some(Err(_)) | None => return,
        }
    }
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
    fn beat(&mut self, phase: Phase) -> Answer<'_, Beat> {
        Box::pin(async move {
            let row = self
                .client
                .query_typed_opt(
                    HEARTBEAT,
                    &[
                        (&self.worker.id, Type::UUID),
                        (&(phase == Phase::Draining), Type::BOOL),
                    ],
                )
                .await
                .map_err(failed("writing the heartbeat"))?;
            let Some(row) = row else {
                return Ok(Beat {
                    row_gone: true,
                    ..Beat::default()
                });
            };
            self.keep_standing(row.get("backend")).await?;
            self.try_lock().await?;
            self.keep_tasks().await;
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
                suspects: !self.suspects.is_empty(),
            })
        })
    }
}

impl Session {
    fn between(&self) -> Duration {
        self.worker.heartbeat_interval.saturating_mul(BEATS_BETWEEN)
    }

    /// Says now and then that the worker still handles its tasks. Who is not told asks in vain who
    /// handles them; that is no reason to take the worker for dead.
    async fn keep_tasks(&mut self) {
        if self.registered.elapsed() < self.between() {
            return;
        }
        self.registered = Instant::now();
        if let Err(error) = register::write_tasks(&self.client, &self.worker).await {
            tracing::warn!(%error, "the worker's tasks are not registered; trying again");
        }
    }

    /// Finds out now and then whether this still is the session that it was.
    async fn keep_standing(&mut self, backend: i32) -> Result<(), Error> {
        if self.standing == Standing::Pooled {
            return Ok(());
        }
        if self.backend != Some(backend) {
            return self.become_now(Standing::Pooled).await;
        }
        if self.tried.elapsed() < self.between() {
            return Ok(());
        }
        self.tried = Instant::now();
        // Whether it could be sent at all says nothing about this session.
        let probe = async {
            let other = self.workers.get().await?;
            standing::hears(&**other, self.worker.id, &self.heard).await
        };
        match tokio::time::timeout(PROBING, probe).await {
            Ok(Ok(true)) => self.become_now(Standing::Own).await,
            Ok(Ok(false)) => self.become_now(Standing::Deaf).await,
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    async fn become_now(&mut self, standing: Standing) -> Result<(), Error> {
        if self.standing == standing {
            return Ok(());
        }
        self.standing = standing;
        if standing == Standing::Pooled {
            self.workers.plans().note(false);
        }
        self.tell();
        let advertises = standing == Standing::Own;
        register::advertise(&self.client, self.worker.id, advertises).await
    }

    /// Says what does not work, once.
    fn tell(&self) {
        let what = match self.standing {
            Standing::Own => return,
            Standing::Deaf => "notifications do not reach this worker",
            Standing::Pooled => "this worker is behind a pooler in transaction mode",
        };
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                worker = %self.worker.id,
                "{what}: it polls for jobs, and a crash is noticed by its heartbeat alone; set \
                 {SESSION_URL} to an address of the server itself"
            );
        }
    }

    /// Takes the liveness lock if it is free, where that is of use and not done yet.
    async fn try_lock(&mut self) -> Result<(), Error> {
        if self.locked || self.standing != Standing::Own {
            return Ok(());
        }
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
        let mut dead: Vec<(Uuid, Duration)> = Vec::new();
        let mut gone = Vec::new();
        for row in &rows {
            let worker: Uuid = row.get("id");
            if row.get("overdue") {
                dead.push((worker, timeout));
            // A pooler's session outlives many restarts of the server behind it.
            } else if row.get("lock_gone") && self.standing != Standing::Pooled {
                let silent = row.get("silent");
                gone.push(Sighting { worker, silent });
            }
        }
        let ended = self.suspects.look(Instant::now(), &gone);
        let missed = interval.saturating_mul(MISSED);
        dead.extend(ended.into_iter().map(|worker| (worker, missed)));
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
