//! Schemas as exporters write them, imported: `import/NAME.json` gives `NAME.toml` and the remarks in
//! `NAME.notes`. `SONIQ_UPDATE_FIXTURES=1` writes the two; read them before you commit.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each fixture with the arguments that it is imported by.
const FIXTURES: &[(&str, &[&str])] = &[
    ("pydantic", &["--task", "shop.place_order"]),
    ("zod", &["--task", "users.sync_profile"]),
    ("zod_to_json_schema", &["--task", "shipping.book"]),
    ("typescript", &["--task", "billing.invoice"]),
    ("openapi_3_0", &[]),
    (
        "openapi_3_1",
        &[
            "--pointer",
            "/components/schemas/Adoption",
            "--task",
            "pets.adopted",
        ],
    ),
    ("draft_07", &["--task", "reports.make"]),
    ("draft_2019_09", &["--task", "trees.grow"]),
    ("names", &["--task", "naming.things"]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import")
}

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn import(file: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_soniq-codegen"))
        .arg("import")
        .arg(file)
        .args(args)
        .output()
        .unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Imports a text from a file of this name.
fn import_text(name: &str, text: impl AsRef<[u8]>, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    import(&file, args)
}

fn assert_is(path: &Path, text: &str) {
    if std::env::var_os("SONIQ_UPDATE_FIXTURES").is_some() {
        fs::write(path, text).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(expected, text, "{}", path.display());
}

#[test]
fn fixtures_become_contracts() {
    for (name, args) in FIXTURES {
        let run = import(&folder().join(format!("{name}.json")), args);
        assert_eq!(run.status, 0, "{name}: {}", run.err);
        assert_is(&folder().join(format!("{name}.toml")), &run.out);
        assert_is(&folder().join(format!("{name}.notes")), &run.err);
    }
}

#[test]
fn every_fixture_is_imported() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(FIXTURES.iter().any(|(known, _)| *known == name), "{name}");
    }
}

/// All contracts in one folder, as a team has them.
#[test]
fn the_contracts_load_and_give_rust() {
    let loaded = soniq_schema::load(&folder());
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let files = soniq_codegen::render(&loaded.contracts, &soniq_codegen::Options::default());
    assert_eq!(files.unwrap().len(), 1 + FIXTURES.len());
}

#[test]
fn a_file_that_is_there_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (json, toml) = (folder.path().join("a.json"), folder.path().join("a.toml"));
    fs::write(&json, r#"{"type": "string"}"#).unwrap();
    fs::write(&toml, "mine").unwrap();
    let out = toml.to_str().unwrap();
    let run = import(&json, &["--out", out]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("is there already; --force replaces it"));
    assert_eq!(fs::read_to_string(&toml).unwrap(), "mine");
    let run = import(&json, &["--out", out, "--force"]);
    assert_eq!((run.status, run.out), (0, format!("wrote {out}\n")));
    let text = fs::read_to_string(&toml).unwrap();
    assert!(text.ends_with("[types.A]\ntype = \"string\"\n"), "{text}");
}

#[test]
fn wrong_usage_is_status_2() {
    for args in [
        &["--task", "invoice"][..],
        &["--task", "Billing.invoice"],
        &["--task", "billing.send.invoice"],
        &["--pointer", "components"],
        &["--force"],
    ] {
        let run = import_text("a.json", "{}", args);
        assert_eq!(run.status, 2, "{args:?}: {}", run.err);
    }
}

/// What is refused, with the arguments and a part of what is said.
#[test]
fn what_cannot_be_carried_is_refused_by_name() {
    let deep = format!("{}true{}", r#"{"not":"#.repeat(200), "}".repeat(200));
    let draft_04 = r#"{"$schema": "http://json-schema.org/draft-04/schema#", "const": 1}"#;
    for (text, args, said) in [
        ("", &[][..], "line 1, column 1: expected a JSON value"),
        ("{\n \"a\": 1,\n}", &[], "line 3, column 1: expected a key"),
        (r#"{"a": 1, "a": 2}"#, &[], r#"the key "a" is given twice"#),
        (&deep, &[], "nested more than 127 levels deep"),
        ("[]", &[], "this is no schema"),
        ("{}", &["--task", "a.b"], "the args of a task are an object"),
        (
            "true",
            &["--task", "a.b"],
            "the args of a task are an object",
        ),
        (
            r#"{"$ref": "https://example.com/a.json"}"#,
            &[],
            "leads out of the file\n  at a.json#/$ref",
        ),
        (r#"{"$ref": "other.json#/a"}"#, &[], "leads out of the file"),
        (
            r##"{"$defs": {"Money": {}}, "items": {"$ref": "#/$defs/money"}}"##,
            &[],
            "did you mean `#/$defs/Money`?",
        ),
        (r##"{"$ref": "#"}"##, &[], "error[E037]"),
        (
            r##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##,
            &[],
            "error[E037]",
        ),
        (
            r##"{"$id": "https://a.example/", "$recursiveRef": "#", "$defs": {"a": {"$id": "b"}}}"##,
            &[],
            "`$recursiveRef` in a file of several `$id`s",
        ),
        (
            r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#,
            &[],
            "the dialect \"http://json-schema.org/draft-03/schema#\" is not known",
        ),
        (draft_04, &[], "draft-04 does not know `const`"),
        (
            r#"{"$vocabulary": {}}"#,
            &[],
            "`$vocabulary` is not supported",
        ),
        (r#"{"properties": []}"#, &[], "the value of `properties`"),
        (r#"{"minLength": "3"}"#, &[], "error[E007]"),
        (r#"{"pattern": "(?=a)"}"#, &[], "error[E031]"),
        (r#"{"enum": ["a"], "type": "integer"}"#, &[], "error[E033]"),
        (
            r#"{"type": "object", "properties": {"a_b": {}, "aB": {}}}"#,
            &[],
            "error[E101]",
        ),
        (
            r#"{"$schema": "https://json-schema.org/draft/2019-09/schema", "unevaluatedItems": false, "contains": true}"#,
            &[],
            "counts what `contains` finds",
        ),
        (r#"{"swagger": "2.0"}"#, &[], "Swagger 2.0 is not read"),
        (r#"{"openapi": "3.1.0"}"#, &[], "no /components/schemas"),
        (
            r#"{"openapi": "3.1.0", "components": {"schemas": {"A": {}}}}"#,
            &["--task", "a.b"],
            "name one by --pointer, such as /components/schemas/A",
        ),
        (
            r#"{"$defs": {"A": {}}}"#,
            &["--task", "a.b"],
            "name one of its definitions by --pointer: /$defs/A",
        ),
        (
            r#"{"$defs": {"A": {}}}"#,
            &["--pointer", "/$defs/B"],
            "there are: A",
        ),
    ] {
        let run = import_text("a.json", text, args);
        assert_eq!(run.status, 1, "{text}: {}", run.err);
        assert_eq!(run.out, "", "{text}");
        assert!(run.err.contains(said), "{text}: {}", run.err);
        assert!(
            run.err.contains("; nothing was written"),
            "{text}: {}",
            run.err
        );
    }
}

#[test]
fn a_file_that_is_no_schema_is_one_clear_line() {
    let run = import(Path::new("nowhere.json"), &[]);
    assert_eq!(run.status, 1);
    assert!(
        run.err.starts_with("error: cannot read nowhere.json: "),
        "{}",
        run.err
    );
    let run = import_text("a.json", [0xff, 0xfe], &[]);
    assert!(run.err.contains("is not UTF-8"), "{}", run.err);
    let run = import_text("a.json", vec![b' '; 50 * 1024 * 1024], &[]);
    assert!(run.err.contains("is larger than 8 MiB"), "{}", run.err);
    let run = import_text("a.json", "\u{feff}{}", &[]);
    assert_eq!(run.status, 0, "{}", run.err);
}
