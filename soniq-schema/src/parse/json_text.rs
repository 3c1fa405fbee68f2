//! JSON text as a tree with the place of every value: what a schema file is read into, by a load and
//! by whoever brings schemas in.
//!
//! Written out because `serde_json` tells no places and the TOML tree has no null. It takes what
//! RFC 8259 describes and no more, stops at the first mistake, and refuses a key that is given
//! twice: which of the two counts is anybody's guess.

use std::ops::Range;

use serde_json::Number;

/// How deep arrays and objects may nest; as deep as `serde_json` reads.
const MAX_DEPTH: usize = 127;

/// A value and the bytes that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonNode {
    /// The bytes of the text that it stands in.
    pub range: Range<usize>,
    /// What it is.
    pub value: JsonValue,
}

/// A value whose parts have places.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonValue {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number; one that 64 bits do not hold is the nearest double.
    Number(Number),
    /// A string, its escapes resolved.
    String(String),
    /// An array
    Array(Vec<JsonNode>),
    /// An object, no key twice, in the order of the file.
    Object(Vec<JsonMember>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonMember {
    /// The key, its escapes resolved.
    pub key: String,
    /// The bytes of the key and its quotes.
    pub key_range: Range<usize>,
    /// The value.
    pub node: JsonNode,
}

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong, on one line.
    pub message: String,
    /// The bytes that are to blame.
    pub range: Range<usize>,
    /// Whether it may well be JSON, only too deep to be walked.
    pub too_deep: bool,
}

/// Reads one JSON value with nothing but white space around it.
///
/// ```
/// use soniq_schema::json_text::{JsonValue, parse};
///
/// let node = parse(r#"{ "b": 1, "a": 2 }"#).expect("it is JSON");
/// let JsonValue::Object(members) = &node.value else { unreachable!() };
/// assert_eq!(members[0].key, "b");
/// assert_eq!(parse("[1,]").unwrap_err().range, 3..4);
/// ```
///
/// # Errors
/// The first mistake.
pub fn parse(text: &str) -> Result<JsonNode, JsonError> {
    // A byte order mark, which some editors write, is no part of the text: RFC 8259, section 8.1.
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut parser = Parser { text, at };
    let node = parser.value(0)?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.unexpected("the end of the file"));
    }
    Ok(node)
}

