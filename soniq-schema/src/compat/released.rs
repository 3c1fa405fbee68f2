//! What was released: the versions that a new state is compared with.

use std::borrow::Cow;

use super::diff::Names;
use crate::contract::{Backoff, Contracts, Task, Template, TemplatePart, Trigger};
use crate::json_schema::{SchemaId, SchemaRef};
use crate::parse::load_sources;
use crate::source::Location;

/// Versions of tasks, of which rows may still exist.
#[derive(Debug, Clone)]
pub struct Released<'a> {
    contracts: Cow<'a, Contracts>,
    pub(super) versions: Vec<Version>,
    /// The names of types; none where the state was written down without them.
    pub(super) names: Option<Names>,
}

/// One version of a task.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// `billing.send_invoice`
    pub(super) task: String,
    /// The name in rows.
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) args: SchemaId,
    pub(super) result: Option<SchemaId>,
    pub(super) location: Option<Location>,
    pub(super) reserved: Vec<String>,
    /// How it was run; not known of a retired version.
    pub(super) operation: Option<Operation>,
}

/// How a task is run, as far as a change of it matters to rows that are there already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operation {
    /// The queue; none is the default one.
    pub queue: Option<String>,
    /// The priority, lower runs first.
    pub priority: Option<u16>,
    /// Attempts in all.
    pub max_attempts: Option<u32>,
    /// The delays between them, in words.
    pub backoff: Option<String>,
    /// The longest time of an attempt, in milliseconds; zero is without limit.
    pub timeout_ms: Option<u64>,
    /// Whether equal args are queued once.
    pub unique: bool,
    /// The dedup key as the contract has it.
    pub dedup_key: Option<String>,
    /// The schedule in words.
    pub schedule: Option<String>,
    /// The limit of concurrency with its key, in words.
    pub concurrency: Option<String>,
}

/// One released version, as a lock file records it.
#[derive(Debug, Clone)]
pub struct Record {
    /// `billing.send_invoice`: namespace and key.
    pub task: String,
    /// The name in rows, `billing.send_invoice.v2`.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// The [`canonical`](crate::canonical) schema of the arguments.
    pub args: String,
    /// The same of the result.
    pub result: Option<String>,
    /// Names that were reserved.
    pub reserved: Vec<String>,
    /// How it was run, if that was recorded.
    pub operation: Option<Operation>,
}

impl<'a> Released<'a> {
    /// All versions of another state of the contracts, retired ones included.
    pub fn of(contracts: &'a Contracts) -> Self {
        let mut versions = Vec::new();
        for (contract, task) in contracts.tasks() {
            let identity = identity(&contract.namespace, task);
            for retired in &task.retired {
                versions.push(Version {
                    task: identity.clone(),
                    name: retired.name.clone(),
                    version: retired.version,
                    args: retired.args,
                    result: None,
                    location: Some(retired.location.clone()),
                    reserved: Vec::new(),
                    operation: None,
                });
            }
            versions.push(Version {
                task: identity,
                name: task.name.clone(),
                version: task.version,
                args: task.args,
                result: task.result,
                location: Some(task.location.clone()),
                reserved: task.reserved.clone(),
                operation: Some(Operation::of(task)),
            });
        }
        Released {
            contracts: Cow::Borrowed(contracts),
            versions,
            names: Some(names(contracts)),
        }
    }

