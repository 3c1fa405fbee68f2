//! Contracts whose every text would be markup if it were let.

use super::{documented, page};

const TEXTS: [&str; 5] = [
    "</script><script>alert(1)</script>",
    "a | b `c` ``d`` \\| <b onclick=x> &amp; [e](f) ![g](h)",
    "# one\n\n- two\n```\n</style>",
    "--> <!-- ]]> \" ' größe 数 \u{202e}",
    "javascript:alert(1) ${x} {{y}} ~~z~~ *w* _v_",
];

/// TOML's basic string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn contract(text: &str) -> String {
    let other = quoted(&format!("old {text}"));
    let text = quoted(text);
    format!(
        r##"
edition = "2026"
namespace = "a"
owner = {text}
description = {text}
[types.T]
title = {text}
description = {text}
type = "string"
enum = [{text}, "x"]
[tasks.t]
version = 1
description = {text}
deprecated = {text}
dedup_key = "k"
reserved = [{other}]
schedule = {{ every = "1m", args = {{ {text} = {text} }} }}
[tasks.t.args]
type = "object"
[tasks.t.args.properties.{text}]
type = ["string", "null"]
title = {text}
description = {text}
default = {text}
examples = [{text}]
[tasks.t.args.properties.list]
oneOf = [{{ title = {text}, type = "string", const = {text} }}, {{ "$ref" = "#/types/T" }}]
[[tasks.t.examples]]
{text} = {text}
"##
    )
}

#[test]
fn texts_stay_texts() {
    for text in TEXTS {
        let contract = contract(text);
        let (elements, prose) = documented(&[("a.toml", &contract)]);
        let names = ["b", "img"];
        assert!(
            elements
                .iter()
                .all(|element| !names.contains(&element.name.as_str()))
        );

        // In each place it is read as it was written.
        let descriptions = page::texts(&elements, "p");
        let times = descriptions
            .iter()
            .filter(|shown| **shown == text.trim())
            .count();
        // The namespace, the task, the type twice and the property twice.
        assert!(times >= 6, "{times} times {text}");
        let json = serde_json::Value::from(text).to_string();
        let has = |name: &str, wanted: &str| {
            page::texts(&elements, name)
                .iter()
                .any(|shown| shown.contains(wanted))
        };
        assert!(
            has("th", &json) && has("td", &json) && has("dd", &json),
            "{text}"
        );
        assert!(
            has("pre", &format!("{{{json}:{json}}}").replace('\'', r"'\''")),
            "{text}"
        );
        assert!(has("p", &format!("Deprecated: {text}")), "{text}");

        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.text.contains(&format!("Owner: {line}")), "{text}");
        assert!(prose.first_cells.contains(&json), "{text}");
        let headings = [
            "Task catalogue",
            "a",
            "a",
            "a.t.v1",
            "Arguments",
            "Enqueue",
            "Examples",
            "Types",
            "T",
        ];
        assert_eq!(prose.headings, headings);
    }
}
