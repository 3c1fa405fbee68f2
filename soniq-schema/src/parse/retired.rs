//! Versions whose rows may still lie in the queue: `[tasks.send_invoice.retired.v1]`.

use super::context::{Context, Pending};
use super::contract::Envelope;
use super::names::{self, Form, WireName};
use super::schema::Place;
use super::table::Table;
use super::task::read_args;
use crate::contract::RetiredVersion;
use crate::diagnostic::{Diagnostic, codes};

/// Keys of one version.
pub(super) const KEYS: &[&str] = &["args", "name"];

/// Reads `retired` of the task `key`, whose version is `current`; sorted by version.
pub(super) fn read(
    context: &mut Context<'_>,
    table: &Table<'_>,
    envelope: &Envelope<'_>,
    key: &str,
    current: Option<u32>,
) -> Vec<RetiredVersion> {
    let Some(table) = table.get("retired").and_then(|entry| entry.table(context)) else {
        return Vec::new();
    };
    let mut retired = Vec::new();
    for entry in &table.entries {
        let location = entry.key_location.clone();
        let Some(version) = retired_version(entry.key) else {
            let message = format!("`{}` is not a version", entry.key);
            context.report(Diagnostic::new(
                codes::BAD_RETIRED_VERSION,
                message,
                &location,
            ));
            continue;
        };
        if current.is_some_and(|current| version >= current) {
            let message = format!("v{version} is not older than the task's own version");
            context.report(Diagnostic::new(
                codes::BAD_RETIRED_VERSION,
                message,
                &location,
            ));
            continue;
        }
        let Some(table) = entry.table(context) else {
            continue;
        };
        let title = format!("the retired version `{}`", entry.key);
        table.check_keys(context, KEYS, &title);
        let given = table.string(context, "name").filter(|name| {
            names::check(
                context,
                "a task on the wire",
                name.value,
                &name.location,
                Form::WireName,
            )
        });
        let name = match given {
            Some(name) => name.value.to_owned(),
            None => format!("{}.{key}.v{version}", envelope.namespace),
        };
        context.wire_names.push(WireName {
            name: name.clone(),
            location: location.clone(),
            claimed_by: "a retired version",
        });
        let place = Place::root(location.file, &["tasks", key, "retired", entry.key, "args"]);
        let args = read_args(context, &table, &title, (&place, &location));
        context.pending.push(Pending::Args {
            args,
            location: location.clone(),
            // Old versions are why names are reserved.
            reserved: Vec::new(),
        });
        retired.push(RetiredVersion {
            version,
            name,
            location,
            args,
        });
    }
    retired.sort_by_key(|retired| retired.version);
    retired
}

/// N of `vN`, written without leading zeros.
fn retired_version(key: &str) -> Option<u32> {
    let version: u32 = key.strip_prefix('v')?.parse().ok()?;
    (version > 0 && key == format!("v{version}")).then_some(version)
}
