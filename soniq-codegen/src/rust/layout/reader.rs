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

/// Whether two texts are the same but for what layout may add: white space, commas and braces,
/// outside of literals.
pub(super) fn says_the_same(line: &str, laid_out: &str) -> bool {
    let (mut one, mut other) = (Pieces::of(line), Pieces::of(laid_out));
    loop {
        one.skip_alike(&mut other);
        match (one.next(), other.next()) {
            (None, None) => return true,
            (one, other) if one != other => return false,
            _ => {}
        }
    }
}

/// What a text says: its literals whole, all else byte by byte.
struct Pieces<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t str) -> Self {
        Pieces { text, at: 0 }
    }

    /// Goes over what both have, up to where a literal may start or layout may differ.
    fn skip_alike(&mut self, other: &mut Self) {
        let own = &self.text.as_bytes()[self.at..];
        let others = &other.text.as_bytes()[other.at..];
        let mut len = 0;
        while len < own.len().min(others.len())
            && own[len] == others[len]
            && !matches!(own[len], b' ' | b'\n' | b',' | b'{' | b'}' | b'"' | b'r')
        {
            len += 1;
        }
        self.at += len;
        other.at += len;
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b',' | b'{' | b'}')) {
            self.at += 1;
        }
        let start = self.at;
        let first = bytes.get(start)?;
        let after_word = start > 0 && is_word(bytes[start - 1]);
        let literal = match first {
            b'"' => skip_literal(self.text, start),
            b'r' if !after_word => skip_literal(self.text, start),
            _ => None,
        };
        self.at = literal.unwrap_or(start + 1);
        Some(&bytes[start..self.at])
    }
}
