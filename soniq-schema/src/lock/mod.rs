//! The lock file, `contracts.lock`: what was released, and so what rows may still look like.
//!
//! It holds every version of every task that was ever released, each with its canonical schemas, their
//! fingerprints, the day of its first release, and how it was run. It is written by a command, reviewed
//! with the change of the contract, and never edited: a schema that does not have its fingerprint, or a
//! file that does not end as it was written, is refused.
//!
//! A released version may change its shape as long as rows stay readable. Rows of the shape before may
//! lie in the queue for months, and what the next shape takes need not be what the one after it
//! takes: an older name of a property that is dropped again is read by the one and not by the other. So a
//! version keeps its earlier shapes, and all of them are held against a new state.
//!
//! ```
//! use soniq_schema::lock::{Lock, read_lock};
//!
//! let text = "
//!     edition = '2026'
//!     namespace = 'billing'
//!     [tasks.refund]
//!     version = 1
//!     args = { type = 'object', properties.payment = { type = 'string' } }
//! ";
//! let contracts = soniq_schema::load_sources([("billing.toml".to_owned(), text.to_owned())]).contracts;
//! let mut lock = Lock::default();
//! lock.update(&contracts, "2026-07-14");
//! let read = read_lock("contracts.lock", lock.to_string());
//! assert!(read.diagnostics.is_empty());
//! assert_eq!(read.lock.version("billing.refund", 1).unwrap().released, "2026-07-14");
//! ```

mod compare;
mod layout;
mod place;
mod update;
mod write;

use std::collections::BTreeMap;

use crate::compat::{Operation, Record};
use crate::diagnostic::Diagnostic;
use crate::fingerprint::digest;
use crate::source::{Location, Sources};

pub use crate::parse::{load_lock, read_lock};
pub(crate) use layout::compact;
pub use update::{Change, ChangeKind};

/// The name of the file in a contracts folder.
pub const FILE_NAME: &str = "contracts.lock";

/// The version of the format, raised when a reader of an older one would no longer do.
pub(crate) const FORMAT: i64 = 1;

/// The last line: a file without it was cut off.
pub(crate) const END: &str = "# End of contracts.lock.";

/// Every released version of every task.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// By task, `billing.send_invoice`, and version.
    pub(crate) versions: BTreeMap<(String, u32), LockedVersion>,
}

/// A lock file as it was read, and everything that is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct LoadedLock {
    /// What it says. With diagnostics it is incomplete, and not to be used.
    pub lock: Lock,
    /// The file's text.
    pub sources: Sources,
    /// What is wrong with it, all of it errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// One version as it was released.
#[derive(Debug, Clone)]
pub struct LockedVersion {
    /// Where the lock file has it; none before it was written.
    pub location: Option<Location>,
    /// The name in rows.
    pub name: String,
    /// The day of its first release, `YYYY-MM-DD`.
    pub released: String,
    /// The arguments as they were released last.
    pub args: LockedSchema,
    /// The result.
    pub result: Option<LockedSchema>,
    /// Names that were reserved.
    pub reserved: Vec<String>,
    /// How it was run; none of a version that was retired.
    pub operation: Option<Operation>,
    /// Shapes that it had before, the first one first.
    pub earlier: Vec<EarlierShape>,
}

/// Arguments as a version once had them.
#[derive(Debug, Clone)]
pub struct EarlierShape {
    /// The day on which the next shape was released.
    pub until: String,
    /// The arguments.
    pub args: LockedSchema,
}

/// A canonical schema, and where the lock file has it.
#[derive(Debug, Clone)]
pub struct LockedSchema {
    /// See [`canonical`](crate::canonical).
    pub canonical: String,
    /// The text of the schema; none before it was written.
    pub location: Option<Location>,
}

impl LockedSchema {
    /// SHA-256 of the canonical schema, which is the one that rows and workers carry.
    pub fn fingerprint(&self) -> String {
        digest(&self.canonical)
    }
}

impl Lock {
    /// Whether nothing was released yet.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// A version of a task, `billing.send_invoice`.
    pub fn version(&self, task: &str, version: u32) -> Option<&LockedVersion> {
        self.versions.get(&(task.to_owned(), version))
    }

    /// All versions with their tasks, by task and version.
    pub fn versions(&self) -> impl Iterator<Item = (&str, u32, &LockedVersion)> {
        let versions = self.versions.iter();
        versions.map(|((task, number), version)| (task.as_str(), *number, version))
    }
}

impl LockedVersion {
    /// What the comparison is to know of it.
    fn record(&self, task: &str, version: u32) -> Record {
        let result = self.result.as_ref();
        Record {
            task: task.to_owned(),
            name: self.name.clone(),
            version,
            args: self.args.canonical.clone(),
            result: result.map(|schema| schema.canonical.clone()),
            reserved: self.reserved.clone(),
            operation: self.operation.clone(),
        }
    }

    /// The same of a shape that it had before, whose rows matter and nothing else.
    fn earlier_record(&self, task: &str, version: u32, shape: &EarlierShape) -> Record {
        Record {
            args: shape.args.canonical.clone(),
            result: None,
            reserved: Vec::new(),
            operation: None,
            ..self.record(task, version)
        }
    }
}
