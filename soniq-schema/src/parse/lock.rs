//! Reading a lock file.
//!
//! It is read by the same means as a contract. What is wrong with it is told otherwise: nobody mends a
//! lock file by hand, so that every diagnostic says how to get a sound one back.

use super::context::Context;
use super::files::Files;
use super::item::{Item, Literal};
use super::json_text;
use super::table::{Entry, Table};
use super::toml_file::TomlFile;
use crate::compat::Operation;
use crate::diagnostic::{Diagnostic, codes};
use crate::fingerprint::digest;
use crate::lock::{
    END, EarlierShape, FORMAT, LoadedLock, Lock, LockedSchema, LockedVersion, compact,
};
use crate::source::{FileId, Location, Sources};

const KEYS: &[&str] = &["version", "tasks"];

const VERSION_KEYS: &[&str] = &[
    "name",
    "released",
    "reserved",
    "fingerprint",
    "args",
    "result_fingerprint",
    "result",
    "operation",
    "earlier",
];

const OPERATION_KEYS: &[&str] = &[
    "queue",
    "priority",
    "max_attempts",
    "backoff",
    "timeout_ms",
    "unique",
    "dedup_key",
    "schedule",
    "concurrency",
];

const EARLIER_KEYS: &[&str] = &["until", "fingerprint", "args"];

/// How the lines begin that a merge leaves.
const MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Reads the text of a lock file, which is shown as `name`. Touches no file.
pub fn read_lock(name: &str, text: impl Into<String>) -> LoadedLock {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let (lock, diagnostics) = read(&sources, file);
    LoadedLock {
        lock,
        sources,
        diagnostics,
    }
}

fn read(sources: &Sources, file: FileId) -> (Lock, Vec<Diagnostic>) {
    let text = sources.get(file).text.as_str();
    if let Some(marker) = merge_marker(file, text) {
        return (Lock::default(), vec![marker]);
    }
    let files = Files::default();
    let mut context = Context::new(sources, &files);
    let mut parsed = TomlFile::parse(sources, file);
    context.take_problems(&mut parsed);
    let mut lock = Lock::default();
    let table = parsed.table();
    let newer = table.as_ref().and_then(newer);
    if let Some(newer) = newer {
        return (lock, vec![newer]);
    }
    if let Some(cut) = cut_off(file, text) {
        return (lock, vec![cut]);
    }
    if let Some(table) = table {
        read_file(&mut context, &table, &mut lock);
    }
    let (_, mut diagnostics) = context.finish();
    for diagnostic in &mut diagnostics {
        if diagnostic.code != codes::LOCK_EDITED {
            diagnostic.code = codes::LOCK_UNREADABLE;
            codes::LOCK_UNREADABLE.help.clone_into(&mut diagnostic.help);
        }
    }
    (lock, diagnostics)
}

fn merge_marker(file: FileId, text: &str) -> Option<Diagnostic> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let found = MARKERS.iter().find(|marker| line.starts_with(**marker));
        if let Some(marker) = found {
            let location = Location {
                file,
                range: start..start + marker.len(),
            };
            let message = "a merge left a conflict in the lock file";
            let diagnostic = Diagnostic::new(codes::LOCK_UNREADABLE, message, &location);
            return Some(diagnostic.help(
                "remove the lines with the markers, keep the blocks of both sides, of a block that both \
                 have changed that of the branch you merge into, and run `soniq-codegen lock`",
            ));
        }
        start += line.len();
    }
    None
}

fn newer(table: &Table<'_>) -> Option<Diagnostic> {
    let entry = table.get("version")?;
    let version = entry.item.integer().filter(|version| *version > FORMAT)?;
    let message =
        format!("the lock file has format {version}, and this release reads up to {FORMAT}");
    Some(Diagnostic::new(
        codes::LOCK_NEWER,
        message,
        &entry.item.location(),
    ))
}

fn cut_off(file: FileId, text: &str) -> Option<Diagnostic> {
    let end = text.trim_end().len();
    if text[..end].ends_with(END) {
        return None;
    }
    let location = Location {
        file,
        range: end..end,
    };
    let message = format!("the lock file was cut off: it does not end with `{END}`");
    Some(Diagnostic::new(codes::LOCK_UNREADABLE, message, &location).label("the rest is missing"))
}

fn read_file(context: &mut Context<'_>, table: &Table<'_>, lock: &mut Lock) {
    table.check_keys(context, KEYS, "a lock file");
    let version = table.require(context, "version", "the lock file", &table.location);
    version
        .cloned()
        .and_then(|entry| entry.integer(context, 1..=FORMAT));
    let tasks = table.get("tasks").and_then(|entry| entry.table(context));
    for task in tasks.iter().flat_map(|tasks| &tasks.entries) {
        let versions = task.table(context);
        for entry in versions.iter().flat_map(|versions| &versions.entries) {
            let number = entry
                .key
                .strip_prefix('v')
                .and_then(|number| number.parse().ok());
            let Some(number) = number.filter(|number| entry.key == format!("v{number}")) else {
                let message = format!("`{}` is not a version", entry.key);
                let at = &entry.key_location;
                context.report(Diagnostic::new(codes::LOCK_UNREADABLE, message, at));
                continue;
            };
            if let Some(version) = read_version(context, task.key, entry) {
                lock.versions.insert((task.key.to_owned(), number), version);
            }
        }
    }
}

