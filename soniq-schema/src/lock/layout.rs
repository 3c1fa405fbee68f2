//! Canonical schemas as people review them: one property or keyword a line.
//!
//! A lock file shows a schema in this layout, and its fingerprint is that of the compact text. So both
//! ways lead through the tree of the text itself: numbers stay spelled as they are.

use std::fmt::Write as _;

use crate::json_text::{JsonNode, JsonValue};

/// What fits on a line is not broken, if it is of scalars.
const WIDTH: usize = 100;

/// The text of a tree of `text`, over several lines, with a line's end behind the last one.
pub(super) fn broad(node: &JsonNode, text: &str) -> String {
    let mut out = String::new();
    broken(node, text, 0, &mut out);
    out.push('\n');
    out
}

/// The text of a tree of `text`, without any space.
pub(crate) fn compact(node: &JsonNode, text: &str) -> String {
    let mut out = String::new();
    inline(node, text, ["", ":", ","], &mut out);
    out
}

/// On one line; the spaces are those inside of brackets, behind a key and behind a part.
fn inline(node: &JsonNode, text: &str, marks: [&str; 3], out: &mut String) {
    let [pad, colon, comma] = marks;
    match &node.value {
        JsonValue::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { comma } else { "" });
                inline(item, text, marks, out);
            }
            out.push(']');
        }
        JsonValue::Object(members) => {
            let pad = if members.is_empty() { "" } else { pad };
            out.push('{');
            out.push_str(pad);
            for (index, member) in members.iter().enumerate() {
                out.push_str(if index > 0 { comma } else { "" });
                string(&member.key, out);
                out.push_str(colon);
                inline(&member.node, text, marks, out);
            }
            out.push_str(pad);
            out.push('}');
        }
        JsonValue::String(value) => string(value, out),
        JsonValue::Null | JsonValue::Boolean(_) | JsonValue::Number(_) => {
            out.push_str(&text[node.range.clone()]);
        }
    }
}

fn broken(node: &JsonNode, text: &str, depth: usize, out: &mut String) {
    let parts: Vec<(Option<&str>, &JsonNode)> = match &node.value {
        JsonValue::Array(items) => items.iter().map(|item| (None, item)).collect(),
        JsonValue::Object(members) => {
            let members = members.iter();
            members
                .map(|one| (Some(one.key.as_str()), &one.node))
                .collect()
        }
        _ => Vec::new(),
    };
    // The document itself is always broken: its keywords are what a change is about.
    let has_structure = parts.iter().any(|(_, part)| is_structure(part));
    if parts.is_empty() || depth > 0 && !has_structure {
        let mut line = String::new();
        inline(node, text, [" ", ": ", ", "], &mut line);
        if parts.is_empty() || line.chars().count() + 2 * depth <= WIDTH {
            out.push_str(&line);
            return;
        }
    }
    let (open, close) = match &node.value {
        JsonValue::Array(_) => ('[', ']'),
        _ => ('{', '}'),
    };
    out.push(open);
    for (index, (key, part)) in parts.iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        indent(depth + 1, out);
        if let Some(key) = key {
            string(key, out);
            out.push_str(": ");
        }
        broken(part, text, depth + 1, out);
    }
    out.push('\n');
    indent(depth, out);
    out.push(close);
}

/// Whether it holds more than scalars and lists of them.
fn is_structure(node: &JsonNode) -> bool {
    match &node.value {
        JsonValue::Object(members) => !members.is_empty(),
        JsonValue::Array(items) => items
            .iter()
            .any(|item| is_structure(item) || matches!(item.value, JsonValue::Array(_))),
        _ => false,
    }
}

fn indent(depth: usize, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{:1$}", "", 2 * depth);
}

/// As `serde_json` spells it, which is how canonical schemas are spelled.
fn string(value: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(value).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_text::parse;

    #[track_caller]
    fn check(compact_text: &str) -> String {
        let node = parse(compact_text).expect("it is JSON");
        let text = broad(&node, compact_text);
        let again = parse(&text).expect("it is JSON still");
        assert_eq!(compact(&again, &text), compact_text);
        text
    }

    #[test]
    fn properties_have_lines_of_their_own() {
        let text = r#"{"properties":{"id":{"format":"uuid","type":"string"},"to":{"items":{"type":"string"},"type":"array"}},"required":["id","to"],"type":"object"}"#;
        insta::assert_snapshot!(check(text), @r#"
        {
          "properties": {
            "id": { "format": "uuid", "type": "string" },
            "to": {
              "items": { "type": "string" },
              "type": "array"
            }
          },
          "required": ["id", "to"],
          "type": "object"
        }
        "#);
    }

    #[test]
    fn every_text_comes_back() {
        check("true");
        check("{}");
        check(r#"{"const":1.0e+2,"enum":[[],{},[[1]],null]}"#);
        check(r#"{"pattern":"\"\\u0027\u0001\n ü 😀"}"#);
        let long: Vec<_> = (0..40).map(|n| format!("\"value{n}\"")).collect();
        let text = check(&format!("{{\"enum\":[{}]}}", long.join(",")));
        assert!(text.lines().count() > 40);
    }
}
