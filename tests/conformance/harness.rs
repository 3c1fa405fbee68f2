//! The crate that is generated from the suite's schemas: made, compiled and run.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use soniq_codegen::{Options, Side, render};
use soniq_schema::diagnostic::{Style, render as rendered};
use soniq_schema::json_schema::Dialect;
use soniq_schema::load_sources;

use crate::suite::Group;

/// What generated code said of an instance.
pub(crate) enum Outcome {
    /// It fits, decodes, and encodes to what fits.
    Accepted,
    /// It breaks rules.
    Rejected(String),
    /// It fits, yet was not decoded, or came back as something that does not fit.
    Lost(String),
    Panicked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Accepted => f.write_str("accepted"),
            Outcome::Rejected(rules) => write!(f, "rejected, for {rules}"),
            Outcome::Lost(why) => write!(f, "accepted and then lost: {why}"),
            Outcome::Panicked => f.write_str("a panic"),
        }
    }
}

/// The crate, group by group.
pub(crate) struct Generated {
    /// What it is called, after `soniq-`.
    name: &'static str,
    dialect: Dialect,
    /// The indices of the groups that are in it.
    groups: Vec<usize>,
    added: usize,
}

impl Generated {
    pub(crate) fn new(name: &'static str, dialect: Dialect) -> Self {
        Generated {
            name,
            dialect,
            groups: Vec::new(),
            added: 0,
        }
    }

    /// Adds the next group; `Some` is why the generator refuses it.
    pub(crate) fn add(&mut self, group: &Group) -> Option<String> {
        let index = self.added;
        self.added += 1;
        let refusal = self.refusal(sources(index, group));
        if refusal.is_none() {
            self.groups.push(index);
        }
        refusal
    }

    /// Checks every instance of every group that was added, by the indices of group and instance.
    pub(crate) fn run(&self, groups: &[Group]) -> BTreeMap<(usize, usize), Outcome> {
        let target = target_folder();
        let folder = target.join(self.name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/generated")).unwrap();
        let all = self.groups.iter();
        let loaded = load_sources(all.flat_map(|index| sources(*index, &groups[*index])));
        assert!(loaded.is_ok(), "groups that load alone load together");
        for file in render(&loaded.contracts, &self.options()).unwrap() {
            let path = folder.join("src/generated").join(file.name);
            fs::write(path, file.text).unwrap();
        }
        fs::write(folder.join("src/main.rs"), self.program()).unwrap();
        fs::write(folder.join("Cargo.toml"), manifest(self.name)).unwrap();
        fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let instances: Vec<Value> = self
            .groups
            .iter()
            .flat_map(|index| {
                let tests = groups[*index].tests.iter().enumerate();
                tests.map(move |(number, test)| json!([index, number, test.data]))
            })
            .collect();
        let instances_file = folder.join("instances.json");
        fs::write(&instances_file, Value::from(instances).to_string()).unwrap();
        self.outcomes(&folder, &target, &instances_file)
    }

    /// The program that checks what the file in its first argument lists.
    fn program(&self) -> String {
        let mut arms = String::new();
        for index in &self.groups {
            let _ = writeln!(
                arms,
                "        {index} => check::<generated::g{index}::group::Args>(value),"
            );
        }
        let fills_in = self.dialect == Dialect::Contract;
        include_str!("program.rs.txt")
            .replace("        // One arm per group.\n", &arms)
            .replace(
                "FILLS_IN: bool = false",
                &format!("FILLS_IN: bool = {fills_in}"),
            )
    }

    /// Code that decodes, by the rules of the dialect.
    fn options(&self) -> Options {
        Options {
            side: Side::Consumer,
            dialect: self.dialect,
            ..Options::default()
        }
    }

    /// Why there is no code for a contract.
    fn refusal(&self, sources: [(String, String); 2]) -> Option<String> {
        let loaded = load_sources(sources);
        let sources = &loaded.contracts.sources;
        if !loaded.is_ok() {
            return Some(rendered(&loaded.diagnostics, sources, Style::Plain));
        }
        let problems = render(&loaded.contracts, &self.options()).err()?;
        Some(rendered(&problems, sources, Style::Plain))
    }

    /// Builds and runs the crate.
    fn outcomes(
        &self,
        folder: &Path,
        target: &Path,
        instances: &Path,
    ) -> BTreeMap<(usize, usize), Outcome> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--offline", "--quiet"])
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", target)
            .env_remove("RUSTFLAGS")
            .status()
            .unwrap();
        assert!(built.success(), "the generated crate does not compile");
        let program = target.join(format!("debug/soniq-{}", self.name));
        let output = Command::new(program).arg(instances).output().unwrap();
        let mut outcomes = BTreeMap::new();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let mut parts = line.splitn(4, ' ');
            let mut next = || parts.next().unwrap_or_default();
            let key = (next().parse().unwrap(), next().parse().unwrap());
            let (outcome, detail) = (next(), next());
            let outcome = match outcome {
                "accepted" => Outcome::Accepted,
                "rejected" => Outcome::Rejected(detail.to_owned()),
                "lost" => Outcome::Lost(detail.to_owned()),
                _ => Outcome::Panicked,
            };
            outcomes.insert(key, outcome);
        }
        outcomes
    }
}

/// A contract whose one task has the group's schema as that of its argument `value`.
fn sources(index: usize, group: &Group) -> [(String, String); 2] {
    let contract = format!(
        r#"edition = "2026"
namespace = "g{index}"

[tasks.group]
version = 1
[tasks.group.args]
type = "object"
required = ["value"]
properties.value = {{ "$ref" = "g{index}.json" }}
"#
    );
    let schema = serde_json::to_string_pretty(&group.schema).unwrap();
    [
        (format!("g{index}.toml"), contract),
        (format!("g{index}.json"), schema),
    ]
}

fn manifest(name: &str) -> String {
    let runtime = repository().join("soniq-runtime");
    format!(
        r#"[package]
name = "soniq-{name}"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
serde_json = "1"
soniq-runtime = {{ path = "{}" }}

# As in the workspace: what is built there is not built again.
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#,
        runtime.display()
    )
}

fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap().to_owned()
}

/// The workspace's target folder: this program lies in its `debug/deps`.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().to_owned()
}
