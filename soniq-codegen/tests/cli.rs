//! The command, run as a process.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const GOOD: &str = r#"
edition = "2026"
namespace = "a"
[tasks.t]
version = 1
args = { type = "object" }
"#;

/// Five mistakes: two keys, a version, a format and a `$ref`.
const BAD: &str = r##"
edition = "2026"
namespace = "a"
ownr = "team"
[tasks.t]
version = 0
prio = 3
[tasks.t.args]
type = "object"
properties.id = { type = "string", format = "uid" }
properties.to = { "$ref" = "#/types/Nobody" }
"##;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(contract: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("contracts")).unwrap();
        fs::write(folder.path().join("contracts/a.toml"), contract).unwrap();
        Folder(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO_BIN_EXE_soniq-codegen"))
            .args(args)
            .current_dir(self.path())
            .output()
            .unwrap();
        (
            status.code().unwrap(),
            String::from_utf8(stdout).unwrap(),
            String::from_utf8(stderr).unwrap(),
        )
    }
}

#[test]
fn generate_writes_once() {
    let folder = Folder::with(GOOD);
    let generate = ["generate", "contracts", "--out", "src/generated"];
    let (code, out, err) = folder.run(&generate);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        out,
        "wrote src/generated/mod.rs\nwrote src/generated/a.rs\n"
    );
    let (code, out, _) = folder.run(&generate);
    assert_eq!((code, out.as_str()), (0, "src/generated is up to date\n"));
}

#[test]
fn check_says_what_to_run() {
    let folder = Folder::with(GOOD);
    let check = [
        "generate",
        "contracts",
        "--out",
        "out",
        "--producer-only",
        "--check",
    ];
    let (code, _, err) = folder.run(&check);
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "not up to date: out/mod.rs\nnot up to date: out/a.rs\n\
         run: soniq-codegen generate contracts --out out --producer-only\n"
    );
    assert!(!folder.path().join("out").exists());
    assert_eq!(folder.run(&check[..5]).0, 0);
    assert_eq!(folder.run(&check).0, 0);
    // The other half is not what lies there.
    assert_eq!(
        folder
            .run(&["generate", "contracts", "--out", "out", "--check"])
            .0,
        1
    );
}

#[test]
fn docs_are_written_once_and_checked() {
    let folder = Folder::with(GOOD);
    let docs = ["docs", "contracts", "--out", "docs"];
    let (code, out, err) = folder.run(&docs);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        out,
        "wrote docs/index.html\nwrote docs/tasks.md\nwrote docs/tasks-a.md\n"
    );
    let (code, out, _) = folder.run(&docs);
    assert_eq!((code, out.as_str()), (0, "docs is up to date\n"));

    // One format leaves the other alone.
    let contract = GOOD.replace("\"a\"", "\"b\"");
    fs::write(folder.path().join("contracts/a.toml"), contract).unwrap();
    let check = [
        "docs",
        "contracts",
        "--out",
        "docs",
        "--format",
        "markdown",
        "--check",
    ];
    let (code, _, err) = folder.run(&check);
    assert_eq!(code, 1);
    assert_eq!(
        err,
        "not up to date: docs/tasks.md\nnot up to date: docs/tasks-b.md\n\
         no longer generated: docs/tasks-a.md\n\
         run: soniq-codegen docs contracts --out docs --format markdown\n"
    );
    assert_eq!(folder.run(&check[..6]).0, 0);
    assert_eq!(folder.run(&check).0, 0);
    assert!(!folder.path().join("docs/tasks-a.md").exists());
    let html = fs::read_to_string(folder.path().join("docs/index.html")).unwrap();
    assert!(html.contains("a.t.v1"));
}

