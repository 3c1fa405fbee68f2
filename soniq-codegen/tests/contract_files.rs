//! `lint` and `fmt`, run as processes.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

const CLEAN: &str = r#"edition = "2026"
namespace = "a"

[tasks.t]
version = 1
description = "Do it."
retry = { max_attempts = 4 }
args = { type = "object" }
"#;

/// Two lints that can be mended and one that cannot, in comments and odd spaces.
const LINTS: &str = r#"edition   = "2026"
namespace = "a" # by us

[tasks.t]
version     = 1
description = "Do it."
schedule    = { cron = "0 3 * * *" } # at night
retry       = { max_attempts = 4 }
[tasks.t.args]
type = "object"
properties.kind = { type = "string", enum = ["x", "y"] } # of thing
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        fs::create_dir(folder.0.path().join("contracts")).unwrap();
        for (name, text) in files {
            fs::write(folder.file(name), text).unwrap();
        }
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join("contracts").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        run(self.0.path(), args)
    }
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_soniq-codegen"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Codes in what was shown, in its order.
fn codes(shown: &str) -> Vec<&str> {
    let opened = shown.match_indices('[').map(|(at, _)| &shown[at + 1..]);
    let ids = opened.filter_map(|rest| rest.split(']').next());
    ids.filter(|id| id.len() == 4 && id.starts_with(['L', 'E']))
        .collect()
}

#[test]
fn nothing_found_is_status_0() {
    let folder = Folder::with(&[("a.toml", CLEAN)]);
    let nothing = (0, String::new(), String::new());
    assert_eq!(folder.run(&["lint", "contracts"]), nothing);
    assert_eq!(folder.run(&["lint", "contracts", "--fix"]), nothing);
    assert_eq!(folder.text("a.toml"), CLEAN);
}

