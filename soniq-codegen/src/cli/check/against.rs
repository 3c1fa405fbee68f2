//! What the contracts are compared with.

use std::path::{Path, PathBuf};

use soniq_schema::compat::{self, Finding, Options, Released};
use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::codes;
use soniq_schema::lock::{FILE_NAME, LoadedLock, load_lock};
use soniq_schema::source::Sources;
use soniq_schema::{Diagnostic, load, load_sources};

use super::git;
use crate::problem::of_run;

/// A state that was released.
pub(super) enum Against {
    /// What a lock file says.
    Lock(LoadedLock),
    /// Contracts of a folder or of a git ref.
    Contracts(Contracts),
}

/// Why there is nothing to compare with; places are in `sources`.
pub(super) struct Refused {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: Sources,
}

impl From<Diagnostic> for Refused {
    fn from(diagnostic: Diagnostic) -> Self {
        Refused {
            diagnostics: vec![diagnostic],
            sources: Sources::default(),
        }
    }
}

/// The lock file of a contracts folder.
pub(in crate::cli) fn lock_path(contracts: &Path) -> PathBuf {
    contracts.join(FILE_NAME)
}

impl Against {
    /// The state that `wanted` names: a folder or a lock file if there is one, else a git ref. Without
    /// a name, it is the lock file of the contracts.
    pub(super) fn find(contracts: &Path, wanted: Option<&str>) -> Result<Self, Refused> {
        let Some(wanted) = wanted else {
            return Self::lock(&lock_path(contracts), contracts);
        };
        let path = Path::new(wanted);
        if path.is_dir() {
            return Self::contracts(load(path));
        }
        if path.exists() {
            return Self::lock(path, contracts);
        }
        match git::files(contracts, wanted) {
            Ok(files) => Self::contracts(load_sources(files)),
            Err(message) => Err(of_run(codes::NOTHING_TO_COMPARE, message).into()),
        }
    }

    fn lock(path: &Path, contracts: &Path) -> Result<Self, Refused> {
        match load_lock(path) {
            Some(lock) if lock.diagnostics.is_empty() => Ok(Against::Lock(lock)),
            Some(lock) => Err(Refused {
                diagnostics: lock.diagnostics,
                sources: lock.sources,
            }),
            None => {
                let message = format!(
                    "there is no {}: run `soniq-codegen lock {}` and commit what it writes",
                    path.display(),
                    contracts.display()
                );
                Err(of_run(codes::NOTHING_TO_COMPARE, message).into())
            }
        }
    }

    fn contracts(loaded: soniq_schema::Loaded) -> Result<Self, Refused> {
        if loaded.is_ok() {
            return Ok(Against::Contracts(loaded.contracts));
        }
        Err(Refused {
            diagnostics: loaded.diagnostics,
            sources: loaded.contracts.sources,
        })
    }

    /// What has changed since.
    pub(super) fn compare(
        &self,
        new: &Contracts,
        options: &Options,
    ) -> Result<Vec<Finding>, String> {
        match self {
            Against::Lock(lock) => lock.compare(new, options),
            Against::Contracts(old) => Ok(compat::compare(&Released::of(old), new, options)),
        }
    }

    /// The files of the findings' old places.
    pub(super) fn sources(&self) -> &Sources {
        match self {
            Against::Lock(lock) => &lock.sources,
            Against::Contracts(contracts) => &contracts.sources,
        }
    }

    /// Every version that was released, with its name in rows.
    pub(super) fn versions(&self) -> Vec<(String, u32, &str)> {
        match self {
            Against::Lock(lock) => {
                let versions = lock.lock.versions();
                let version = versions
                    .map(|(task, number, one)| (task.to_owned(), number, one.name.as_str()));
                version.collect()
            }
            Against::Contracts(contracts) => {
                let tasks = contracts.tasks().flat_map(|(contract, task)| {
                    let retired = task.retired.iter();
                    let retired = retired.map(|one| (one.version, one.name.as_str()));
                    let all = retired.chain([(task.version, task.name.as_str())]);
                    let identity = format!("{}.{}", contract.namespace, task.key);
                    all.map(move |(version, name)| (identity.clone(), version, name))
                });
                tasks.collect()
            }
        }
    }
}
