//! A standby takes over from a throwaway server that crashes.

use std::ffi::OsStr;
use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::TestingError;
use super::address::{Address, USER};
use super::cluster::Cluster;
use super::keeper::Keeper;

/// Has commits wait for whatever standby there is, once it has caught up.
const FOLLOW: &str = "ALTER SYSTEM SET synchronous_standby_names = '*'";
const RELOAD: &str = "SELECT pg_reload_conf()";
const FOLLOWS: &str = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')";

/// Commits wait as soon as the checkpointer has read the setting: before it makes a checkpoint, if
/// not sooner.
const READ: &str = "CHECKPOINT";

/// How long a standby may take to catch up.
const PATIENCE: Duration = Duration::from_secs(60);

impl Cluster {
    /// Gives a throwaway server a standby, crashes the server, and has the standby take its place:
    /// another server at the same address, with everything that was committed. As after every
    /// failover, advisory locks and listeners are gone, and sequences may have skipped numbers.
    ///
    /// Only for a cluster of [`Cluster::start`], which is reached by its socket. Blocks for the seconds
    /// that a copy of the data takes; the server works meanwhile.
    ///
    /// # Errors
    ///
    /// [`TestingError::Run`] when one of the server's programs fails, `pg_basebackup` being one of
    /// them, and [`TestingError::Server`]; the cluster is of no use then.
    pub async fn fail_over(&self) -> Result<(), TestingError> {
        let keeper = self.keeper()?;
        let Address::Socket { port, .. } = self.address else {
            return Err(TestingError::Run {
                program: "pg_basebackup",
                source: IoError::other("the cluster is reached by TCP; start it without"),
            });
        };
        let standby = Standby::start(keeper, port)?;
        self.be_followed().await?;
        standby.take_over(keeper, port)
    }

    /// Returns once no commit is answered that the standby does not have.
    async fn be_followed(&self) -> Result<(), TestingError> {
        let failed = |source| TestingError::Server {
            doing: "have a standby follow",
            source,
        };
        let client = self.administrator().await?;
        client.execute(FOLLOW, &[]).await.map_err(failed)?;
        client.execute(RELOAD, &[]).await.map_err(failed)?;
        let deadline = Instant::now() + PATIENCE;
        while !client
            .query_one(FOLLOWS, &[])
            .await
            .map_err(failed)?
            .get::<_, bool>(0)
        {
            if Instant::now() > deadline {
                return Err(TestingError::Run {
                    program: "pg_basebackup",
                    source: IoError::from(ErrorKind::TimedOut),
                });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        client.execute(READ, &[]).await.map_err(failed)?;
        Ok(())
    }
}

/// A copy of the server that follows it, with a socket of its own.
struct Standby {
    data: PathBuf,
    port: u16,
}

impl Standby {
    fn start(keeper: &Keeper, primary: u16) -> Result<Self, TestingError> {
        let directory = keeper.directory();
        let free = |port: &u16| !data(directory, *port).exists();
        let port = (primary + 1..=u16::MAX).find(free).unwrap_or(u16::MAX);
        let standby = Standby {
            data: data(directory, port),
            port,
        };
        let primary = primary.to_string();
        let mut arguments: Vec<&OsStr> = vec!["-h".as_ref(), directory.as_os_str()];
        arguments.extend(["-D".as_ref(), standby.data.as_os_str()]);
        // With what makes it a standby written into it, and a slot: nothing is recycled before it
        // has been read.
        let others = [
            "-p", &primary, "-U", USER, "-w", "-R", "-C", "-S", "standby", "-c", "fast",
        ];
        arguments.extend(others.map(OsStr::new));
        keeper.run("pg_basebackup", &arguments)?;
        let own_port = format!("-p {port}");
        keeper.pg_ctl("start", &standby.data, &["-t", "60", "-o", &own_port])?;
        Ok(standby)
    }

    /// Its socket answers by the name of the one that is gone.
    fn take_over(self, keeper: &Keeper, primary: u16) -> Result<(), TestingError> {
        let moved = |source| TestingError::Run {
            program: "pg_ctl",
            source,
        };
        let old = keeper.data();
        keeper.pg_ctl("stop", &old, &["-m", "immediate"])?;
        keeper.pg_ctl("promote", &self.data, &["-t", "60"])?;
        let name = |port: u16| format!(".s.PGSQL.{port}");
        let address = keeper.directory().join(name(primary));
        match fs::remove_file(&address) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(moved(error)),
            _ => {}
        }
        symlink(name(self.port), &address).map_err(moved)?;
        keeper.move_to(self.data);
        fs::remove_dir_all(old).map_err(moved)
    }
}

fn data(directory: &Path, port: u16) -> PathBuf {
    directory.join(format!("data-{port}"))
}