fn read_version(context: &mut Context<'_>, task: &str, entry: &Entry<'_>) -> Option<LockedVersion> {
    let title = format!("{task} {}", entry.key);
    let place = &entry.key_location;
    let table = entry.table(context)?;
    table.check_keys(context, VERSION_KEYS, &title);
    let name = table.require(context, "name", &title, place).cloned();
    let name = name.and_then(|entry| entry.string(context));
    let released = read_date(context, &table, "released", &title, place);
    let args = read_schema(context, &table, ["args", "fingerprint"], &title, place);
    let result = match table.get("result").or(table.get("result_fingerprint")) {
        Some(_) => read_schema(
            context,
            &table,
            ["result", "result_fingerprint"],
            &title,
            place,
        ),
        None => None,
    };
    let reserved = table.get("reserved").map(|entry| entry.strings(context));
    let operation = table
        .get("operation")
        .and_then(|entry| entry.table(context));
    let operation = operation.map(|table| read_operation(context, &table));
    let earlier = table.get("earlier").and_then(|entry| entry.array(context));
    let mut shapes = Vec::new();
    for item in earlier.unwrap_or_default() {
        shapes.extend(read_earlier(context, item, &title));
    }
    let reserved = reserved.unwrap_or_default().into_iter();
    Some(LockedVersion {
        location: Some(place.clone()),
        name: name?.value.to_owned(),
        released: released?,
        args: args?,
        result,
        reserved: reserved.map(|name| name.value.to_owned()).collect(),
        operation,
        earlier: shapes,
    })
}

fn read_earlier(context: &mut Context<'_>, item: Item<'_>, title: &str) -> Option<EarlierShape> {
    let Some(table) = item.table() else {
        item.wrong_type(context, "earlier", "an array of tables");
        return None;
    };
    let title = format!("an earlier shape of {title}");
    table.check_keys(context, EARLIER_KEYS, &title);
    let until = read_date(context, &table, "until", &title, &table.location);
    let args = read_schema(
        context,
        &table,
        ["args", "fingerprint"],
        &title,
        &table.location,
    );
    Some(EarlierShape {
        until: until?,
        args: args?,
    })
}

fn read_operation(context: &mut Context<'_>, table: &Table<'_>) -> Operation {
    table.check_keys(context, OPERATION_KEYS, "`operation`");
    let integer = |context: &mut Context<'_>, key: &str, max: i64| {
        let entry = table.get(key)?.integer(context, 0..=max)?;
        u64::try_from(entry.value).ok()
    };
    let priority = integer(context, "priority", i64::from(u16::MAX));
    let max_attempts = integer(context, "max_attempts", i64::from(u32::MAX));
    Operation {
        queue: table.text(context, "queue"),
        priority: priority.and_then(|number| u16::try_from(number).ok()),
        max_attempts: max_attempts.and_then(|number| u32::try_from(number).ok()),
        backoff: table.text(context, "backoff"),
        timeout_ms: integer(context, "timeout_ms", i64::MAX),
        unique: table.boolean(context, "unique").unwrap_or_default(),
        dedup_key: table.text(context, "dedup_key"),
        schedule: table.text(context, "schedule"),
        concurrency: table.text(context, "concurrency"),
    }
}

fn read_date(
    context: &mut Context<'_>,
    table: &Table<'_>,
    key: &str,
    title: &str,
    place: &Location,
) -> Option<String> {
    let entry = table.require(context, key, title, place)?;
    match entry.item.literal() {
        Literal::Date(date) if soniq_rules::format_matches("date", &date) => Some(date),
        _ => {
            entry.item.wrong_type(context, key, "a date");
            None
        }
    }
}

/// A schema, if it is the one that its fingerprint was taken of.
fn read_schema(
    context: &mut Context<'_>,
    table: &Table<'_>,
    [key, fingerprint_key]: [&str; 2],
    title: &str,
    place: &Location,
) -> Option<LockedSchema> {
    let entry = table.require(context, key, title, place)?.clone();
    let fingerprint = table
        .require(context, fingerprint_key, title, place)?
        .clone();
    let text = entry.string(context)?;
    let fingerprint = fingerprint.string(context)?;
    let location = inside(context.sources, &text.location);
    let node = match json_text::parse(text.value) {
        Ok(node) => node,
        Err(error) => {
            let message = format!("`{key}` of {title} is not JSON: {}", error.message);
            let at = &entry.key_location;
            context.report(Diagnostic::new(codes::LOCK_UNREADABLE, message, at));
            return None;
        }
    };
    let canonical = compact(&node, text.value);
    if digest(&canonical) != fingerprint.value {
        let message = format!("`{key}` of {title} was changed since it was locked");
        let diagnostic = Diagnostic::new(codes::LOCK_EDITED, message, &entry.key_location)
            .label("this schema has another fingerprint")
            .secondary(&fingerprint.location, "than this one");
        context.report(diagnostic);
        return None;
    }
    Some(LockedSchema {
        canonical,
        location: Some(location),
    })
}

/// The text between the quotes of a literal string over several lines, which is how schemas are
/// written.
fn inside(sources: &Sources, quoted: &Location) -> Location {
    let text = &sources.get(quoted.file).text;
    let text = text.get(quoted.range.clone()).unwrap_or_default();
    let inner = text
        .strip_prefix("'''")
        .and_then(|text| text.strip_suffix("'''"));
    let Some(inner) = inner else {
        return quoted.clone();
    };
    let inner = inner.trim_start_matches(['\r', '\n']);
    let end = quoted.range.end - "'''".len();
    Location {
        file: quoted.file,
        range: end - inner.len()..end,
    }
}
