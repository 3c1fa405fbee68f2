//! Contracts as a git ref has them.
//!
//! Git is called as a program, in the contracts folder: it finds the repository from there, so that the
//! folder may lie anywhere in it, and in a worktree as well.

use std::io::{self, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use soniq_schema::MAX_LENGTH;

/// What hooks of git are run with: it names the repository for the folder that git was called in.
const OF_HOOKS: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

/// Every contract and JSON file in or below the folder as `wanted` has it, by names that git knows
/// them by: `main:contracts/billing.toml`.
///
/// # Errors
/// Why they cannot be had and what to do, on one line.
pub(super) fn files(folder: &Path, wanted: &str) -> Result<Vec<(String, String)>, String> {
    let git = Git { folder };
    let inside = git
        .output(&["rev-parse", "--show-prefix"])
        .map_err(|error| {
            let folder = folder.display();
            format!("{folder} is in no git repository: {error}")
        })?;
    let inside = match inside.trim_end_matches('\n') {
        "" => "./",
        inside => inside,
    };
    let commit = git.commit(wanted)?;
    let listed = git.output(&["ls-tree", "-r", "-z", "-l", &commit, "--", "."])?;
    let mut found = Vec::new();
    for entry in listed.split_terminator('\0') {
        let (about, path) = entry.split_once('\t').unwrap_or((entry, ""));
        let is_contract = is(path, "toml") && !path.contains('/');
        if !is_contract && !is(path, "json") {
            continue;
        }
        let name = format!("{wanted}:{inside}{path}");
        let about: Vec<_> = about.split_whitespace().collect();
        let [mode, "blob", object, size] = about[..] else {
            continue;
        };
        if mode == "120000" {
            return Err(format!("{name} is a link, which is not followed in git"));
        }
        // A JSON file that is too large is none that a contract could refer to.
        let is_large = size.parse().is_ok_and(|size: usize| size > MAX_LENGTH);
        if is_large && is_contract {
            return Err(format!(
                "{name} is larger than {} MiB",
                MAX_LENGTH / 1024 / 1024
            ));
        }
        if !is_large {
            found.push((name, object.to_owned()));
        }
    }
    let is_contract = |(name, _): &(String, String)| is(name, "toml");
    if !found.iter().any(is_contract) {
        return Err(format!(
            "{wanted} has no contracts in {inside}: if they are new, nothing was released that they could break; \
             if they were moved, compare with their old folder, `--against FOLDER`, from `git worktree add`"
        ));
    }
    git.texts(found)
}

fn is(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.folder);
        for name in OF_HOOKS {
            command.env_remove(name);
        }
        // Its messages are quoted.
        command.env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// What git prints, or what it complains of.
    fn output(&self, args: &[&str]) -> Result<String, String> {
        let output = self
            .command(args)
            .output()
            .map_err(|error| not_run(&error))?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            let line = complaint.lines().next().unwrap_or("git failed");
            return Err(line.trim_start_matches("fatal: ").to_owned());
        }
        String::from_utf8(output.stdout).map_err(|_| "a file's name is not UTF-8".to_owned())
    }

    /// The commit that a ref names.
    fn commit(&self, wanted: &str) -> Result<String, String> {
        if wanted.is_empty() || wanted.starts_with('-') {
            return Err(format!("{wanted:?} is no git ref"));
        }
        let spelled = format!("{wanted}^{{commit}}");
        let found = self.output(&["rev-parse", "--verify", "--quiet", &spelled]);
        if let Ok(commit) = found {
            return Ok(commit.trim_end().to_owned());
        }
        let shallow = self.output(&["rev-parse", "--is-shallow-repository"]);
        let is_shallow = shallow.is_ok_and(|answer| answer.trim_end() == "true");
        let remotes = self.output(&["remote"]).unwrap_or_default();
        let missing = format!("there is no file, folder or git ref {wanted}");
        Err(match (is_shallow, fetch(wanted, remotes.lines())) {
            (true, Some(fetch)) => format!("{missing} in this shallow clone: run `{fetch}`"),
            (true, None) => format!("{missing} in this shallow clone: run `git fetch --unshallow`"),
            (false, Some(fetch)) => format!("{missing}: run `{fetch}` if it is a branch there"),
            (false, None) => {
                format!("{missing}: `git branch --all` and `git tag` list those that there are")
            }
        })
    }

    /// The texts of objects.
    fn texts(&self, objects: Vec<(String, String)>) -> Result<Vec<(String, String)>, String> {
        let mut command = self.command(&["cat-file", "--batch"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_run(&error))?;
        let read = exchange(&mut child, &objects);
        let ended = child.wait();
        let contents = read.and_then(|contents| ended.map(|_| contents));
        let contents = contents.map_err(|error| format!("git cat-file failed: {error}"))?;
        let names = objects.into_iter().map(|(name, _)| name);
        names
            .zip(contents)
            .map(|(name, content)| match String::from_utf8(content) {
                Ok(text) => Ok((name, text)),
                Err(_) => Err(format!("cannot read {name}: it is not UTF-8")),
            })
            .collect()
    }
}

/// Asks for objects and reads them. Asking is a thread's: a pipe that nobody reads from fills up.
fn exchange(child: &mut Child, objects: &[(String, String)]) -> io::Result<Vec<Vec<u8>>> {
    let closed = || io::Error::other("it has no pipes");
    let mut questions = child.stdin.take().ok_or_else(closed)?;
    let mut answers = BufReader::new(child.stdout.take().ok_or_else(closed)?);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for (_, object) in objects {
                // If git is gone, the other side says so.
                if writeln!(questions, "{object}").is_err() {
                    break;
                }
            }
        });
        objects.iter().map(|_| answer(&mut answers)).collect()
    })
}

/// `<object> blob <size>`, a line's end, the content, a line's end.
fn answer(answers: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let size = head
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse().ok());
    let size: usize = size.ok_or_else(|| io::Error::other(format!("it said {head:?}")))?;
    let mut content = vec![0; size + 1];
    answers.read_exact(&mut content)?;
    content.pop();
    Ok(content)
}

/// The command that fetches a branch of a remote, where `wanted` names one.
fn fetch<'r>(wanted: &str, mut remotes: impl Iterator<Item = &'r str>) -> Option<String> {
    remotes.find_map(|remote| {
        let branch = wanted.strip_prefix("refs/remotes/").unwrap_or(wanted);
        let branch = branch.strip_prefix(remote)?.strip_prefix('/')?;
        let branch = branch.split(['~', '^', '@']).next()?;
        Some(format!(
            "git fetch --depth=1 {remote} {branch}:refs/remotes/{remote}/{branch}"
        ))
    })
}

fn not_run(error: &io::Error) -> String {
    format!("git cannot be run: {error}")
}
