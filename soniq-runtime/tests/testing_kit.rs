//! The test kit on the server of this machine: what it gives, and that it leaves nothing behind.

#![allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
#![allow(clippy::panic, reason = "one of the children here ends by a panic")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use soniq_runtime::testing::{self, Cluster, TestingError};

/// How [`child`] is to end; unset, it ends as any test does.
const ROLE: &str = "SONIQ_TESTING_KIT_ROLE";

/// Time enough for a server to stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn two_databases_are_separate() {
    let (first, second) = (
        testing::database().await.unwrap(),
        testing::database().await.unwrap(),
    );
    first
        .connect()
        .await
        .unwrap()
        .batch_execute("CREATE TABLE mine ()")
        .await
        .unwrap();

    let client = second.connect().await.unwrap();
    let found = client
        .query_one("SELECT to_regclass('mine')::text", &[])
        .await
        .unwrap();
    assert_eq!(found.get::<_, Option<String>>(0), None);
    assert_ne!(first.url(), second.url());
}

#[tokio::test]
async fn a_template_is_made_once_and_copied() {
    static SETUPS: AtomicUsize = AtomicUsize::new(0);
    async fn database() -> testing::Database {
        testing::database_from("orders", |url| async move {
            SETUPS.fetch_add(1, Ordering::Relaxed);
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            client
                .batch_execute("CREATE TABLE orders AS SELECT 42 AS id")
                .await?;
            // A connection that a setup forgets must not spoil the template.
            std::mem::forget(client);
            Ok::<_, tokio_postgres::Error>(())
        })
        .await
        .unwrap()
    }

    let (first, second) = tokio::join!(database(), database());
    let client = first.connect().await.unwrap();
    client
        .batch_execute("INSERT INTO orders VALUES (43)")
        .await
        .unwrap();

    let client = second.connect().await.unwrap();
    let row = client
        .query_one("SELECT sum(id) FROM orders", &[])
        .await
        .unwrap();
    assert_eq!(
        row.get::<_, Option<i64>>(0),
        Some(42),
        "the copies share rows, or have none"
    );
    assert_eq!(SETUPS.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_failed_setup_is_told_and_may_be_tried_again() {
    let cluster = Cluster::shared().await.unwrap();
    let refused = cluster
        .database_from("fussy", async |_| Err("no migrations here"))
        .await;
    let Err(error @ TestingError::Setup { .. }) = refused else {
        panic!("a failed setup gave a database");
    };
    assert_eq!(
        format!("{error:?}"),
        "could not set up the template database fussy: no migrations here"
    );
    cluster
        .database_from("fussy", async |_| Ok::<_, String>(()))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_server_never_runs_as_root() {
    let cluster = Cluster::start().await.unwrap();
    let directory = cluster.directory().unwrap();
    let owner = fs::metadata(directory.join("data/postmaster.pid"))
        .unwrap()
        .uid();

    let output = Command::new("id").arg("-u").output().unwrap();
    let me: u32 = String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    if me == 0 {
        assert_ne!(owner, 0);
    } else {
        assert_eq!(owner, me);
    }
    let mode = fs::metadata(directory).unwrap().mode();
    assert_eq!(
        mode & 0o077,
        0,
        "other users may reach a server that asks for no password"
    );
}

#[tokio::test]
async fn a_dropped_cluster_is_stopped_and_removed() {
    let cluster = Cluster::start().await.unwrap();
    let left = Leftovers::of(cluster.directory().unwrap());
    assert!(left.server_runs());
    drop(cluster);
    assert!(
        !left.directory.exists(),
        "the drop did not wait for the files to be removed"
    );
    left.assert_gone();
}

#[tokio::test]
async fn tcp_asks_for_the_password() {
    let cluster = Cluster::start_tcp().await.unwrap();
    let url = cluster.url("postgres");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let row = client
        .query_one("SELECT host(inet_client_addr())", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), "127.0.0.1");

    let password = url.split(['@', ':']).nth(2).unwrap();
    let wrong = url.replace(password, "wrong");
    let refused = tokio_postgres::connect(&wrong, tokio_postgres::NoTls).await;
    assert_eq!(
        refused.err().unwrap().code(),
        Some(&tokio_postgres::error::SqlState::INVALID_PASSWORD)
    );
    assert!(!format!("{cluster:?}").contains(password));
}

/// A child of the tests below: starts a cluster, says where, and ends as it is told to.
#[tokio::test]
async fn child() {
    let cluster = Cluster::shared().await.unwrap();
    if let Some(directory) = cluster.directory() {
        println!("cluster at {}", directory.display());
    }
    match std::env::var(ROLE).as_deref() {
        Ok("wait to be killed") => std::thread::sleep(PATIENCE),
        Ok("panic") => panic!("as told"),
        Ok("exit") => std::process::exit(0),
        _ => {}
    }
}

#[test]
fn a_panic_leaves_nothing() {
    let (mut child, left) = start_child("panic");
    assert!(!child.wait().unwrap().success());
    left.assert_gone();
}

#[test]
fn an_exit_leaves_nothing() {
    let (mut child, left) = start_child("exit");
    assert!(child.wait().unwrap().success());
    left.assert_gone();
}

#[test]
fn a_killed_process_leaves_nothing() {
    let (mut child, left) = start_child("wait to be killed");
    assert!(left.server_runs());
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    left.assert_gone();
}

#[test]
fn a_process_killed_during_the_start_leaves_nothing() {
    // Its own place for temporary files shows what is left, whenever it was killed.
    let base = PathBuf::from(format!("/tmp/soniq-killed-{}", std::process::id()));
    fs::create_dir(&base).unwrap();
    fs::set_permissions(&base, std::os::unix::fs::PermissionsExt::from_mode(0o1777)).unwrap();
    for delay in [20, 100, 300, 700, 1200] {
        let mut child = child_command("wait to be killed")
            .env("TMPDIR", &base)
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // A killed child's keeper first finishes the step that it is at.
    let base_text = base.to_str().unwrap();
    until("the keepers are gone", || {
        !running_commands()
            .iter()
            .any(|(_, command)| command.contains(base_text))
    });
    assert_eq!(
        fs::read_dir(&base).unwrap().count(),
        0,
        "files are left in {}",
        base.display()
    );
    fs::remove_dir(&base).unwrap();
}

#[test]
fn without_a_server_a_test_fails_and_says_what_to_install() {
    let output = child_command("exit")
        .env("PATH", "")
        .env("SONIQ_TEST_POSTGRES_BIN", "/nowhere")
        .output()
        .unwrap();
    assert!(!output.status.success(), "a test without a server passed");
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    for part in [
        "SONIQ_TEST_POSTGRES_BIN is /nowhere",
        "apt-get install postgresql",
    ] {
        assert!(text.contains(part), "{part} is missing from: {text}");
    }
}

#[tokio::test]
async fn a_given_server_is_used_and_left_as_it_was() {
    let cluster = Cluster::start_tcp().await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&cluster.url("postgres"), tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    // 2020, and one of no run of ours.
    client
        .batch_execute("CREATE DATABASE soniq_test_016f5e66e8007000800000000000000a")
        .await
        .unwrap();
    client
        .batch_execute("CREATE DATABASE soniq_test_of_somebody")
        .await
        .unwrap();

    let output = tokio::task::spawn_blocking({
        let url = cluster.url("postgres");
        move || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "two_databases_are_separate"])
                .env("SONIQ_TEST_DATABASE_URL", url)
                .env("SONIQ_TEST_POSTGRES_BIN", "/nowhere")
                .output()
                .unwrap()
        }
    })
    .await
    .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");

    let rows = client
        .query(
            "SELECT datname FROM pg_database WHERE datname LIKE 'soniq%'",
            &[],
        )
        .await
        .unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["soniq_test_of_somebody"]);
}

