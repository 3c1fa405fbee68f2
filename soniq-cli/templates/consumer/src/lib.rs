//! What is done when a job runs. A library, so that `tests/` can run it too.

use soniq_runtime::{JobContext, JobError};

/// The tasks of `contracts/`, one module for each namespace.
pub mod tasks {
    soniq_runtime::include_contracts!();
}
use tasks::greetings::send_greeting::{self, Language};

/// Handles the tasks of `greetings`; what a handler needs goes in here: a client, a pool.
#[derive(Debug, Clone, Default)]
pub struct Greeter;

impl send_greeting::Handler for Greeter {
    /// An error, from `?` too, means that the job runs again after a while.
    async fn handle(
        &self,
        args: send_greeting::Args,
        context: &JobContext,
    ) -> Result<send_greeting::Output, JobError> {
        let hello = match args.language {
            Language::De => "Guten Tag",
            // The enum is open: a producer may know languages that we do not.
            Language::En | Language::Other(_) => "Good day",
        };
        let text = format!("{hello}, {}!", args.name);
        println!("{}: {text}", context.id());
        Ok(send_greeting::Output { text })
    }
}
