//! Failures that tests ask for.

use crate::error::Error;

/// What of the store fails next; see [`Soniq::fail_next`](crate::Soniq::fail_next). Nothing is
/// written by what fails, and it is tried again as after a lost connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Enqueueing, of one job or many: the caller gets the error.
    Enqueue,
    /// A worker's claim: the worker waits a moment and claims again.
    Claim,
    /// Writing that jobs are done: the worker keeps their ends and writes them again.
    Completion,
}

impl Fault {
    fn doing(self) -> &'static str {
        match self {
            Fault::Enqueue => "enqueueing",
            Fault::Claim => "claiming jobs",
            Fault::Completion => "completing jobs",
        }
    }
}

/// Faults that are still to come.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn plan(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Fails if that was asked for.
    pub(super) fn strike(&mut self, fault: Fault) -> Result<(), Error> {
        match self.0.iter().position(|planned| *planned == fault) {
            None => Ok(()),
            Some(index) => {
                self.0.remove(index);
                Err(Error::Injected {
                    doing: fault.doing(),
                })
            }
        }
    }
}