#[test]
fn bad_contracts_are_not_documented() {
    let folder = Folder::with(BAD);
    let (code, out, err) = folder.run(&["docs", "contracts", "--out", "docs"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err.matches("error[").count(), 5, "{err}");
    assert!(!folder.path().join("docs").exists());
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let folder = Folder::with(BAD);
    let (code, out, err) = folder.run(&["generate", "contracts", "--out", "out"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(!folder.path().join("out").exists());
    insta::assert_snapshot!(err);
}

#[test]
fn wrong_usage_is_status_2() {
    let folder = Folder::with(GOOD);
    for args in [
        &["generate", "contracts"][..],
        &[
            "generate",
            "contracts",
            "--out",
            "o",
            "--producer-only",
            "--consumer-only",
        ],
        &["generat"],
    ] {
        let (code, _, err) = folder.run(args);
        assert_eq!(code, 2, "{args:?}: {err}");
    }
}

/// Diagnostics and status 1, whatever lies in the folder.
#[test]
fn bad_input_is_told_and_never_a_panic() {
    let nested = "[".repeat(10_000);
    let task = |properties: &str| {
        format!(
            "{GOOD}[tasks.u]\nversion = 1\nargs = {{ type = 'object', properties = {{ {properties} }} }}\n"
        )
    };
    let bad = [
        String::new(),
        "edition".to_owned(),
        "edition = '2026'\nedition = '2026'\nnamespace = 'a'\n".to_owned(),
        "edition = 1\nnamespace = []\nowner = {}\ntypes = 1\ntasks = 'x'\ndefaults = true"
            .to_owned(),
        format!("{GOOD}[types]\nT = {{ '$ref' = '#/types/T' }}\n"),
        format!("{GOOD}[types]\nT = {{ const = {nested}"),
        format!("{GOOD}[types]\nA = {{ '$ref' = '#/types/B' }}\nB = {{ '$ref' = '#/types/A' }}\n"),
        task("a-b = true, a_b = true"),
        task("e = { type = 'string', enum = ['a b', 'a-b'] }"),
        format!("{GOOD}[types]\nmoney = {{ enum = ['a'] }}\nMoney = {{ enum = ['a'] }}\n"),
        format!("{GOOD}[tasks.\u{e9}]\nversion = 1\nargs = {{ type = 'object' }}\n"),
        format!("{GOOD}[types]\nT = {{ '$ref' = 'nowhere.json' }}\n"),
        "\u{0}\u{1}\u{2}".to_owned(),
    ];
    for contract in bad {
        let folder = Folder::with(&contract);
        let (code, out, err) = folder.run(&["generate", "contracts", "--out", "out"]);
        let start: String = contract.chars().take(200).collect();
        assert_eq!((code, out.as_str()), (1, ""), "{start}\n{err}");
        assert!(err.starts_with("error[E"), "{start}\n{err}");
        assert!(
            !err.contains("panicked") && !err.contains("stack backtrace"),
            "{err}"
        );
        assert!(!folder.path().join("out").exists());
    }
}

/// Neither the order in which a folder lists its files nor that of tables in a file means anything.
#[test]
fn the_order_of_files_and_tables_does_not_change_a_byte() {
    let tables = [
        "[defaults]\nqueue = 'q'\n",
        "[types.Money]\ntype = 'object'\nproperties.minor = { type = 'integer' }\n",
        "[types.Level]\nenum = ['low', 'high']\n",
        "[tasks.one]\nversion = 1\nargs = { type = 'object', properties = { total = { '$ref' = '#/types/Money' } } }\n",
        "[tasks.two]\nversion = 1\nargs = { type = 'object', properties = { level = { '$ref' = 'b.toml#/types/Level' } } }\n",
    ];
    let outputs = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]].map(|order| {
        let folder = Folder(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path().join("contracts")).unwrap();
        let mut namespaces = ["a", "b", "c"];
        namespaces.rotate_left(order[0] % 3);
        for namespace in namespaces {
            let body: String = order.iter().map(|index| tables[*index]).collect();
            let text = format!("edition = '2026'\nnamespace = '{namespace}'\n{body}");
            fs::write(
                folder.path().join(format!("contracts/{namespace}.toml")),
                text,
            )
            .unwrap();
        }
        let (code, _, err) = folder.run(&["generate", "contracts", "--out", "out"]);
        assert_eq!(code, 0, "{err}");
        ["mod", "a", "b", "c"].map(|name| {
            let text = fs::read_to_string(folder.path().join(format!("out/{name}.rs"))).unwrap();
            // Items name the line that they are written on, which is another one.
            text.lines()
                .map(|line| line.split(".toml:").next().unwrap_or(line).to_owned() + "\n")
                .collect::<String>()
        })
    });
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(outputs[0], outputs[2]);
}

#[test]
fn a_missing_folder_is_one_clear_line() {
    let folder = Folder::with(GOOD);
    let (code, _, err) = folder.run(&["generate", "nowhere", "--out", "out"]);
    assert_eq!(code, 1);
    assert!(
        err.contains("cannot read the contracts folder nowhere"),
        "{err}"
    );
}

#[test]
fn strategies_are_generated_when_they_are_asked_for() {
    let folder = Folder::with(GOOD);
    let plain = ["generate", "contracts", "--out", "generated"];
    let arbitrary = [&plain[..], &["--arbitrary"]].concat();
    let strategies = || {
        let text = fs::read_to_string(folder.path().join("generated/a.rs")).unwrap();
        text.matches("::Arbitrary for Args").count()
    };
    assert_eq!(folder.run(&plain).0, 0);
    assert_eq!(strategies(), 0);

    // What was generated without them is outdated, and the remedy names the option.
    let check = [&arbitrary[..], &["--check"]].concat();
    let (code, _, err) = folder.run(&check);
    assert_eq!(code, 1);
    assert!(
        err.ends_with("run: soniq-codegen generate contracts --out generated --arbitrary\n"),
        "{err}"
    );

    let (code, _, err) = folder.run(&arbitrary);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(strategies(), 1);
    assert_eq!(folder.run(&check).0, 0);
}
