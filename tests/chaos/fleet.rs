//! The server, the processes, and what is done to them.

use std::process::Stdio;
use std::time::{Duration, Instant};

use soniq_runtime::Soniq;
use soniq_runtime::testing::{Cluster, Database};
use tokio::process::{Child, ChildStdin, Command};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config};

use crate::books;
use crate::proxy::Proxy;

const CREW: [&str; 8] = [
    "worker",
    "worker",
    "worker",
    "producer",
    "producer",
    "scheduler",
    "scheduler",
    "worker",
];

const LEFT: &str = "SELECT count(*) FROM soniq_jobs WHERE status IN ('queued', 'processing')";

pub(crate) struct Fleet {
    pub(crate) cluster: Cluster,
    pub(crate) proxy: Proxy,
    pub(crate) members: Vec<Member>,
    database: Database,
}

/// One process.
pub(crate) struct Member {
    pub(crate) role: &'static str,
    pub(crate) child: Child,
    /// Kept open for as long as it shall live.
    #[expect(dead_code, reason = "nothing is ever written to it")]
    input: Option<ChildStdin>,
    /// Stopped by SIGSTOP, until then.
    pub(crate) stopped_until: Option<Instant>,
}

impl Fleet {
    pub(crate) async fn launch() -> Self {
        let cluster = Cluster::start().await.unwrap();
        let database = cluster.database().await.unwrap();
        let soniq = Soniq::connect(database.url()).unwrap();
        soniq.setup().await.unwrap();
        let client = database.connect().await.unwrap();
        client.batch_execute(books::LEDGERS).await.unwrap();
        let config: Config = database.url().parse().unwrap();
        let [Host::Unix(directory)] = config.get_hosts() else {
            panic!("a throwaway server listens on a socket");
        };
        let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
        let proxy = Proxy::open(socket).await;
        let mut fleet = Fleet {
            cluster,
            proxy,
            members: Vec::new(),
            database,
        };
        for role in CREW {
            let member = fleet.start(role);
            fleet.members.push(member);
        }
        fleet
    }

    fn start(&self, role: &'static str) -> Member {
        let name = self.database.name();
        let url = format!("postgres://soniq@127.0.0.1:{}/{name}", self.proxy.port);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(role)
            .env_clear()
            .env("SONIQ_DATABASE_URL", url)
            .env("SONIQ_CONCURRENCY", "8")
            .env("SONIQ_HEARTBEAT_INTERVAL", "0.5")
            .env("SONIQ_HEARTBEAT_TIMEOUT", "5")
            .env("SONIQ_POLL_INTERVAL", "0.5")
            .env("SONIQ_CLEANUP_INTERVAL", "2")
            .env("SONIQ_RESULT_TTL", "86400")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(if std::env::var_os("CHAOS_LOG").is_some() {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Member {
            role,
            input: child.stdin.take(),
            child,
            stopped_until: None,
        }
    }

    /// A connection that no fault reaches, but for a restart.
    pub(crate) async fn client(&self) -> Client {
        self.database.connect().await.unwrap()
    }

    /// Wakes whose time has come, and starts anew who has ended.
    pub(crate) async fn tend(&mut self, now: Instant) {
        for index in 0..self.members.len() {
            let member = &mut self.members[index];
            if member.stopped_until.is_some_and(|until| until <= now) {
                member.stopped_until = None;
                signal(&member.child, "CONT").await;
            }
            if member.child.try_wait().unwrap().is_some() {
                let role = member.role;
                self.members[index] = self.start(role);
            }
        }
    }

    /// Of everything that adds jobs.
    pub(crate) async fn stop_producing(&mut self) {
        for member in &mut self.members {
            signal(&member.child, "CONT").await;
            member.stopped_until = None;
            if member.role != "worker" {
                member.child.kill().await.unwrap();
            }
        }
        self.members.retain(|member| member.role == "worker");
    }

    /// Whether all that is left has been run in time.
    pub(crate) async fn drain(&mut self, patience: Duration) -> bool {
        let client = self.client().await;
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            self.tend(Instant::now()).await;
            let left: i64 = client.query_one(LEFT, &[]).await.unwrap().get(0);
            if left == 0 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// As a service manager does; each has to end well.
    pub(crate) async fn stop_workers(&mut self) {
        for member in &mut self.members {
            signal(&member.child, "TERM").await;
            let ended = tokio::time::timeout(Duration::from_secs(60), member.child.wait()).await;
            let status = ended.expect("a worker ends when told to").unwrap();
            assert!(status.success(), "a worker ended with {status}");
        }
    }
}

/// By the system's `kill`. One that has ended meanwhile is no matter.
pub(crate) async fn signal(child: &Child, name: &str) {
    if let Some(id) = child.id() {
        let _ = Command::new("kill")
            .args([format!("-{name}"), id.to_string()])
            .stderr(Stdio::null())
            .status()
            .await;
    }
}
