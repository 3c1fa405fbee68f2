//! Contracts that are sound and yet have no Rust: each is refused with the places shown.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_codegen::{Options, render};
use soniq_schema::diagnostic::{Style, render as shown};
use soniq_schema::load_sources;

/// The diagnostics of one contract file, as people see them.
fn refusal(contract: &str) -> String {
    refusal_with(contract, &Options::default())
}

fn refusal_with(contract: &str, options: &Options) -> String {
    let text = format!("edition = \"2026\"\nnamespace = \"a\"\n{contract}");
    let loaded = load_sources([("contracts/a.toml".to_owned(), text)]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let problems = render(&loaded.contracts, options).unwrap_err();
    shown(&problems, &loaded.contracts.sources, Style::Plain)
}

#[test]
fn two_properties_with_one_field() {
    insta::assert_snapshot!(refusal(
        r#"
[tasks.t]
version = 1
[tasks.t.args]
type = "object"
[tasks.t.args.properties]
invoiceId  = { type = "string" }
invoice_id = { type = "string" }
"#
    ));
}

#[test]
fn two_types_with_one_name() {
    insta::assert_snapshot!(refusal(
        r#"
[types.money]
type = "object"
properties.a = { type = "string" }
[types.Money]
type = "string"
"#
    ));
}

#[test]
fn two_values_with_one_variant() {
    insta::assert_snapshot!(refusal(
        r#"
[types.Level]
type = "string"
enum = ["very-high", "very_high"]
"#
    ));
}

#[test]
fn two_nested_types_with_one_title() {
    insta::assert_snapshot!(refusal(
        r#"
[tasks.t]
version = 1
[tasks.t.args]
type = "object"
[tasks.t.args.properties]
from = { type = "object", title = "Address", properties = { city = { type = "string" } } }
to   = { type = "object", title = "Address", properties = { city = { type = "string" } } }
"#
    ));
}

#[test]
fn a_default_that_contains_itself() {
    insta::assert_snapshot!(refusal(
        r##"
[types.Node]
type = "object"
properties.next = { "$ref" = "#/types/Node", default = {} }
"##
    ));
}

#[test]
fn keys_of_fields_without_a_type_of_their_own() {
    insta::assert_snapshot!(refusal(
        r##"
[types.Named]
type = "object"
required = ["name"]
properties.name = { type = "string" }

[tasks.t]
version = 1
dedup_key = "{either}:{wider.name}:{listed}:{fixed}:{merged.name}"
[tasks.t.args]
type = "object"
required = ["either", "wider", "listed", "fixed", "merged"]
[tasks.t.args.properties]
either = { type = ["string", "integer"] }
listed = { enum = ["x", "y"] }
fixed  = { const = "z" }
wider  = { type = ["object", "string"], required = ["name"], properties = { name = { type = "string" } } }
merged = { "$ref" = "#/types/Named", properties = { more = { type = "string" } } }
"##
    ));
}

#[test]
fn a_tag_with_an_older_name() {
    insta::assert_snapshot!(refusal(
        r#"
[types.Figure]
oneOf = [
    { type = "object", required = ["kind"], properties = { kind = { const = "dot" } } },
    { type = "object", required = ["kind"], properties = { kind = { const = "line", x-aliases = ["type"] } } },
]
"#
    ));
}

#[test]
fn a_namespace_that_does_not_exist() {
    let options = Options {
        namespaces: Some(vec!["b".to_owned()]),
        ..Options::default()
    };
    insta::assert_snapshot!(refusal_with("[types.A]\ntype = \"string\"", &options));
}

#[test]
fn every_problem_is_shown_at_once() {
    let text = refusal(
        r#"
[tasks.t]
version = 1
[tasks.t.args]
type = "object"
[tasks.t.args.properties]
aB  = { type = "string" }
a_b = { type = "string", enum = ["x", "X"] }
"#,
    );
    assert_eq!(text.matches("error[E10").count(), 2, "{text}");
}
