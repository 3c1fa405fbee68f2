//! Where a job's arguments come from.

use std::io::{self, Read as _};

use serde_json::Value;

use crate::error::Error;

/// Reads `-` (standard input), `@FILE`, or the text itself as JSON.
pub(super) fn read(text: &str) -> Result<Value, Error> {
    let (origin, bytes) = if text == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes).map(|_| bytes);
        ("standard input".to_owned(), read)
    } else if let Some(path) = text.strip_prefix('@') {
        (path.to_owned(), std::fs::read(path))
    } else {
        ("the command line".to_owned(), Ok(text.as_bytes().to_vec()))
    };
    let bytes = bytes.map_err(|reason| Error::ReadArgs {
        origin: origin.clone(),
        reason,
    })?;
    serde_json::from_slice(&bytes).map_err(|reason| Error::ArgsNotJson { origin, reason })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_text_and_files_and_says_where_it_failed() {
        assert_eq!(read("{\"a\": 1}").unwrap(), serde_json::json!({ "a": 1 }));
        let message = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(
            message("{\"a\": }"),
            "the arguments from the command line are no JSON: expected value at line 1 column 7"
        );
        assert!(
            message("@no/such.json")
                .starts_with("the arguments cannot be read from no/such.json: ")
        );

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("args.json");
        std::fs::write(&path, "[1]").unwrap();
        assert_eq!(
            read(&format!("@{}", path.display())).unwrap(),
            serde_json::json!([1])
        );
    }
}
