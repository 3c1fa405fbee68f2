//! The server that everything is measured on: a throwaway one, as durable as one in production.

use std::fs;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use soniq_runtime::Soniq;
use soniq_runtime::testing::{Cluster, Database};
use tokio_postgres::Client;

use crate::Failure;

/// What Soniq for Python adds to the shared tables: its foreign key and the indexes that ours lack.
const AS_PYTHON: &str = include_str!("as_python.sql");

/// Who made the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// Our migrations.
    Ours,
    /// The same, with what Soniq for Python has besides.
    Python,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    cluster: Cluster,
    /// The database of the last figure, which goes when there is another: autovacuum visits each.
    last: Mutex<Option<String>>,
}

impl Server {
    /// Starts it with `fsync` and `full_page_writes` on, which the test kit turns off, room for the
    /// connections of 64 workers, and everything else as Postgres has it by default.
    ///
    /// # Errors
    /// No server is installed, or it does not start.
    pub async fn start() -> Result<Self, Failure> {
        Server::start_with(&[]).await
    }

    /// As [`start`](Self::start), after more such statements.
    ///
    /// # Errors
    /// As for [`start`](Self::start), or the server refuses them.
    pub async fn start_with(settings: &[&str]) -> Result<Self, Failure> {
        let server = Server {
            cluster: Cluster::start().await?,
            last: Mutex::default(),
        };
        let client = server.administrator().await?;
        let usual = [
            "ALTER SYSTEM SET fsync = on",
            "ALTER SYSTEM SET full_page_writes = on",
            "ALTER SYSTEM SET max_connections = 500",
        ];
        for statement in usual.iter().chain(settings) {
            client.batch_execute(statement).await?;
        }
        server.cluster.restart()?;
        Ok(server)
    }

    /// A database with our tables, which nobody has used yet. The one before it is dropped.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn database(&self) -> Result<Database, Failure> {
        self.database_with(Tables::Ours).await
    }

    /// As [`database`](Self::database), with the tables of either implementation.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn database_with(&self, tables: Tables) -> Result<Database, Failure> {
        match tables {
            Tables::Ours => self.database_seeded("ours", "").await,
            Tables::Python => self.database_seeded("python", AS_PYTHON).await,
        }
    }

    /// As [`database`](Self::database), after the statements of `seed`. They run once for each
    /// `name`: what follows is a copy.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn database_seeded(&self, name: &str, seed: &str) -> Result<Database, Failure> {
        self.drop_last().await?;
        let setup = |url: String| async move {
            Soniq::connect(&url)?.setup().await?;
            // An empty table stays without statistics, as a new one is.
            if !seed.is_empty() {
                let client = connect(&url).await?;
                client.batch_execute(seed).await?;
                client.batch_execute("VACUUM ANALYZE").await?;
            }
            Ok::<(), Failure>(())
        };
        let database = self.cluster.database_from(name, setup).await?;
        self.begun(&database).await?;
        Ok(database)
    }

    /// A database without any table. The one before it is dropped.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn database_empty(&self) -> Result<Database, Failure> {
        self.drop_last().await?;
        let database = self.cluster.database().await?;
        self.begun(&database).await?;
        Ok(database)
    }

    async fn begun(&self, database: &Database) -> Result<(), Failure> {
        self.last().replace(database.name().to_owned());
        // What was written before must not be written out while something is measured.
        let client = self.administrator().await?;
        Ok(client.batch_execute("CHECKPOINT").await?)
    }

    async fn drop_last(&self) -> Result<(), Failure> {
        let name = self.last().take();
        if let Some(name) = name {
            let statement = format!("DROP DATABASE {name} WITH (FORCE)");
            self.administrator()
                .await?
                .batch_execute(&statement)
                .await?;
        }
        Ok(())
    }

    fn last(&self) -> MutexGuard<'_, Option<String>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn administrator(&self) -> Result<Client, Failure> {
        connect(&self.cluster.url("postgres")).await
    }

    /// How long a write of 8 KiB takes until it is on the disk, where the server's files are: the
    /// median of 200, in milliseconds.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn disk_latency(&self) -> Result<f64, Failure> {
        let directory = self.cluster.directory().ok_or("not a throwaway server")?;
        let mut file = tempfile::tempfile_in(directory)?;
        let mut times = Vec::new();
        for _ in 0..200 {
            let started = Instant::now();
            file.write_all(&[1; 8192])?;
            file.sync_data()?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    }

    /// The process id of the server's first process.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn pid(&self) -> Result<u32, Failure> {
        let directory = self.cluster.directory().ok_or("not a throwaway server")?;
        let text = fs::read_to_string(directory.join("data/postmaster.pid"))?;
        Ok(text.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// What it was measured with: version and the settings that speed depends on.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn settings(&self) -> Result<Vec<(String, String)>, Failure> {
        const SETTINGS: &str = "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY ($1) ORDER BY name";
        let names = [
            "server_version",
            "fsync",
            "full_page_writes",
            "synchronous_commit",
            "shared_buffers",
            "max_wal_size",
            "wal_level",
            "autovacuum",
            "max_connections",
        ];
        let client = self.administrator().await?;
        let rows = client.query(SETTINGS, &[&&names[..]]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}

/// A connection whose other half is a task of its own.
///
/// # Errors
/// The server cannot be reached.
pub async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Processor and memory of this machine; never whose it is.
pub fn machine() -> Vec<(String, String)> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let first = |path: &str, key: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let unknown = || "unknown".to_owned();
    vec![
        ("cores".to_owned(), cores.to_string()),
        (
            "processor".to_owned(),
            first("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
        ),
        (
            "memory".to_owned(),
            first("/proc/meminfo", "MemTotal").unwrap_or_else(unknown),
        ),
        (
            "load average at the start".to_owned(),
            load.split(' ').take(3).collect::<Vec<_>>().join(" "),
        ),
    ]
}
