//! As whom the server runs: Postgres refuses to run as root.

use std::process::Command;

use super::TestingError;

/// A user and group of this system, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Who may own the server when root runs the tests, the first that exists. The server's package
/// makes `postgres`; a server that was merely unpacked has `nobody`.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

impl Account {
    /// The account to change to before a server is started: `None` when this process is not root
    /// and may start it as itself.
    pub(super) fn for_server() -> Result<Option<Self>, TestingError> {
        if id(&["-u"])? != Some(0) {
            return Ok(None);
        }
        for name in UNPRIVILEGED {
            if let (Some(uid), Some(gid)) = (id(&["-u", name])?, id(&["-g", name])?) {
                return Ok(Some(Self { uid, gid }));
            }
        }
        Err(TestingError::NoAccount)
    }
}

/// What the program `id` says: the standard library has no lookup of users, nor this process's own.
/// `None` where there is no such user.
fn id(arguments: &[&str]) -> Result<Option<u32>, TestingError> {
    let output = Command::new("id")
        .args(arguments)
        .output()
        .map_err(|source| TestingError::Run {
            program: "id",
            source,
        })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]
mod tests {
    use super::*;

    #[test]
    fn users_are_looked_up_by_name() {
        assert_eq!(id(&["-u", "root"]).unwrap(), Some(0));
        assert_eq!(id(&["-u", "no-such-user-here"]).unwrap(), None);
    }

    #[test]
    fn the_server_never_runs_as_root() {
        let is_root = id(&["-u"]).unwrap() == Some(0);
        let account = Account::for_server().unwrap();
        assert_eq!(account.is_some(), is_root);
        assert_ne!(account.map(|account| account.uid), Some(0));
    }
}