    /// Versions whose schemas were written down in their canonical form.
    ///
    /// # Errors
    /// A schema that cannot be read, with its task and version and the first thing that is wrong.
    ///
    /// ```
    /// use soniq_schema::compat::{Record, Released};
    ///
    /// let record = Record {
    ///     task: "billing.refund".to_owned(),
    ///     name: "billing.refund.v1".to_owned(),
    ///     version: 1,
    ///     args: r#"{"type":"object"}"#.to_owned(),
    ///     result: None,
    ///     reserved: Vec::new(),
    ///     operation: None,
    /// };
    /// assert!(Released::read([record.clone()]).is_ok());
    /// let broken = Record { args: "{".to_owned(), ..record };
    /// assert!(Released::read([broken]).unwrap_err().contains("billing.refund v1"));
    /// ```
    pub fn read(records: impl IntoIterator<Item = Record>) -> Result<Released<'static>, String> {
        // Each schema is a file of its own, which a contract of types leads to.
        let mut contract = "edition = '2026'\nnamespace = 'released'\n[types]\n".to_owned();
        let mut files = Vec::new();
        let mut add = |text: String| {
            let name = format!("S{:06}", files.len());
            contract.push_str(&format!("{name} = {{ '$ref' = '{name}.json' }}\n"));
            files.push((format!("{name}.json"), text));
            files.len() - 1
        };
        let placed: Vec<_> = records
            .into_iter()
            .map(|record| {
                let args = add(record.args.clone());
                let result = record.result.clone().map(&mut add);
                (record, args, result)
            })
            .collect();
        files.push(("released.toml".to_owned(), contract));
        let loaded = load_sources(files);
        let contracts = loaded.contracts;
        for diagnostic in &loaded.diagnostics {
            let Some(location) = &diagnostic.location else {
                continue;
            };
            let file = contracts.sources.get(location.file).file_name();
            let number = file
                .strip_prefix('S')
                .and_then(|file| file.strip_suffix(".json"));
            let number: Option<usize> = number.and_then(|number| number.parse().ok());
            let of = placed.iter().find(|(_, args, result)| {
                number == Some(*args) || number.is_some() && number == *result
            });
            if diagnostic.severity() == crate::diagnostic::Severity::Error {
                let what = of.map_or_else(String::new, |(record, ..)| {
                    format!("{} v{}: ", record.task, record.version)
                });
                return Err(format!("{what}{}", diagnostic.message));
            }
        }
        let types = contracts
            .contracts
            .first()
            .map(|contract| contract.types.as_slice());
        let schema = |index: usize| -> Result<SchemaId, String> {
            let named = types.unwrap_or_default().get(index);
            let named = named.ok_or_else(|| "a schema could not be read".to_owned())?;
            Ok(contracts.schemas.get(named.schema).resolved().id)
        };
        let versions: Result<Vec<_>, String> = placed
            .iter()
            .map(|(record, args, result)| {
                Ok(Version {
                    task: record.task.clone(),
                    name: record.name.clone(),
                    version: record.version,
                    args: schema(*args)?,
                    result: result.map(schema).transpose()?,
                    location: None,
                    reserved: record.reserved.clone(),
                    operation: record.operation.clone(),
                })
            })
            .collect();
        let versions = versions?;
        Ok(Released {
            contracts: Cow::Owned(contracts),
            versions,
            names: None,
        })
    }

    pub(super) fn schema(&self, id: SchemaId) -> SchemaRef<'_> {
        self.contracts.schemas.get(id)
    }
}

/// The names under `[types]`.
pub(super) fn names(contracts: &Contracts) -> Names {
    let types = contracts
        .contracts
        .iter()
        .flat_map(|contract| &contract.types);
    types
        .map(|named| (named.schema, named.name.clone()))
        .collect()
}

/// What a task is called whatever its version: namespace and key.
pub(super) fn identity(namespace: &str, task: &Task) -> String {
    format!("{namespace}.{}", task.key)
}

impl Operation {
    /// How a task is run.
    pub fn of(task: &Task) -> Self {
        let schedule = task.schedule.as_ref().map(|schedule| {
            let trigger = match &schedule.trigger {
                Trigger::Cron(expression) => format!("cron {expression}"),
                Trigger::Every(interval) => format!("every {interval:?}"),
            };
            let timezone = schedule.timezone.as_deref().unwrap_or("UTC");
            let catch_up = schedule
                .catch_up
                .map_or_else(String::new, |one| format!(", catch up {one:?}"));
            format!("{trigger} ({timezone}{catch_up}) with {}", schedule.args)
        });
        let concurrency = task
            .concurrency
            .as_ref()
            .map(|concurrency| match &concurrency.key {
                Some(key) => format!("{} per {}", concurrency.limit, written(key)),
                None => concurrency.limit.to_string(),
            });
        let timeout = task
            .timeout
            .map(|timeout| u64::try_from(timeout.as_millis()));
        Operation {
            queue: task.queue.clone(),
            priority: task.priority,
            max_attempts: task.retry.max_attempts,
            backoff: task.retry.backoff.as_ref().map(|backoff| match backoff {
                Backoff::Fixed(delay) => format!("fixed {delay:?}"),
                Backoff::Exponential(delay) => format!("exponential {delay:?}"),
                Backoff::List(delays) => format!("list {delays:?}"),
            }),
            timeout_ms: timeout.map(|timeout| timeout.unwrap_or(u64::MAX)),
            unique: task.unique,
            dedup_key: task.dedup_key.as_ref().map(written),
            schedule,
            concurrency,
        }
    }
}

/// A template as a contract has it.
fn written(template: &Template) -> String {
    let parts = template.parts.iter().map(|part| match part {
        TemplatePart::Literal(text) => text.replace('{', "{{").replace('}', "}}"),
        TemplatePart::Field(path) => format!("{{{}}}", path.join(".")),
    });
    parts.collect()
}
