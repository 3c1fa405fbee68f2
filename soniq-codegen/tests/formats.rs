//! `--format`: one folder with several problems in each of the formats.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};

mod command;

use command::{Ran, command, ended, run};

const GOOD: &str = r#"
edition = "2026"
namespace = "a"
[tasks.t]
version = 1
args = { type = "object" }
"#;

/// Its folder `contracts` has six errors and a warning.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn generate(folder: &Path, contracts: &str, format: &str) -> Ran {
    let args = ["generate", contracts, "--out", "out", "--format", format];
    run(folder, &args)
}

fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

/// A JSON Schema of this crate; formats are checked too.
fn schema(file: &str) -> Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(file).unwrap();
    // The pattern of SARIF's `language`, which we do not write, has a bracket too many.
    let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let options = jsonschema::options().should_validate_formats(true);
    options
        .build(&serde_json::from_str(&text).unwrap())
        .unwrap()
}

/// Why `value` does not fit.
fn problems(schema: &Validator, value: &Value) -> Vec<String> {
    let errors = schema.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Runs that end in every way: problems, none, and one that no file is to blame for.
fn runs(format: &str) -> [Ran; 3] {
    let good = tempfile::tempdir().unwrap();
    fs::write(good.path().join("a.toml"), GOOD).unwrap();
    [
        generate(&fixtures(), "contracts", format),
        generate(good.path(), ".", format),
        generate(good.path(), "nowhere", format),
    ]
}

#[test]
fn people_read_stderr() {
    let ran = generate(&fixtures(), "contracts", "human");
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn programs_read_stdout() {
    for format in ["json", "github", "gitlab", "sarif"] {
        let ran = generate(&fixtures(), "contracts", format);
        assert_eq!(ran.status, 1, "{format}");
        assert_eq!(ran.stderr, "6 problems; nothing was written\n", "{format}");
        let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = ran.stdout.replace(&version, "\"semanticVersion\": \"...\"");
        insta::assert_snapshot!(format, text);
    }
}

#[test]
fn no_problem_is_a_document_too() {
    let [_, json, _] = runs("json");
    assert_eq!(json.status, 0);
    assert_eq!(parsed(&json), json!({ "version": 1, "diagnostics": [] }));
    assert_eq!(json.stderr, "wrote out/mod.rs\nwrote out/a.rs\n");

    let [_, github, _] = runs("github");
    assert_eq!((github.status, github.stdout.as_str()), (0, ""));

    let [_, gitlab, _] = runs("gitlab");
    assert_eq!((gitlab.status, gitlab.stdout.as_str()), (0, "[]\n"));

    let [_, sarif, _] = runs("sarif");
    assert_eq!(sarif.status, 0);
    assert_eq!(parsed(&sarif)["runs"][0]["results"], json!([]));
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = schema("src/report/diagnostics.schema.json");
    for ran in runs("json") {
        assert_eq!(problems(&schema, &parsed(&ran)), [""; 0]);
    }
    let mut broken = parsed(&generate(&fixtures(), "contracts", "json"));
    broken["diagnostics"][0]["range"]["start"]["line"] = json!(0);
    assert_eq!(problems(&schema, &broken).len(), 1);
}

#[test]
fn sarif_is_sarif() {
    let schema = schema("tests/formats/sarif-2.1.0.schema.json");
    for ran in runs("sarif") {
        assert_eq!(problems(&schema, &parsed(&ran)), [""; 0]);
    }
    let mut broken = parsed(&generate(&fixtures(), "contracts", "sarif"));
    let place = &mut broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    place["artifactLocation"]["uri"] = json!("größe 100 %.json");
    assert_eq!(problems(&schema, &broken).len(), 1);
}

#[test]
fn gitlab_tells_problems_apart_and_knows_them_again() {
    let folder = tempfile::tempdir().unwrap();
    let fingerprints = |text: &str| {
        fs::write(folder.path().join("a.toml"), text).unwrap();
        let document = parsed(&generate(folder.path(), ".", "gitlab"));
        let entries = document.as_array().unwrap().iter();
        let mut all: Vec<_> = entries.map(|one| one["fingerprint"].clone()).collect();
        all.dedup();
        all
    };
    let bad = GOOD.replace("args =", "result = { type = 'x' }\nargs.type = 'x'\n#");
    let before = fingerprints(&bad);
    assert!(before.len() >= 2, "{before:?}");
    assert_eq!(fingerprints(&format!("# a line more\n{bad}")), before);
}

#[test]
fn columns_count_characters() {
    let document = parsed(&generate(&fixtures(), "contracts", "json"));
    let diagnostics = document["diagnostics"].as_array().unwrap();
    let one = diagnostics
        .iter()
        .find(|one| one["code"] == "E029")
        .unwrap();
    let file = fixtures().join(one["file"].as_str().unwrap());
    let text = fs::read_to_string(file).unwrap();
    let number = |pointer: &str| {
        let number = one["range"].pointer(pointer).unwrap().as_u64().unwrap();
        usize::try_from(number).unwrap() - 1
    };
    assert_eq!(number("/start/line"), number("/end/line"));
    let line = text.lines().nth(number("/start/line")).unwrap();
    let (start, end) = (number("/start/column"), number("/end/column"));
    let quoted: String = line.chars().skip(start).take(end - start).collect();
    assert_eq!(quoted, "\"strng\"");
}

#[test]
fn files_are_named_as_the_folder_was_given() {
    let first = |contracts: &str, format: &str| generate(&fixtures(), contracts, format).stdout;
    let github = first("./contracts/", "github");
    assert!(
        github.starts_with("::error file=contracts/billing.toml,"),
        "{github}"
    );
    let below = fixtures().join("contracts");
    let github = run(
        &below,
        &["generate", ".", "--out", "out", "--format", "github"],
    )
    .stdout;
    assert!(github.starts_with("::error file=billing.toml,"), "{github}");
}

#[cfg(unix)]
#[test]
fn absolute_paths_are_file_uris() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a b.toml"), "x = 1").unwrap();
    let ran = generate(folder.path(), folder.path().to_str().unwrap(), "sarif");
    let document = parsed(&ran);
    let result = &document["runs"][0]["results"][0];
    let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    let uri = uri.as_str().unwrap();
    assert!(
        uri.starts_with("file:///") && uri.ends_with("/a%20b.toml"),
        "{uri}"
    );
}

#[test]
fn colours_are_for_terminals_and_those_who_want_them() {
    let has_escapes = |format: &str, environment: &[(&str, &str)]| {
        let args = ["generate", "contracts", "--out", "out", "--format", format];
        let mut command = command(&fixtures(), &args);
        command.envs(environment.iter().copied());
        let ran = ended(command.output().unwrap());
        (ran.stdout + &ran.stderr).contains('\u{1b}')
    };
    assert!(!has_escapes("human", &[]));
    assert!(has_escapes("human", &[("CLICOLOR_FORCE", "1")]));
    let unwanted = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!has_escapes("human", &unwanted));
    for format in ["json", "github", "gitlab", "sarif"] {
        assert!(!has_escapes(format, &[("CLICOLOR_FORCE", "1")]), "{format}");
    }
}
