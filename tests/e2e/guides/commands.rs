//! Commands and their options.

use std::collections::BTreeMap;
use std::process::Command;

use super::all;
use crate::processes::programs;

/// The help of a command line's subcommand, and what of the line are its arguments.
#[derive(Default)]
pub(super) struct Helps(BTreeMap<Vec<String>, String>);

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

    /// The options of a command line that its command does not have; `None` if there is no such command.
    pub(super) fn unknown_options(&mut self, words: &[String]) -> Option<Vec<String>> {
        let (command, help) = self.command(words);
        if command.len() == 1 {
            return None;
        }
        let options = words[command.len()..]
            .iter()
            .filter(|word| word.starts_with("--") && word.len() > 2)
            .map(|word| word.split('=').next().unwrap_or(word));
        let unknown = options.filter(|option| !help.contains(option));
        Some(unknown.map(str::to_owned).collect())
    }
}

#[test]
fn commands_and_their_options_exist() {
    let mut helps = Helps::default();
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
            let unknown = helps.unknown_options(&words);
            if unknown.as_ref().is_none_or(|options| !options.is_empty()) {
                wrong.push(format!("{place}: {line}: {unknown:?}"));
            }
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
