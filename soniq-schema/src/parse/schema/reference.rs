//! `$ref`: which schema a text names.

use super::places::Place;
use crate::diagnostic::{Diagnostic, codes};
use crate::json_schema::SchemaId;
use crate::parse::context::Context;
use crate::parse::files;
use crate::parse::item::Item;
use crate::parse::percent::percent_decoded;
use crate::parse::suggest::nearest;
use crate::source::{FileId, Location};

/// A `$ref` as it was read.
#[derive(Debug)]
pub(in crate::parse) struct Reference {
    pub(super) schema: SchemaId,
    /// Where the schema stands.
    pub(super) from: Place,
    pub(super) text: String,
    /// Where the text stands.
    pub(super) location: Location,
}

/// Resolves every `$ref`, those of schemas that are read on the way included.
pub(in crate::parse) fn resolve_references(context: &mut Context<'_>) {
    report_broken_json(context);
    while let Some(reference) = context.references.pop_front() {
        let target = resolve(context, &reference);
        if target.is_none() {
            context.untyped.push(reference.schema);
        }
        let node = context.schemas.node_mut(reference.schema);
        node.keywords.reference = target;
    }
}

fn report_broken_json(context: &mut Context<'_>) {
    let files = context.files;
    for (file, tree) in &files.json {
        let Err(error) = tree else { continue };
        let location = Location {
            file: *file,
            range: error.range.clone(),
        };
        let code = if error.too_deep {
            codes::TOO_DEEP
        } else {
            codes::JSON_SYNTAX
        };
        context.report(Diagnostic::new(code, error.message.as_str(), &location));
    }
}

/// The schema that a `$ref` names; `None` after a report.
fn resolve(context: &mut Context<'_>, reference: &Reference) -> Option<SchemaId> {
    let Reference {
        from,
        text,
        location,
        ..
    } = reference;
    let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (Some(path), Some(fragment)) = (percent_decoded(path), percent_decoded(fragment)) else {
        let message = format!("the `$ref` {text:?} has a percent sign without two digits");
        context.report(Diagnostic::new(codes::UNKNOWN_REFERENCE, message, location));
        return None;
    };
    let is_own = path.is_empty() || context.places.id_of(from) == Some(path.as_str());
    let target = if is_own {
        let in_types =
            fragment.starts_with("/types/") && !context.files.json.contains_key(&from.file);
        if in_types {
            Place::root(from.file, &[]).at(fragment)
        } else {
            from.at(fragment)
        }
    } else if is_absolute(&path) {
        let message = format!("the `$ref` {text:?} leads to another host");
        context.report(Diagnostic::new(codes::REMOTE_REFERENCE, message, location));
        return None;
    } else {
        let file = file_at(context, reference, &path)?;
        Place::root(file, &[]).at(fragment)
    };
    find(context, &target, is_own, reference)
}

/// The schema at a place, whose pointer may be an anchor's name.
fn find(
    context: &mut Context<'_>,
    target: &Place,
    is_own: bool,
    reference: &Reference,
) -> Option<SchemaId> {
    let files = context.files;
    let is_pointer = target.pointer.is_empty() || target.pointer.starts_with('/');
    let json = match files.json.get(&target.file) {
        Some(Ok(node)) => Some(Item::json(target.file, node)),
        // It was reported that the file is no JSON.
        Some(Err(_)) => return None,
        None => None,
    };
    if !is_pointer {
        if let Some(root) = json {
            // Anchors are known once the schemas around them are read.
            super::read(context, root, &target.at(String::new()), 0);
        }
        let found = context.places.anchor(target, &target.pointer);
        if found.is_none() && (is_own || json.is_some()) {
            report_anchor(context, target, reference);
        } else if found.is_none() {
            report_no_type(context, reference);
        }
        return found;
    }
    if let Some(root) = json {
        let Some(item) = at_pointer(root, &target.pointer) else {
            report_unknown(context, target, reference);
            return None;
        };
        return Some(super::read(context, item, target, 0));
    }
    let absolute = target.absolute();
    if !is_own && !absolute.starts_with("/types/") {
        report_no_type(context, reference);
        return None;
    }
    let found = context.places.find(target.file, &absolute);
    if found.is_none() && !context.broken_files.contains_key(&target.file) {
        report_unknown(context, target, reference);
    }
    found
}

/// The value at the end of a JSON pointer.
fn at_pointer<'a>(root: Item<'a>, pointer: &str) -> Option<Item<'a>> {
    let mut item = root;
    for step in pointer.split('/').skip(1) {
        let key = step.replace("~1", "/").replace("~0", "~");
        item = if let Some(table) = item.table() {
            table.get(&key)?.item
        } else {
            let index = key.parse::<usize>().ok()?;
            // `01` and `+1` are no indices.
            let is_plain = index.to_string() == key;
            *item.array()?.get(index).filter(|_| is_plain)?
        };
    }
    Some(item)
}

