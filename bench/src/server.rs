//! The server that everything is measured on: a throwaway one, as durable as one in production.

use std::fs;

use soniq_runtime::Soniq;
use soniq_runtime::testing::{Cluster, Database};
use tokio_postgres::Client;

use crate::Failure;

/// A running server.
#[derive(Debug)]
pub struct Server {
    cluster: Cluster,
}

impl Server {
    /// Starts it with `fsync` and `full_page_writes` on, which the test kit turns off, and
    /// everything else as Postgres has it by default.
    ///
    /// # Errors
    /// No server is installed, or it does not start.
    pub async fn start() -> Result<Self, Failure> {
        let server = Server {
            cluster: Cluster::start().await?,
        };
        let client = connect(&server.cluster.url("postgres")).await?;
        for statement in [
            "ALTER SYSTEM SET fsync = on",
            "ALTER SYSTEM SET full_page_writes = on",
            "SELECT pg_reload_conf()",
        ] {
            client.batch_execute(statement).await?;
        }
        Ok(server)
    }

    /// A database with our tables, which nobody has used yet.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn database(&self) -> Result<Database, Failure> {
        let setup = |url: String| async move { Soniq::connect(&url)?.setup().await.map(drop) };
        let database = self.cluster.database_from("soniq", setup).await?;
        // What was written before must not be written out while something is measured.
        connect(database.url())
            .await?
            .batch_execute("CHECKPOINT")
            .await?;
        Ok(database)
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
        let client = connect(&self.cluster.url("postgres")).await?;
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
