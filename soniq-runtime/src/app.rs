//! A service's binary: `worker`, `scheduler`, `setup`, `status` and `check-rows` without a line of
//! one's own.

mod check_rows;

use std::process::ExitCode;

use crate::error::Error;
use crate::handler::{Handlers, TaskHandler};
use crate::scheduler::Scheduler;
use crate::settings::{self, Settings};
use crate::soniq::Soniq;
use crate::task::TaskSpec;
use crate::worker::{Worker, shutdown_signal};

/// What a service's binary is made of: its name and its handlers.
#[derive(Debug, Clone, Default)]
#[must_use = "an app does nothing until it is given to `main`"]
pub struct App {
    name: String,
    handlers: Vec<TaskHandler>,
    #[cfg(feature = "sqlite")]
    local: bool,
}

impl App {
    /// An app; `name` is what its help calls it.
    pub fn new(name: impl Into<String>) -> Self {
        App {
            name: name.into(),
            ..App::default()
        }
    }

    /// Handlers of a whole namespace: what generated `handlers(..)` returns.
    pub fn handlers(mut self, handlers: impl Into<Handlers>) -> Self {
        self.handlers.extend(handlers.into().0);
        self
    }

    /// The handler of one task.
    pub fn handler(self, handler: TaskHandler) -> Self {
        self.handlers(handler)
    }

    /// Where no database is named, `sqlite://soniq.db` if `development` holds: pass
    /// `cfg!(debug_assertions)`. See [`Settings::or_local`].
    #[cfg(feature = "sqlite")]
    pub fn or_local(mut self, development: bool) -> Self {
        self.local = development;
        self
    }

    fn tasks(&self) -> impl Iterator<Item = &'static TaskSpec> {
        self.handlers.iter().map(|handler| handler.spec)
    }
}

const USAGE: &str = "\
Usage: {program} <COMMAND> [OPTIONS]

Commands:
  worker      Run jobs until SIGTERM or Ctrl-C; a second signal does not wait for them
  scheduler   Enqueue scheduled tasks at their times
  setup       Create the database's tables, or bring them up to date
  status      Show queues, workers and dead letters
  check-rows  Decode and upgrade every row that may still run, without running it; the exit status
              is 1 if some would fail, 2 if they could not be checked

