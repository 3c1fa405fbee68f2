//! The contract model: what the files of a contracts folder say, checked and with defaults applied.

use std::time::Duration;

use serde_json::Value;

use crate::json_schema::{SchemaId, Schemas};
use crate::source::{FileId, Location, Sources};

/// Everything that was read in one run.
#[derive(Debug, Clone, Default)]
pub struct Contracts {
    /// The files' texts, for locations and quotes.
    pub sources: Sources,
    /// One contract per file, sorted by namespace.
    pub contracts: Vec<Contract>,
    /// All schemas of all files; [`SchemaId`] points in here.
    pub schemas: Schemas,
}

impl Contracts {
    /// All tasks of all contracts, each with its contract, by namespace and key.
    pub fn tasks(&self) -> impl Iterator<Item = (&Contract, &Task)> {
        self.contracts.iter().flat_map(|contract| {
            let tasks = contract.tasks.iter();
            tasks.map(move |task| (contract, task))
        })
    }

    /// The task with this wire name, or with an alias of this name. A retired version's name finds
    /// nothing: it can no longer be enqueued.
    ///
    /// ```
    /// let text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'";
    /// let contracts = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
    /// assert_eq!(contracts.task("a.t.v1").map(|task| task.key.as_str()), Some("t"));
    /// assert!(contracts.task("a.t.v2").is_none());
    /// ```
    pub fn task(&self, name: &str) -> Option<&Task> {
        let has_name =
            |task: &&Task| task.name == name || task.aliases.iter().any(|alias| alias == name);
        self.tasks().map(|(_, task)| task).find(has_name)
    }
}

/// One contract file: a namespace with its types and tasks.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The file it was read from.
    pub file: FileId,
    /// First segment of every task name, and the Rust module.
    pub namespace: String,
    /// Where the namespace is declared.
    pub location: Location,
    /// Team that answers for it.
    pub owner: Option<String>,
    /// Prose for docs.
    pub description: Option<String>,
    /// `[types.*]`, sorted by name.
    pub types: Vec<NamedType>,
    /// `[tasks.*]`, sorted by key.
    pub tasks: Vec<Task>,
}

/// A shared schema, `[types.Money]`.
#[derive(Debug, Clone)]
pub struct NamedType {
    /// The key under `types`.
    pub name: String,
    /// Where the key stands.
    pub location: Location,
    /// Its schema.
    pub schema: SchemaId,
}

/// One task, `[tasks.send_invoice]`, with the file's `[defaults]` applied.
#[derive(Debug, Clone)]
pub struct Task {
    /// The key under `tasks`: gives the Rust module.
    pub key: String,
    /// Where the key stands.
    pub location: Location,
    /// The wire name: `namespace.key.vN`, or the contract's `name`.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// Prose for docs.
    pub description: Option<String>,
    /// Why it should no longer be enqueued.
    pub deprecated: Option<String>,
    /// Queue; `None` leaves the runtime's default queue.
    pub queue: Option<String>,
    /// 1..=1000, lower runs first; `None` leaves the runtime's default.
    pub priority: Option<u16>,
    /// Longest time one attempt may take; zero means no limit.
    pub timeout: Option<Duration>,
    /// How long a finished row is kept; zero deletes it at once.
    pub result_ttl: Option<Duration>,
    /// Retry policy; what it leaves out is the runtime's default.
    pub retry: Retry,
    /// At most so many at once.
    pub concurrency: Option<Concurrency>,
    /// One queued job per canonical args.
    pub unique: bool,
    /// One queued job per key.
    pub dedup_key: Option<Template>,
    /// When the scheduler enqueues it.
    pub schedule: Option<Schedule>,
    /// Schema of the arguments: an object schema.
    pub args: SchemaId,
    /// Schema of the result.
    pub result: Option<SchemaId>,
    /// Property names never to be used again.
    pub reserved: Vec<String>,
    /// Older wire names under which rows may still lie.
    pub aliases: Vec<String>,
    /// Older versions whose rows consumers must upgrade, ascending by version.
    pub retired: Vec<RetiredVersion>,
    /// Example args; each fits `args`.
    pub examples: Vec<Example>,
    /// Waivers of compatibility findings.
    pub waivers: Vec<Waiver>,
}

/// `retired.vN`: args of a version that may still lie in the queue.
#[derive(Debug, Clone)]
pub struct RetiredVersion {
    /// N of `vN`; lower than the task's version.
    pub version: u32,
    /// Wire name of that version's rows.
    pub name: String,
    /// Where the key stands.
    pub location: Location,
    /// Schema of its arguments.
    pub args: SchemaId,
}

/// `retry = { .. }`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Retry {
    /// Attempts in all, from 1.
    pub max_attempts: Option<u32>,
    /// How the delay grows.
    pub backoff: Option<Backoff>,
    /// Upper bound of a delay; without it, exponential growth ends at ten minutes.
    pub max_delay: Option<Duration>,
    /// Whether delays are jittered.
    pub jitter: Option<bool>,
}

/// Delays between attempts.
#[derive(Debug, Clone, PartialEq)]
pub enum Backoff {
    /// The same delay each time.
    Fixed(Duration),
    /// Doubles from this delay on.
    Exponential(Duration),
    /// One delay per retry; the last one repeats.
    List(Vec<Duration>),
}

/// `concurrency = { limit, key }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Concurrency {
    /// How many may run at once, from 1.
    pub limit: u32,
    /// Counted per rendered key; `None` counts the task as a whole.
    pub key: Option<Template>,
}

/// `schedule = { .. }`.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Where it stands.
    pub location: Location,
    /// When it fires.
    pub trigger: Trigger,
    /// IANA name; `None` is UTC.
    pub timezone: Option<String>,
    /// What happens to firings missed in an outage; `None` leaves the runtime's default (`One`).
    pub catch_up: Option<CatchUp>,
    /// Args of each firing; fit the task's `args`.
    pub args: Value,
}

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A 5-field cron expression.
    Cron(String),
    /// A fixed interval.
    Every(Duration),
}

/// What happens to firings missed while no scheduler ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// One job for all of them.
    One,
    /// One job each, bounded.
    All,
    /// None.
    None,
}

/// A key with fields of the args in braces: `invoice:{invoice_id}`; `{{` and `}}` are literal braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Literals and fields, in order.
    pub parts: Vec<TemplatePart>,
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it stands.
    Literal(String),
    /// The value at this path of properties: `customer.id` is two steps. The schema has it as
    /// required (or defaulted), of type string, integer or boolean.
    Field(Vec<String>),
}

/// One entry of `examples`.
#[derive(Debug, Clone)]
pub struct Example {
    /// Where it stands.
    pub location: Location,
    /// The args.
    pub args: Value,
}

/// One `[[tasks.X.compat.allow]]`.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Where it stands.
    pub location: Location,
    /// Rule id.
    pub rule: String,
    /// JSON pointer of the finding.
    pub path: String,
    /// Why it is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
}
