//! Whatever is nested in whatever: each task and each field has its row.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{documented, page};

/// A schema; properties get their names later, so that each has one of its own.
#[derive(Debug, Clone)]
enum Tree {
    Scalar(&'static str),
    /// To the type of this number, or as many fewer as there are.
    Ref(usize),
    Object(Vec<Tree>),
    Keyword(&'static str, Box<Tree>),
    Branches(&'static str, Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["string", "integer", "boolean", "null"]).prop_map(Tree::Scalar),
        (0..4_usize).prop_map(Tree::Ref),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let keyword = prop::sample::select(vec![
            "items",
            "contains",
            "additionalProperties",
            "unevaluatedProperties",
            "propertyNames",
            "not",
            "if",
            "contentSchema",
            "unevaluatedItems",
        ]);
        let list = prop::sample::select(vec!["oneOf", "anyOf", "allOf", "prefixItems"]);
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..3).prop_map(Tree::Object),
            1 => (keyword, inner.clone()).prop_map(|(key, tree)| Tree::Keyword(key, Box::new(tree))),
            1 => (list, prop::collection::vec(inner, 1..3)).prop_map(|(key, trees)| Tree::Branches(key, trees)),
        ]
    })
}

/// Writes schemas, and remembers the fields.
struct Writer {
    types: usize,
    fields: Vec<String>,
}

impl Writer {
    fn schema(&mut self, tree: &Tree) -> Value {
        match tree {
            Tree::Scalar(name) => json!({ "type": name }),
            Tree::Ref(_) if self.types == 0 => json!({}),
            Tree::Ref(n) => json!({ "$ref": format!("#/types/T{}", n % self.types) }),
            Tree::Object(trees) => {
                let mut properties = serde_json::Map::new();
                for tree in trees {
                    // Some need quotes in a path.
                    let n = self.fields.len();
                    let name = if n.is_multiple_of(3) {
                        format!("odd field{n}.")
                    } else {
                        format!("field{n}_")
                    };
                    self.fields.push(name.clone());
                    let schema = self.schema(tree);
                    properties.insert(name, schema);
                }
                json!({ "type": "object", "properties": properties })
            }
            Tree::Keyword(key, tree) => json!({ *key: self.schema(tree) }),
            Tree::Branches(key, trees) => {
                let schemas: Vec<Value> = trees.iter().map(|tree| self.schema(tree)).collect();
                json!({ *key: schemas })
            }
        }
    }
}

/// A value as TOML has it.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                format!("{} = {}", Value::from(key.as_str()), toml(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

fn names_field(cell: &str, field: &str) -> bool {
    cell.contains(field) || cell.contains(&Value::from(field).to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_task_and_field_is_there(
        types in prop::collection::vec(tree(), 0..4),
        tasks in prop::collection::vec((prop::collection::vec(tree(), 0..3), tree(), prop::collection::vec(tree(), 0..2)), 1..4),
    ) {
        let mut writer = Writer { types: types.len(), fields: Vec::new() };
        let mut text = "edition = '2026'\nnamespace = 'a'\n[tasks]\n".to_owned();
        for (n, (args, result, retired)) in tasks.iter().enumerate() {
            let args = toml(&writer.schema(&Tree::Object(args.clone())));
            let result = toml(&writer.schema(result));
            writeln!(text, "t{n}.version = 2\nt{n}.args = {args}\nt{n}.result = {result}").unwrap();
            let retired = toml(&writer.schema(&Tree::Object(retired.clone())));
            writeln!(text, "t{n}.retired.v1.args = {retired}").unwrap();
        }
        text.push_str("[types]\n");
        for (n, tree) in types.iter().enumerate() {
            writeln!(text, "T{n} = {}", toml(&writer.schema(tree))).unwrap();
        }
        let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text.clone())]);
        // Types may go in circles that say nothing.
        prop_assume!(loaded.is_ok());
        let (elements, prose) = documented(&[("a.toml", &text)]);
        let cells = page::texts(&elements, "th");
        for field in &writer.fields {
            prop_assert!(cells.iter().any(|cell| names_field(cell, field)), "{field} in\n{text}");
            prop_assert!(prose.first_cells.iter().any(|cell| names_field(cell, field)), "{field} in\n{text}");
        }
        let headings = page::texts(&elements, "h3");
        for n in 0..tasks.len() {
            let name = format!("a.t{n}.v2");
            prop_assert!(headings.contains(&name.as_str()) && prose.headings.contains(&name));
        }
    }
}