Options:
      --database-url <URL>   Instead of SONIQ_DATABASE_URL
      --concurrency <N>      worker: jobs at once, instead of SONIQ_CONCURRENCY [default: 4]
      --queues <A,B>         worker: claim from these queues only, instead of SONIQ_QUEUES
                             [default: the queues that the tasks' contracts name]
      --unknown <WHAT>       worker: of jobs in its queues that it has no handler for, leave or
                             dead-letter, instead of SONIQ_UNKNOWN [default: leave]
      --run-once             worker: run what is due, then stop
      --task <NAME>          check-rows: rows of this wire name only
      --strict               check-rows: rows of unknown names fail, too
      --json                 status, check-rows: as JSON
      --log-level <LEVEL>    error, warn, info, debug or trace, instead of SONIQ_LOG_LEVEL
                             [default: info]
  -h, --help                 Show this
  -V, --version              Show the version of soniq-runtime
";

fn usage(program: &str) -> String {
    USAGE.replace("{program}", program)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Worker,
    Scheduler,
    Setup,
    Status,
    CheckRows,
}

/// What the command line asks for.
#[derive(Debug, Default)]
struct Arguments {
    command: Option<Command>,
    database_url: Option<String>,
    concurrency: Option<String>,
    queues: Option<String>,
    unknown: Option<String>,
    log_level: Option<String>,
    task: Option<String>,
    run_once: bool,
    strict: bool,
    json: bool,
}

/// What was asked for instead of a command, or why it cannot be done.
enum Stop {
    Help,
    Version,
    /// The command line is wrong: exit status 2.
    Usage(String),
    /// It failed: exit status 1.
    Failed(Error),
    /// A check found what must not be: exit status 1.
    Found(String),
    /// A check could not be made: exit status 2.
    Unchecked(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

/// Runs a service's binary: reads the command line and the environment, does what they say.
///
/// Log lines go to standard error. The exit status is 0, 1 when it failed, 2 when the command line
/// is wrong; of `check-rows` 1 when rows would fail, 2 when they could not be checked.
///
/// ```no_run
/// # mod tasks { pub mod billing { pub fn handlers<H>(_: H) -> soniq_runtime::Handlers { Vec::new().into() } } }
/// # struct Billing;
/// use soniq_runtime::App;
///
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     let app = App::new("billing").handlers(tasks::billing::handlers(Billing));
///     soniq_runtime::main(app).await
/// }
/// ```
pub async fn main(app: App) -> ExitCode {
    main_from(app, std::env::args_os()).await
}

/// [`main`] with a command line of one's own, its first entry the program's name: for a service
/// that takes options of its own out of it first.
pub async fn main_from<I>(app: App, arguments: I) -> ExitCode
where
    I: IntoIterator,
    I::Item: Into<std::ffi::OsString>,
{
    let arguments: Vec<std::ffi::OsString> = arguments.into_iter().map(Into::into).collect();
    match run(&app, lexopt::Parser::from_iter(arguments)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Help) => {
            print(&usage(&app.name));
            ExitCode::SUCCESS
        }
        Err(Stop::Version) => {
            print(&format!("{} {}\n", app.name, env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        Err(Stop::Usage(message)) => {
            complain(&format!(
                "{message}\nTry `{} --help` for what there is.",
                app.name
            ));
            ExitCode::from(2)
        }
        Err(Stop::Found(message)) => {
            complain(&message);
            ExitCode::FAILURE
        }
        Err(Stop::Unchecked(error)) => {
            complain(&error.to_string());
            ExitCode::from(2)
        }
        Err(Stop::Failed(error)) => {
            complain(&error.to_string());
            if matches!(error, Error::LeftBehind { .. }) {
                // A handler that never yields would keep the runtime, and so the process, alive.
                std::process::exit(1);
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(app: &App, parser: lexopt::Parser) -> Result<(), Stop> {
    let arguments = parse(parser)?;
    let Some(command) = arguments.command else {
        return Err(Stop::Usage("a command is missing".to_owned()));
    };
    match execute(app, command, &arguments).await {
        // Status 1 would say that it had looked and found something.
        Err(Stop::Failed(error)) if command == Command::CheckRows => Err(Stop::Unchecked(error)),
        ended => ended,
    }
}

async fn execute(app: &App, command: Command, arguments: &Arguments) -> Result<(), Stop> {
    let settings = settings(arguments)?;
    #[cfg(feature = "sqlite")]
    let settings = settings.or_local(app.local);
    start_log(&settings.log_level);
    let soniq = Soniq::with_settings(settings)?;
    match command {
        Command::Worker => work(app, &soniq, arguments.run_once).await?,
        Command::Scheduler => {
            let scheduler = Scheduler::new(&soniq).tasks_of(&app.name, app.tasks());
            scheduler.run_until(shutdown_signal()).await?;
        }
        Command::Setup => {
            let applied = soniq.setup().await?;
            print(&if applied.is_empty() {
                "the database is up to date\n".to_owned()
            } else {
                format!("applied {}\n", applied.join(", "))
            });
            tell_of_shared_queues(&soniq).await?;
        }
        Command::Status => {
            soniq.check_schema().await?;
            let stats = soniq.stats().await?;
            print(&if arguments.json {
                // Plain numbers and texts: this cannot fail.
                serde_json::to_string_pretty(&stats).unwrap_or_default() + "\n"
            } else {
                stats.to_string()
            });
            tell_of_shared_queues(&soniq).await?;
        }
        Command::CheckRows => check_rows::run(app, &soniq, arguments).await?,
    }
    Ok(())
}

async fn tell_of_shared_queues(soniq: &Soniq) -> Result<(), Error> {
    for finding in soniq.shared_queues().await? {
        tracing::error!("{}: {}", finding.what, finding.remedy);
    }
    Ok(())
}

async fn work(app: &App, soniq: &Soniq, run_once: bool) -> Result<(), Error> {
    let worker = Worker::builder(soniq)
        .handlers(app.handlers.clone())
        .build()?;
    if run_once {
        worker.run_once().await?;
        return Ok(());
    }
    let (first, second) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown_signal().await;
        tracing::info!("shutting down; a second signal does not wait for running jobs");
        // The other side is there for as long as the worker runs.
        let _ = first.send(());
    };
    let force = async move {
        if second.await.is_err() {
            std::future::pending::<()>().await;
        }
        shutdown_signal().await;
    };
    worker.run_until_forced(shutdown, force).await
}

fn parse(mut parser: lexopt::Parser) -> Result<Arguments, Stop> {
    use lexopt::prelude::{Long, Short, Value};
    let usage = |error: lexopt::Error| Stop::Usage(error.to_string());
    let mut arguments = Arguments::default();
    let text = |parser: &mut lexopt::Parser| -> Result<Option<String>, Stop> {
        let value = parser.value().map_err(usage)?;
        match value.into_string() {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Stop::Usage("an option's value is not UTF-8".to_owned())),
        }
    };
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Long("database-url") => arguments.database_url = text(&mut parser)?,
            Long("concurrency") => arguments.concurrency = text(&mut parser)?,
            Long("queues") => arguments.queues = text(&mut parser)?,
            Long("unknown") => arguments.unknown = text(&mut parser)?,
            Long("log-level") => arguments.log_level = text(&mut parser)?,
            Long("task") => arguments.task = text(&mut parser)?,
            Long("strict") => arguments.strict = true,
            Long("run-once") => arguments.run_once = true,
            Long("json") => arguments.json = true,
            Short('h') | Long("help") => return Err(Stop::Help),
            Short('V') | Long("version") => return Err(Stop::Version),
            Value(name) if arguments.command.is_none() => {
                arguments.command = Some(match name.to_str() {
                    Some("worker") => Command::Worker,
                    Some("scheduler") => Command::Scheduler,
                    Some("setup") => Command::Setup,
                    Some("status") => Command::Status,
                    Some("check-rows") => Command::CheckRows,
                    Some("help") => return Err(Stop::Help),
                    _ => {
                        let name = name.to_string_lossy();
                        return Err(Stop::Usage(format!("there is no command {name:?}")));
                    }
                });
            }
            other => return Err(usage(other.unexpected())),
        }
    }
    Ok(arguments)
}

/// Flag over environment over default.
fn settings(arguments: &Arguments) -> Result<Settings, Error> {
    let mut settings = Settings::from_env()?;
    if let Some(url) = &arguments.database_url {
        settings.database_url = Some(url.clone());
    }
    if let Some(text) = &arguments.concurrency {
        settings.concurrency = settings::parse_concurrency("--concurrency", text)?;
    }
    if let Some(text) = &arguments.queues {
        settings.queues = Some(settings::parse_queues("--queues", text)?);
    }
    if let Some(text) = &arguments.unknown {
        settings.unknown = settings::parse_unknown("--unknown", text)?;
    }
    if let Some(text) = &arguments.log_level {
        settings.log_level = settings::parse_log_level("--log-level", text)?;
    }
    Ok(settings)
}

fn start_log(level: &str) {
    let level = level.parse().unwrap_or(tracing::Level::INFO);
    // A service that has set up its own log keeps it.
    let _ = tracing::subscriber::set_global_default(
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(std::io::stderr)
            .finish(),
    );
}

fn print(text: &str) {
    use std::io::Write as _;
    // A reader that has gone away is not this program's trouble.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn complain(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

#[cfg(test)]
mod tests {
    use super::usage;

    #[test]
    fn help_names_the_program_where_it_stands_for_it_only() {
        let help = usage("billing");
        assert!(help.starts_with("Usage: billing <COMMAND>"), "{help}");
        assert!(help.contains("--task <NAME>"), "{help}");
        assert_eq!(help.matches("billing").count(), 1, "{help}");
    }
}
