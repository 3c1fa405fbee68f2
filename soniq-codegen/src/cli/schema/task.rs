//! One task.
#![allow(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::behaviour::{Defaults, Schedule};
use super::keywords::Schema;
use super::words::{Template, WireName};

/// One task; on the wire it is called `namespace.key.vN`.
#[derive(JsonSchema)]
#[schemars(rename = "task", deny_unknown_fields)]
pub(super) struct Task {
    /// From 1; gives the `.vN` of the wire name.
    #[schemars(range(min = 1))]
    version: u32,
    /// Overrides the whole wire name, for tasks that exist already.
    name: Option<WireName>,
    /// Prose for docs.
    description: Option<String>,
    /// Why it should no longer be enqueued; becomes `#[deprecated]`.
    deprecated: Option<String>,
    #[schemars(flatten)]
    behaviour: Defaults,
    /// One queued job per key.
    dedup_key: Option<Template>,
    /// When the scheduler enqueues it.
    schedule: Option<Schedule>,
    /// Schema of the arguments: an object schema.
    args: Schema,
    /// Schema of the result.
    result: Option<Schema>,
    /// Property names never to be used again.
    reserved: Option<Vec<String>>,
    /// Older wire names under which rows may still lie.
    aliases: Option<Vec<WireName>>,
    /// Older versions whose rows consumers must upgrade, as `v1`.
    #[schemars(extend("propertyNames" = json!({ "pattern": "^v[1-9][0-9]*$" })))]
    retired: Option<BTreeMap<String, Retired>>,
    /// Example args; each fits `args`.
    examples: Option<Vec<Map<String, Value>>>,
    /// Waivers of compatibility findings.
    compat: Option<Compat>,
}

/// A version whose rows may still lie in the queue.
#[derive(JsonSchema)]
#[schemars(rename = "retired", deny_unknown_fields)]
struct Retired {
    /// Schema of its arguments.
    args: Schema,
    /// Wire name of its rows, where it is not `namespace.key.vN`.
    name: Option<WireName>,
}

/// Waivers of compatibility findings.
#[derive(JsonSchema)]
#[schemars(rename = "compat", deny_unknown_fields)]
struct Compat {
    /// One table per finding.
    allow: Option<Vec<Waiver>>,
}

/// A compatibility finding that is allowed.
#[derive(JsonSchema)]
#[schemars(rename = "waiver", deny_unknown_fields)]
struct Waiver {
    /// Rule id.
    #[schemars(length(min = 1))]
    rule: String,
    /// JSON pointer of the finding.
    #[schemars(length(min = 1))]
    path: String,
    /// Why it is allowed.
    #[schemars(length(min = 1))]
    reason: String,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    owner: String,
    /// Last day on which it holds, "YYYY-MM-DD".
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    expires: String,
}
