//! `check-rows`: what this build would make of the rows that lie in the database.

use super::{App, Arguments, Stop, print};
use crate::handler::Handlers;
use crate::rows::{Judge as _, ProgressLine};
use crate::soniq::Soniq;
use crate::worker::Worker;

pub(super) async fn run(app: &App, soniq: &Soniq, arguments: &Arguments) -> Result<(), Stop> {
    let handlers = Handlers(app.handlers.clone());
    // Handlers that no worker takes would run nothing.
    Worker::builder(soniq).handlers(handlers.clone()).build()?;
    if let Some(task) = &arguments.task
        && !handlers.names().contains_key(task)
    {
        return Err(Stop::Usage(format!(
            "{} has no handler for {task:?}",
            app.name
        )));
    }
    soniq.check_schema().await?;
    let mut line = ProgressLine::on_stderr();
    let only = arguments.task.as_deref();
    let report = soniq
        .rows()
        .check(&handlers, only, |progress| line.show(progress))
        .await?;
    drop(line);
    print(&if arguments.json {
        // Plain numbers and texts: this cannot fail.
        serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
    } else {
        report.to_string()
    });
    match report.failure(arguments.strict) {
        Some(failure) => Err(Stop::Found(failure)),
        None => Ok(()),
    }
}
