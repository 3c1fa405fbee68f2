//! The file that tells whether a worker's process lives.
//!
//! A worker keeps `FILE-worker-ID` beside the database locked while it lives; the system gives the
//! lock up when its process ends, however it ends. That holds across containers that share the
//! folder, where a process id says nothing.

use std::ffi::OsString;
use std::fs::{self, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// A worker's lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct Liveness {
    _locked: fs::File,
}

impl Liveness {
    /// Fails where files cannot be locked; the worker is then rescued by its heartbeat alone.
    pub(crate) fn keep(database: &Path, worker: Uuid) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path(database, worker))?;
        file.try_lock()?;
        Ok(Liveness { _locked: file })
    }
}

/// Whether the process of a worker that keeps its file has ended. A file that cannot be looked at, or
/// that somebody has removed, says nothing.
pub(crate) fn has_ended(database: &Path, worker: Uuid) -> bool {
    let Ok(file) = OpenOptions::new().write(true).open(path(database, worker)) else {
        return false;
    };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

/// Removes the file of a worker that has left nothing to rescue.
pub(crate) fn forget(database: &Path, worker: Uuid) {
    // What stays behind is an empty file that nobody asks for.
    let _ = fs::remove_file(path(database, worker));
}

fn path(database: &Path, worker: Uuid) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(format!("-worker-{worker}"));
    path.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_lock_tells_who_lives() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("jobs.db");
        let worker = Uuid::now_v7();
        assert!(!has_ended(&database, worker), "there is no file");
        let kept = Liveness::keep(&database, worker).unwrap();
        assert!(!has_ended(&database, worker));
        assert!(Liveness::keep(&database, worker).is_err());
        drop(kept);
        assert!(has_ended(&database, worker));
        let _again = Liveness::keep(&database, worker).unwrap();
        assert!(!has_ended(&database, worker));
        forget(&database, worker);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