#[test]
fn a_wrong_url_is_told_without_its_password() {
    let output = child_command("exit")
        .env(
            "SONIQ_TEST_DATABASE_URL",
            "postgres://soniq:hunter2@host:port/db",
        )
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    assert!(
        text.contains("SONIQ_TEST_DATABASE_URL is no connection string"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

/// This program again, to run [`child`] alone.
fn child_command(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--nocapture"])
        .env(ROLE, role)
        .env_remove("SONIQ_TEST_DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts [`child`] and waits until its cluster runs.
fn start_child(role: &str) -> (Child, Leftovers) {
    let mut child = child_command(role).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    let directory = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(PathBuf::from(line.split_once("cluster at ")?.1)))
        .unwrap();
    (child, Leftovers::of(&directory))
}

/// What a cluster may leave behind.
struct Leftovers {
    directory: PathBuf,
    postmaster: String,
}

impl Leftovers {
    fn of(directory: &Path) -> Self {
        // A child that panics may have removed it already.
        let file = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap_or_default();
        let postmaster = file.lines().next().unwrap_or("none").to_owned();
        Self {
            directory: directory.to_owned(),
            postmaster,
        }
    }

    fn server_runs(&self) -> bool {
        running_commands()
            .iter()
            .any(|(pid, _)| *pid == self.postmaster)
    }

    fn assert_gone(&self) {
        until("the server and its files are gone", || {
            !self.directory.exists() && !self.server_runs()
        });
    }
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !happened() {
        assert!(
            Instant::now() < deadline,
            "in {PATIENCE:?} it did not happen that {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Id and command line of each process. Linux is asked without `ps`, which small images lack.
///
/// A zombie has no command line and is left out: it has ended, and where process 1 is no real init
/// nobody may ever ask for its status.
fn running_commands() -> Vec<(String, String)> {
    if !Path::new("/proc/self/cmdline").exists() {
        let output = Command::new("ps")
            .args(["-A", "-o", "pid=,args="])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs = text.lines().filter_map(|line| line.trim().split_once(' '));
        return pairs
            .map(|(pid, command)| (pid.to_owned(), command.to_owned()))
            .collect();
    }
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| {
            let command = fs::read_to_string(process.path().join("cmdline")).ok()?;
            let pid = process.file_name().into_string().ok()?;
            (!command.is_empty()).then_some((pid, command))
        })
        .collect()
}

#[tokio::test]
async fn what_was_committed_survives_a_restart_and_a_crash() {
    let cluster = Cluster::start().await.unwrap();
    let database = cluster.database().await.unwrap();
    let before = database.connect().await.unwrap();
    before
        .batch_execute("CREATE TABLE kept AS SELECT 1 AS n")
        .await
        .unwrap();
    for again in [Cluster::restart, Cluster::crash] {
        let lost = database.connect().await.unwrap();
        again(&cluster).unwrap();
        assert!(lost.batch_execute("SELECT").await.is_err());
        let after = database.connect().await.unwrap();
        let kept = after.query_one("SELECT n FROM kept", &[]).await.unwrap();
        assert_eq!(kept.get::<_, i32>(0), 1);
    }
}

#[tokio::test]
async fn a_standby_takes_over_with_everything_that_was_committed() {
    let cluster = Cluster::start().await.unwrap();
    let directory = cluster.directory().unwrap().to_owned();
    let database = cluster.database().await.unwrap();
    let before = database.connect().await.unwrap();
    before
        .batch_execute("CREATE TABLE kept (n int)")
        .await
        .unwrap();
    for n in 1..3 {
        let lost = database.connect().await.unwrap();
        let insert = format!("INSERT INTO kept VALUES ({n})");
        lost.batch_execute(&insert).await.unwrap();
        cluster.fail_over().await.unwrap();
        assert!(lost.batch_execute("SELECT").await.is_err());
        let after = database.connect().await.unwrap();
        // What a promoted standby writes is another timeline.
        after.batch_execute("CHECKPOINT").await.unwrap();
        let sql = "SELECT count(*), (SELECT timeline_id FROM pg_control_checkpoint()) FROM kept";
        let row = after.query_one(sql, &[]).await.unwrap();
        assert_eq!(
            (row.get::<_, i64>(0), row.get::<_, i32>(1)),
            (i64::from(n), n + 1)
        );
    }
    cluster.restart().unwrap();
    let after = database.connect().await.unwrap();
    let kept = after.query_one("SELECT count(*) FROM kept", &[]).await;
    assert_eq!(kept.unwrap().get::<_, i64>(0), 2);
    drop((after, database, cluster));
    assert!(!directory.exists());

    let by_tcp = Cluster::start_tcp().await.unwrap();
    let refused = by_tcp.fail_over().await;
    assert!(matches!(refused, Err(TestingError::Run { .. })));
}
