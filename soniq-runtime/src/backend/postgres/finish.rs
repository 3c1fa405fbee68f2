//! Ends claims, many in one statement, each behind its fence.
//!
//! No end waits for another's transaction for longer than [`PATIENCE`]. A row that somebody has
//! locked is skipped and comes back as unwritten. A row that goes back to the queue while an open
//! transaction holds its key gives the key up, as it does when a queued twin holds it.
//!
//! Rows are locked in the order of their ids, keys by an enqueue of many in the order of the keys:
//! the two can wait for each other. The patience is shorter than the server's `deadlock_timeout`
//! (1 s unless set), so that it is this side that gives way and not somebody's enqueue.

use std::collections::HashSet;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::connect::failed;
use super::ends::{End, execute};
use super::repeated::Run;
use crate::backend::{Fence, Finish, Finished, Outcome};
use crate::error::Error;

/// How long a batch waits for a key that an open transaction holds.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a batch of completions waits for a row that somebody has locked, before it goes on without.
const GLANCE: Duration = Duration::from_millis(10);

/// How long one row of a batch that waited for a key waits once more.
const LAST_PATIENCE: Duration = Duration::from_millis(1);

/// How often one row is tried whose key another enqueue takes at the same moment.
const TRIES: u32 = 10;

/// Ends those of `claims` that can be ended now. An error means that none was.
pub(crate) async fn finish(client: &impl Run, claims: &[Finish]) -> Result<Finished, Error> {
    settle(&mut Plain(client), claims).await
}

/// [`finish`] inside a transaction, which an error of a statement does not end.
pub(crate) async fn finish_in(
    transaction: &mut Transaction<'_>,
    claims: &[Finish],
) -> Result<Finished, Error> {
    settle(&mut Savepoints(transaction), claims).await
}

/// Where the statements run.
trait Site {
    async fn run(&mut self, end: End<'_>) -> Result<Vec<Row>, tokio_postgres::Error>;
}

/// Each statement is a transaction of its own.
struct Plain<'a, R>(&'a R);

impl<R: Run> Site for Plain<'_, R> {
    async fn run(&mut self, end: End<'_>) -> Result<Vec<Row>, tokio_postgres::Error> {
        execute(self.0, end).await
    }
}

/// Each statement is a savepoint's.
struct Savepoints<'a, 'b>(&'a mut Transaction<'b>);

impl Site for Savepoints<'_, '_> {
    async fn run(&mut self, end: End<'_>) -> Result<Vec<Row>, tokio_postgres::Error> {
        let savepoint = self.0.transaction().await?;
        match execute(&savepoint, end).await {
            Ok(rows) => {
                savepoint.commit().await?;
                Ok(rows)
            }
            Err(error) => {
                savepoint.rollback().await?;
                Err(error)
            }
        }
    }
}

/// Runs the statements, completions first: they wait for nobody's key.
async fn settle(site: &mut impl Site, claims: &[Finish]) -> Result<Finished, Error> {
    let mut written: HashSet<Uuid> = HashSet::with_capacity(claims.len());
    if let Err(error) = write(site, claims, &mut written).await {
        if written.is_empty() {
            return Err(error);
        }
        tracing::warn!(%error, written = written.len(), of = claims.len(), "ends written in part");
        return Ok(Finished {
            lost: Vec::new(),
            unwritten: rest(claims, &written),
        });
    }
    let missing = rest(claims, &written);
    if missing.is_empty() {
        return Ok(Finished::default());
    }
    let held = site
        .run(End::Held(&missing))
        .await
        .map_err(failed("looking for claims that still hold"));
    let held = match held {
        Ok(rows) => rows.iter().map(|row| row.get(0)).collect(),
        // Not known whether they are lost: asked again with the next write.
        Err(_) if !written.is_empty() => missing.iter().map(|fence| fence.id).collect(),
        Err(error) => return Err(error),
    };
    let held: HashSet<Uuid> = held;
    let (unwritten, lost) = missing
        .into_iter()
        .partition(|fence| held.contains(&fence.id));
    Ok(Finished { lost, unwritten })
}

fn rest(claims: &[Finish], written: &HashSet<Uuid>) -> Vec<Fence> {
    claims
        .iter()
        .map(|claim| claim.fence)
        .filter(|fence| !written.contains(&fence.id))
        .collect()
}

