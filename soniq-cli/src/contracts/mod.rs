//! `soniq contracts census | check-rows | fleet`: what a database says about a change of contracts.

mod census;
mod check_rows;
mod fleet;
mod folder;
mod judge;

use clap::{Args, Subcommand};

pub(crate) use self::folder::{find, load};
pub(crate) use self::judge::violation;
use crate::connection::Connection;
use crate::error::Error;

/// Count the rows that may still run, check them against contracts, see what live workers serve
///
/// The exit status is 0, 1 when a gate found what must not be, 2 when it could not look.
#[derive(Debug, Args)]
pub(crate) struct Contracts {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Census(census::Census),
    CheckRows(check_rows::CheckRows),
    Fleet(fleet::Fleet),
}

impl Contracts {
    pub(crate) async fn run(self, connection: &Connection) -> Result<(), Error> {
        let ran = match self.verb {
            Verb::Census(verb) => verb.run(connection).await,
            Verb::CheckRows(verb) => verb.run(connection).await,
            Verb::Fleet(verb) => verb.run(connection).await,
        };
        ran.map_err(|error| match error {
            found @ (Error::Rows(_) | Error::Unserved { .. }) => found,
            other => Error::Unchecked(Box::new(other)),
        })
    }
}
