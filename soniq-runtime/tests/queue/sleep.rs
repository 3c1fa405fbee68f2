//! Enqueueing wakes those who sleep, and nobody else is told.

use std::time::{Duration, Instant};

use soniq_runtime::testing::Cluster;
use soniq_runtime::{Soniq, Worker};
use tokio_postgres::{AsyncMessage, Client, IsolationLevel, NoTls};

use crate::support::{Bed, Running, bed, bed_on, counting, gated, probe, task, wait_for_start};

const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
const SLEEPERS: &str = "SELECT count(*) FROM soniq_sleepers WHERE queue = 'default'";
const ASLEEP: Duration = Duration::from_secs(3600);

/// A worker that is woken, or does not look for an hour.
fn sound_sleeper(bed: &Bed, concurrency: usize, handler: soniq_runtime::TaskHandler) -> Running {
    let mut settings = bed.soniq.settings().clone();
    settings.poll_interval = ASLEEP;
    let soniq = Soniq::with_settings(settings).unwrap();
    let worker = Worker::builder(&soniq)
        .handler(handler)
        .concurrency(concurrency)
        .build();
    Running::start(worker.unwrap())
}

/// A connection that counts what it hears of new jobs.
struct Listener {
    client: Client,
    heard: tokio::sync::mpsc::UnboundedReceiver<String>,
}

impl Listener {
    async fn open(bed: &Bed) -> Self {
        let (client, mut connection) = tokio_postgres::connect(bed.database.url(), NoTls)
            .await
            .unwrap();
        let (hears, heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) =
                std::future::poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(note) = message {
                    let _ = hears.send(format!("{} {}", note.channel(), note.payload()));
                }
            }
        });
        client
            .batch_execute("LISTEN soniq_new_job; LISTEN marker")
            .await
            .unwrap();
        Listener { client, heard }
    }

    /// What was heard until now: notifications arrive in the order of their commits.
    async fn heard(&mut self) -> Vec<String> {
        self.client.batch_execute("NOTIFY marker").await.unwrap();
        let mut notes = Vec::new();
        loop {
            let note = self.heard.recv().await.unwrap();
            if note == "marker " {
                return notes;
            }
            notes.push(note);
        }
    }
}

#[tokio::test]
async fn an_enqueue_that_nobody_sleeps_for_notifies_nobody() {
    let bed = bed().await;
    let mut listener = Listener::open(&bed).await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    task()
        .enqueue_many(&bed.client, (0..10).map(probe))
        .await
        .unwrap();
    let by_sql = "SELECT soniq_enqueue('a.b.v1')";
    bed.client.batch_execute(by_sql).await.unwrap();
    assert!(listener.heard().await.is_empty());

    // One that cannot see who went to sleep since it began tells everybody.
    let mut other = bed.database.connect().await.unwrap();
    let transaction = other
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .await
        .unwrap();
    task().enqueue(&transaction, probe(2)).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(listener.heard().await, ["soniq_new_job default"]);

    // Nor do workers of Soniq for Python say that they sleep.
    let python = "INSERT INTO soniq_workers (id, hostname, pid) VALUES (gen_random_uuid(), 'h', 1)";
    bed.client.batch_execute(python).await.unwrap();
    task().enqueue(&bed.client, probe(3)).await.unwrap();
    assert_eq!(listener.heard().await, ["soniq_new_job default"]);
}

/// The look has the rights of the tables' owner, whatever the caller's path leads to.
#[tokio::test]
async fn who_sleeps_is_looked_up_in_our_tables_by_the_servers_own_operators() {
    const MINE: &str = "
        CREATE SCHEMA mine;
        CREATE TABLE mine.soniq_sleepers AS SELECT 'default' AS queue;
        CREATE TABLE mine.soniq_workers AS
            SELECT gen_random_uuid() AS id, '{}'::jsonb AS metadata, now() AS last_heartbeat;
        CREATE FUNCTION mine.yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        CREATE FUNCTION mine.yes(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        CREATE FUNCTION mine.early(timestamptz, interval) RETURNS timestamptz LANGUAGE sql AS $$ SELECT '-infinity'::timestamptz $$;
        CREATE FUNCTION mine.nothing(jsonb, text) RETURNS text LANGUAGE sql AS 'SELECT NULL';
        CREATE FUNCTION mine.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '-infinity'::timestamptz $$;
        CREATE FUNCTION mine.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT 'mine' $$;
        CREATE FUNCTION mine.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'mine'; END $$;
        CREATE OPERATOR mine.= (LEFTARG = text, RIGHTARG = text, FUNCTION = mine.yes);
        CREATE OPERATOR mine.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = mine.yes);
        CREATE OPERATOR mine.> (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = mine.yes);
        CREATE OPERATOR mine.- (LEFTARG = timestamptz, RIGHTARG = interval, FUNCTION = mine.early);
        CREATE OPERATOR mine.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = mine.nothing);
        INSERT INTO soniq_workers (id, hostname, pid, last_heartbeat, metadata) VALUES
            ('00000000-0000-0000-0000-000000000001', 'h', 1, now(), jsonb_build_object('runtime', 'soniq-rust')),
            ('00000000-0000-0000-0000-000000000002', 'h', 2, now() - interval '2 hours', '{}');
        INSERT INTO soniq_sleepers VALUES ('other', '00000000-0000-0000-0000-000000000001')";

    let bed = bed().await;
    let mut listener = Listener::open(&bed).await;
    bed.client.batch_execute(MINE).await.unwrap();
    let wake = "SELECT public.soniq_wake('default'), public.soniq_wake('other')";
    let path = "SET search_path = mine, pg_catalog, public";
    for setting in ["RESET search_path", path] {
        bed.client.batch_execute(setting).await.unwrap();
        bed.client.batch_execute(wake).await.unwrap();
        assert_eq!(listener.heard().await, ["soniq_new_job other"], "{setting}");
    }
}

