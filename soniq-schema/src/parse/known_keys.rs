//! The keys of the contract language, for tools that speak of them.

use super::{behaviour, contract, retired, retry, schedule, schema, task, waiver};

/// The keys that each table of a contract file may have, by what the table is: of a file,
/// `defaults`, a task, `retry`, `schedule`, `concurrency`, a retired version, `compat`, a waiver of
/// it, and a schema.
///
/// ```
/// let keys = soniq_schema::known_keys();
/// let retry = keys.iter().find(|(table, _)| *table == "retry");
/// assert!(retry.is_some_and(|(_, keys)| keys.contains(&"max_attempts")));
/// ```
pub fn known_keys() -> Vec<(&'static str, Vec<&'static str>)> {
    let task = [task::KEYS, behaviour::KEYS].concat();
    vec![
        ("file", contract::KEYS.to_vec()),
        ("defaults", behaviour::KEYS.to_vec()),
        ("task", task),
        ("retry", retry::KEYS.to_vec()),
        ("schedule", schedule::KEYS.to_vec()),
        ("concurrency", behaviour::CONCURRENCY_KEYS.to_vec()),
        ("retired", retired::KEYS.to_vec()),
        ("compat", waiver::COMPAT_KEYS.to_vec()),
        ("waiver", waiver::KEYS.to_vec()),
        ("schema", schema::SUPPORTED.to_vec()),
    ]
}
