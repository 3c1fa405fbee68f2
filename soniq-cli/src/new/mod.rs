//! `soniq new`: a workspace to start from.

mod name;
mod origin;
mod tree;

use std::path::{Path, PathBuf};

use clap::Args;

use self::name::Name;
use self::origin::Origin;
use crate::error::Error;
use crate::terminal::print;

/// Make a workspace with a contract, a producer, a consumer and tests
///
/// It goes into the folder NAME and needs nothing else: `cargo test` there builds and passes. Its
/// dependencies on Soniq are by version, of this release; --path and --git take them from the
/// sources instead, which is what works as long as Soniq is on no registry.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  soniq new greeter --path ../soniq
  soniq new greeter --git https://example.com/soniq.git")]
pub(crate) struct New {
    /// Name of the folder and, with an ending, of its crates
    #[arg(value_parser = Name::parse)]
    name: Name,
    /// Take Soniq's crates from this checkout
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// Take Soniq's crates from this git repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
}

impl New {
    pub(crate) fn run(self) -> Result<(), Error> {
        let origin = Origin::of(self.path, self.git)?;
        let folder = Path::new(self.name.as_str());
        tree::write(folder, &self.name, &origin)?;
        print(&next(&self.name, &origin))
    }
}

/// What was made, and what to do with it.
fn next(name: &Name, origin: &Origin) -> String {
    let remark = match origin {
        Origin::Version => {
            "Soniq's crates are asked for by version. Until a registry has them, point the two lines of\n\
             [workspace.dependencies] at a checkout; --path DIR writes them so.\n\n"
        }
        Origin::Checkout(_) | Origin::Git(_) => "",
    };
    format!(
        "\
made {name}/ with a contract, a producer, a consumer and tests

{remark}next:
  cd {name}
  cargo test            # in memory: no server
  less README.md        # how to run it
"
    )
}
