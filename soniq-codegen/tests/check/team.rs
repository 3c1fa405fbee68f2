//! A team with contracts, a lock file and a repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Ran, run};

pub(crate) const REFUND: &str = r#"edition = "2026"
namespace = "billing"
[tasks.refund]
version = 1
queue = "money"
[tasks.refund.args]
type = "object"
required = ["payment"]
[tasks.refund.args.properties]
payment = { type = "string", maxLength = 40 }
"#;

/// A folder with contracts and, if asked, git.
pub(crate) struct Team(pub(crate) tempfile::TempDir);

impl Team {
    pub(crate) fn new() -> Self {
        let team = Team(tempfile::tempdir().unwrap());
        team.write("contracts/billing.toml", REFUND);
        team
    }

    /// With the contracts locked on 14 July 2026.
    pub(crate) fn locked() -> Self {
        let team = Team::new();
        assert_eq!(team.lock(&[]).status, 0);
        team
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Changes the contract, once in its text.
    pub(crate) fn change(&self, from: &str, to: &str) {
        let text = self.read("contracts/billing.toml");
        assert_eq!(text.matches(from).count(), 1, "{from}");
        self.write("contracts/billing.toml", &text.replace(from, to));
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(self.path(), args)
    }

    pub(crate) fn lock(&self, args: &[&str]) -> Ran {
        self.run(&[&["lock", "contracts", "--date", "2026-07-14"], args].concat())
    }

    pub(crate) fn check(&self, args: &[&str]) -> Ran {
        self.run(&[&["check", "contracts", "--today", "2026-07-14"], args].concat())
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "state"]);
    }
}

pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn assert_not_run(ran: &Ran, expected: &str) {
    assert_eq!(ran.status, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}
