//! The question before a bulk action.

use std::io::{BufRead, IsTerminal as _, Write as _};

use crate::error::Error;

/// Asks whether to `action` ("replay 3 dead letters"), unless `yes` says so already. Fails where
/// there is nobody to ask.
pub(crate) fn confirm(action: &str, yes: bool) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    let stdin = std::io::stdin();
    let mut stderr = std::io::stderr();
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return Err(Error::Unconfirmed {
            action: action.to_owned(),
        });
    }
    write!(stderr, "This will {action}. Go on? [y/N] ")
        .and_then(|()| stderr.flush())
        .map_err(Error::Answer)?;
    if agreed(&mut stdin.lock())? {
        Ok(())
    } else {
        Err(Error::Declined)
    }
}

/// `y` or `yes`; anything else, the end of the input too, is a no.
fn agreed(answers: &mut impl BufRead) -> Result<bool, Error> {
    let mut answer = String::new();
    answers.read_line(&mut answer).map_err(Error::Answer)?;
    let answer = answer.trim();
    Ok(answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (answer, expected) in [
            ("y\n", true),
            ("YES\n", true),
            (" y \n", true),
            ("\n", false),
            ("", false),
            ("n\n", false),
            ("yep\n", false),
        ] {
            assert_eq!(agreed(&mut answer.as_bytes()).unwrap(), expected);
        }
    }
}
