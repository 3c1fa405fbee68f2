//! One task: `[tasks.send_invoice]`.

use super::behaviour;
use super::context::{Context, Pending};
use super::contract::Envelope;
use super::names::{self, Form, WireName};
use super::schema::Place;
use super::table::{Entry, Table};
use super::{json, retired, schedule, schema, template, waiver};
use crate::contract::{Example, Task, Template};
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Node, SchemaId};
use crate::source::Location;

/// Keys of a task beside those of [`behaviour::KEYS`].
pub(super) const KEYS: &[&str] = &[
    "version",
    "name",
    "description",
    "deprecated",
    "dedup_key",
    "schedule",
    "args",
    "result",
    "reserved",
    "aliases",
    "retired",
    "examples",
    "compat",
];

pub(super) fn read(
    context: &mut Context<'_>,
    envelope: &Envelope<'_>,
    entry: &Entry<'_>,
) -> Option<Task> {
    let key = entry.key;
    let location = &entry.key_location;
    let table = entry.table(context)?;
    names::check(context, "a task", key, location, Form::Segment);
    let known: Vec<_> = KEYS.iter().chain(behaviour::KEYS).copied().collect();
    let title = format!("the task `{key}`");
    table.check_keys(context, &known, &title);

    let behaviour = behaviour::read(context, &table).or(&envelope.defaults);
    let version = read_version(context, &table, &title, location);
    let name = read_name(context, &table, envelope, entry, version);
    let place = |part| Place::root(location.file, &["tasks", key, part]);
    let args = read_args(context, &table, &title, (&place("args"), location));
    let reserved: Vec<_> = strings(context, &table, "reserved");
    context.pending.push(Pending::Args {
        args,
        location: location.clone(),
        reserved: reserved.clone(),
    });
    if let Some((concurrency, place)) = &behaviour.concurrency
        && let Some(template) = &concurrency.key
    {
        check_later(context, args, template, place);
    }
    let dedup_key = table.get("dedup_key").and_then(|entry| {
        let template = template::read(context, entry)?;
        check_later(context, args, &template, &entry.item.location());
        Some(template)
    });
    Some(Task {
        key: key.to_owned(),
        location: location.clone(),
        description: table.text(context, "description"),
        deprecated: table.text(context, "deprecated"),
        schedule: table
            .get("schedule")
            .and_then(|entry| schedule::read(context, entry, args)),
        result: table
            .get("result")
            .map(|entry| schema::read_entry(context, entry, &place("result"), 0)),
        aliases: read_aliases(context, &table),
        retired: retired::read(context, &table, envelope, key, version),
        examples: read_examples(context, &table, args),
        waivers: waiver::read(context, &table),
        name,
        version: version.unwrap_or(1),
        queue: behaviour.queue,
        priority: behaviour.priority,
        timeout: behaviour.timeout,
        result_ttl: behaviour.result_ttl,
        retry: behaviour.retry.unwrap_or_default(),
        concurrency: behaviour.concurrency.map(|(concurrency, _)| concurrency),
        unique: behaviour.unique.unwrap_or(false),
        dedup_key,
        args,
        reserved: reserved.into_iter().map(|(name, _)| name).collect(),
    })
}

fn check_later(context: &mut Context<'_>, args: SchemaId, template: &Template, at: &Location) {
    context.pending.push(Pending::Template {
        args,
        template: template.clone(),
        location: at.clone(),
    });
}

fn read_version(
    context: &mut Context<'_>,
    table: &Table<'_>,
    title: &str,
    place: &Location,
) -> Option<u32> {
    let entry = table.get("version");
    if entry.is_none() {
        let message = format!("{title} has no `version`");
        context.report(
            Diagnostic::new(codes::MISSING_KEY, message, place)
                .label("`version` is missing")
                .help("add `version = 1`"),
        );
    }
    let version = entry?.integer(context, 1..=i64::from(u32::MAX))?;
    u32::try_from(version.value).ok()
}

/// The wire name: `name`, or else namespace, key and version.
fn read_name(
    context: &mut Context<'_>,
    table: &Table<'_>,
    envelope: &Envelope<'_>,
    entry: &Entry<'_>,
    version: Option<u32>,
) -> String {
    let given = table.string(context, "name").filter(|name| {
        names::check(
            context,
            "a task on the wire",
            name.value,
            &name.location,
            Form::WireName,
        )
    });
    let (name, location) = if let Some(name) = given {
        (name.value.to_owned(), name.location)
    } else {
        let version = version.unwrap_or(1);
        let name = format!("{}.{}.v{version}", envelope.namespace, entry.key);
        (name, entry.key_location.clone())
    };
    context.wire_names.push(WireName {
        name: name.clone(),
        location,
        claimed_by: "a task",
    });
    name
}

/// The `args` of a task or of a retired version; where they are missing, an object schema without
/// rules stands in.
pub(super) fn read_args(
    context: &mut Context<'_>,
    table: &Table<'_>,
    title: &str,
    (place, of): (&Place, &Location),
) -> SchemaId {
    if let Some(entry) = table.get("args") {
        return schema::read_entry(context, entry, place, 0);
    }
    let message = format!("{title} has no `args`");
    context.report(
        Diagnostic::new(codes::MISSING_KEY, message, of)
            .label("`args` is missing")
            .help("add `args.type = \"object\"`, and `args.properties` if the task takes any"),
    );
    let mut node = Node::empty(of.clone(), String::new());
    let types = node
        .keywords
        .types
        .insert(crate::json_schema::Types::default());
    types.object = true;
    context.schemas.push(node)
}

fn strings(context: &mut Context<'_>, table: &Table<'_>, key: &str) -> Vec<(String, Location)> {
    let Some(entry) = table.get(key) else {
        return Vec::new();
    };
    let strings = entry.strings(context).into_iter();
    strings
        .map(|text| (text.value.to_owned(), text.location))
        .collect()
}

fn read_aliases(context: &mut Context<'_>, table: &Table<'_>) -> Vec<String> {
    let mut aliases = strings(context, table, "aliases");
    aliases.retain(|(name, location)| {
        names::check(
            context,
            "a task on the wire",
            name,
            location,
            Form::WireName,
        )
    });
    let aliases = aliases.into_iter();
    aliases
        .map(|(name, location)| {
            context.wire_names.push(WireName {
                name: name.clone(),
                location,
                claimed_by: "an alias",
            });
            name
        })
        .collect()
}

fn read_examples(context: &mut Context<'_>, table: &Table<'_>, args: SchemaId) -> Vec<Example> {
    let items = table.get("examples").and_then(|entry| entry.array(context));
    let mut examples = Vec::new();
    for item in items.unwrap_or_default() {
        let Some(json) = json::read(context, item) else {
            continue;
        };
        examples.push(Example {
            location: item.location(),
            args: json.value.clone(),
        });
        context.pending.push(Pending::Value {
            schema: args,
            json,
            code: codes::BAD_EXAMPLE,
            what: "the example does not fit the args".to_owned(),
        });
    }
    examples
}
