//! Rust that is quoted from a file which is compiled elsewhere.

use std::fs;

use super::{all, root};

#[test]
fn quotes_say_what_the_file_says() {
    let mut seen = 0;
    for (place, block) in all("rust,ignore") {
        seen += 1;
        let (first, quoted) = block.split_once('\n').unwrap();
        let path = first
            .strip_prefix("// ")
            .unwrap_or_else(|| panic!("{place}: the first line is to say which file"));
        let text = fs::read_to_string(root().join("soniq-cli/templates").join(path)).unwrap();
        let mut lines = text.lines().map(str::trim);
        for line in quoted.lines().map(str::trim) {
            assert!(
                lines.any(|other| other == line),
                "{place}: {path} does not go on with {line:?}"
            );
        }
    }
    assert!(seen >= 1, "none was found");
}
