//! All codes that this command can show, and what each means at length.
//!
//! Those of contracts are explained in `soniq_schema::diagnostic`, by files of the same form.

use soniq_schema::diagnostic::{self, Code};

use crate::problem;

macro_rules! explanations {
    ($($id:ident)*) => {
        const OURS: &[(&str, &str)] = &[$((
            stringify!($id),
            include_str!(concat!("explanations/", stringify!($id), ".md")),
        )),*];
    };
}

explanations! { E101 E103 E104 E105 E106 }

/// Every code: those of contracts, then those of generated code.
pub(crate) fn codes() -> impl Iterator<Item = &'static Code> {
    let of_contracts = diagnostic::codes::ALL.iter();
    of_contracts.chain(problem::ALL).copied()
}

/// What the code with this id means, as Markdown.
pub(crate) fn explanation(id: &str) -> Option<&'static str> {
    let ours = OURS.iter().find(|(code, _)| *code == id);
    ours.map(|(_, text)| *text)
        .or_else(|| diagnostic::explanation(id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may fail by panic")]

    use std::collections::BTreeSet;

    use soniq_schema::diagnostic::{Severity, Style};
    use soniq_schema::{Diagnostic, load_sources};

    use super::*;
    use crate::{Options, render};

    /// Problems of the disk and of the command line, which no text of a contract can show.
    const NOT_IN_A_CONTRACT: [&str; 12] = [
        "E001", "E002", "E003", "E042", "E049", "E050", "E051", "E052", "E053", "E054", "E105",
        "L016",
    ];

    /// One fenced block.
    struct Block<'a> {
        language: &'a str,
        name: &'a str,
        text: String,
    }

    struct Parts<'a> {
        prose: &'a str,
        wrong: Vec<Block<'a>>,
        right: Vec<Block<'a>>,
    }

    fn parts(text: &str) -> Option<Parts<'_>> {
        let (prose, examples) = text.split_once("\n\nWrong:\n\n")?;
        let (wrong, right) = examples.split_once("\n\nRight:\n\n")?;
        Some(Parts {
            prose,
            wrong: blocks(wrong),
            right: blocks(right),
        })
    }

    fn blocks(text: &str) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("```") {
            let (info, after) = after.split_once('\n').expect("a fence ends its line");
            let (body, after) = after.split_once("```").expect("a fence is closed");
            let (language, name) = info.split_once(' ').unwrap_or((info, "billing.toml"));
            let in_full = language != "toml" || body.contains("edition");
            let header = "edition = \"2026\"\nnamespace = \"billing\"\n";
            blocks.push(Block {
                language,
                name,
                text: format!("{}{body}", if in_full { "" } else { header }),
            });
            rest = after;
        }
        blocks
    }

    /// What a command says about these files, and how people see it. Lints are asked for by a
    /// command of their own, and the examples of other codes are as short as they can be.
    fn reported(code: &Code, blocks: &[Block<'_>]) -> (BTreeSet<&'static str>, String) {
        let loaded = load_sources(
            blocks
                .iter()
                .map(|block| (format!("contracts/{}", block.name), block.text.clone())),
        );
        let mut diagnostics: Vec<Diagnostic> = loaded.diagnostics;
        if diagnostics.iter().all(|d| d.severity() != Severity::Error) {
            diagnostics.extend(
                render(&loaded.contracts, &Options::default())
                    .err()
                    .unwrap_or_default(),
            );
            if soniq_schema::lint::codes().any(|lint| lint == code) {
                diagnostics.extend(soniq_schema::lint(&loaded.contracts));
            }
        }
        let sources = &loaded.contracts.sources;
        (
            diagnostics.iter().map(|one| one.code.id).collect(),
            diagnostic::render(&diagnostics, sources, Style::Plain),
        )
    }

    #[test]
    fn every_code_is_explained_in_the_same_form() {
        let mut missing = Vec::new();
        for code in codes() {
            let parts = explanation(code.id).and_then(parts);
            let complete = parts.is_some_and(
                |Parts {
                     prose,
                     wrong,
                     right,
                 }| {
                    prose.ends_with('.') && !wrong.is_empty() && !right.is_empty()
                },
            );
            if !complete {
                missing.push(code.id);
            }
        }
        assert!(
            missing.is_empty(),
            "not explained, or not in form: {missing:?}"
        );
        assert!(
            OURS.iter()
                .all(|(id, _)| codes().any(|code| code.id == *id))
        );
    }

    #[test]
    fn examples_do_what_they_say() {
        let mut failures = Vec::new();
        for code in codes().filter(|code| !NOT_IN_A_CONTRACT.contains(&code.id)) {
            let Some(parts) = explanation(code.id).and_then(parts) else {
                continue; // The test above says so.
            };
            let (raised, text) = reported(code, &parts.wrong);
            if raised != BTreeSet::from([code.id]) {
                failures.push(format!(
                    "{}: the wrong example raises {raised:?}\n{text}",
                    code.id
                ));
            }
            let (raised, text) = reported(code, &parts.right);
            if !raised.is_empty() {
                failures.push(format!(
                    "{}: the right example raises {raised:?}\n{text}",
                    code.id
                ));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn only_what_no_contract_shows_is_shown_by_a_shell() {
        for code in codes() {
            let Some(Parts { wrong, right, .. }) = explanation(code.id).and_then(parts) else {
                continue;
            };
            let is_shell = wrong
                .iter()
                .chain(&right)
                .any(|block| block.language == "console");
            assert_eq!(
                is_shell,
                NOT_IN_A_CONTRACT.contains(&code.id),
                "{}",
                code.id
            );
        }
    }
}
