//! Contracts folders as they should not be: each gives diagnostics, soon.

#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use soniq_schema::diagnostic::{Style, render};
use soniq_schema::{Loaded, load};

const GOOD: &str = "edition = '2026'\nnamespace = 'good'\n[types]\nT = true\n";

/// A folder with one good contract and what `fill` puts beside it.
fn loaded(fill: impl FnOnce(&Path)) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.toml"), GOOD).unwrap();
    fill(folder.path());
    let loaded = load(folder.path());
    render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    let namespaces = loaded
        .contracts
        .contracts
        .iter()
        .map(|one| one.namespace.as_str());
    assert!(
        namespaces.clone().any(|name| name == "good"),
        "the good one is read all the same"
    );
    loaded
}

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|one| one.code.id).collect()
}

#[test]
fn links_to_nothing_and_to_themselves() {
    let loaded = loaded(|folder| {
        symlink("nowhere.toml", folder.join("dangling.toml")).unwrap();
        symlink("loop.toml", folder.join("loop.toml")).unwrap();
    });
    assert_eq!(codes(&loaded), ["E003", "E003"]);
    assert!(
        loaded.diagnostics[0].message.contains("went away"),
        "{:?}",
        loaded.diagnostics
    );
}

#[test]
fn a_folder_that_contains_itself() {
    let loaded = loaded(|folder| symlink(folder, folder.join("again")).unwrap());
    assert!(loaded.is_ok());
}

#[test]
fn pipes_and_devices_are_not_waited_for() {
    let loaded = loaded(|folder| {
        let made = Command::new("mkfifo")
            .arg(folder.join("pipe.toml"))
            .status();
        assert!(made.unwrap().success());
        symlink("/dev/zero", folder.join("zero.toml")).unwrap();
        let made = Command::new("mkfifo")
            .arg(folder.join("pipe.json"))
            .status();
        assert!(made.unwrap().success());
        let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'pipe.json' }";
        fs::write(folder.join("a.toml"), contract).unwrap();
    });
    assert_eq!(codes(&loaded), ["E003", "E003", "E003"]);
    for diagnostic in &loaded.diagnostics {
        assert!(
            diagnostic.message.contains("it is not a file"),
            "{diagnostic:?}"
        );
    }
}

#[test]
fn folders_with_the_name_of_a_file() {
    let loaded = loaded(|folder| {
        fs::create_dir(folder.join("folder.toml")).unwrap();
        fs::create_dir(folder.join("schema.json")).unwrap();
        let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'schema.json' }";
        fs::write(folder.join("a.toml"), contract).unwrap();
    });
    assert_eq!(codes(&loaded), ["E003"]);
}

#[test]
fn text_that_is_not_utf_8_or_has_other_line_ends() {
    let loaded = loaded(|folder| {
        fs::write(folder.join("latin.toml"), b"owner = 'M\xfcller'").unwrap();
        let text = "\u{feff}edition = '2026'\r\nnamespace = 'windows'\r\n[types]\r\nT = { '$ref' = 'bom.json' }\r\n";
        fs::write(folder.join("windows.toml"), text).unwrap();
        fs::write(
            folder.join("bom.json"),
            "\u{feff}{\r\n\"type\": \"string\"\r\n}\r\n",
        )
        .unwrap();
    });
    assert_eq!(codes(&loaded), ["E003"], "{:?}", loaded.diagnostics);
    assert!(loaded.diagnostics[0].message.contains("not UTF-8"));
}

#[test]
fn large_files_are_not_read() {
    let loaded = loaded(|folder| {
        let large = fs::File::create(folder.join("large.toml")).unwrap();
        large.set_len(50 << 20).unwrap();
        let large = fs::File::create(folder.join("large.json")).unwrap();
        large.set_len(50 << 20).unwrap();
        let contract = "edition = '2026'\nnamespace = 'a'\n[types]\nT = { '$ref' = 'large.json' }";
        fs::write(folder.join("a.toml"), contract).unwrap();
    });
    let codes = codes(&loaded);
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert_eq!(codes[0], codes[1]);
    assert!(
        loaded.diagnostics[0].message.contains("larger than"),
        "{:?}",
        loaded.diagnostics
    );
}

#[test]
fn five_thousand_files() {
    let loaded = loaded(|folder| {
        for n in 0..5000 {
            let mut text = format!("edition = '2026'\nnamespace = 'n{n}'\n");
            writeln!(text, "[tasks.t]\nversion = 1\nargs = {{ type = 'object' }}").unwrap();
            fs::write(folder.join(format!("n{n}.toml")), text).unwrap();
        }
    });
    assert!(loaded.is_ok());
    assert_eq!(loaded.contracts.contracts.len(), 5001);
}