struct Parser<'t> {
    text: &'t str,
    /// Always on a character boundary.
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Goes on behind `byte` if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn unexpected(&self, wanted: &str) -> JsonError {
        let next = self.text[self.at..].chars().next();
        let found = next.map_or("the end of the file".to_owned(), |c| format!("{c:?}"));
        let end = self.at + next.map_or(0, char::len_utf8);
        error(format!("expected {wanted}, found {found}"), self.at..end)
    }

    fn value(&mut self, depth: usize) -> Result<JsonNode, JsonError> {
        self.space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => JsonValue::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => JsonValue::Number(self.number()?),
            Some(b't') => self.word("true", JsonValue::Boolean(true))?,
            Some(b'f') => self.word("false", JsonValue::Boolean(false))?,
            Some(b'n') => self.word("null", JsonValue::Null)?,
            _ => return Err(self.unexpected("a JSON value")),
        };
        Ok(JsonNode {
            range: start..self.at,
            value,
        })
    }

    fn word(&mut self, word: &str, value: JsonValue) -> Result<JsonValue, JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("a JSON value"));
        }
        self.at += word.len();
        Ok(value)
    }

    /// Behind the opening bracket of an array or object, if that is not one too many.
    fn open(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError {
                message: format!("the file is nested more than {MAX_DEPTH} levels deep"),
                range: self.at..self.at + 1,
                too_deep: true,
            });
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<JsonValue, JsonError> {
        self.open(depth)?;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(JsonValue::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(JsonValue::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<JsonValue, JsonError> {
        self.open(depth)?;
        let mut members: Vec<JsonMember> = Vec::new();
        if self.eat(b'}') {
            return Ok(JsonValue::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            let key_range = start..self.at;
            self.space();
            if !self.eat(b':') {
                return Err(self.unexpected("`:`"));
            }
            let node = self.value(depth + 1)?;
            members.push(JsonMember {
                key,
                key_range,
                node,
            });
            self.space();
            if self.eat(b'}') {
                no_key_twice(&members)?;
                return Ok(JsonValue::Object(members));
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    /// The string that starts here, without quotes and escapes.
    fn string(&mut self) -> Result<String, JsonError> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    // Whatever is escaped: `serde_json` below knows what may be.
                    self.at += self.text[self.at..]
                        .chars()
                        .next()
                        .map_or(0, char::len_utf8);
                }
                Some(byte) if byte >= b' ' => self.at += 1,
                Some(_) => return Err(self.unexpected("no control character in a string")),
                None => return Err(error("the string has no end".to_owned(), start..self.at)),
            }
        }
        self.at += 1;
        let range = start..self.at;
        serde_json::from_str(&self.text[range.clone()]).map_err(|_| {
            error(
                "the string has an escape that JSON does not know".to_owned(),
                range,
            )
        })
    }

    fn number(&mut self) -> Result<Number, JsonError> {
        let start = self.at;
        while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        let range = start..self.at;
        let text = &self.text[range.clone()];
        serde_json::from_str(text)
            .map_err(|_| error(format!("{text} is not a number that can be held"), range))
    }
}

/// Refuses a repeated key; sorts references, for an object may be large.
fn no_key_twice(members: &[JsonMember]) -> Result<(), JsonError> {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    match sorted.windows(2).find(|pair| pair[0].key == pair[1].key) {
        Some(pair) => Err(error(
            format!("the key {:?} is given twice", pair[1].key),
            pair[1].key_range.clone(),
        )),
        None => Ok(()),
    }
}

fn error(message: String, range: Range<usize>) -> JsonError {
    JsonError {
        message,
        range,
        too_deep: false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn plain(node: &JsonNode) -> Value {
        match &node.value {
            JsonValue::Null => Value::Null,
            JsonValue::Boolean(flag) => json!(flag),
            JsonValue::Number(number) => Value::Number(number.clone()),
            JsonValue::String(text) => json!(text),
            JsonValue::Array(items) => items.iter().map(plain).collect(),
            JsonValue::Object(members) => members
                .iter()
                .map(|member| (member.key.clone(), plain(&member.node)))
                .collect::<Map<_, _>>()
                .into(),
        }
    }

    #[test]
    fn values_have_their_places() {
        let text = " { \"a\" : [1, \"\\u00e4\u{e4}\"] } ";
        let node = parse(text).unwrap();
        assert_eq!(node.range, 1..text.len() - 1);
        let JsonValue::Object(members) = &node.value else {
            panic!("an object");
        };
        assert_eq!(&text[members[0].key_range.clone()], "\"a\"");
        let JsonValue::Array(items) = &members[0].node.value else {
            panic!("an array");
        };
        assert_eq!(&text[items[0].range.clone()], "1");
        assert_eq!(items[1].value, JsonValue::String("\u{e4}\u{e4}".to_owned()));
    }

    #[test]
    fn mistakes_have_theirs() {
        for (text, at, message) in [
            ("", 0, "expected a JSON value, found the end of the file"),
            (
                "{\"a\":1,}",
                7,
                "expected a key in double quotes, found '}'",
            ),
            ("[1 2]", 3, "expected `,` or `]`, found '2'"),
            ("{\"a\" 1}", 5, "expected `:`, found '1'"),
            (
                "1 \u{e4}",
                2,
                "expected the end of the file, found '\u{e4}'",
            ),
            ("[nul]", 1, "expected a JSON value, found 'n'"),
            ("[01]", 1, "01 is not a number that can be held"),
            ("1e999", 0, "1e999 is not a number that can be held"),
            ("\"a", 0, "the string has no end"),
            ("\"\\", 0, "the string has no end"),
            (
                "\"\\x\"",
                0,
                "the string has an escape that JSON does not know",
            ),
            (
                "\"\\ud800\"",
                0,
                "the string has an escape that JSON does not know",
            ),
            (
                "{\"a\":1,\"b\":2,\"a\":3}",
                13,
                "the key \"a\" is given twice",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.range.start, error.message.as_str()), (at, message));
            assert!(text.get(error.range).is_some(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(128)).is_ok());
        assert!(parse(&nested(129)).unwrap_err().too_deep);
        assert!(parse(&nested(10_000)).unwrap_err().too_deep);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}\",:0-9.eE\\\\u+ntrfalse \u{e4}-]{0,24}") {
            match (parse(&text), serde_json::from_str::<Value>(&text)) {
                (Ok(node), Ok(value)) => prop_assert_eq!(plain(&node), value),
                (Err(error), Ok(_)) => prop_assert!(error.message.contains("twice"), "{}", error.message),
                (Ok(_), Err(error)) => prop_assert!(false, "took {text}: {error}"),
                (Err(error), Err(_)) => prop_assert!(text.get(error.range).is_some()),
            }
        }

        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            let _ = parse(&text);
        }
    }
}
