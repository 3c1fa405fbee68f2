//! JSON pointers, RFC 6901.

use soniq_schema::json_text::{JsonMember, JsonNode, JsonValue};

/// A key as a step of a pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key that a step stands for.
pub(super) fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The pointer of a part.
pub(super) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", escaped(key))
}

/// The keys on the way.
pub(super) fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// The value at the end of a pointer.
pub(super) fn at<'d>(root: &'d JsonNode, pointer: &str) -> Option<&'d JsonNode> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    let mut node = root;
    for step in steps(pointer) {
        node = match &node.value {
            JsonValue::Object(_) => member(node, &step)?,
            JsonValue::Array(items) => {
                let index = step.parse::<usize>().ok()?;
                // `01` and `+1` are no indices.
                let is_plain = index.to_string() == step;
                items.get(index).filter(|_| is_plain)?
            }
            _ => return None,
        };
    }
    Some(node)
}

/// The members of an object; none of any other value.
pub(super) fn members(node: &JsonNode) -> &[JsonMember] {
    match &node.value {
        JsonValue::Object(members) => members,
        _ => &[],
    }
}

/// The value of a key.
pub(super) fn member<'d>(node: &'d JsonNode, key: &str) -> Option<&'d JsonNode> {
    let mut all = members(node).iter();
    all.find(|member| member.key == key)
        .map(|member| &member.node)
}

/// The text of a key's value, if it is a string.
pub(super) fn text<'d>(node: &'d JsonNode, key: &str) -> Option<&'d str> {
    string(member(node, key)?)
}

/// The text of a string.
pub(super) fn string(node: &JsonNode) -> Option<&str> {
    match &node.value {
        JsonValue::String(text) => Some(text),
        _ => None,
    }
}
