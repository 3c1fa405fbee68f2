//! A database for each test, and the binary run against it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use soniq_runtime::Soniq;
use soniq_runtime::testing::{self, Database};
use uuid::Uuid;

/// The example company's contracts.
pub(crate) fn contracts() -> String {
    let dir: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "contracts"]
        .iter()
        .collect();
    dir.display().to_string()
}

/// In every URL that these tests use, and in no output of theirs.
pub(crate) const PASSWORD: &str = "hunter2secret";

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let run = Run {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(PASSWORD), "a password is shown: {run:?}");
            assert!(!text.contains("panicked"), "a panic: {run:?}");
        }
        run
    }

    /// Standard output of a run that succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.status, Some(0), "{self:?}");
        self.stdout
    }

    /// Standard output as JSON, of a run that succeeded.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// The error line, without `error: `, of a run that failed with status 1 and only that line.
    pub(crate) fn error(self) -> String {
        assert_eq!(self.status, Some(1), "{self:?}");
        let (line, rest) = self.stderr.split_once('\n').unwrap();
        assert_eq!(rest, "", "one line: {self:?}");
        line.strip_prefix("error: ").unwrap().to_owned()
    }
}

/// The binary with `arguments`, told nothing by the environment.
pub(crate) fn soniq(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soniq"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let colour = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"].contains(&name.as_str());
        if colour || name.starts_with("SONIQ_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn run(mut command: Command) -> Run {
    Run::of(command.output().unwrap())
}

/// A database, by default with this release's tables.
pub(crate) struct Bed {
    pub(crate) database: Database,
    pub(crate) client: tokio_postgres::Client,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let database = testing::database_from("soniq", |url| async move {
            Soniq::connect(&url)?.setup().await.map(drop)
        })
        .await
        .unwrap();
        Self::of(database).await
    }

    /// Without a table.
    pub(crate) async fn empty() -> Self {
        Self::of(testing::database().await.unwrap()).await
    }

    async fn of(database: Database) -> Self {
        let client = database.connect().await.unwrap();
        Bed { database, client }
    }

    /// The database's URL. The server asks for no password, but the binary is given one.
    pub(crate) fn url(&self) -> String {
        let url = self.database.url();
        if url.contains("password=") || url.contains('@') {
            return url.to_owned();
        }
        format!("{url}&password={PASSWORD}")
    }

    /// The binary with `arguments` on this database.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = soniq(arguments);
        command.env("SONIQ_DATABASE_URL", self.url());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// A run that reads `input`.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::of(child.wait_with_output().unwrap())
    }

    pub(crate) async fn sql(&self, statement: &str) {
        self.client.batch_execute(statement).await.unwrap();
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// A whole row as JSON.
    pub(crate) async fn row(&self, table: &str, id: &str) -> Value {
        let statement = format!("SELECT to_jsonb(t) FROM {table} AS t WHERE id = '{id}'");
        self.client.query_one(&statement, &[]).await.unwrap().get(0)
    }

    /// Adds a dead letter; its id.
    pub(crate) async fn dead_letter(&self, task: &str, queue: &str, reason: &str) -> String {
        let id = Uuid::now_v7();
        self.sql(&format!(
            "INSERT INTO soniq_dead_letter_jobs (
                 id, job_name, args, queue, priority, max_attempts, attempts, last_error,
                 dead_letter_reason, original_created_at, moved_to_dead_letter_at
             ) VALUES (
                 '{id}', '{task}', '{{\"n\": 1}}', '{queue}', 50, 3, 3, E'first line\\nsecond',
                 '{reason}', now() - interval '2 hours', clock_timestamp() - interval '1 hour'
             )"
        ))
        .await;
        id.to_string()
    }
}

/// Writes a contract file into `dir`.
pub(crate) fn write_contract(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}
