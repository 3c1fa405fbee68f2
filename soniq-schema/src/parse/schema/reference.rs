//! `$ref`: which schema a text names, and circles that say nothing.

use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::{Node, SchemaId};
use crate::parse::context::Context;
use crate::parse::names::{self, Form};
use crate::parse::suggest::nearest;
use crate::parse::table::At;
use crate::parse::toml_file::TomlFile;
use crate::source::{FileId, Location};

/// Gives every type of a file its schema id, so that any file can refer to it.
pub(in crate::parse) fn declare_types(context: &mut Context<'_>, file: &TomlFile<'_>) {
    let types = file
        .table()
        .and_then(|table| table.get("types")?.item.table());
    for entry in types.into_iter().flat_map(|table| table.entries) {
        names::check(
            context,
            "a type",
            entry.key,
            &entry.key_location,
            Form::TypeName,
        );
        let node = Node::empty(entry.item.location(), String::new());
        let id = context.schemas.push(node);
        context.types.insert((file.id, entry.key.to_owned()), id);
    }
}

/// The schema that `text` names: `#/types/Name`, or `other.toml#/types/Name`.
pub(super) fn resolve(context: &mut Context<'_>, text: &At<&str>) -> Option<SchemaId> {
    let at = &text.location;
    let (path, fragment) = text.value.split_once('#').unwrap_or((text.value, ""));
    let is_json = path
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "json");
    if is_json || fragment.starts_with("/$defs") {
        let message = format!(
            "`$ref` to {} is not supported by this release",
            if is_json { "a JSON file" } else { "`$defs`" }
        );
        let help = "move the schema to `[types]` and write `#/types/Name`";
        context.report(Diagnostic::new(codes::UNSUPPORTED_KEYWORD, message, at).help(help));
        return None;
    }
    let Some(name) = fragment.strip_prefix("/types/") else {
        let message = format!("the `$ref` {:?} does not name a type", text.value);
        context.report(Diagnostic::new(codes::UNKNOWN_REFERENCE, message, at));
        return None;
    };
    let file = match path {
        "" => at.file,
        _ => file_beside(context, at, path)?,
    };
    let key = (file, name.to_owned());
    if let Some(id) = context.types.get(&key) {
        return Some(*id);
    }
    if !context.broken_files.contains(&file) {
        report_unknown(context, at, name, file);
    }
    None
}

/// The file called `path` in the folder of the referring one.
fn file_beside(context: &mut Context<'_>, at: &Location, path: &str) -> Option<FileId> {
    let referring = &context.sources.get(at.file).name;
    let folder = referring.rsplit_once('/').map_or("", |(folder, _)| folder);
    let prefix = match folder {
        "" => String::new(),
        _ => format!("{folder}/"),
    };
    let wanted = format!("{prefix}{}", path.strip_prefix("./").unwrap_or(path));
    let mut files = context.sources.iter();
    if let Some((id, _)) = files.find(|(_, file)| file.name == wanted) {
        return Some(id);
    }
    let known: Vec<_> = context
        .sources
        .iter()
        .map(|(_, file)| file.file_name())
        .collect();
    let message = format!("there is no contract file {wanted}");
    let diagnostic = Diagnostic::new(codes::UNKNOWN_REFERENCE, message, at);
    let diagnostic = match nearest(path, &known) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    };
    context.report(diagnostic);
    None
}

fn report_unknown(context: &mut Context<'_>, at: &Location, name: &str, file: FileId) {
    let types = context.types.keys().filter(|(of, _)| *of == file);
    let known: Vec<_> = types.map(|(_, name)| name.as_str()).collect();
    let message = format!(
        "there is no type `{name}` in {}",
        context.sources.get(file).name
    );
    let diagnostic = Diagnostic::new(codes::UNKNOWN_REFERENCE, message, at);
    let diagnostic = match nearest(name, &known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic,
        None => diagnostic.help(format!("types of that file: {}", known.join(", "))),
    };
    context.report(diagnostic);
}

/// Reports and cuts circles of `$ref`s alone. A circle through `properties` or `items` is a
/// recursive type and fine; one of `$ref`s would have a value checked against itself for ever.
pub(in crate::parse) fn cut_cycles(context: &mut Context<'_>) {
    // 0: not seen; n: seen by the walk from the nth schema.
    let ids: Vec<_> = context.schemas.ids().collect();
    let mut seen = vec![0_usize; ids.len()];
    for (walk, start) in (1..).zip(&ids) {
        let mut id = *start;
        loop {
            let mark = &mut seen[id.0 as usize];
            if *mark != 0 && *mark != walk {
                break; // an earlier walk came by, and went on from here to an end
            }
            let returned = *mark == walk;
            *mark = walk;
            let node = context.schemas.node_mut(id);
            let Some(target) = node.keywords.reference else {
                break;
            };
            if returned {
                node.keywords.reference = None;
                let location = node.location.clone();
                let message = "this `$ref` leads back to itself";
                context.report(Diagnostic::new(codes::REFERENCE_CYCLE, message, &location));
                break;
            }
            id = target;
        }
    }
}
