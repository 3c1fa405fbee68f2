//! Whatever the keys and values of a contract are called, it gives Rust or a diagnostic.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fmt::Write as _;

use proptest::prelude::*;
use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// TOML's basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => write!(out, "\\u{:04X}", u32::from(c)).unwrap(),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        any::<String>(),
        "[a-zA-Z_][a-zA-Z0-9_]{0,6}",
        "[-+*/<>=.0-9]{0,3}",
        prop::sample::select(vec![
            "self",
            "Self",
            "type",
            "build",
            "builder",
            "args",
            "output",
            "handler",
            "option",
            "string",
            "result",
            "json_value",
            "checker",
            "missing",
            "other",
            "default",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::btree_set(name, 1..6).prop_map(|names| names.into_iter().collect())
}

proptest! {
    #[test]
    fn names_of_all_kinds(keys in names(), values in names(), titles in names()) {
        let mut properties = String::new();
        for (index, key) in keys.iter().enumerate() {
            let title = quoted(&titles[index % titles.len()]);
            let schema = match index % 3 {
                0 => format!("{{ type = \"object\", title = {title}, properties = {{ x = {{}} }} }}"),
                1 => "{ type = \"object\", properties = { x = {} } }".to_owned(),
                _ => "{ type = \"integer\", default = 1 }".to_owned(),
            };
            writeln!(properties, "{} = {schema}", quoted(key)).unwrap();
        }
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let text = format!(
            "edition = \"2026\"\nnamespace = \"a\"\n[tasks.t]\nversion = 1\n\
             args = {{ \"$ref\" = \"#/types/A\" }}\n\
             [types.E]\ntype = \"string\"\nenum = [{}]\nx-open = true\n\
             [types.A]\ntype = \"object\"\n[types.A.properties]\n{properties}",
            values.join(", "),
        );
        let loaded = load_sources([("a.toml".to_owned(), text.clone())]);
        prop_assert!(loaded.is_ok(), "{text}\n{:?}", loaded.diagnostics);
        match render(&loaded.contracts, &Options::default()) {
            Ok(files) => {
                for file in files {
                    prop_assert!(syn::parse_file(&file.text).is_ok(), "{text}\n{}", file.text);
                    prop_assert!(!file.text.contains("compile_error"), "{}", file.text);
                }
            }
            Err(problems) => {
                prop_assert!(problems.iter().all(|problem| problem.code.id == "E101"));
            }
        }
    }
}
