//! `json-pointer` and `relative-json-pointer`.

/// RFC 6901 section 3: empty, or steps that begin with a slash, where a tilde is `~0` or `~1`.
pub(super) fn is_json_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/') && tildes_are_escaped(text)
}

fn tildes_are_escaped(text: &str) -> bool {
    text.split('~')
        .skip(1)
        .all(|rest| rest.starts_with(['0', '1']))
}

/// Relative JSON Pointer, the draft of 2020-12, section 3: how many levels up, by how many places
/// aside, and then `#` or a JSON pointer.
pub(super) fn is_relative_json_pointer(text: &str) -> bool {
    let Some(rest) = after_number(text) else {
        return false;
    };
    let rest = match rest.strip_prefix(['+', '-']) {
        // By no places is not aside.
        Some(aside) if aside.starts_with('0') => return false,
        Some(aside) => match after_number(aside) {
            Some(rest) => rest,
            None => return false,
        },
        None => rest,
    };
    rest == "#" || is_json_pointer(rest)
}

/// What follows a number without leading zeros; `None` if the text begins with none.
fn after_number(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    (digits == 1 || digits > 1 && !text.starts_with('0')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pointers() {
        for good in ["", "/", "/a/b", "/a~0b/~1", "//", "/\u{e4}", "/ "] {
            assert!(is_json_pointer(good), "{good}");
        }
        for bad in ["a", "#", "#/a", "/~", "/~2", "/a~", " /"] {
            assert!(!is_json_pointer(bad), "{bad}");
        }
    }

    #[test]
    fn relative_pointers() {
        for good in [
            "0", "1", "10#", "0/a/b", "2/~0", "0+1", "1-2#", "0-1/a", "120/",
        ] {
            assert!(is_relative_json_pointer(good), "{good}");
        }
        for bad in [
            "", "/a", "01", "01#", "-1", "+1", "0##", "0+", "0+0", "0-01", "1a", "0/~",
        ] {
            assert!(!is_relative_json_pointer(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,20}", tricky in "[0-9+#/~-]{0,8}") {
            for text in [text, tricky] {
                let _ = (is_json_pointer(&text), is_relative_json_pointer(&text));
            }
        }
    }
}
