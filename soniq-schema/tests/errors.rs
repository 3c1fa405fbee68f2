//! Every diagnostic, as people see it.
//!
//! Each `errors/NAME.toml`, or folder `errors/NAME/`, is loaded, and what is rendered must be what
//! `errors/NAME.snap` holds. A code that no fixture raises fails the suite.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use soniq_schema::diagnostic::{Style, codes, render};
use soniq_schema::{Loaded, load, load_sources};

const FOLDER: &str = "tests/errors";

fn fixtures() -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "toml"))
        .collect();
    // `load` of a folder that is not there.
    paths.push(Path::new(FOLDER).join("folder_unreadable"));
    paths.sort();
    paths
}

fn load_fixture(path: &Path) -> Loaded {
    if path.extension().is_some() {
        let name = path.to_string_lossy().replace('\\', "/");
        load_sources([(name, fs::read_to_string(path).unwrap())])
    } else {
        load(path)
    }
}

#[test]
fn every_diagnostic_reads_well() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("errors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut raised = BTreeSet::new();
    for path in fixtures() {
        let loaded = load_fixture(&path);
        let is_silent = loaded.diagnostics.is_empty();
        assert!(!is_silent, "{} has no diagnostic", path.display());
        raised.extend(
            loaded
                .diagnostics
                .iter()
                .map(|diagnostic| diagnostic.code.id),
        );
        let sources = &loaded.contracts.sources;
        let mut text = render(&loaded.diagnostics, sources, Style::Plain);
        text.push_str("\non one line each:\n");
        for diagnostic in &loaded.diagnostics {
            text.push_str(&diagnostic.plain_line(sources));
            text.push('\n');
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
    // Its fixture would be as large as the file that it is about.
    raised.insert(codes::FILE_TOO_LARGE.id);
    // Those have fixtures in `tests/lints`.
    raised.extend(soniq_schema::lint::codes().map(|code| code.id));
    // No contract shows these: they are of a lock file, which `tests/lock.rs` is about, and of a
    // comparison, which is soniq-codegen's.
    let elsewhere = [
        codes::LOCK_UNREADABLE,
        codes::LOCK_NEWER,
        codes::LOCK_EDITED,
        codes::WAIVER_EXPIRED,
        codes::NOTHING_TO_COMPARE,
        codes::BAD_CENSUS,
        codes::UNUSED_WAIVER,
    ];
    raised.extend(elsewhere.map(|code| code.id));
    let all: BTreeSet<_> = codes::ALL.iter().map(|code| code.id).collect();
    let missing: Vec<_> = all.difference(&raised).collect();
    assert!(missing.is_empty(), "no fixture raises {missing:?}");
}

#[test]
fn each_place_and_code_is_in_the_text() {
    for path in fixtures() {
        let loaded = load_fixture(&path);
        let sources = &loaded.contracts.sources;
        for diagnostic in &loaded.diagnostics {
            let text = render(std::slice::from_ref(diagnostic), sources, Style::Plain);
            assert!(
                text.contains(&format!(
                    "{}[{}]: ",
                    diagnostic.severity(),
                    diagnostic.code.id
                )),
                "{text}"
            );
            assert!(text.contains("help: "), "{text}");
            if let Some(location) = &diagnostic.location {
                let (line, column) = sources.line_column(location);
                let name = &sources.get(location.file).name;
                assert!(
                    text.contains(&format!("--> {name}:{line}:{column}\n")),
                    "{text}"
                );
            }
            let colored = render(std::slice::from_ref(diagnostic), sources, Style::Color);
            assert!(colored.contains('\u{1b}') && !text.contains('\u{1b}'));
        }
    }
}

#[test]
fn large_files_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let large = " ".repeat(8 * 1024 * 1024 + 1);
    fs::write(folder.path().join("data.json"), &large).unwrap();
    fs::write(folder.path().join("large.toml"), &large).unwrap();
    let text = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'data.json' }";
    fs::write(folder.path().join("a.toml"), text).unwrap();
    let loaded = load(folder.path());
    let shown: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|one| one.plain_line(&loaded.contracts.sources))
        .map(|line| line.replace(&*folder.path().to_string_lossy(), "contracts"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    error[E042]: contracts/large.toml is larger than 8 MiB (a contract or schema is text that people write; split it, or keep data elsewhere)
    contracts/a.toml:4:16: error[E042]: contracts/data.json is larger than 8 MiB (a contract or schema is text that people write; split it, or keep data elsewhere)
    ");
}

#[test]
fn names_of_fixtures_do_not_collide() {
    let mut stems: Vec<_> = fixtures()
        .iter()
        .map(|path| path.with_extension(""))
        .collect();
    let count = stems.len();
    stems.dedup();
    assert_eq!(stems.len(), count);
}
