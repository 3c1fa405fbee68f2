//! Where the programs of a Postgres server are on this machine.
//!
//! Debian keeps `initdb` and `postgres` off the `PATH`, one directory a version, so that looking at
//! the `PATH` alone finds no server on the commonest system of all.
//!
//! This file is also a module of `xtask`, by `#[path]`, which must look for a server before anything
//! else is built and must run when this crate does not compile. So it uses the standard library
//! alone and names nothing of the crate around it.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Names a directory of server programs: then no other place is looked at.
pub(crate) const BIN_VARIABLE: &str = "SONIQ_TEST_POSTGRES_BIN";

/// What a directory must hold to be of use.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where packages put the programs, after the `PATH`; a `*` stands for the version.
const PLACES: [&str; 5] = [
    "/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
    "/usr/pgsql-*/bin", // Fedora and RHEL, the project's own packages
    "/opt/homebrew/opt/postgresql*/bin", // macOS on Arm
    "/usr/local/opt/postgresql*/bin", // macOS on Intel
    "/Applications/Postgres.app/Contents/Versions/*/bin", // macOS, Postgres.app
];

/// The programs of one installed server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    /// Directory that holds `initdb`, `pg_ctl` and `postgres`.
    pub(crate) bin: PathBuf,
}

impl Installation {
    /// Looks at `SONIQ_TEST_POSTGRES_BIN`, else at the `PATH`, else where packages put servers, the
    /// highest version first.
    pub(crate) fn find() -> Result<Self, NoServer> {
        Self::find_among(
            std::env::var_os(BIN_VARIABLE).as_deref(),
            std::env::var_os("PATH").as_deref(),
            &PLACES,
        )
    }

    fn find_among(
        named: Option<&OsStr>,
        path: Option<&OsStr>,
        places: &[&str],
    ) -> Result<Self, NoServer> {
        if let Some(named) = named.filter(|named| !named.is_empty()) {
            let bin = PathBuf::from(named);
            return match missing_program(&bin) {
                Some(program) => Err(NoServer::Incomplete { bin, program }),
                None => Ok(Self { bin }),
            };
        }
        path.into_iter()
            .flat_map(std::env::split_paths)
            // The server is started from another directory, and an empty entry means this one.
            .filter(|directory| directory.is_absolute())
            .chain(places.iter().flat_map(|place| directories_like(place)))
            .find(|bin| missing_program(bin).is_none())
            .map(|bin| Self { bin })
            .ok_or(NoServer::NotInstalled)
    }
}

/// The first of [`PROGRAMS`] that `bin` lacks, or has as a file that cannot be run.
fn missing_program(bin: &Path) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| {
        !fs::metadata(bin.join(program))
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// The directories that match `place`, in which one component has a `*`: highest version first.
fn directories_like(place: &str) -> Vec<PathBuf> {
    let Some((before, after)) = place.split_once('*') else {
        return vec![PathBuf::from(place)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or((".", before));
    let after = after.trim_start_matches('/');
    let mut found: Vec<(Vec<u32>, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?;
            Some((version_numbers(version), entry.path().join(after)))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// `9.6` and `@16` as numbers, since as text 9 comes after 16.
fn version_numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect()
}

/// Why no server can be started here. Its text says what to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoServer {
    /// No directory that was looked at holds the programs.
    NotInstalled,
    /// The directory that [`BIN_VARIABLE`] names lacks a program.
    Incomplete {
        /// The directory named.
        bin: PathBuf,
        /// What it lacks.
        program: &'static str,
    },
}

impl fmt::Display for NoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => write!(
                f,
                "no PostgreSQL server is installed: {} were found together neither on the PATH nor in {}",
                PROGRAMS.join(", "),
                PLACES.join(", "),
            )?,
            Self::Incomplete { bin, program } => write!(
                f,
                "{BIN_VARIABLE} is {}, which holds no program {program}",
                bin.display(),
            )?,
        }
        write!(
            f,
            "\n\
             Install one:\n\
             \x20 Debian, Ubuntu:  sudo apt-get install postgresql\n\
             \x20 Fedora, RHEL:    sudo dnf install postgresql-server\n\
             \x20 Arch:            sudo pacman -S postgresql\n\
             \x20 macOS:           brew install postgresql@17\n\
             or set {BIN_VARIABLE} to the directory of its programs,\n\
             or set SONIQ_TEST_DATABASE_URL to a running server on which databases may be created.",
        )
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
mod tests {
    use super::*;

    /// A directory that is removed with the value.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        /// Makes `directory` hold runnable files of these names.
        fn programs(&self, directory: &str, names: &[&str]) -> PathBuf {
            let bin = self.0.join(directory);
            fs::create_dir_all(&bin).unwrap();
            for name in names {
                fs::write(bin.join(name), "").unwrap();
                fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
            }
            bin
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_named_directory_is_the_only_one_looked_at() {
        let scratch = Scratch::new("soniq-named");
        let whole = scratch.programs("whole", &PROGRAMS);
        let partial = scratch.programs("partial", &["initdb", "pg_ctl"]);

        let found = Installation::find_among(Some(whole.as_os_str()), None, &[]);
        assert_eq!(found, Ok(Installation { bin: whole.clone() }));

        let found =
            Installation::find_among(Some(partial.as_os_str()), Some(whole.as_os_str()), &[]);
        assert_eq!(
            found,
            Err(NoServer::Incomplete {
                bin: partial,
                program: "postgres"
            })
        );
    }

    #[test]
    fn the_path_comes_before_the_places_and_must_hold_every_program() {
        let scratch = Scratch::new("soniq-path");
        let client_only = scratch.programs("client", &["pg_ctl"]);
        let whole = scratch.programs("server", &PROGRAMS);
        scratch.programs("packages/18/bin", &PROGRAMS);
        let place = scratch.0.join("packages/*/bin").display().to_string();

        let path = std::env::join_paths([&client_only, &whole]).unwrap();
        let found = Installation::find_among(None, Some(&path), &[&place]).unwrap();
        assert_eq!(found.bin, whole);
    }

    #[test]
    fn the_highest_version_wins_by_number() {
        let scratch = Scratch::new("soniq-versions");
        for version in ["9.6", "10", "16"] {
            scratch.programs(&format!("debian/{version}/bin"), &PROGRAMS);
            scratch.programs(&format!("brew/postgresql@{version}/bin"), &PROGRAMS);
        }
        scratch.programs("debian/17/bin", &["pg_ctl"]);

        for (place, expected) in [
            ("debian/*/bin", "debian/16/bin"),
            ("brew/postgresql*/bin", "brew/postgresql@16/bin"),
        ] {
            let place = scratch.0.join(place).display().to_string();
            let found = Installation::find_among(None, None, &[&place]).unwrap();
            assert_eq!(found.bin, scratch.0.join(expected));
        }
    }

    #[test]
    fn a_file_that_cannot_be_run_is_no_program() {
        let scratch = Scratch::new("soniq-mode");
        let bin = scratch.programs("bin", &PROGRAMS);
        fs::set_permissions(bin.join("postgres"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(missing_program(&bin), Some("postgres"));
    }

    #[test]
    fn without_a_server_the_text_says_what_to_install() {
        let text = Installation::find_among(None, None, &[])
            .unwrap_err()
            .to_string();
        for part in [
            "apt-get install postgresql",
            "dnf install",
            "brew install",
            BIN_VARIABLE,
        ] {
            assert!(text.contains(part), "{part} is missing from: {text}");
        }
    }
}
