//! Behind `PgBouncer`, a real one: everything works in transaction mode, and nothing of a session is
//! left on its backends.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use soniq_runtime::testing::Cluster;
use soniq_runtime::{
    CatchUp, Check, JobError, ScheduleSpec, Scheduler, Settings, Soniq, TaskSpec, Trigger, Worker,
};
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use crate::log::Log;
use crate::support::{
    Bed, Running, bed_on, counting, eventually, gated, handler, probe, quick, task, wait_for_start,
};

const ADVERTISED: &str = "SELECT count(*) FROM soniq_workers WHERE metadata ? 'liveness_lock'";
const DONE: &str = "SELECT count(*) FROM soniq_jobs WHERE status = 'done'";
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                       (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Backends that the pooler shares out.
const POOL: usize = 3;

static SCHEDULED: TaskSpec = TaskSpec::new("test.pooled.v1", 1, "f").schedule(ScheduleSpec {
    trigger: Trigger::Cron("* * * * *"),
    timezone: None,
    catch_up: CatchUp::One,
    args: r#"{"n": 1}"#,
});

/// A running pooler, stopped when dropped, and when this process ends without that.
struct Pooler {
    child: Child,
    directory: PathBuf,
}

impl Pooler {
    /// In front of the server that has its socket in `cluster`, which the pooler's own comes into.
    async fn start(program: &Path, cluster: &Path, mode: &str) -> Self {
        let directory = cluster.join(format!("pooler-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&directory).unwrap();
        // A pooler does not run as root; this test may.
        let account = fs::metadata(cluster).unwrap();
        let (uid, gid) = (account.uid(), account.gid());
        let configuration = directory.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={cluster} user=soniq\n[pgbouncer]\nlisten_addr =\n\
             listen_port = 6432\nunix_socket_dir = {directory}\nauth_type = any\n\
             pool_mode = {mode}\ndefault_pool_size = {POOL}\nlogfile = {directory}/log\n",
            cluster = cluster.display(),
            directory = directory.display(),
        );
        fs::write(&configuration, text).unwrap();
        chown(&directory, Some(uid), Some(gid)).unwrap();
        fs::set_permissions(&configuration, fs::Permissions::from_mode(0o644)).unwrap();
        let child = Command::new("/bin/sh")
            .args(["-c", "\"$0\" -q \"$1\" & read -r _; kill $!; wait"])
            .args([program, &configuration])
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .uid(uid)
            .gid(gid)
            .spawn()
            .unwrap();
        let pooler = Pooler { child, directory };
        let url = pooler.url("postgres");
        let answers = eventually(async || tokio_postgres::connect(&url, NoTls).await.is_ok()).await;
        assert!(answers, "{}", pooler.log());
        pooler
    }

    fn url(&self, database: &str) -> String {
        let directory = self.directory.display();
        format!("postgresql:///{database}?host={directory}&port=6432&user=soniq")
    }

    fn log(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = fs::File::open(self.directory.join("log")) {
            file.read_to_string(&mut text).unwrap();
        }
        text
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // Closes the shell's input first.
        let _ = self.child.wait();
    }
}

/// A database behind a pooler; `None`, said on standard error, where there is no `PgBouncer`.
async fn pooled(mode: &str) -> Option<(Bed, Pooler)> {
    static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian's is where only an administrator's PATH leads.
    let program = std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|directory| directory.join("pgbouncer"))
        .find(|program| program.is_file());
    let Some(program) = program else {
        eprintln!("skipped: no pgbouncer on this machine; `cargo xtask test` installs it");
        return None;
    };
    // One of our own: a server from outside has its socket nobody knows where.
    let cluster = CLUSTER
        .get_or_init(async || Cluster::start().await.unwrap())
        .await;
    let directory = cluster.directory().unwrap();
    let pooler = Pooler::start(&program, directory, mode).await;
    Some((bed_on(cluster).await, pooler))
}

/// What is left on the pooler's backends: each is looked at, while all of them are held.
async fn left_behind(url: &str) -> Vec<String> {
    const LEFT: &str = "
        SELECT 'statement ' || name AS what FROM pg_prepared_statements
        UNION ALL SELECT 'channel ' || c FROM pg_listening_channels() AS c
        UNION ALL SELECT 'lock ' || objid FROM pg_locks
                  WHERE locktype = 'advisory' AND pid = pg_backend_pid()
        -- The pooler itself sets these.
        UNION ALL SELECT 'setting ' || name FROM pg_settings
                  WHERE source = 'session' AND name NOT IN
                    ('application_name', 'client_encoding', 'DateStyle', 'TimeZone',
                     'standard_conforming_strings')";
    let mut clients = Vec::new();
    let mut left = Vec::new();
    for _ in 0..POOL {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("BEGIN").await.unwrap();
        for row in client.query_typed(LEFT, &[]).await.unwrap() {
            left.push(row.get(0));
        }
        clients.push(client);
    }
    left
}

#[tokio::test]
async fn everything_works_with_a_session_url() {
    let Some((bed, pooler)) = pooled("transaction").await else {
        return;
    };
    let url = pooler.url(bed.database.name());
    let mut settings = quick(&url);
    settings.session_url = Some(bed.database.url().to_owned());
    // Nobody polls within this test: what is done was notified.
    settings.poll_interval = Duration::from_secs(3600);
    let soniq = Soniq::with_settings(settings).unwrap();
    assert!(soniq.setup().await.unwrap().is_empty());

    let worker = Worker::builder(&soniq)
        .handler(handler(|args, _| async move {
            match args.n {
                // Thrice, and then a dead letter.
                0 => Err(JobError::retry_after(Duration::ZERO, "again")),
                1 => Err(JobError::permanent("never")),
                _ => Ok(()),
            }
        }))
        .build()
        .unwrap();
    let worker = Running::start(worker);
    bed.wait_for(ADVERTISED, 1).await;

    task().enqueue(&soniq, probe(0)).await.unwrap();
    task().enqueue(&soniq, probe(1)).await.unwrap();
    task()
        .enqueue_many(&soniq, (2..102).map(probe))
        .await
        .unwrap();
    let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let transaction = client.transaction().await.unwrap();
    task().enqueue(&transaction, probe(102)).await.unwrap();
    task()
        .enqueue_many(&transaction, (103..105).map(probe))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    task().enqueue(&transaction, probe(105)).await.unwrap();
    transaction.rollback().await.unwrap();
    bed.wait_for(DONE, 103).await;
    bed.wait_for("SELECT count(*) FROM soniq_dead_letter_jobs", 2)
        .await;

    let scheduler = Scheduler::new(&soniq).tasks([&SCHEDULED]);
    scheduler.reconcile().await.unwrap();
    let due = "UPDATE soniq_recurring_jobs SET next_run = now()";
    bed.client.batch_execute(due).await.unwrap();
    assert_eq!(scheduler.tick().await.unwrap().unwrap().len(), 1);

    // That of the session, beside those of a moment.
    bed.wait_for(LOCKS, 1).await;
    assert_eq!(left_behind(&url).await, Vec::<String>::new());
    worker.stop().await;
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}

#[tokio::test]
async fn without_a_session_url_a_worker_says_so_once_and_polls() {
    let (log, _guard) = Log::start();
    let Some((bed, pooler)) = pooled("transaction").await else {
        return;
    };
    let url = pooler.url(bed.database.name());
    let soniq = Soniq::with_settings(quick(&url)).unwrap();
    let (slow, started, gate) = gated(|| Ok(()));
    let worker = |handler| Worker::builder(&soniq).handler(handler).build().unwrap();
    task().enqueue(&soniq, probe(1)).await.unwrap();
    let busy = Running::start(worker(slow));
    wait_for_start(&started, 1).await;
    let (handler, _) = counting();
    let idle = Running::start(worker(handler.clone()));
    // One that would rescue early, had the others told of a lock.
    let direct = Running::start(bed.worker(handler));
    bed.wait_for(ADVERTISED, 1).await;
    bed.wait_for("SELECT count(*) FROM soniq_workers", 3).await;

    task()
        .enqueue_many(&soniq, (2..22).map(probe))
        .await
        .unwrap();
    gate.add_permits(21);
    bed.wait_for(DONE, 21).await;
    let once = "SELECT count(*) FROM soniq_jobs WHERE attempts = 1";
    assert_eq!(bed.count(once).await, 21);
    // That of the direct worker, beside those of a moment.
    bed.wait_for(LOCKS, 1).await;
    assert_eq!(left_behind(&url).await, Vec::<String>::new());
    for running in [busy, idle, direct] {
        running.stop().await;
    }
    let said = log.lines_with("SONIQ_SESSION_URL");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("WARN") && said[0].contains("pooler"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_pooler_in_session_mode_takes_nothing_away() {
    let (log, _guard) = Log::start();
    let Some((bed, pooler)) = pooled("session").await else {
        return;
    };
    let mut settings: Settings = quick(bed.database.url());
    settings.session_url = Some(pooler.url(bed.database.name()));
    settings.poll_interval = Duration::from_secs(3600);
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for(ADVERTISED, 1).await;
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.wait_for(DONE, 1).await;
    worker.stop().await;
    assert!(
        log.lines_with("SONIQ_SESSION_URL").is_empty(),
        "{}",
        log.text()
    );
}

/// Another that comes between each two statements of the trial has its backend for a moment, and it
/// looks as if nobody had taken it.
#[tokio::test]
async fn a_busy_pooler_is_noticed() {
    let Some((bed, pooler)) = pooled("transaction").await else {
        return;
    };
    let url = pooler.url(bed.database.name());
    let (other, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let other =
        tokio::spawn(async move { while other.query_typed("SELECT 1", &[]).await.is_ok() {} });
    let soniq = Soniq::with_settings(quick(&url)).unwrap();
    for _ in 0..40 {
        let diagnosis = soniq.doctor().await.unwrap();
        let session = diagnosis
            .findings
            .iter()
            .find(|finding| finding.check == Check::Session);
        assert!(session.is_some_and(|finding| finding.what.contains("changes its backend")));
    }
    connection.abort();
    other.await.unwrap();
    assert_eq!(left_behind(&url).await, Vec::<String>::new());
}

/// The pooler takes the session's backend for the statements of others only now and then.
#[tokio::test]
async fn a_session_url_that_leads_to_a_pooler_is_noticed() {
    let (log, _guard) = Log::start();
    let Some((bed, pooler)) = pooled("transaction").await else {
        return;
    };
    let mut settings = quick(bed.database.url());
    settings.session_url = Some(pooler.url(bed.database.name()));
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    assert_eq!(bed.count(ADVERTISED).await, 0);
    task().enqueue(&bed.client, probe(1)).await.unwrap();
    bed.wait_for(DONE, 1).await;
    worker.stop().await;
    assert_eq!(
        log.lines_with("SONIQ_SESSION_URL").len(),
        1,
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn a_session_url_of_another_database_is_refused() {
    let bed = crate::support::bed().await;
    let other = soniq_runtime::testing::database().await.unwrap();
    let mut settings = quick(bed.database.url());
    settings.session_url = Some(other.url().to_owned());
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, _) = counting();
    let worker = Worker::builder(&soniq).handler(handler).build().unwrap();
    let error = worker.run_once().await.unwrap_err().to_string();
    assert!(
        error.starts_with("SONIQ_SESSION_URL leads to another database"),
        "{error}"
    );
    let mut settings = quick(bed.database.url());
    settings.session_url = Some("mysql://u:hunter2@h/d".to_owned());
    let error = Soniq::with_settings(settings).unwrap_err().to_string();
    assert!(
        error.starts_with("SONIQ_SESSION_URL cannot be read: its scheme is"),
        "{error}"
    );
    assert_eq!(bed.count("SELECT count(*) FROM soniq_workers").await, 0);
}