async fn write(
    site: &mut impl Site,
    claims: &[Finish],
    written: &mut HashSet<Uuid>,
) -> Result<(), Error> {
    let (mut completed, mut requeued, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    for claim in claims {
        match &claim.outcome {
            Outcome::Complete { .. } => completed.push(claim),
            Outcome::Requeue { .. } => requeued.push(claim),
            Outcome::DeadLetter { .. } => dead.push(claim),
        }
    }
    if !completed.is_empty() {
        let now = End::CompleteNow {
            claims: &completed,
            patience: GLANCE,
        };
        let rows = match site.run(now).await {
            Err(error) if is_about_a_lock(&error) => site.run(End::Complete(&completed)).await,
            rows => rows,
        };
        collect(written, &rows.map_err(failed("completing jobs"))?);
    }
    if !dead.is_empty() {
        let rows = site.run(End::DeadLetter(&dead)).await;
        collect(written, &rows.map_err(failed("dead-lettering jobs"))?);
    }
    if requeued.is_empty() {
        return Ok(());
    }
    let batch = End::Requeue {
        claims: &requeued,
        patience: PATIENCE,
        without_key: false,
    };
    match site.run(batch).await {
        Ok(rows) => collect(written, &rows),
        // One row's key must not hold up the others.
        Err(error) if is_about_a_key(&error) => {
            for claim in requeued {
                collect(written, &requeue_alone(site, claim).await?);
            }
        }
        Err(error) => return Err(failed("putting jobs back")(error)),
    }
    Ok(())
}

fn collect(written: &mut HashSet<Uuid>, rows: &[Row]) {
    written.extend(rows.iter().map(|row| row.get::<_, Uuid>(0)));
}

/// A key was taken between the statement's snapshot and its write, or an open transaction holds it.
fn is_about_a_key(error: &tokio_postgres::Error) -> bool {
    [
        SqlState::UNIQUE_VIOLATION,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .iter()
    .any(|state| error.code() == Some(state))
}

/// Somebody keeps a row locked.
fn is_about_a_lock(error: &tokio_postgres::Error) -> bool {
    [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .iter()
    .any(|state| error.code() == Some(state))
}

async fn requeue_alone(site: &mut impl Site, claim: &Finish) -> Result<Vec<Row>, Error> {
    let claims = [claim];
    let mut without_key = false;
    for _ in 0..TRIES {
        let end = End::Requeue {
            claims: &claims,
            patience: LAST_PATIENCE,
            without_key,
        };
        match site.run(end).await {
            // The twin has committed: the next snapshot sees it.
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {}
            Err(error) if is_about_a_key(&error) && !without_key => without_key = true,
            answer => return answer.map_err(failed("putting jobs back")),
        }
    }
    let end = End::Requeue {
        claims: &claims,
        patience: LAST_PATIENCE,
        without_key: true,
    };
    site.run(end).await.map_err(failed("putting jobs back"))
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::Soniq;
    use crate::backend::Delay;
    use crate::dead_letter::Reason;

    /// The claim of job `n`.
    fn fence(n: u128) -> Fence {
        Fence {
            id: Uuid::from_u128(n),
            worker: Some(Uuid::from_u128(100)),
            claim_id: i64::try_from(n).ok(),
            attempts: Some(1),
        }
    }

    fn ends() -> [Outcome; 3] {
        [
            Outcome::Complete {
                result: None,
                ttl: Duration::from_secs(60),
            },
            Outcome::Requeue {
                refund: false,
                delay: Delay::None,
                error: None,
                solo: false,
            },
            Outcome::DeadLetter {
                reason: Reason::PermanentFailure,
                error: None,
                max_attempts: 1,
            },
        ]
    }

    #[tokio::test]
    async fn locked_rows_come_back_unwritten_and_lost_ones_lost() {
        let database = crate::testing::database().await.unwrap();
        let soniq = Soniq::connect(database.url()).unwrap();
        soniq.setup().await.unwrap();
        let client = database.connect().await.unwrap();
        client
            .batch_execute(
                "INSERT INTO soniq_jobs (id, job_name, args, status, worker_id, claim_id, attempts)
                 SELECT lpad(to_hex(n), 32, '0')::uuid, 'test.probe.v1', '{}', 'processing',
                   lpad(to_hex(100), 32, '0')::uuid, n, 1
                 FROM generate_series(1, 9) AS n",
            )
            .await
            .unwrap();
        // Of each kind of end: one whose row is free, one whose row is locked, one whose claim
        // another worker has by now.
        let mut other = database.connect().await.unwrap();
        let lock = other.transaction().await.unwrap();
        lock.batch_execute("SELECT 1 FROM soniq_jobs WHERE claim_id IN (4, 5, 6) FOR UPDATE")
            .await
            .unwrap();
        let taken = "UPDATE soniq_jobs SET claim_id = claim_id + 100 WHERE claim_id IN (7, 8, 9)";
        client.batch_execute(taken).await.unwrap();
        let claims: Vec<Finish> = (1..=9)
            .zip(ends().into_iter().cycle())
            .map(|(n, outcome)| Finish::new(fence(n), outcome))
            .collect();
        let backend = soniq.backend();
        let finished = backend.finish(&claims).await.unwrap();
        assert_eq!(finished.unwritten, [fence(4), fence(5), fence(6)]);
        assert_eq!(finished.lost, [fence(7), fence(8), fence(9)]);
        lock.rollback().await.unwrap();
        let finished = backend.finish(&claims[3..6]).await.unwrap();
        assert!(finished.unwritten.is_empty() && finished.lost.is_empty());
        let row = client
            .query_one(
                "SELECT count(*) FILTER (WHERE status = 'done'),
                   count(*) FILTER (WHERE status = 'queued'),
                   (SELECT count(*) FROM soniq_dead_letter_jobs)
                 FROM soniq_jobs",
                &[],
            )
            .await
            .unwrap();
        assert_eq!((row.get(0), row.get(1), row.get(2)), (2_i64, 2_i64, 2_i64));
    }
}
