//! What guides tell to type: commands that exist, contracts that load, SQL that runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use soniq_docs::blocks;
use soniq_runtime::{Soniq, testing};

use crate::processes::programs;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every guide and the README, with their blocks of one kind: where one is, and what it says.
fn all(info: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.push(root().join("README.md"));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (line, block) in blocks(&text, info) {
            found.push((format!("{name}:{line}"), block));
        }
    }
    found
}

/// The help of a command line's subcommand, and what of the line are its arguments.
struct Helps(BTreeMap<Vec<String>, String>);

impl Helps {
    fn of(&mut self, command: &[String]) -> Option<&str> {
        if !self.0.contains_key(command) {
            let output = Command::new(programs().join(&command[0]))
                .args(&command[1..])
                .arg("--help")
                .env_clear()
                .output()
                .unwrap();
            if !output.status.success() {
                return None;
            }
            let help = String::from_utf8(output.stdout).unwrap();
            self.0.insert(command.to_vec(), help);
        }
        self.0.get(command).map(String::as_str)
    }

    /// The longest beginning of `words` that is a command.
    fn command(&mut self, words: &[String]) -> (Vec<String>, String) {
        let mut command = words[..1].to_vec();
        let mut help = self.of(&command).unwrap().to_owned();
        for word in &words[1..] {
            let lists = help
                .lines()
                .any(|line| line.starts_with("  ") && line.split_whitespace().next() == Some(word));
            if !lists || word.starts_with('-') {
                break;
            }
            command.push(word.clone());
            let Some(next) = self.of(&command) else {
                command.pop();
                break;
            };
            next.clone_into(&mut help);
        }
        (command, help)
    }
}

#[test]
fn commands_and_their_options_exist() {
    let mut helps = Helps(BTreeMap::new());
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (place, block) in all("sh").into_iter().chain(all("console")) {
        for line in block.lines() {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let line = line.split(['#', '|', '>', '&']).next().unwrap_or_default();
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let [program, _, ..] = words.as_slice() else {
                continue;
            };
            if !matches!(program.as_str(), "soniq" | "soniq-codegen") {
                continue;
            }
            seen += 1;
            let (command, help) = helps.command(&words);
            let options = words[command.len()..]
                .iter()
                .filter(|word| word.starts_with("--") && word.len() > 2)
                .map(|word| word.split('=').next().unwrap_or(word));
            let unknown: Vec<&str> = options.filter(|option| !help.contains(option)).collect();
            if command.len() == 1 || !unknown.is_empty() {
                wrong.push(format!("{place}: {line}: {unknown:?}"));
            }
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn contracts_load() {
    let mut seen = 0;
    for (place, block) in all("toml") {
        if !block.starts_with("edition") {
            continue;
        }
        seen += 1;
        let loaded = soniq_schema::load_sources([("guide.toml".to_owned(), block)]);
        assert!(loaded.is_ok(), "{place}: {:?}", loaded.diagnostics);
    }
    assert!(seen >= 2, "only {seen} contracts were found");
}

#[tokio::test]
async fn sql_that_needs_our_tables_only_runs() {
    let database = testing::database().await.unwrap();
    let soniq = Soniq::connect(database.url()).unwrap();
    soniq.setup().await.unwrap();
    let client = database.connect().await.unwrap();
    let mut seen = 0;
    for (place, block) in all("sql") {
        if block.starts_with("SELECT soniq_enqueue") {
            seen += 1;
            let ran = client.batch_execute(&block).await;
            assert!(ran.is_ok(), "{place}: {ran:?}");
        }
    }
    assert!(seen >= 1, "none was found");
}
