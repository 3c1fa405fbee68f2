//! Sees to it that the tests find a Postgres server, and `PgBouncer` to put before it.

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
    install(|manager| manager.server)?;
    tell(&Installation::find().map_err(|missing| missing.to_string())?)
}

/// Finds `PgBouncer`, or tries to install it. Without it the tests that need it say so and are left
/// out: not every system has it, and a server is what matters.
pub(crate) fn ensure_pooler(when_missing: WhenMissing) {
    // Debian puts it where only an administrator's `PATH` leads.
    let is_there = || is_on_path("pgbouncer") || Path::new("/usr/sbin/pgbouncer").is_file();
    if !is_there()
        && when_missing == WhenMissing::Install
        && let Err(failure) = install(|manager| manager.pooler)
    {
        println!("{failure}");
    }
    if is_there() {
        println!("found pgbouncer");
    } else {
        println!("no pgbouncer: the tests behind it are skipped");
    }
}

/// Installs a package by the commands that `of` the first manager on the `PATH` are given.
fn install(of: impl Fn(&Manager) -> Commands) -> Result<(), Failure> {
    let manager = MANAGERS
        .iter()
        .find(|manager| is_on_path(manager.program))
        .ok_or("no package manager that this program knows: install it by hand")?;
    let elevation = Elevation::of_this_process(manager)?;
    for arguments in of(manager) {
        let mut command = elevation.command(manager.program, arguments);
        println!("== installing: {}", shown(&command));
        run(&mut command)?;
    }
    Ok(())
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

/// Arguments of one call of a package manager after the other.
type Commands = &'static [&'static [&'static str]];

/// A package manager and how it installs a server without asking.
struct Manager {
    program: &'static str,
    /// Whether it must be run as root. Homebrew must not.
    as_root: bool,
    server: Commands,
    pooler: Commands,
}

/// The first one on the `PATH` is used. Homebrew comes last: on Linux it may stand beside another.
const MANAGERS: [Manager; 4] = [
    Manager {
        program: "apt-get",
        as_root: true,
        // Debian's package also makes a cluster and starts it. The tests never touch that one.
        server: &[
            &["update"],
            &["install", "--yes", "--no-install-recommends", "postgresql"],
        ],
        pooler: &[
            &["update"],
            &["install", "--yes", "--no-install-recommends", "pgbouncer"],
        ],
    },
    Manager {
        program: "dnf",
        as_root: true,
        server: &[&["install", "--assumeyes", "postgresql-server"]],
        pooler: &[&["install", "--assumeyes", "pgbouncer"]],
    },
    Manager {
        program: "pacman",
        as_root: true,
        server: &[&["-S", "--noconfirm", "--needed", "postgresql"]],
        pooler: &[&["-S", "--noconfirm", "--needed", "pgbouncer"]],
    },
    Manager {
        program: "brew",
        as_root: false,
        server: &[&["install", "postgresql@17"]],
        pooler: &[&["install", "pgbouncer"]],
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
                "{} must be run as root, and there is no sudo: install it by hand",
                manager.program
            )),
            (false, true) => Err(format!(
                "{} does not run as root: install it as another user",
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
            server: &[],
            pooler: &[],
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
