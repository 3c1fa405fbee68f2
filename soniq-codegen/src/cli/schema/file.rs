//! A contract file.
#![allow(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::json;

use super::behaviour::Defaults;
use super::keywords::Schema;
use super::task::Task;
use super::words::Segment;

/// Which tasks exist, what arguments each takes, and how it is run.
#[derive(JsonSchema)]
#[schemars(title = "Soniq task contract", rename = "file", deny_unknown_fields)]
pub(super) struct Contract {
    /// The language's edition.
    edition: Edition,
    /// First segment of every task name, and the Rust module.
    namespace: Segment,
    /// Team that answers for it.
    owner: Option<String>,
    /// Prose for docs.
    description: Option<String>,
    /// For every task in this file; a task's own key wins.
    defaults: Option<Defaults>,
    /// Shared schemas: `"$ref" = "#/types/Money"`, or from another file `"billing.toml#/types/Money"`.
    #[schemars(extend("propertyNames" = json!({ "pattern": "^[A-Za-z][A-Za-z0-9_]*$" })))]
    types: Option<BTreeMap<String, Schema>>,
    /// The tasks by their keys, which give the Rust modules.
    #[schemars(extend("propertyNames" = json!({ "pattern": "^[a-z][a-z0-9_]*$" })))]
    tasks: Option<BTreeMap<String, Task>>,
}

#[derive(JsonSchema)]
enum Edition {
    #[schemars(rename = "2026")]
    Of2026,
}