#[tokio::test]
async fn only_the_queue_of_a_sleeper_is_told() {
    let bed = bed().await;
    let (handler, _) = counting();
    let running = sound_sleeper(&bed, 4, handler);
    bed.wait_for(SLEEPERS, 1).await;
    let mut listener = Listener::open(&bed).await;
    task()
        .queue("other")
        .enqueue(&bed.client, probe(1))
        .await
        .unwrap();
    assert!(listener.heard().await.is_empty());
    task().enqueue(&bed.client, probe(2)).await.unwrap();
    assert_eq!(listener.heard().await, ["soniq_new_job default"]);
    bed.wait_for(DONE, 1).await;
    task()
        .enqueue_many(&bed.client, (3..8).map(probe))
        .await
        .unwrap();
    assert_eq!(listener.heard().await, ["soniq_new_job default"]);
    bed.wait_for(DONE, 6).await;
    running.stop().await;
    assert_eq!(bed.count(SLEEPERS).await, 0);
}

/// The last thing that a worker asks before it sleeps takes longer than the test.
#[tokio::test]
async fn a_job_starts_before_the_worker_asks_what_comes_next() {
    const SLOW: &str = "
        CREATE FUNCTION pg_snapshot_xmin(pg_snapshot) RETURNS xid8 LANGUAGE plpgsql AS $body$
        BEGIN
            PERFORM pg_advisory_xact_lock_shared(1);
            RETURN pg_catalog.pg_snapshot_xmin($1);
        END
        $body$;
        SELECT pg_advisory_lock(1)";

    let bed = bed().await;
    bed.client.batch_execute(SLOW).await.unwrap();
    task().enqueue(&bed.soniq, probe(1)).await.unwrap();
    let mut settings = bed.soniq.settings().clone();
    let url = settings.database_url.take().unwrap();
    let and = if url.contains('?') { '&' } else { '?' };
    let path = "options=-csearch_path%3Dpublic,pg_catalog";
    settings.database_url = Some(format!("{url}{and}{path}"));
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let worker = Worker::builder(&soniq).handler(handler).build();
    let running = Running::start(worker.unwrap());
    bed.wait_for(DONE, 1).await;
    let free = "SELECT pg_advisory_unlock(1)";
    bed.client.batch_execute(free).await.unwrap();
    running.stop().await;
}

/// The enqueue looked before the worker was there, and commits when it has long been announced.
#[tokio::test]
async fn what_was_enqueued_before_the_announcement_is_found_after_it() {
    let bed = bed().await;
    let mut other = bed.database.connect().await.unwrap();
    let transaction = other.transaction().await.unwrap();
    task().enqueue(&transaction, probe(1)).await.unwrap();

    let (handler, _) = counting();
    let running = sound_sleeper(&bed, 4, handler);
    bed.wait_for(SLEEPERS, 1).await;
    transaction.commit().await.unwrap();
    bed.wait_for(DONE, 1).await;
    running.stop().await;
}

#[tokio::test]
async fn jobs_at_every_moment_of_falling_asleep_are_found() {
    let bed = bed().await;
    let (handler, _) = counting();
    let running = sound_sleeper(&bed, 4, handler);
    bed.wait_for(SLEEPERS, 1).await;
    for round in 0..60 {
        let before = Instant::now();
        task().enqueue(&bed.client, probe(round)).await.unwrap();
        bed.wait_for(DONE, round + 1).await;
        assert!(before.elapsed() < ASLEEP);
        // Not to let the worker do anything: to come at another moment of it each time.
        let pause = u64::try_from(round).unwrap() % 40 * 500;
        tokio::time::sleep(Duration::from_micros(pause)).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn a_worker_without_a_free_slot_is_not_announced() {
    let bed = bed().await;
    let (handler, started, gate) = gated(|| Ok(()));
    let running = sound_sleeper(&bed, 1, handler);
    bed.wait_for(SLEEPERS, 1).await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    wait_for_start(&started, 1).await;
    // It claims one ahead, and is full when it meets no room for the next.
    for n in 2..6 {
        task().enqueue(&bed.client, probe(n)).await.unwrap();
    }
    bed.wait_for(SLEEPERS, 0).await;
    let mut listener = Listener::open(&bed).await;
    task().enqueue(&bed.client, probe(6)).await.unwrap();
    assert!(listener.heard().await.is_empty());
    gate.add_permits(100);
    bed.wait_for(DONE, 6).await;
    running.stop().await;
}

#[tokio::test]
async fn after_a_crash_of_the_server_it_is_woken_again() {
    let cluster = Cluster::start().await.unwrap();
    let bed = bed_on(&cluster).await;
    let (handler, _) = counting();
    let running = sound_sleeper(&bed, 4, handler);
    bed.wait_for(SLEEPERS, 1).await;
    cluster.crash().unwrap();
    let client = bed.database.connect().await.unwrap();
    let bed = Bed { client, ..bed };
    bed.wait_for(SLEEPERS, 1).await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.wait_for(DONE, 1).await;
    running.stop().await;
}
