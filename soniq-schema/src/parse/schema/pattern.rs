//! `pattern`: a regular expression of ECMA-262, compiled.

use regex::Regex;

use crate::json_schema::Pattern;

/// Compiles a pattern.
///
/// # Errors
/// Why it cannot be used, on one line.
pub(super) fn compile(source: &str) -> Result<Pattern, String> {
    let regex = soniq_rules::rust_regex(source)?;
    let regex = Regex::new(&regex).map_err(|error| reason(&error))?;
    Ok(Pattern {
        source: source.to_owned(),
        regex,
    })
}

/// The last line of the error: those before it draw the expression.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        let pattern = compile(pattern).unwrap();
        for text in good {
            assert!(
                pattern.regex.is_match(text),
                "{} refused {text:?}",
                pattern.source
            );
        }
        for text in bad {
            assert!(
                !pattern.regex.is_match(text),
                "{} took {text:?}",
                pattern.source
            );
        }
    }

    #[test]
    fn means_what_ecma_262_means() {
        check(r"^\d+$", &["12"], &["\u{661}", "", "1\n"]);
        check(r"^[\d.]+$", &["1.2"], &["a"]);
        check(r"^\w$", &["a", "_"], &["\u{e4}", "-"]);
        check(r"^[^\W\d]$", &["a"], &["1", "-"]);
        check(
            r"^\s$",
            &[" ", "\u{feff}", "\u{a0}", "\u{2029}"],
            &["\u{85}", "a"],
        );
        check(r"^.$", &["a", "\u{85}"], &["\n", "\r", "\u{2028}"]);
        check(r"^[[]$", &["["], &["a"]);
        check(r"^[a&&b]+$", &["&", "ab"], &["c"]);
        check(r"^\/\cA\0$", &["/\u{1}\0"], &["/"]);
        check(r"a\b", &["a", "a\u{e4}"], &["ab"]);
        check(r"^(?:a|(?<name>b))$", &["a", "b"], &["c"]);
        check(r"^\u0041\u{42}\x43$", &["ABC"], &["abc"]);
        check(r"^\p{Lu}{2,3}$", &["\u{c4}B"], &["A", "ab"]);
        check("b", &["abc"], &["ac"]);
    }

    #[test]
    fn refuses_what_it_cannot_mean() {
        for bad in [
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            r"(a)\1",
            r"(?<n>a)\k<n>",
            "(?i)a",
            "(?P<n>a)",
            r"\Aa",
            r"a\z",
            r"\",
            "[",
            "(",
            "a{2",
            "[]",
            "[^]",
            "[a--b]",
            r"\B",
            "*",
            r"\c1",
            r"[\k]",
            "a{1000}{1000}{1000}",
        ] {
            let error = compile(bad).unwrap_err();
            assert!(!error.is_empty() && !error.contains('\n'), "{bad}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,20}", tricky in "[\\\\\\[\\](){}?^$.*+|a-d0-9&~<=!-]{0,20}") {
            let _ = (compile(&text), compile(&tricky));
        }
    }
}
