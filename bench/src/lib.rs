//! What the benchmarks share. Each benchmark is a binary of this package; each group of figures is a
//! file with a `measure`, which [`run`] calls.

pub mod bare;
pub mod bars;
pub mod contracts;
pub mod cost;
pub mod crash;
pub mod drain;
pub mod enqueue;
pub mod generation;
pub mod growth;
pub mod latency;
pub mod peers;
pub mod plots;
pub mod probe;
pub mod process;
pub mod rebuild;
pub mod report;
pub mod run;
pub mod server;
pub mod service;
pub mod size;
pub mod spread;
pub mod stages;
pub mod steady;
pub mod together;

pub use size::Size;

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
