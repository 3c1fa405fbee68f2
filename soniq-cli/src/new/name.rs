//! The name of a workspace.

use std::fmt;

/// What a name may not be: no crate is called so.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The longest name; its crates are called a bit longer.
const LONGEST: usize = 50;

/// A crate's name in lower case.
#[derive(Debug, Clone)]
pub(super) struct Name(String);

impl Name {
    /// The name, or why it is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.chars().all(is_allowed) {
            return Err(
                "a name is of a-z, 0-9, - and _, and starts with a letter, as a crate's is"
                    .to_owned(),
            );
        }
        if text.len() > LONGEST {
            return Err(format!("a name has at most {LONGEST} characters"));
        }
        if KEYWORDS.contains(&text) {
            return Err(format!("{text} is a keyword of Rust: try {text}-jobs"));
        }
        Ok(Name(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as one of a database, which need not be quoted.
    pub(super) fn database(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_is_a_crates() {
        for good in ["a", "mail-jobs", "jobs_2", "types"] {
            assert!(Name::parse(good).is_ok(), "{good}");
        }
        let long = "a".repeat(51);
        for bad in [
            "", "2jobs", "-a", "_a", "Jobs", "a b", "a/b", "..", "größe", "type", "async", &long,
        ] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
    }
}
