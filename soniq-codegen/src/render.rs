//! The pure part: from contracts to the text of files.

use soniq_schema::contract::{Contracts, Task, TemplatePart};
use soniq_schema::diagnostic::{Diagnostic, Label};
use soniq_schema::json_schema::Dialect;

use crate::problem::{KEY_WITHOUT_TEXT, UNKNOWN_NAMESPACE, VALUE_DOES_NOT_FIT, at, of_run};
use crate::rust::{Input, Scope, files};
use crate::shape::{ItemKind, Presence, Shapes, shape};

/// What to generate; everything by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Only the tasks of these namespaces, and the types that they refer to; `None` is all.
    pub namespaces: Option<Vec<String>>,
    /// Which halves.
    pub side: Side,
    /// By whose rules schemas are read. By JSON Schema's alone, a string of a `format` is a
    /// `String`, an integer is a `serde_json::Value`, and a default is an annotation.
    pub dialect: Dialect,
    /// Whether arguments and results get strategies of proptest, which need soniq-runtime's feature
    /// `proptest`.
    pub arbitrary: bool,
}

/// The halves of generated code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// Functions that enqueue and traits that handle.
    #[default]
    Both,
    /// No handlers.
    Producer,
    /// No enqueueing.
    Consumer,
}

/// One file of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name in the output folder: `mod.rs`, or the namespace's.
    pub name: String,
    /// All of its text.
    pub text: String,
}

impl Options {
    pub(crate) fn wants(&self, namespace: &str) -> bool {
        self.namespaces
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == namespace))
    }
}

/// The files for `contracts`, `mod.rs` first, then one per namespace in order.
///
/// The contracts come from a load without errors.
///
/// # Errors
/// Every reason why there is no Rust for these contracts: names that collide, keys that this
/// release does not enforce, a namespace in `options` that does not exist.
pub fn render(
    contracts: &Contracts,
    options: &Options,
) -> Result<Vec<GeneratedFile>, Vec<Diagnostic>> {
    let (shapes, mut problems) = shape(contracts, options.dialect);
    for name in options.namespaces.iter().flatten() {
        if !contracts.contracts.iter().any(|c| c.namespace == *name) {
            let message = format!("no contract declares the namespace `{name}`");
            problems.push(of_run(UNKNOWN_NAMESPACE, message));
        }
    }
    let input = Input {
        contracts,
        shapes: &shapes,
        dialect: options.dialect,
        arbitrary: options.arbitrary,
    };
    problems.extend(values_that_do_not_fit(input));
    for (n, contract) in contracts.contracts.iter().enumerate() {
        for (t, task) in contract.tasks.iter().enumerate() {
            problems.extend(key_problems(input, &shapes, (n, t), task));
        }
    }
    if problems.is_empty() {
        return Ok(files(input, options));
    }
    Err(sorted(problems))
}

/// By file and place.
fn sorted(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    problems.sort_by_key(|problem| {
        let place = problem.location.as_ref();
        place.map(|location| (location.file, location.range.start))
    });
    problems
}

fn key_problems(
    input: Input<'_>,
    shapes: &Shapes,
    (n, t): (usize, usize),
    task: &Task,
) -> Vec<Diagnostic> {
    let args = shapes.tasks[n][t].args;
    let scope = Scope {
        input,
        module: shapes.item(args).module,
    };
    task.dedup_key
        .iter()
        .flat_map(|template| &template.parts)
        .filter_map(|part| match part {
            TemplatePart::Field(path) => Some(path),
            TemplatePart::Literal(_) => None,
        })
        .filter(|path| scope.key_field(path, args).is_none())
        .map(|path| {
            let message = format!(
                "`dedup_key` of `{}` names `{}`, which has no type of its own in Rust",
                task.name,
                path.join(".")
            );
            let schema = scope.last_field(path, args).unwrap_or(task.args);
            let location = &input.contracts.schemas.get(schema).node().location;
            let mut problem = at(KEY_WITHOUT_TEXT, message, location);
            problem.secondary.push(Label {
                location: task.location.clone(),
                text: "of this task".to_owned(),
            });
            problem
        })
        .collect()
}

fn values_that_do_not_fit(input: Input<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for item in &input.shapes.items {
        let ItemKind::Struct(fields) = &item.kind else {
            continue;
        };
        let scope = Scope {
            input,
            module: item.module,
        };
        for field in &fields.fields {
            let (Presence::Defaulted(value) | Presence::Constant(value)) = &field.presence else {
                continue;
            };
            if scope.try_literal(&field.shape, value).is_none() {
                let message = format!("`{}` cannot hold {value}", field.key);
                let location = &input.contracts.schemas.get(field.schema).node().location;
                problems.push(at(VALUE_DOES_NOT_FIT, message, location));
            }
        }
    }
    problems
}
