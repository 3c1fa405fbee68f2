//! Sees to it that the tests find a Postgres server.

use std::path::Path;
use std::process::Command;

use crate::installation::{Installation, NoServer};
use crate::steps::{Failure, run, shown};

/// What to do on a machine without a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenMissing {
    /// Install one with the system's package manager.
    Install,
    /// Say what to install, and fail.
    Refuse,
}

/// Finds a server, or installs one and finds that.
///
/// `SONIQ_TEST_DATABASE_URL` changes nothing here: some tests stop and start a server of their own.
pub(crate) fn ensure(when_missing: WhenMissing) -> Result<(), Failure> {
    let missing = match Installation::find() {
        Ok(found) => return tell(&found),
        // A wrong variable is not mended by a package.
        Err(wrong @ NoServer::Incomplete { .. }) => return Err(wrong.to_string()),
        Err(missing @ NoServer::NotInstalled) => missing,
    };
    println!("{missing}\n");
    if when_missing == WhenMissing::Refuse {
        return Err("no PostgreSQL server, and --no-install is given".to_owned());
    }
    let manager = MANAGERS
        .iter()
        .find(|manager| is_on_path(manager.program))
        .ok_or("no package manager that this program knows: install a PostgreSQL server by hand")?;
    let elevation = Elevation::of_this_process(manager)?;
    for arguments in manager.commands {
        let mut command = elevation.command(manager.program, arguments);
        println!("== installing: {}", shown(&command));
        run(&mut command)?;
    }
    tell(&Installation::find().map_err(|missing| missing.to_string())?)
}

/// Prints where the server is and its version.
fn tell(found: &Installation) -> Result<(), Failure> {
    let postgres = found.bin.join("postgres");
    let output = Command::new(&postgres)
        .arg("--version")
        .output()
        .map_err(|error| format!("could not run {}: {error}", postgres.display()))?;
    let version = String::from_utf8_lossy(&output.stdout);
    println!("found {} in {}", version.trim(), found.bin.display());
    Ok(())
}

/// A package manager and how it installs a server without asking.
struct Manager {
    program: &'static str,
    /// Whether it must be run as root. Homebrew must not.
    as_root: bool,
    commands: &'static [&'static [&'static str]],
}

/// The first one on the `PATH` is used. Homebrew comes last: on Linux it may stand beside another.
const MANAGERS: [Manager; 4] = [
    Manager {
        program: "apt-get",
        as_root: true,
        // Debian's package also makes a cluster and starts it. The tests never touch that one.
        commands: &[
            &["update"],
            &["install", "--yes", "--no-install-recommends", "postgresql"],
        ],
    },
    Manager {
        program: "dnf",
        as_root: true,
        commands: &[&["install", "--assumeyes", "postgresql-server"]],
    },
    Manager {
        program: "pacman",
        as_root: true,
        commands: &[&["-S", "--noconfirm", "--needed", "postgresql"]],
    },
    Manager {
        program: "brew",
        as_root: false,
        commands: &[&["install", "postgresql@17"]],
    },
];

/// How this process comes by the rights that a package manager needs.
#[derive(Debug, PartialEq, Eq)]
enum Elevation {
    NotNeeded,
    Sudo,
}

impl Elevation {
    fn of_this_process(manager: &Manager) -> Result<Self, Failure> {
        let is_root = Command::new("id")
            .arg("-u")
            .output()
            .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
        Self::given(manager, is_root, is_on_path("sudo"))
    }

    fn given(manager: &Manager, is_root: bool, has_sudo: bool) -> Result<Self, Failure> {
        match (manager.as_root, is_root) {
            (true, false) if has_sudo => Ok(Self::Sudo),
            (true, false) => Err(format!(
                "{} must be run as root, and there is no sudo: install a PostgreSQL server by hand",
                manager.program
            )),
            (false, true) => Err(format!(
                "{} does not run as root: install a PostgreSQL server as another user",
                manager.program
            )),
            (true, true) | (false, false) => Ok(Self::NotNeeded),
        }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        const NO_QUESTIONS: &str = "DEBIAN_FRONTEND=noninteractive";
        // By `env`, since sudo passes on no variables.
        let mut command = Command::new(match self {
            Self::NotNeeded => "env",
            Self::Sudo => "sudo",
        });
        if *self == Self::Sudo {
            command.arg("env");
        }
        command.arg(NO_QUESTIONS).arg(program).args(arguments);
        command
    }
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| Path::new(&directory).join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager(as_root: bool) -> Manager {
        Manager {
            program: "manager",
            as_root,
            commands: &[],
        }
    }

    #[test]
    fn rights_are_asked_for_only_where_they_lack() {
        assert_eq!(
            Elevation::given(&manager(true), true, false),
            Ok(Elevation::NotNeeded)
        );
        assert_eq!(
            Elevation::given(&manager(true), false, true),
            Ok(Elevation::Sudo)
        );
        assert_eq!(
            Elevation::given(&manager(false), false, true),
            Ok(Elevation::NotNeeded)
        );
        assert!(Elevation::given(&manager(true), false, false).is_err());
        assert!(Elevation::given(&manager(false), true, true).is_err());
    }

    #[test]
    fn a_package_manager_is_kept_from_asking() {
        let command = Elevation::Sudo.command("apt-get", &["update"]);
        let words: Vec<_> = command.get_args().collect();
        assert_eq!(
            words,
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "update"]
        );
        assert_eq!(command.get_program(), "sudo");
    }
}
