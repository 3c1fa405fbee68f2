//! Reading a line from left to right.

/// A line and how far it has been read.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(b'\n')
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> &'t str {
        let start = self.at;
        self.at = self.text.len().min(start + len);
        &self.text[start..self.at]
    }

    /// Up to and with `text`, or all.
    pub(super) fn through(&mut self, text: &str) -> &'t str {
        let len = self.rest().find(text).map(|found| found + text.len());
        self.take(len.unwrap_or(usize::MAX - self.at))
    }

    /// `text`, if it is what comes next.
    pub(super) fn eat(&mut self, text: &str) -> &'t str {
        let len = if self.starts(text) { text.len() } else { 0 };
        self.take(len)
    }

    /// An identifier, raw or not.
    pub(super) fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let len = rest.bytes().position(|b| !is_word(b) && b != b'#');
        self.take(len.unwrap_or(rest.len()))
    }
}

/// The end of the literal or the comment-free rest that starts at `at` with a quote or `r"`, `r#"`.
pub(in crate::rust) fn skip_literal(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(text.len() - body.len() + body.find(&close)? + close.len());
    }
    let mut escaped = false;
    let body = rest.strip_prefix('"')?;
    let close = body.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some(at + close + 2)
}

/// A letter, a digit, an underscore, or part of a letter that is not ASCII.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128
}
