//! What can go wrong, each with what to do about it.

use std::io;
use std::path::PathBuf;

use soniq_runtime::Status;
use uuid::Uuid;

/// Every failure of a verb. Wrong command lines are clap's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The database, the settings, or arguments that break their contract.
    #[error(transparent)]
    Runtime(#[from] soniq_runtime::Error),
    /// The contracts cannot be used; their diagnostics have been shown.
    #[error(
        "the contracts in {dir} have {}, shown above",
        plural(*errors, "error", "errors")
    )]
    Contracts { dir: String, errors: usize },
    /// No contract has the task.
    #[error("no contract in {dir} has a task {name:?}{}", did_you_mean(suggestion.as_deref()))]
    UnknownTask {
        name: String,
        dir: String,
        suggestion: Option<String>,
    },
    /// Rows of this version may still lie in the queue, but no new ones are made.
    #[error("{name} is retired: enqueue {current}")]
    RetiredTask { name: String, current: String },
    /// An `aliases` entry.
    #[error("{name} is an old name of {current}: enqueue that")]
    OldTaskName { name: String, current: String },
    /// The name is not what the house allows.
    #[error(
        "{name:?} is no task name: it must match {pattern} \
         (SONIQ_TASK_NAME_PATTERN changes the pattern)"
    )]
    TaskName { name: String, pattern: String },
    /// The pattern of task names is no regular expression.
    #[error("SONIQ_TASK_NAME_PATTERN is {pattern:?}: it must be a regular expression")]
    TaskNamePattern { pattern: String },
    /// A file or standard input cannot be read.
    #[error("the arguments cannot be read from {origin}: {reason}")]
    ReadArgs { origin: String, reason: io::Error },
    /// The arguments are no JSON.
    #[error("the arguments from {origin} are no JSON: {reason}")]
    ArgsNotJson {
        origin: String,
        reason: serde_json::Error,
    },
    /// No such job.
    #[error("there is no job {id}: it was never here, or it finished and was deleted")]
    NoJob { id: Uuid },
    /// The job is in the other table.
    #[error("{id} is a dead letter: see `soniq dead-letter show {id}`")]
    DeadLettered { id: Uuid },
    /// No such dead letter.
    #[error("there is no dead letter {id}")]
    NoDeadLetter { id: Uuid },
    /// Only queued jobs are called off, and running ones when that is asked for.
    #[error("{id} is {status}: {}", match status {
        Status::Processing => "--running tells its handler to stop",
        _ => "only a queued or a running job can be cancelled",
    })]
    NotQueued { id: Uuid, status: Status },
    /// A running job's row is its worker's.
    #[error(
        "{id} runs: a job is deleted once it has ended; `soniq jobs cancel --running {id}` ends it"
    )]
    Running { id: Uuid },
    /// A bulk action that nobody can confirm.
    #[error(
        "this would {action}: confirm with --yes, or look first with --dry-run \
         (there is no terminal to ask on)"
    )]
    Unconfirmed { action: String },
    /// The answer was no.
    #[error("nothing was changed")]
    Declined,
    /// The terminal went away.
    #[error("the answer cannot be read: {0}")]
    Answer(io::Error),
    /// Standard output is full or broken; a reader that has left is no error.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    /// A gate found rows that would fail; the report has been printed.
    #[error("{0}")]
    Rows(String),
    /// A gate found jobs that nobody takes; the report has been printed.
    #[error(
        "no live worker takes {jobs} queued {}",
        if *jobs == 1 { "job" } else { "jobs" }
    )]
    Unserved { jobs: u64 },
    /// The database wants mending; what was found has been printed.
    #[error("{}", plural(*problems, "problem", "problems"))]
    Problems { problems: usize },
    /// A gate could not look.
    #[error(transparent)]
    Unchecked(Box<Error>),
    /// `new` writes over nothing.
    #[error("{path} is there already, and not an empty folder: take another name, or move it away")]
    FolderTaken { path: String },
    /// A file of a new workspace.
    #[error("{path} cannot be written: {reason}")]
    NewFile { path: String, reason: io::Error },
    /// `--path` of `new`.
    #[error(
        "{} is no checkout of Soniq: --path takes the folder that has soniq-runtime/ and soniq-codegen/",
        path.display()
    )]
    NoCheckout { path: PathBuf },
    /// Some of several ids failed, the others did not.
    #[error("{}", lines(.0))]
    Several(Vec<Error>),
}

impl Error {
    /// Nothing, or all that went wrong with a list of ids.
    pub(crate) fn all(errors: Vec<Error>) -> Result<(), Error> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Several(errors))
        }
    }
}

/// `1 job`, `2 jobs`.
pub(crate) fn plural(count: usize, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

fn did_you_mean(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(": did you mean {name}?"))
}

fn lines(errors: &[Error]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}
