//! `soniq-codegen schema`: a JSON Schema of contract files, for editors that complete and check
//! them while they are written.
//!
//! The types below are never values: they describe the language for `schemars`, key by key, in the
//! words that an editor shows. Diagnostics come from soniq-schema, which knows more than a schema
//! can say; a test holds the keys of the two equal.

mod behaviour;
mod file;
mod keywords;
mod task;
mod words;

use std::io::{self, Write as _};
use std::process::ExitCode;

use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, generate::SchemaSettings};
use serde_json::Value;

/// Prints the schema.
pub(super) fn run() -> ExitCode {
    match writeln!(io::stdout(), "{:#}", schema().as_value()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: cannot print the schema: {error}");
            ExitCode::FAILURE
        }
        // Whoever stops to read has what they want.
        _ => ExitCode::SUCCESS,
    }
}

fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().with_transform(NoNull);
    settings
        .into_generator()
        .into_root_schema_for::<file::Contract>()
}

/// A key that may be left out is an `Option` below; TOML has no null to write in its place.
#[derive(Debug, Clone)]
struct NoNull;

impl Transform for NoNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = &types[..] {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
            branches.retain(|branch| branch["type"] != "null");
            if let [Value::Object(only)] = &branches[..] {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    schema.insert(key, value);
                }
            }
        }
        transform_subschemas(self, schema);
    }
}
