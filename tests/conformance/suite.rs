//! The suite's files: lists of groups `{ description, schema, tests: [{ description, data, valid }] }`.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A schema and its instances.
pub(crate) struct Group {
    /// The name of its file.
    pub(crate) file: String,
    pub(crate) description: String,
    pub(crate) schema: Value,
    pub(crate) tests: Vec<Test>,
}

/// One instance.
pub(crate) struct Test {
    pub(crate) description: String,
    pub(crate) data: Value,
    pub(crate) valid: bool,
}

/// Every group of every file that lies directly in `folder`: those below it are optional. The names
/// of the files are given `prefix`.
pub(crate) fn read(folder: &Path, prefix: &str) -> Vec<Group> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| groups(path, prefix)).collect()
}

fn groups(path: &Path, prefix: &str) -> Vec<Group> {
    let file = path.file_name().unwrap().to_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let groups: Vec<Value> = serde_json::from_str(&text).unwrap();
    let group = |group: &Value| Group {
        file: format!("{prefix}{file}"),
        description: text_of(group, "description"),
        schema: group["schema"].clone(),
        tests: group["tests"]
            .as_array()
            .unwrap()
            .iter()
            .map(test)
            .collect(),
    };
    groups.iter().map(group).collect()
}

fn test(test: &Value) -> Test {
    Test {
        description: text_of(test, "description"),
        data: test["data"].clone(),
        valid: test["valid"].as_bool().unwrap(),
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}
