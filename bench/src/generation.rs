//! What a build script pays for 1,000 tasks. The binary `generate` tells more.

use std::time::Instant;

use soniq_codegen::{Options, render, write};

use crate::contracts::{Kind, files};
use crate::report::Figure;
use crate::{Failure, Size};

/// The name of the figure of a first run.
pub const GENERATE: &str = "generate 1,000 tasks: load, render and write, median of 7";

/// The name of the figure of what a second run writes.
pub const AGAIN: &str = "generate 1,000 tasks: files that a second run writes";

/// Measures it.
///
/// # Errors
/// The contracts do not load, or files cannot be written.
pub fn measure(size: Size) -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let contracts = folder.path().join("contracts");
    std::fs::create_dir(&contracts)?;
    for (name, text) in files(Kind::Plain, 1000) {
        std::fs::write(contracts.join(name), text)?;
    }
    let mut times = Vec::new();
    let mut again = 0;
    for run in 0..size.pick(1, 7, 7) {
        let out = folder.path().join(run.to_string());
        let started = Instant::now();
        let loaded = soniq_schema::load(&contracts);
        let rendered = render(&loaded.contracts, &Options::default())
            .map_err(|problems| format!("{:?}", problems.first()))?;
        write(&out, &rendered)?;
        times.push(started.elapsed().as_secs_f64());
        again = write(&out, &rendered)?.written.len();
    }
    times.sort_by(f64::total_cmp);
    let figures = vec![
        Figure::plain(GENERATE, times[times.len() / 2], "s"),
        Figure::plain(AGAIN, f64::from(u32::try_from(again)?), "files"),
    ];
    Ok(figures.into_iter().map(Figure::announced).collect())
}
