//! The files of a run: the contracts, and every JSON file that they lead to.
//!
//! A JSON file is part of a run only where some text names it, so that a contracts folder may hold
//! other JSON. Names are found before anything is read: contracts are searched for strings that
//! read as a path, JSON files for the values of `$ref`. Which of them are references, and to what,
//! is known only later, and a name that leads to no file is reported then, where it stands.

use std::collections::{BTreeMap, VecDeque};

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::json_text::{self, JsonError, JsonNode, JsonValue};
use super::percent::percent_decoded;
use crate::diagnostic::Code;
use crate::source::{FileId, Sources};

/// The longest file that is read, in bytes. Schemas are written by people; what is longer is data
/// in the wrong place, and would cost every build minutes and memory.
pub const MAX_LENGTH: usize = 8 * 1024 * 1024;

/// What came of opening a file: its text, nothing if there is none, or why it cannot be read.
pub(super) type Opened = Result<Option<String>, (&'static Code, String)>;

/// The files of a run, with the trees of those in JSON.
#[derive(Default)]
pub(super) struct Files {
    pub(super) sources: Sources,
    /// Ids of the contracts, in order of their names.
    pub(super) contracts: Vec<FileId>,
    pub(super) json: BTreeMap<FileId, Result<JsonNode, JsonError>>,
    /// Files that are there and could not be read, by name.
    pub(super) unreadable: BTreeMap<String, (&'static Code, String)>,
    /// The contracts folder, as names of files begin; empty for the current one.
    pub(super) root: String,
}

/// Finds all files. `open` gives the text of a file by its name.
pub(super) fn gather(
    contracts: Vec<(String, String)>,
    open: &mut dyn FnMut(&str) -> Opened,
) -> Files {
    let mut files = Files {
        root: common_folder(contracts.iter().map(|(name, _)| name.as_str())),
        ..Files::default()
    };
    let mut waiting: VecDeque<String> = VecDeque::new();
    for (name, text) in &contracts {
        let paths = paths_in_toml(text).into_iter();
        waiting.extend(paths.filter_map(|path| beside(name, &files.root, &path).ok()));
    }
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut trees = BTreeMap::new();
    while let Some(name) = waiting.pop_front() {
        if texts.contains_key(&name) || files.unreadable.contains_key(&name) {
            continue;
        }
        match open(&name) {
            Ok(None) => {}
            Err(reason) => {
                files.unreadable.insert(name, reason);
            }
            Ok(Some(text)) => {
                let tree = json_text::parse(&text);
                if let Ok(node) = &tree {
                    let mut paths = Vec::new();
                    paths_in_json(node, &mut paths);
                    let names = paths.into_iter();
                    waiting.extend(names.filter_map(|path| beside(&name, &files.root, &path).ok()));
                }
                trees.insert(name.clone(), tree);
                texts.insert(name, text);
            }
        }
    }
    let mut all: Vec<(String, String, bool)> = contracts
        .into_iter()
        .map(|(name, text)| (name, text, true))
        .chain(texts.into_iter().map(|(name, text)| (name, text, false)))
        .collect();
    all.sort();
    for (name, text, is_contract) in all {
        let tree = trees.remove(&name).filter(|_| !is_contract);
        let id = files.sources.add(name, text);
        match tree {
            Some(tree) => {
                files.json.insert(id, tree);
            }
            None => files.contracts.push(id),
        }
    }
    files
}

/// Why a path names no file of the contracts folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeavesFolder;

/// The name of the file that `path`, without percent signs, names beside the file `referring`.
///
/// # Errors
/// If the path leads out of `root`.
pub(super) fn beside(referring: &str, root: &str, path: &str) -> Result<String, LeavesFolder> {
    let inside = referring.strip_prefix(root).unwrap_or(referring);
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let mut segments: Vec<&str> = inside.split('/').collect();
    segments.pop();
    if path.starts_with('/') || path.contains('\\') {
        return Err(LeavesFolder);
    }
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop().ok_or(LeavesFolder)?;
            }
            segment => segments.push(segment),
        }
    }
    let inside = segments.join("/");
    Ok(match root {
        "" => inside,
        "/" => format!("/{inside}"),
        root => format!("{root}/{inside}"),
    })
}

