//! The catalogue of tasks: what it says, that its markup is sound, and that contracts cannot write
//! markup into it.
#![cfg(feature = "cli")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panic"
)]

mod any_contract;
mod hostile;
mod page;
mod prose;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use soniq_codegen::GeneratedFile;
use soniq_codegen::report::docs::{Format, catalogue};
use soniq_schema::load_sources;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts");

/// The catalogue of contract files, checked for soundness.
fn documented(files: &[(&str, &str)]) -> (Vec<page::Element>, prose::Prose) {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let loaded = load_sources(files);
    assert!(loaded.is_ok(), "{:#?}", loaded.diagnostics);
    let files = catalogue(&loaded.contracts, &[Format::Html, Format::Markdown]);
    read(&files)
}

fn read(files: &[GeneratedFile]) -> (Vec<page::Element>, prose::Prose) {
    let elements = page::elements(&files[0].text);
    page::assert_sound(&elements);
    let prose = prose::prose(files);
    prose.assert_links_lead_somewhere();
    (elements, prose)
}

fn company() -> Vec<GeneratedFile> {
    let loaded = soniq_schema::load(Path::new(FOLDER));
    assert!(loaded.is_ok());
    catalogue(&loaded.contracts, &[Format::Html, Format::Markdown])
}

#[test]
fn the_company() {
    let files = company();
    read(&files);
    for file in &files {
        // Style and script have files of their own.
        let text = match file.text.split_once("<body>") {
            Some((_, body)) => body.split("<script>").next().unwrap(),
            None => &file.text,
        };
        insta::assert_snapshot!(file.name.clone(), text);
    }
    assert_eq!(files, company());
}

#[test]
fn nothing_runs_but_the_search() {
    let files = company();
    let (elements, _) = read(&files);
    let mut metas = elements.iter().filter(|element| element.name == "meta");
    let policy = metas
        .find(|meta| meta.attributes.contains_key("http-equiv"))
        .unwrap();
    let policy = &policy.attributes["content"];
    assert!(policy.starts_with("default-src 'none'; "));
    for name in ["style", "script"] {
        let text = page::texts(&elements, name)[0];
        let hash = hmac_sha256::Hash::hash(text.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(hash);
        assert!(
            policy.contains(&format!("{name}-src 'sha256-{hash}'")),
            "{name}"
        );
    }
}

#[test]
fn a_format_may_be_asked_for_alone() {
    let loaded = soniq_schema::load(Path::new(FOLDER));
    let names = |format| {
        let files = catalogue(&loaded.contracts, &[format]).into_iter();
        files.map(|file| file.name).collect::<Vec<_>>()
    };
    assert_eq!(names(Format::Html), ["index.html"]);
    let markdown = names(Format::Markdown);
    let expected = [
        "tasks.md",
        "tasks-billing.md",
        "tasks-emails.md",
        "tasks-reports.md",
    ];
    assert_eq!(markdown, expected);
}

#[test]
fn what_has_no_rust_is_documented_too() {
    let (_, prose) = documented(&[(
        "a.toml",
        "edition = '2026'\nnamespace = 'a'\n[tasks.t]\nversion = 1\n\
         concurrency = { limit = 3, key = 'shop {shop}' }\n[tasks.t.args]\ntype = 'object'\n\
         required = ['shop']\nproperties = { shop = { type = 'string' }, aB = {}, a_b = {} }",
    )]);
    assert!(prose.text.contains("3 at once per shop {shop}"));
    assert!(
        ["shop", "aB", "a_b"]
            .iter()
            .all(|name| prose.first_cells.contains(&(*name).to_owned()))
    );
}

#[test]
fn schemas_in_words() {
    let loaded = load_sources([("a.toml".to_owned(), include_str!("schemas.toml").to_owned())]);
    assert!(loaded.is_ok(), "{:#?}", loaded.diagnostics);
    let files = catalogue(&loaded.contracts, &[Format::Html, Format::Markdown]);
    read(&files);
    insta::assert_snapshot!(files[2].text);
}

#[test]
fn a_thousand_tasks_make_a_page() {
    let mut text = "edition = '2026'\nnamespace = 'a'\n".to_owned();
    for n in 0..1000 {
        write!(
            text,
            "[tasks.t{n}]\nversion = 1\n[tasks.t{n}.args]\ntype = 'object'\nproperties = {{ id = {{ type = 'string', format = 'uuid' }}, at = {{ type = 'string', format = 'date-time', description = 'When.' }}, n = {{ type = 'integer', default = 1 }} }}\n"
        )
        .unwrap();
    }
    let loaded = load_sources([("a.toml".to_owned(), text)]);
    let start = Instant::now();
    let files = catalogue(&loaded.contracts, &[Format::Html, Format::Markdown]);
    // A second is the aim where it is optimized; this tells a slow way from a hopeless one.
    assert!(start.elapsed() < Duration::from_secs(20));
    let size = files[0].text.len();
    assert!(size < 4_000_000, "{size} bytes");
}
