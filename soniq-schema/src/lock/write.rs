//! A lock file's text.

use std::fmt;

use super::layout::broad;
use super::{END, FORMAT, Lock, LockedSchema, LockedVersion};
use crate::compat::Operation;
use crate::json_text;

/// What stands above everything else.
const HEAD: &str = "\
# What was released: `soniq-codegen check` holds the contracts against it. Written by `soniq-codegen lock`;
# to be committed and reviewed, not to be edited. Where a merge leaves a conflict, keep the blocks of both
# sides and run `soniq-codegen lock` again.
";

/// The text of the file: sorted, the same for the same versions.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEAD}\nversion = {FORMAT}\n")?;
        for ((task, number), version) in &self.versions {
            let key = format!("tasks.{}.v{number}", quoted(task));
            write_version(f, &key, version)?;
        }
        writeln!(f, "\n{END}")
    }
}

fn write_version(f: &mut fmt::Formatter<'_>, key: &str, version: &LockedVersion) -> fmt::Result {
    writeln!(f, "\n[{key}]")?;
    writeln!(f, "name = {}", quoted(&version.name))?;
    writeln!(f, "released = {}", version.released)?;
    if !version.reserved.is_empty() {
        let names: Vec<_> = version.reserved.iter().map(|name| quoted(name)).collect();
        writeln!(f, "reserved = [{}]", names.join(", "))?;
    }
    write_schema(f, "args", &version.args)?;
    if let Some(result) = &version.result {
        write_schema(f, "result", result)?;
    }
    if let Some(operation) = &version.operation {
        writeln!(f, "\n[{key}.operation]")?;
        write_operation(f, operation)?;
    }
    for shape in &version.earlier {
        writeln!(f, "\n[[{key}.earlier]]")?;
        writeln!(f, "until = {}", shape.until)?;
        write_schema(f, "args", &shape.args)?;
    }
    Ok(())
}

fn write_schema(f: &mut fmt::Formatter<'_>, key: &str, schema: &LockedSchema) -> fmt::Result {
    let fingerprint = match key {
        "args" => "fingerprint".to_owned(),
        key => format!("{key}_fingerprint"),
    };
    writeln!(f, "{fingerprint} = \"{}\"", schema.fingerprint())?;
    let text = match json_text::parse(&schema.canonical) {
        Ok(node) => broad(&node, &schema.canonical),
        // A canonical schema is JSON; were it not, its own text would still be the one to keep.
        Err(_) => schema.canonical.clone(),
    };
    // What a literal string cannot hold stands inside of JSON's strings only, which can spell it.
    let text = text
        .replace("'''", r"\u0027\u0027\u0027")
        .replace('\u{7f}', r"\u007f");
    writeln!(f, "{key} = '''\n{text}'''")
}

fn write_operation(f: &mut fmt::Formatter<'_>, operation: &Operation) -> fmt::Result {
    let Operation {
        queue,
        priority,
        max_attempts,
        backoff,
        timeout_ms,
        unique,
        dedup_key,
        schedule,
        concurrency,
    } = operation;
    let texts = [
        ("queue", queue),
        ("backoff", backoff),
        ("dedup_key", dedup_key),
        ("schedule", schedule),
        ("concurrency", concurrency),
    ];
    let texts = texts
        .iter()
        .filter_map(|(key, text)| Some((*key, quoted(text.as_deref()?))));
    // TOML's integers end where those of 64 bits with a sign do.
    let timeout = timeout_ms.map(|timeout| timeout.min(i64::MAX as u64));
    let numbers = [
        ("priority", priority.map(u64::from)),
        ("max_attempts", max_attempts.map(u64::from)),
        ("timeout_ms", timeout),
    ];
    let numbers = numbers
        .iter()
        .filter_map(|(key, number)| Some((*key, (*number)?.to_string())));
    let flags = unique.then(|| ("unique", "true".to_owned()));
    let mut lines: Vec<_> = texts.chain(numbers).chain(flags).collect();
    lines.sort_unstable();
    for (key, value) in lines {
        writeln!(f, "{key} = {value}")?;
    }
    Ok(())
}

/// A basic string: JSON's escapes are among TOML's, which wants one more.
fn quoted(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace('\u{7f}', r"\u007f")
}