/// The folder that holds all of the named files.
fn common_folder<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let folder_of = |name: &'n str| match name.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    };
    let common = names.map(folder_of).reduce(|left, right| {
        let pairs = left.split('/').zip(right.split('/'));
        let length = pairs
            .take_while(|(left, right)| left == right)
            .map(|(segment, _)| segment.len() + 1)
            .sum::<usize>();
        left.get(..length.saturating_sub(1)).unwrap_or(left)
    });
    common.unwrap_or_default().to_owned()
}

/// The path in the text of a `$ref`, if it is one of a JSON file.
fn json_path(text: &str) -> Option<String> {
    let path = percent_decoded(text.split('#').next().unwrap_or(text))?;
    let is_json = path
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "json");
    (is_json && !path.contains(':')).then_some(path)
}

/// Paths that the strings of a contract may be. Read off the tokens: the tree is built once the
/// files are known.
fn paths_in_toml(text: &str) -> Vec<String> {
    if !text.contains(".json") {
        return Vec::new();
    }
    let tokens = Source::new(text).lex();
    tokens
        .filter(|token| {
            let kind = token.kind();
            matches!(kind, TokenKind::BasicString | TokenKind::LiteralString)
        })
        .filter_map(|token| {
            let raw = text.get(token.span().start()..token.span().end())?;
            json_path(raw.trim_matches(['"', '\'']))
        })
        .collect()
}

fn paths_in_json(node: &JsonNode, out: &mut Vec<String>) {
    match &node.value {
        JsonValue::Array(items) => items.iter().for_each(|item| paths_in_json(item, out)),
        JsonValue::Object(members) => {
            for member in members {
                match &member.node.value {
                    JsonValue::String(text) if member.key == "$ref" => out.extend(json_path(text)),
                    _ => paths_in_json(&member.node, out),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_folder() {
        let of = |referring, path| beside(referring, "../contracts", path);
        let name = |text: &str| Ok(text.to_owned());
        assert_eq!(
            of("../contracts/a.toml", "b.toml"),
            name("../contracts/b.toml")
        );
        assert_eq!(
            of("../contracts/a.toml", "./s/m.json"),
            name("../contracts/s/m.json")
        );
        assert_eq!(
            of("../contracts/s/m.json", "../b.toml"),
            name("../contracts/b.toml")
        );
        assert_eq!(
            of("../contracts/s/m.json", "../../b.toml"),
            Err(LeavesFolder)
        );
        assert_eq!(of("../contracts/a.toml", "/etc/b.json"), Err(LeavesFolder));
        assert_eq!(of("../contracts/a.toml", "s\\b.json"), Err(LeavesFolder));
        assert_eq!(beside("a.toml", "", "s/m.json"), name("s/m.json"));
        assert_eq!(beside("/a.toml", "/", "m.json"), name("/m.json"));
        assert_eq!(beside("a.toml", "", "../m.json"), Err(LeavesFolder));
    }

    #[test]
    fn the_folder_holds_every_contract() {
        let of = |names: &[&str]| common_folder(names.iter().copied());
        assert_eq!(of(&["c/a.toml", "c/b.toml"]), "c");
        assert_eq!(of(&["c/d/a.toml", "c/b.toml"]), "c");
        assert_eq!(of(&["c/a.toml", "d/b.toml"]), "");
        assert_eq!(of(&["/a.toml"]), "/");
        assert_eq!(of(&["a.toml"]), "");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn json_files_are_followed_from_file_to_file() {
        let mut open = |name: &str| match name {
            "c/s/a.json" => Ok(Some(r#"{ "items": { "$ref": "b.json#/x" } }"#.to_owned())),
            "c/s/b.json" => Ok(Some(r#"{ "x": { "$ref": "a.json" } "#.to_owned())),
            "c/s/c.json" => Ok(Some("not looked for".to_owned())),
            _ => Ok(None),
        };
        let text = "a = { \"$ref\" = 's/a.json' } # 's/c.json'\nb = \"../out.json\"\n";
        let files = gather(vec![("c/a.toml".to_owned(), text.to_owned())], &mut open);
        let names: Vec<_> = files
            .sources
            .iter()
            .map(|(_, file)| file.name.as_str())
            .collect();
        assert_eq!(names, ["c/a.toml", "c/s/a.json", "c/s/b.json"]);
        let parsed: Vec<_> = files.json.values().map(Result::is_ok).collect();
        assert_eq!(parsed, [true, false]);
    }
}
