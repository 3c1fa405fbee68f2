//! The code of the example company, as a snapshot and as a function of nothing but its contracts.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::Path;

use soniq_codegen::{GeneratedFile, Options, Side, render};
use soniq_schema::load_sources;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts");

/// The contracts as if they lay in `folder`.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(Path::new(FOLDER)).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_name().unwrap().to_str().unwrap();
            sources.push((
                format!("{folder}/{name}"),
                fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    sources.sort();
    sources
}

fn rendered(sources: Vec<(String, String)>, options: &Options) -> Vec<GeneratedFile> {
    let loaded = load_sources(sources);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    render(&loaded.contracts, options).unwrap()
}

fn text<'f>(files: &'f [GeneratedFile], name: &str) -> &'f str {
    &files.iter().find(|file| file.name == name).unwrap().text
}

#[test]
fn the_generated_text() {
    let files = rendered(sources("contracts"), &Options::default());
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["mod.rs", "billing.rs", "emails.rs", "reports.rs"]);
    insta::assert_snapshot!("mod", text(&files, "mod.rs"));
    insta::assert_snapshot!("billing", text(&files, "billing.rs"));
}

#[test]
fn the_folder_and_the_order_of_files_do_not_show() {
    let here = rendered(sources("contracts"), &Options::default());
    let mut elsewhere = sources("/somewhere/else");
    elsewhere.reverse();
    assert_eq!(rendered(elsewhere, &Options::default()), here);
}

#[test]
fn a_part_is_the_same_as_in_the_whole() {
    let whole = rendered(sources("contracts"), &Options::default());
    let options = Options {
        namespaces: Some(vec!["reports".to_owned()]),
        ..Options::default()
    };
    let part = rendered(sources("contracts"), &options);
    let names: Vec<&str> = part.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["mod.rs", "emails.rs", "reports.rs"]);
    assert_eq!(text(&part, "reports.rs"), text(&whole, "reports.rs"));
    // Of the namespace that is only referred to, the types alone.
    assert!(text(&part, "emails.rs").contains("pub struct Recipient"));
    assert!(!text(&part, "emails.rs").contains("pub mod "));
}

#[test]
fn halves_leave_the_other_half_out() {
    let of = |side| {
        let options = Options {
            side,
            ..Options::default()
        };
        let files = rendered(sources("contracts"), &options);
        text(&files, "billing.rs").to_owned()
    };
    let (producer, consumer) = (of(Side::Producer), of(Side::Consumer));
    assert!(producer.contains("pub async fn enqueue(") && !producer.contains("trait Handler"));
    assert!(!consumer.contains("pub async fn enqueue(") && consumer.contains("trait Handler"));
    assert!(!producer.contains("pub mod v1") && consumer.contains("pub mod v1"));
}

#[test]
fn strategies_come_only_when_they_are_asked_for() {
    let of = |arbitrary| {
        let options = Options {
            arbitrary,
            ..Options::default()
        };
        let files = rendered(sources("contracts"), &options);
        text(&files, "billing.rs").to_owned()
    };
    assert!(!of(false).contains("testing"));
    let examples = of(true).matches("fn example()").count();
    assert_eq!(of(true).matches("::Arbitrary for ").count(), examples);
    let strategies: Vec<String> = of(true)
        .split("\n\n")
        .filter(|item| item.contains("fn draw_"))
        .map(str::to_owned)
        .collect();
    insta::assert_snapshot!("strategies", strategies.join("\n\n"));
}

#[test]
fn a_concurrency_limit_goes_into_the_spec() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/generated/contracts");
    let loaded = soniq_schema::load(&folder);
    let files = soniq_codegen::render(&loaded.contracts, &Options::default()).unwrap();
    let limits = files.iter().find(|file| file.name == "limits.rs").unwrap();
    let specs: Vec<&str> = limits
        .text
        .split("static SPEC: ")
        .skip(1)
        .filter_map(|rest| rest.split_once(";\n").map(|(spec, _)| spec))
        .collect();
    insta::assert_snapshot!(specs.join("\n\n"));
}
