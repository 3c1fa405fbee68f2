//! Dead letters as lines of JSON, to keep or to look at with other tools.

use std::fs::File;
use std::io::{BufWriter, IntoInnerError, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use soniq_runtime::{DeadLetterFilter, Soniq};

use super::Filter;
use super::bulk::letters;
use crate::error::Error;
use crate::terminal::{note, print};

/// Write dead letters as JSON, one a line, newest first
///
/// All of them, unless a filter or --limit says otherwise. A line has the keys of `show --json`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq dead-letter export --out dead-letters.jsonl
  soniq dead-letter export --older-than 30d | gzip > dead-letters.jsonl.gz")]
pub(super) struct Export {
    #[command(flatten)]
    filter: Filter,
    /// Write to this new file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, soniq: &Soniq) -> Result<(), Error> {
        let filter = DeadLetterFilter::from(self.filter);
        let mut sink = match &self.out {
            Some(path) => Sink::File(path, create(path)?),
            None => Sink::Stdout,
        };
        let mut written = 0;
        // One at a time: all of them may be more than fits into memory.
        for id in soniq.dead_letter().ids(&filter).await? {
            // One that was deleted meanwhile is none any more.
            if let Some(letter) = soniq.dead_letter().get(id).await? {
                let line = serde_json::to_string(&letter)
                    .map_err(|error| Error::Output(std::io::Error::other(error)))?;
                sink.write(&(line + "\n"))?;
                written += 1;
            }
        }
        sink.finish()?;
        note(&format!("{} exported", letters(written)));
        Ok(())
    }
}

/// Where the lines go.
enum Sink<'a> {
    Stdout,
    File(&'a Path, BufWriter<File>),
}

/// A file that was not there: an export replaces none.
fn create(path: &Path) -> Result<BufWriter<File>, Error> {
    let file = File::create_new(path).map_err(failed(path))?;
    Ok(BufWriter::new(file))
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |reason| Error::NewFile { path, reason }
}

impl Sink<'_> {
    fn write(&mut self, line: &str) -> Result<(), Error> {
        match self {
            Sink::Stdout => print(line),
            Sink::File(path, file) => file.write_all(line.as_bytes()).map_err(failed(path)),
        }
    }

    /// Once this has succeeded the file is on the disk, and what it holds may be deleted.
    fn finish(self) -> Result<(), Error> {
        match self {
            Sink::Stdout => Ok(()),
            Sink::File(path, file) => {
                let file = file.into_inner().map_err(IntoInnerError::into_error);
                file.and_then(|file| file.sync_all()).map_err(failed(path))
            }
        }
    }
}
