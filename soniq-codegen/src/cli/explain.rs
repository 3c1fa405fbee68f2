//! `soniq-codegen explain`

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use soniq_schema::diagnostic::Code;

use super::show::print;
use crate::explanations::{codes, explanation};

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code as it is shown beside a problem; without it, all codes are listed
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self) -> ExitCode {
        let Some(asked) = &self.code else {
            print(format_args!("{}", list()));
            return ExitCode::SUCCESS;
        };
        let known = codes().find(|code| code.id.eq_ignore_ascii_case(asked));
        if let Some(code) = known {
            print(format_args!("{}", text(code)));
            return ExitCode::SUCCESS;
        }
        eprintln!("error: there is no code {asked:?}");
        match nearest(asked) {
            Some(code) => eprintln!("help: did you mean {}: {}?", code.id, code.title),
            None => eprintln!("help: `soniq-codegen explain` lists all codes"),
        }
        ExitCode::FAILURE
    }
}

fn list() -> String {
    let mut out = String::new();
    let mut codes: Vec<_> = codes().collect();
    codes.sort_by_key(|code| code.id);
    for code in codes {
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "{}  {}", code.id, code.title);
    }
    out
}

fn text(code: &Code) -> String {
    let Code {
        id,
        title,
        help,
        severity,
    } = code;
    let explanation = explanation(id).unwrap_or_default();
    format!("{severity}[{id}]: {title}\n\n{explanation}\nhelp: {help}\n")
}

/// The first of the codes with the fewest letters to change, if that is at most two of them.
fn nearest(asked: &str) -> Option<&'static Code> {
    let asked = asked.to_ascii_uppercase();
    codes()
        .map(|code| (strsim::osa_distance(&asked, code.id), code))
        .filter(|(distance, _)| *distance <= 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, code)| code)
}
