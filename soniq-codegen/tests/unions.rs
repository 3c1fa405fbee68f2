//! The code of schemas that apply others, small enough to be read.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use soniq_codegen::{Options, Side, render};
use soniq_schema::load_sources;

/// The code of the one task of a contract.
fn generated(contract: &str) -> String {
    let head = "edition = \"2026\"\nnamespace = \"a\"\n";
    let loaded = load_sources([("a.toml".to_owned(), format!("{head}{contract}"))]);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let options = Options {
        side: Side::Consumer,
        ..Options::default()
    };
    let files = render(&loaded.contracts, &options).unwrap();
    let text = &files[1].text;
    // The handler is the same for every task.
    let end = text.find("/// Runs jobs of").unwrap_or(text.len());
    text[..end].trim_end().to_owned()
}

#[test]
fn alternatives() {
    insta::assert_snapshot!(generated(
        r##"
[types.Event]
oneOf = [
    { title = "Created", type = "object", required = ["kind", "by"], properties = { kind = { const = "created" }, by = { "$ref" = "#/types/Actor" } } },
    { type = "object", required = ["kind"], properties = { kind = { const = "deleted" }, undo = { "$ref" = "#/types/Event" } } },
]

[types.Actor]
anyOf = [{ type = "string", minLength = 1 }, { type = "integer" }]
"##
    ));
}

#[test]
fn tried_schemas_and_what_is_left() {
    insta::assert_snapshot!(generated(
        r#"
[types.Payment]
type = "object"
required = ["amount"]
oneOf = [{ required = ["card"] }, { required = ["iban"] }]
if    = { required = ["iban"] }
then  = { required = ["name"] }
not   = { properties = { amount = { const = 0 } } }
patternProperties = { "^x-" = { type = "string", maxLength = 9 } }
unevaluatedProperties = false
[types.Payment.properties]
amount = { type = "integer" }
card   = { type = "string" }
iban   = { type = "string" }
name   = { type = "string" }
lines  = { type = "array", contains = { type = "integer" }, maxContains = 2 }
"#
    ));
}

#[test]
fn one_struct_of_several_parts() {
    insta::assert_snapshot!(generated(
        r##"
[types.Base]
type = "object"
required = ["id"]
properties.id = { type = "integer" }

[types.Order]
description = "An order, with what every record has."
allOf = [{ "$ref" = "#/types/Base" }, { required = ["total"], properties = { total = { type = "number" } } }]

[types.Renamed]
allOf = [{ "$ref" = "#/types/Order" }]
"##
    ));
}