/// The file that a path names, beside the referring one.
fn file_at(context: &mut Context<'_>, reference: &Reference, path: &str) -> Option<FileId> {
    let at = &reference.location;
    let referring = &context.sources.get(reference.from.file).name;
    let Ok(wanted) = files::beside(referring, &context.files.root, path) else {
        let message = format!("the `$ref` to {path} leaves the contracts folder");
        context.report(Diagnostic::new(codes::LEAVES_FOLDER, message, at));
        return None;
    };
    let mut files = context.sources.iter();
    if let Some((id, _)) = files.find(|(_, file)| file.name == wanted) {
        return Some(id);
    }
    if let Some((code, message)) = context.files.unreadable.get(&wanted) {
        context.report(Diagnostic::new(code, message.as_str(), at));
        return None;
    }
    if context.places.id_of(&reference.from).is_some() {
        let text = &reference.text;
        let message = format!("the `$ref` {text:?} leads to where the `$id` of its schema says");
        context.report(Diagnostic::new(codes::REMOTE_REFERENCE, message, at));
        return None;
    }
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let what = match extension {
        "json" => "schema file",
        "toml" => "contract file",
        _ => {
            report_no_type(context, reference);
            return None;
        }
    };
    let inside = |name: &str| {
        let inside = name
            .strip_prefix(context.files.root.as_str())
            .unwrap_or(name);
        inside.trim_start_matches('/').to_owned()
    };
    let known: Vec<_> = context
        .sources
        .iter()
        .map(|(_, file)| inside(&file.name))
        .collect();
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let message = format!("there is no {what} {wanted}");
    let diagnostic = Diagnostic::new(codes::UNKNOWN_REFERENCE, message, at);
    let diagnostic = match nearest(&inside(&wanted), &known) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic,
    };
    context.report(diagnostic);
    None
}

fn report_no_type(context: &mut Context<'_>, reference: &Reference) {
    let message = format!("the `$ref` {:?} does not name a type", reference.text);
    let at = &reference.location;
    context.report(Diagnostic::new(codes::UNKNOWN_REFERENCE, message, at));
}

fn report_anchor(context: &mut Context<'_>, target: &Place, reference: &Reference) {
    let name = &target.pointer;
    let message = format!("there is no `$anchor` {name:?} in the schema");
    let diagnostic = Diagnostic::new(codes::UNKNOWN_REFERENCE, message, &reference.location);
    let known = context.places.anchors_of(target);
    let diagnostic = match nearest(name, &known) {
        Some(near) => diagnostic.help(format!("did you mean `#{near}`?")),
        None => diagnostic,
    };
    context.report(diagnostic);
}

fn report_unknown(context: &mut Context<'_>, target: &Place, reference: &Reference) {
    let absolute = target.absolute();
    let (parent, name) = absolute.rsplit_once('/').unwrap_or(("", &absolute));
    let file = context.sources.get(target.file);
    let message = if parent == "/types" {
        format!("there is no type `{name}` in {}", file.name)
    } else if target.root.is_empty() {
        format!("there is no schema at {} in {}", target.pointer, file.name)
    } else {
        format!("there is no schema at {} of this schema", target.pointer)
    };
    let diagnostic = Diagnostic::new(codes::UNKNOWN_REFERENCE, message, &reference.location);
    let tree = context.files.json.get(&target.file);
    let siblings = tree
        .and_then(|tree| at_pointer(Item::json(target.file, tree.as_ref().ok()?), parent)?.table());
    let known: Vec<&str> = match &siblings {
        Some(table) => table.entries.iter().map(|entry| entry.key).collect(),
        None => context.places.names_below(target.file, parent),
    };
    let diagnostic = match nearest(name, &known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() || parent != "/types" => diagnostic,
        None => diagnostic.help(format!("types of that file: {}", known.join(", "))),
    };
    context.report(diagnostic);
}

/// Whether a path has a scheme or names a host, RFC 3986 section 4.
fn is_absolute(path: &str) -> bool {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    has_scheme || path.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_schemes() {
        for absolute in [
            "https://example.com/a.json",
            "urn:uuid:1",
            "//example.com/a.json",
        ] {
            assert!(is_absolute(absolute), "{absolute}");
        }
        for relative in ["a.json", "a/b.json", "./a:b.json", "/a.json", ""] {
            assert!(!is_absolute(relative), "{relative}");
        }
    }
}
