//! Documents keep to what their readers expect.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use quick_xml::events::Event;
use serde_json::{Value, json};
use soniq_codegen::report::compat::Format;

use crate::Case;
use crate::hostile;

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

fn parsed(case: &Case, format: Format) -> Value {
    serde_json::from_str(&case.written(format)).unwrap()
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = schema("src/report/compat.schema.json");
    for case in [Case::of_a_year(), hostile::case()] {
        assert_eq!(problems(&schema, &parsed(&case, Format::Json)), [""; 0]);
    }
    let mut broken = parsed(&Case::of_a_year(), Format::Json);
    broken["findings"][0]["level"] = json!("fine");
    assert_eq!(problems(&schema, &broken).len(), 1);
}

#[test]
fn json_has_everything() {
    let case = Case::of_a_year();
    let document = parsed(&case, Format::Json);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), case.findings.len());
    let find = |id: &str| findings.iter().find(|one| one["rule"] == id).unwrap();
    assert!(find("B024")["witness"].is_object());
    assert_eq!(find("B024")["old"]["file"], "main:contracts/shop.toml");
    assert_eq!(find("F014")["waiver"]["owner"], "team-parcels");
    assert!(find("O001").get("witness").is_none());
    assert_eq!(document["compatible"], false);
}

#[test]
fn sarif_is_sarif() {
    let schema = schema("tests/formats/sarif-2.1.0.schema.json");
    for case in [Case::of_a_year(), hostile::case()] {
        assert_eq!(problems(&schema, &parsed(&case, Format::Sarif)), [""; 0]);
    }
    let document = parsed(&Case::of_a_year(), Format::Sarif);
    let results = document["runs"][0]["results"].as_array().unwrap();
    for result in results {
        let is_waived = result["ruleId"] == "F014";
        assert_eq!(result.get("suppressions").is_some(), is_waived, "{result}");
        assert!(result.get("locations").is_some() && result.get("relatedLocations").is_some());
    }
}

#[test]
fn gitlab_tells_findings_apart() {
    let document = parsed(&Case::of_a_year(), Format::Gitlab);
    let entries = document.as_array().unwrap();
    let mut fingerprints: Vec<_> = entries
        .iter()
        .map(|one| one["fingerprint"].as_str().unwrap())
        .collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), entries.len());
    assert!(entries.iter().any(|one| one["severity"] == "info"));
}

/// The texts of a document's elements and attributes, by the path of names.
fn texts(xml: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path = Vec::new();
    let mut texts = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                path.push(start.name().as_ref().to_owned());
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap();
                    let key = attribute.key.as_ref().to_owned();
                    let value = attribute.value.clone().into_owned();
                    texts.push((format!("{}@{key}", path.join("/")), value));
                }
                if matches!(event, Event::Empty(_)) {
                    path.pop();
                }
            }
            Event::Text(text) => {
                texts.push((path.join("/"), text.as_ref().to_owned()));
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

#[test]
fn junit_has_a_case_for_each_version_and_direction() {
    let texts = texts(&Case::of_a_year().written(Format::Junit));
    let of = |path: &str| -> Vec<&str> {
        let texts = texts.iter().filter(|(at, _)| at == path);
        texts.map(|(_, text)| text.as_str()).collect()
    };
    assert_eq!(of("testsuites@tests"), ["12"]);
    assert_eq!(
        of("testsuites/testsuite@name"),
        ["shop.count v1", "shop.refund v1", "shop.ship v3"]
    );
    let cases = of("testsuites/testsuite/testcase@name");
    assert_eq!(cases[..4], ["backward", "forward", "source", "operational"]);
    let failures = of("testsuites/testsuite/testcase/failure@message");
    assert_eq!(of("testsuites@failures"), [failures.len().to_string()]);
    assert!(
        failures.iter().any(|ids| ids.contains("B002")),
        "{failures:?}"
    );
    assert!(
        !failures.iter().any(|ids| ids.contains("F014")),
        "{failures:?}"
    );
}

#[test]
fn junit_of_hostile_texts_is_xml() {
    let xml = hostile::case().written(Format::Junit);
    assert!(!texts(&xml).is_empty());
    let is_xml = |c: char| !c.is_control() || c == '\n' || c == '\u{85}';
    assert!(xml.chars().all(is_xml), "{xml:?}");
}
