//! Sessions that look for the dead, on a real database. A dead worker is a row whose lock nobody has.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::Soniq;
use crate::advisory;
use crate::backend::{Beat, Phase, WorkerRow, WorkerSession};
use crate::testing::{self, Database};

/// Two of them are more than the second for which nobody is late.
const INTERVAL: Duration = Duration::from_millis(600);

struct Bed {
    soniq: Soniq,
    client: tokio_postgres::Client,
    _database: Database,
}

impl Bed {
    async fn open() -> Self {
        let database = testing::database().await.unwrap();
        let soniq = Soniq::connect(database.url()).unwrap();
        soniq.setup().await.unwrap();
        Bed {
            soniq,
            client: database.connect().await.unwrap(),
            _database: database,
        }
    }

    /// A worker with a job that has not beaten for so many seconds.
    async fn leave_a_dead_worker(&self, seconds: f64) {
        let worker = Uuid::now_v7();
        let (key, interval) = (advisory::worker(worker), INTERVAL.as_secs_f64());
        self.client
            .batch_execute(&format!(
                "INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat, metadata)
                 VALUES ('{worker}', 'gone', 1, now(), jsonb_build_object(
                     'liveness_lock', {key}::bigint, 'heartbeat_interval', {interval}));
                 INSERT INTO soniq_jobs
                     (id, job_name, args, status, worker_id, claim_id, attempts, max_attempts)
                 VALUES (gen_random_uuid(), 'test.a.v1', '{{}}', 'processing', '{worker}', 1, 1, 4)"
            ))
            .await
            .unwrap();
        self.silence(seconds).await;
    }

    async fn silence(&self, seconds: f64) {
        let silent = "UPDATE soniq_workers SET last_heartbeat = now() - $1 * interval '1 second'
                      WHERE hostname = 'gone'";
        self.client.execute(silent, &[&seconds]).await.unwrap();
    }

    async fn session(&self) -> Box<dyn WorkerSession> {
        let row = WorkerRow {
            id: Uuid::now_v7(),
            hostname: "here".to_owned(),
            queues: vec!["default".to_owned()],
            concurrency: 1,
            heartbeat_interval: INTERVAL,
            heartbeat_timeout: Duration::from_secs(36_000),
            tasks: Vec::new(),
            default_max_attempts: 4,
        };
        let session = self.soniq.backend().open_session(row, Arc::new(|_| {}));
        session.await.unwrap()
    }
}

/// A beat after an interval.
async fn next(session: &mut dyn WorkerSession) -> Beat {
    tokio::time::sleep(INTERVAL).await;
    session.beat(Phase::Running).await.unwrap()
}

/// A fleet of one that was killed and starts again: nobody else can have seen it die.
#[tokio::test]
async fn a_worker_that_begins_after_a_death_rescues_at_its_third_beat() {
    let bed = Bed::open().await;
    bed.leave_a_dead_worker(3600.0).await;
    let mut session = bed.session().await;
    let mut rescued = 0;
    for _ in 0..3 {
        let beat = next(&mut *session).await;
        assert!(beat.suspects, "so that the next beat comes sooner");
        rescued += beat.rescued;
    }
    assert_eq!(rescued, 1);
    assert!(!next(&mut *session).await.suspects);
}

#[tokio::test]
async fn a_lock_that_is_seen_gone_counts_from_the_first_late_beat_on() {
    let bed = Bed::open().await;
    let mut session = bed.session().await;
    for _ in 0..3 {
        assert!(!next(&mut *session).await.suspects);
    }
    // Two beats late are too few to be dead.
    let late = INTERVAL.as_secs_f64() * 2.0;
    bed.leave_a_dead_worker(late).await;
    tokio::time::sleep(INTERVAL).await;
    bed.silence(late).await;
    let mut rescued = session.beat(Phase::Running).await.unwrap().rescued;
    tokio::time::sleep(INTERVAL).await;
    bed.silence(3600.0).await;
    rescued += session.beat(Phase::Running).await.unwrap().rescued;
    assert_eq!(rescued, 1, "the first beat since it is silent");
}
