//! What the benchmarks share. Each benchmark is a binary of this package.

pub mod bare;
pub mod contracts;
pub mod cost;
pub mod probe;
pub mod queue;
pub mod report;
pub mod server;
pub mod service;

/// Why a benchmark did not come to its end.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A failure with its causes, in one line.
pub fn told(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// How much to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Enough to see that everything runs; its figures mean little.
    Quick,
    /// Enough for figures.
    Full,
}

impl Size {
    /// A tenth of `full` when quick.
    pub fn of(self, full: u32) -> u32 {
        match self {
            Size::Quick => full / 10,
            Size::Full => full,
        }
    }
}