#[test]
fn what_is_found_is_status_1() {
    let folder = Folder::with(&[("a.toml", LINTS)]);
    let (code, out, err) = folder.run(&["lint", "contracts"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(codes(&err), ["L010", "L004", "L006"]);
    assert_eq!(folder.text("a.toml"), LINTS);
}

#[test]
fn lints_may_be_allowed() {
    let folder = Folder::with(&[("a.toml", LINTS)]);
    let (code, _, err) = folder.run(&["lint", "contracts", "--allow", "L010,L004"]);
    assert_eq!((code, codes(&err)), (1, vec!["L006"]));
    let all = ["--allow", "L010,L004", "--allow", "L006"];
    let (code, _, err) = folder.run(&[&["lint", "contracts"], &all[..]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    // Nor are they mended.
    folder.run(&["lint", "contracts", "--fix", "--allow", "L006"]);
    assert!(!folder.text("a.toml").contains("x-open"));
}

#[test]
fn only_lints_are_allowed() {
    let folder = Folder::with(&[("a.toml", CLEAN)]);
    for codes in ["E006", "L999", "", "L003,E006"] {
        let (code, _, err) = folder.run(&["lint", "contracts", "--allow", codes]);
        assert_eq!(code, 2, "{codes}: {err}");
    }
    assert_eq!(folder.run(&["lint"]).0, 2);
    assert_eq!(folder.run(&["fmt"]).0, 2);
}

#[test]
fn what_is_mechanical_is_mended() {
    let folder = Folder::with(&[
        ("a.toml", LINTS),
        ("b.toml", &CLEAN.replace("\"a\"", "\"b\"")),
    ]);
    let before = fs::metadata(folder.file("b.toml")).unwrap();
    let (code, out, err) = folder.run(&["lint", "contracts", "--fix"]);
    assert_eq!(
        (code, out.as_str()),
        (
            1,
            "contracts/a.toml:7: L010: added timezone = \"UTC\"\n\
             contracts/a.toml:11: L006: added x-open = true\n"
        )
    );
    assert_eq!(codes(&err), ["L004"]);
    let text = LINTS
        .replace("\"0 3 * * *\" }", "\"0 3 * * *\", timezone = \"UTC\" }")
        .replace("[\"x\", \"y\"] }", "[\"x\", \"y\"], x-open = true }");
    assert_eq!(folder.text("a.toml"), text);
    // What is as it should be is not touched, and nothing is left behind.
    let after = fs::metadata(folder.file("b.toml")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(
        fs::read_dir(folder.0.path().join("contracts"))
            .unwrap()
            .count(),
        2
    );

    let (code, out, err) = folder.run(&["lint", "contracts", "--fix"]);
    assert_eq!((code, out.as_str(), codes(&err)), (1, "", vec!["L004"]));
    assert_eq!(folder.text("a.toml"), text);
}

/// A file with an error is not mended, nor are its neighbours.
#[test]
fn errors_come_first() {
    let broken = CLEAN.replace("\"a\"", "\"b\"").replace("version", "vesion");
    let folder = Folder::with(&[("a.toml", LINTS), ("b.toml", &broken)]);
    let (code, out, err) = folder.run(&["lint", "contracts", "--fix"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        codes(&err).iter().all(|code| code.starts_with('E')),
        "{err}"
    );
    assert_eq!(folder.text("a.toml"), LINTS);
    assert_eq!(folder.run(&["lint", "nowhere", "--fix"]).0, 1);
}

/// The fixture of every lint, mended: it loads, has no new lint, and another run changes nothing.
#[test]
fn every_fixture_is_mended_as_far_as_it_can_be() {
    let fixtures = Path::new(ROOT).join("soniq-schema/tests/lints");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&fixtures);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut mended = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(&fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let before = fs::read_to_string(&path).unwrap();
        let folder = Folder::with(&[("a.toml", &before)]);
        let (_, _, lints) = folder.run(&["lint", "contracts"]);
        let generate = || folder.run(&["generate", "contracts", "--out", "out"]).0;
        assert_eq!(generate(), 0, "{name}");
        let (_, out, left) = folder.run(&["lint", "contracts", "--fix"]);
        let after = folder.text("a.toml");
        assert_eq!(before == after, out.is_empty(), "{name}");
        assert_eq!(
            codes(&lints).len(),
            codes(&left).len() + out.lines().count(),
            "{name}: {left}"
        );
        let (_, out, _) = folder.run(&["lint", "contracts", "--fix"]);
        assert_eq!((out.as_str(), folder.text("a.toml")), ("", after.clone()));
        assert_eq!(generate(), 0, "{name}");
        if before != after {
            mended.push(name.to_owned());
            settings.bind(|| insta::assert_snapshot!(format!("{name}.fixed"), after));
        }
    }
    assert_eq!(mended, ["closed_enum", "missing_timezone"]);
}

/// What the example company does on purpose.
#[test]
fn the_company_allows_itself_two_lints() {
    let (code, out, err) = run(
        Path::new(ROOT),
        &["lint", "contracts", "--allow", "L005,L011"],
    );
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
}

#[test]
fn files_are_laid_out_once() {
    let folder = Folder::with(&[("a.toml", LINTS), ("b.toml", CLEAN)]);
    let (code, out, err) = folder.run(&["fmt", "contracts", "--check"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (1, "not laid out: contracts/a.toml\n", "")
    );
    assert_eq!(folder.text("a.toml"), LINTS);
    let (code, out, err) = folder.run(&["fmt", "contracts"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "wrote contracts/a.toml\n", "")
    );
    insta::assert_snapshot!(folder.text("a.toml"), @r##"
    edition = "2026"
    namespace = "a" # by us

    [tasks.t]
    version = 1
    description = "Do it."
    retry = { max_attempts = 4 }
    schedule = { cron = "0 3 * * *" } # at night

    [tasks.t.args]
    type = "object"
    properties.kind = { type = "string", enum = ["x", "y"] } # of thing
    "##);
    let nothing = (0, String::new(), String::new());
    assert_eq!(folder.run(&["fmt", "contracts"]), nothing);
    assert_eq!(folder.run(&["fmt", "contracts", "--check"]), nothing);
    assert_eq!(folder.run(&["fmt", "contracts/b.toml"]), nothing);
}

/// Contracts that do not load are laid out all the same, as long as they are TOML.
#[test]
fn what_is_not_toml_is_left_alone() {
    let broken = "edition = \n[tasks\n";
    let unknown = "zulu='1'\nedition='2026'\n";
    let folder = Folder::with(&[("a.toml", broken), ("b.toml", unknown)]);
    let (code, out, err) = folder.run(&["fmt", "contracts"]);
    assert_eq!((code, out.as_str()), (1, "wrote contracts/b.toml\n"));
    assert!(
        codes(&err).iter().all(|code| *code == "E004") && err.contains("contracts/a.toml:1"),
        "{err}"
    );
    assert_eq!(folder.text("a.toml"), broken);
    assert_eq!(folder.text("b.toml"), "edition = \"2026\"\nzulu = \"1\"\n");
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = Folder::with(&[("a.toml", CLEAN)]);
    let (code, _, err) = folder.run(&["fmt", "contracts/a.toml", "contracts/b.toml"]);
    assert_eq!(code, 1);
    assert!(err.contains("cannot read contracts/b.toml"), "{err}");
    fs::remove_file(folder.file("a.toml")).unwrap();
    let (code, _, err) = folder.run(&["fmt", "contracts"]);
    assert_eq!(
        (code, err.as_str()),
        (1, "error: contracts holds no .toml file\n")
    );
}
