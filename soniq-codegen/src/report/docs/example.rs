//! A task's arguments as people type them: in JSON, in a shell, in Rust.

use serde_json::Value;

use super::page::Example;
use crate::rust::setter_name;
use crate::shape::{ItemKind, Presence, Shapes};

/// An example of the task with this name on the wire.
pub(super) fn example(name: &str, args: &Value) -> Example {
    let quoted = args.to_string().replace('\'', r"'\''");
    Example {
        // `{:#}` of a value is its JSON, indented.
        json: format!("{args:#}"),
        command: format!("soniq enqueue {name} '{quoted}' --contracts contracts"),
    }
}

/// The call that enqueues the task `t` of the contract `n`.
pub(super) fn rust(shapes: &Shapes, (n, t): (usize, usize)) -> String {
    let namespace = &shapes.namespace_modules[n];
    let task = &shapes.task_modules[n][t];
    let args = shapes.item(shapes.tasks[n][t].args);
    let mut lines = vec![
        format!("use tasks::{namespace}::{task};"),
        String::new(),
        format!("let args = {task}::Args::builder()"),
    ];
    if let ItemKind::Struct(fields) = &args.kind {
        for field in &fields.fields {
            if field.presence == Presence::Required {
                lines.push(format!("    .{}(..)", setter_name(field)));
            }
        }
    }
    lines.push("    .build()?;".to_owned());
    lines.push(format!("{task}::enqueue(&tx, args).await?;"));
    lines.join("\n")
}
