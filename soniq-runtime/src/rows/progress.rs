//! How far a check is.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows that have been looked at.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// Shows a [`Progress`] on standard error, in one line that it takes away at the end. Where standard
/// error is no terminal it writes nothing.
#[derive(Debug)]
pub struct ProgressLine {
    is_terminal: bool,
    last: Option<Instant>,
}

/// Often enough to look alive.
const INTERVAL: Duration = Duration::from_millis(100);

const BAR: u64 = 30;

impl ProgressLine {
    /// A line that is not shown yet.
    pub fn on_stderr() -> Self {
        ProgressLine {
            is_terminal: std::io::stderr().is_terminal(),
            last: None,
        }
    }

    /// Shows it, unless the last one was just now.
    pub fn show(&mut self, progress: Progress) {
        let is_due = self.last.is_none_or(|last| last.elapsed() >= INTERVAL);
        if self.is_terminal && is_due {
            self.last = Some(Instant::now());
            write(&format!("\r{}", line(progress)));
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.last.is_some() {
            write("\r\u{1b}[K");
        }
    }
}

fn line(progress: Progress) -> String {
    let Progress { done, total } = progress;
    let filled = done
        .min(total)
        .saturating_mul(BAR)
        .checked_div(total)
        .unwrap_or(BAR);
    let bar: String = (0..BAR)
        .map(|place| if place < filled { '=' } else { ' ' })
        .collect();
    format!("[{bar}] {done} of {total} rows")
}

fn write(text: &str) {
    // Nobody is left to be shown anything.
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_long_as_what_is_done() {
        let shown = |done, total| line(Progress { done, total });
        assert_eq!(shown(0, 4), format!("[{}] 0 of 4 rows", " ".repeat(30)));
        assert_eq!(
            shown(2, 4),
            format!("[{}{}] 2 of 4 rows", "=".repeat(15), " ".repeat(15))
        );
        for (done, total) in [(4, 4), (5, 4), (0, 0)] {
            let full = shown(done, total);
            assert!(full.starts_with(&format!("[{}]", "=".repeat(30))), "{full}");
        }
    }
}
