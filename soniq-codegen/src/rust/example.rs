//! `example()`: a value of the arguments or the result, for tests.

use serde_json::Value;
use soniq_schema::json_schema::Dialect;

use super::Scope;
use super::docs::doc;
use super::file::block;
use crate::draw;
use crate::shape::{Item, ItemId, ItemKind, Module, Shape};

/// What became of the example of a type.
pub(super) enum Example {
    /// The items that give it.
    Written(String),
    /// None was found; this is what the type's documentation says of it.
    Missing(&'static str),
}

impl<'a> Scope<'a> {
    /// The `example()` of a type that the runtime decodes.
    pub(super) fn example(self, id: ItemId, item: &Item) -> Example {
        // By JSON Schema's rules alone, contracts are read by test suites only.
        let is_alias = matches!(item.kind, ItemKind::Alias(_));
        if is_alias || self.input.dialect == Dialect::JsonSchema {
            return Example::Written(String::new());
        }
        let schemas = &self.input.contracts.schemas;
        let given = self.given(item);
        let shape = Shape::Item(id);
        let written = |value: &Value| self.try_literal(&shape, value);
        let found = draw::example(schemas, item.schema, given.iter().copied(), written);
        let Some(literal) = found else {
            return Example::Missing(
                "There is no `example()` and no `Arbitrary`: no value was found that the schema accepts. \
                 An entry of the task's `examples` becomes one.",
            );
        };
        let docs = doc(if given.is_empty() {
            "A plain value that the contract accepts, for tests."
        } else {
            "The first example of the contract, for tests."
        });
        let name = &item.name;
        let function = format!("{docs}pub fn example() -> {name} {{\n{literal}\n}}\n");
        Example::Written(block(&format!("impl {name}"), &function))
    }

    /// The examples that a contract gives of a type.
    fn given(self, item: &Item) -> Vec<&'a Value> {
        let contracts = self.input.contracts;
        match item.module {
            Module::Task(n, t) if item.name == "Args" => {
                let examples = &contracts.contracts[n].tasks[t].examples;
                examples.iter().map(|example| &example.args).collect()
            }
            _ => contracts
                .schemas
                .get(item.schema)
                .node()
                .keywords
                .examples
                .iter()
                .collect(),
        }
    }
}
