//! Which types schemas become, by their declarations alone.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_codegen::{Options, render};
use soniq_schema::load_sources;

/// The types in the files of all namespaces, in order of their names, with their public fields.
fn declared(files: &[(&str, &str)]) -> String {
    let files = files.iter().map(|(name, text)| {
        let text = match name.strip_suffix(".toml") {
            Some(namespace) => format!("edition = '2026'\nnamespace = '{namespace}'\n{text}"),
            None => (*text).to_owned(),
        };
        (format!("contracts/{name}"), text)
    });
    let loaded = load_sources(files);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let files = render(&loaded.contracts, &Options::default()).unwrap();
    let mut text = String::new();
    for line in files[1..].iter().flat_map(|file| file.text.lines()) {
        let line = line.trim();
        let is_field =
            line.ends_with(',') && ["pub ", "Other("].iter().any(|word| line.starts_with(word));
        let words = ["pub enum ", "pub struct ", "pub type "];
        let is_type = words.iter().any(|word| line.starts_with(word)) && !line.contains("Builder");
        if is_type || is_field {
            text.push_str(line.trim_end_matches(" {"));
            text.push('\n');
        }
    }
    text
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(declared(files).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn an_open_enum_needs_no_type() {
    check(
        &[(
            "a.toml",
            "[types.Level]
            enum   = ['low', 'high']
            x-open = true
            [types.Door]
            type         = 'object'
            properties.a = { title = 'State', enum = ['open', { x-json = 'null' }], x-open = true }",
        )],
        &[
            "pub struct Door",
            "pub a: Option<Option<State>>,",
            "pub enum Level",
            "Other(UnknownValue),",
            "pub enum State",
            "Other(UnknownValue),",
        ],
    );
}
