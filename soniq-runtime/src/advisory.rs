//! Keys of the advisory locks that every Soniq on a database agrees on.

use blake2::digest::consts::U8;
use blake2::{Blake2b, Digest};
use uuid::Uuid;

/// The lock of `name`: the first 8 bytes of `BLAKE2b` (RFC 7693, digest size 8, no key) of
/// `soniq.leadership.v1/` and the name, read as a big-endian signed number.
pub(crate) fn key(name: &str) -> i64 {
    let mut hash = Blake2b::<U8>::new();
    hash.update(b"soniq.leadership.v1/");
    hash.update(name.as_bytes());
    i64::from_be_bytes(hash.finalize().into())
}

/// Held while migrations run.
pub(crate) fn migrations() -> i64 {
    key("soniq.migrations")
}

/// Held in the transaction of a maintenance pass.
pub(crate) fn maintenance() -> i64 {
    key("soniq.maintenance")
}

/// Held in the transaction that fires schedules.
pub(crate) fn scheduler() -> i64 {
    key("soniq.scheduler")
}

/// Held in the transaction of a claim of this task's jobs, where only so many may run at once.
pub(crate) fn concurrency(task: &str) -> i64 {
    key(&format!("soniq.concurrency.{task}"))
}

/// Held for a moment while this worker's session is tried out.
pub(crate) fn trial(worker: Uuid) -> i64 {
    key(&format!("soniq.trial.{worker}"))
}

/// Held by a worker's session for as long as it lives.
pub(crate) fn worker(id: Uuid) -> i64 {
    key(&format!("soniq.worker.{id}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_agree_with_the_shared_vectors() {
        let vectors: std::collections::BTreeMap<String, i64> =
            serde_json::from_str(include_str!("../tests/vectors/advisory_keys.json"))
                .expect("JSON");
        assert!(!vectors.is_empty());
        for (name, expected) in vectors {
            assert_eq!(super::key(&name), expected, "{name}");
        }
    }
}
