//! The example programs as processes of their own.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use soniq_runtime::testing::{self, Database};
use tokio::process::{Child, Command};

/// Builds the programs once, as `cargo xtask test` builds them, and says where they are.
pub(crate) fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = std::process::Command::new(cargo)
            .args(["build", "--quiet", "--workspace", "--all-features"])
            .args(["--exclude", "soniq-bench", "--all-targets"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status()
            .unwrap();
        assert!(built.success(), "the example programs do not build");
        // target/debug/deps/e2e-…: the programs are two levels up.
        let test = std::env::current_exe().unwrap();
        test.parent().unwrap().parent().unwrap().to_owned()
    })
}

/// A database of its own, with our tables, and what the programs are told of it.
pub(crate) struct Shop {
    database: Database,
    pub(crate) client: tokio_postgres::Client,
}

impl Shop {
    pub(crate) async fn open() -> Shop {
        let shop = Shop::empty().await;
        let setup = shop.consumer(&["setup"]).output().await.unwrap();
        assert_ok(&setup);
        shop
    }

    /// Without our tables.
    pub(crate) async fn empty() -> Shop {
        let database = testing::database().await.unwrap();
        let client = database.connect().await.unwrap();
        Shop { database, client }
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        self.program_in(programs(), name, arguments)
    }

    /// A program of this folder, which may hold another release's.
    pub(crate) fn program_in(&self, folder: &Path, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(folder.join(name));
        command
            .args(arguments)
            .env_clear()
            .env("SONIQ_DATABASE_URL", self.database.url())
            .env("SONIQ_HEARTBEAT_INTERVAL", "0.3")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) fn consumer(&self, arguments: &[&str]) -> Command {
        self.program("cross-service-consumer", arguments)
    }

    pub(crate) fn producer(&self, arguments: &[&str]) -> Command {
        self.program("cross-service-producer", arguments)
    }

    /// A program in the background; what it prints is thrown away.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.consumer(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Polls until `sql` counts `expected`, for up to `patience`.
    pub(crate) async fn wait_for(&self, sql: &str, expected: i64, patience: Duration) {
        let deadline = Instant::now() + patience;
        loop {
            let count = self.count(sql).await;
            if count == expected {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{sql}: expected {expected}, still {count}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(crate) fn assert_ok(output: &Output) {
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// SIGTERM, as a service manager stops a program.
pub(crate) async fn terminate(child: &Child) {
    let id = child.id().unwrap().to_string();
    let status = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(status.unwrap().success());
}

pub(crate) const SOON: Duration = Duration::from_secs(60);
