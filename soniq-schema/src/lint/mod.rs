//! Lints: what a sound contract should not do all the same.
//!
//! One rule a file, all of them in one table. To add one: a code, a file, a line there, a fixture in
//! `tests/lints`. A rule says at most one thing about a place.
//!
//! Lints are about what people write and can still change. Two things are neither: retired versions,
//! which are history, and JSON files, which were not written for contracts alone.

mod closed_enum;
mod closed_object;
mod float_money;
mod missing_timezone;
mod name_case;
mod no_max_attempts;
mod required_schedule_args;
mod site;
mod slow_pattern;
mod timestamp_without_format;
mod unanchored_pattern;
mod undocumented_field;
mod undocumented_task;
mod union;
mod untagged_union;
mod words;

use crate::contract::{Contracts, Task};
use crate::diagnostic::{Code, Diagnostic, codes};
use site::Site;

/// A rule: its code, and what it looks at.
struct Rule {
    code: &'static Code,
    check: Check,
}

/// What a rule looks at; it answers with what is to be said, if anything.
enum Check {
    Task(fn(&Contracts, &Task) -> Option<Diagnostic>),
    Schema(fn(&Site<'_>) -> Option<Diagnostic>),
}

/// Every rule, by code.
const RULES: &[Rule] = &[
    Rule {
        code: codes::UNDOCUMENTED_TASK,
        check: Check::Task(undocumented_task::check),
    },
    Rule {
        code: codes::UNDOCUMENTED_FIELD,
        check: Check::Schema(undocumented_field::check),
    },
    Rule {
        code: codes::CLOSED_OBJECT,
        check: Check::Schema(closed_object::check),
    },
    Rule {
        code: codes::CLOSED_ENUM,
        check: Check::Schema(closed_enum::check),
    },
    Rule {
        code: codes::FLOAT_MONEY,
        check: Check::Schema(float_money::check),
    },
    Rule {
        code: codes::UNTAGGED_UNION,
        check: Check::Schema(untagged_union::check),
    },
    Rule {
        code: codes::TIMESTAMP_WITHOUT_FORMAT,
        check: Check::Schema(timestamp_without_format::check),
    },
    Rule {
        code: codes::MISSING_TIMEZONE,
        check: Check::Task(missing_timezone::check),
    },
    Rule {
        code: codes::REQUIRED_SCHEDULE_ARGS,
        check: Check::Task(required_schedule_args::check),
    },
    Rule {
        code: codes::NO_MAX_ATTEMPTS,
        check: Check::Task(no_max_attempts::check),
    },
    Rule {
        code: codes::UNANCHORED_PATTERN,
        check: Check::Schema(unanchored_pattern::check),
    },
    Rule {
        code: codes::SLOW_PATTERN,
        check: Check::Schema(slow_pattern::check),
    },
    Rule {
        code: codes::NAME_CASE,
        check: Check::Schema(name_case::check),
    },
];

/// What is worth another look in contracts that loaded without errors, by file and position.
///
/// ```
/// let text = "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\nargs.type = 'object'";
/// let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]);
/// let lints = soniq_schema::lint(&loaded.contracts);
/// let codes: Vec<_> = lints.iter().map(|lint| lint.code.id).collect();
/// assert_eq!(codes, ["L003", "L012"]); // no `description`, no `retry.max_attempts`
/// ```
pub fn lint(contracts: &Contracts) -> Vec<Diagnostic> {
    let sites = site::all(contracts);
    let mut found: Vec<Diagnostic> = Vec::new();
    for rule in RULES {
        match rule.check {
            Check::Task(check) => {
                let tasks = contracts.tasks();
                found.extend(tasks.filter_map(|(_, task)| check(contracts, task)));
            }
            Check::Schema(check) => found.extend(sites.iter().filter_map(check)),
        }
    }
    found.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    found
}

/// The codes that [`lint()`] may raise, ascending. Reading contracts raises lints of its own.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    RULES.iter().map(|rule| rule.code)
}
