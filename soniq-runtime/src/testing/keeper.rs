//! Starts one server and sees that it is gone when this process is, however that ends.
//!
//! A `Drop` is not enough: it does not run for a static, after `process::exit`, or on SIGKILL. So the
//! server belongs to a child, `keeper.sh`, that reads a pipe of which this process holds the other
//! end. The child is in a process group of its own: Ctrl-C reaches the tests, and by their end the child.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::TestingError;
use super::account::Account;
use super::installation::Installation;

const SCRIPT: &str = include_str!("keeper.sh");

/// The longest path of a socket that every system takes: 108 bytes with the final zero on Linux,
/// 104 on macOS.
const SOCKET_PATH_MAX: usize = 103;

/// A running server and the child that will stop it. Dropping it stops the server and removes its
/// files, and returns when both are done.
pub(super) struct Keeper {
    child: Child,
    directory: PathBuf,
    /// The server's data, in the directory: another one after each failover.
    data: Mutex<PathBuf>,
    bin: PathBuf,
    account: Option<Account>,
}

impl Keeper {
    /// Makes a cluster and starts its server. Blocks for the second or two that this takes.
    ///
    /// `port` names the socket; with `tcp` the server listens on it at 127.0.0.1, too.
    pub(super) fn start(
        installation: &Installation,
        port: u16,
        tcp: bool,
    ) -> Result<Self, TestingError> {
        let account = Account::for_server()?;
        let base = base_directory(&std::env::temp_dir(), account.is_some());
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "soniq-test-postgres"])
            .args([base.as_os_str(), installation.bin.as_os_str()])
            .args([
                port.to_string().as_str(),
                if tcp { "127.0.0.1" } else { "" },
            ])
            // Where the account may not look, the server's programs complain.
            .current_dir(&base)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Inherited, it would keep a pipe that reads the tests' output open after their end.
            .stderr(Stdio::null());
        for (name, _) in std::env::vars_os() {
            // PGDATA, PGPORT and the like would change what the server's programs do.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        let mut child = command.spawn().map_err(|source| TestingError::Run {
            program: "/bin/sh",
            source,
        })?;
        match wait_until_ready(&mut child) {
            Ok(directory) => Ok(Self {
                child,
                data: Mutex::new(directory.join("data")),
                directory,
                bin: installation.bin.clone(),
                account,
            }),
            Err(start) => {
                let _ = child.wait();
                Err(start.into_error(installation))
            }
        }
    }

    /// Stops the server, with `pg_ctl`'s mode of this name, and starts it again. Blocks until it takes connections.
    pub(super) fn restart(&self, mode: &str) -> Result<(), TestingError> {
        self.pg_ctl("restart", &self.data(), &["-t", "60", "-m", mode])
    }

    pub(super) fn data(&self) -> PathBuf {
        // A path is whole whoever panicked.
        let data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        data.clone()
    }

    /// From now on the server's data are these.
    pub(super) fn move_to(&self, data: PathBuf) {
        *self.data.lock().unwrap_or_else(PoisonError::into_inner) = data;
    }

    /// Runs `pg_ctl`, and waits for what it does.
    pub(super) fn pg_ctl(
        &self,
        action: &str,
        data: &Path,
        options: &[&str],
    ) -> Result<(), TestingError> {
        let log = self.directory.join("log");
        let mut arguments = vec![action.as_ref(), "-w".as_ref()];
        arguments.extend(["-D".as_ref(), data.as_os_str()]);
        arguments.extend(["-l".as_ref(), log.as_os_str()]);
        arguments.extend(options.iter().map(OsStr::new));
        self.run("pg_ctl", &arguments)
    }

    /// Runs one of the server's programs, as the server's account.
    pub(super) fn run(
        &self,
        program: &'static str,
        arguments: &[&OsStr],
    ) -> Result<(), TestingError> {
        let failed = |source| TestingError::Run { program, source };
        let beside = self.bin.join(program);
        // Those that work from afar come with the client, which may be elsewhere.
        let mut command = if beside.is_file() {
            Command::new(beside)
        } else {
            Command::new(program)
        };
        command
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        let status = command.status().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        let ended = format!(
            "it ended with {status}; see the log in {}",
            self.directory.display()
        );
        Err(failed(std::io::Error::other(ended)))
    }

    /// Holds the data, the socket and the log.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // `wait` closes the child's input first, which tells it to stop the server.
        let _ = self.child.wait();
    }
}

