//! What a person at a terminal meets: output, tables, times, questions, errors.

mod confirm;
mod moment;
mod output;
mod printable;
pub(crate) mod report;
mod table;

pub(crate) use confirm::confirm;
pub(crate) use moment::{moment, optional_moment};
pub(crate) use output::{note, print, print_json};
pub(crate) use printable::{one_line, printable};
pub(crate) use table::{Facts, Table};