/// What the child said when it could not start a server.
struct FailedStart {
    step: String,
    log: String,
}

impl FailedStart {
    fn into_error(self, installation: &Installation) -> TestingError {
        TestingError::Start {
            bin: installation.bin.clone(),
            step: self.step,
            log: self.log,
        }
    }
}

/// Reads what the child says until the server takes connections; gives its directory.
fn wait_until_ready(child: &mut Child) -> Result<PathBuf, FailedStart> {
    let mut said = child.stdout.take().map(BufReader::new);
    let mut next_line = || {
        let mut line = String::new();
        if let Some(said) = &mut said {
            // What cannot be read is taken as the end, which is a failure below.
            let _ = said.read_line(&mut line);
        }
        line.trim_end().to_owned()
    };
    let mut line = next_line();
    let directory = line.strip_prefix("directory ").map(PathBuf::from);
    if directory.is_some() {
        line = next_line();
    }
    match directory {
        Some(directory) if line == "ready" => Ok(directory),
        _ => {
            let step = line.strip_prefix("failed ").unwrap_or("/bin/sh").to_owned();
            let mut log = String::new();
            if let Some(said) = &mut said {
                let _ = said.read_to_string(&mut log);
            }
            Err(FailedStart {
                step,
                log: log.trim_end().to_owned(),
            })
        }
    }
}

/// Where to make the cluster's directory: the system's place for temporary files, unless a socket's
/// path there would be too long or the server's own account could not reach it.
fn base_directory(temporary: &Path, another_account: bool) -> PathBuf {
    const LONGEST_NAME: &str = "/soniq-XXXXXX/.s.PGSQL.65535";
    let fits = temporary.as_os_str().len() + LONGEST_NAME.len() <= SOCKET_PATH_MAX;
    if fits && (!another_account || open_to_all(temporary)) {
        temporary.to_owned()
    } else {
        PathBuf::from("/tmp")
    }
}

/// Whether any account may pass to `directory` and make files there.
fn open_to_all(directory: &Path) -> bool {
    let allows = |path: &Path, bits: u32| {
        fs::metadata(path).is_ok_and(|found| found.permissions().mode() & bits == bits)
    };
    allows(directory, 0o003)
        && directory
            .ancestors()
            .filter(|ancestor| *ancestor != OsStr::new(""))
            .all(|ancestor| allows(ancestor, 0o001))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
mod tests {
    use super::*;

    #[test]
    fn a_long_temporary_directory_is_not_used() {
        let fitting = PathBuf::from(format!("/{}", "d".repeat(74)));
        let long = PathBuf::from(format!("/{}", "d".repeat(75)));
        assert_eq!(base_directory(&fitting, false), fitting);
        assert_eq!(base_directory(&long, false), Path::new("/tmp"));
    }

    #[test]
    fn a_closed_temporary_directory_is_not_used_for_another_account() {
        let closed = std::env::temp_dir().join(format!("soniq-closed-{}", std::process::id()));
        fs::create_dir_all(closed.join("inner")).unwrap();
        fs::set_permissions(closed.join("inner"), fs::Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();

        assert_eq!(
            base_directory(&closed.join("inner"), true),
            Path::new("/tmp")
        );
        assert_eq!(
            base_directory(&closed.join("inner"), false),
            closed.join("inner")
        );
        fs::remove_dir_all(&closed).unwrap();
    }

    #[test]
    fn a_failed_start_tells_the_step_and_the_log() {
        // Every program of this installation is `false`, in a manner of speaking.
        let bin = std::env::temp_dir().join(format!("soniq-false-{}", std::process::id()));
        fs::create_dir_all(&bin).unwrap();
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(
            bin.join("initdb"),
            "#!/bin/sh\necho no space left; exit 1\n",
        )
        .unwrap();
        fs::set_permissions(bin.join("initdb"), fs::Permissions::from_mode(0o755)).unwrap();

        let started = Keeper::start(&Installation { bin: bin.clone() }, 5432, false);
        fs::remove_dir_all(&bin).unwrap();
        let Err(TestingError::Start { step, log, .. }) = started else {
            unreachable!("initdb failed");
        };
        assert_eq!((step.as_str(), log.as_str()), ("initdb", "no space left"));
    }
}
