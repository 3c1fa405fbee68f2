//! What `anyOf`, `oneOf` and `allOf` look like to those who use the generated types.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use serde_json::{Value, json};
use soniq_generated::shapes::unions::{
    Address, Derived, Figure, FigureCircle, FigureGroup, RecipientValue, types,
};
use soniq_runtime::__private::decode;
use soniq_runtime::Checked;

fn refused<T: Checked + std::fmt::Debug>(value: Value) -> Vec<(String, &'static str)> {
    let violations = decode::<T>(value).unwrap_err().into_iter();
    violations.map(|v| (v.pointer, v.rule)).collect()
}

#[test]
fn a_tag_is_written_by_the_variant() {
    let circle = FigureCircle::builder().radius(1.5).build();
    let args = types::Args::builder()
        .figure(FigureGroup::builder().members(vec![circle.into()]).build())
        .recipient(RecipientValue::from("ada@example.com".to_owned()))
        .build()
        .unwrap();
    let written = json!({
        "figure": { "kind": "group", "members": [{ "kind": "circle", "radius": 1.5 }] },
        "recipient": "ada@example.com",
        "default": { "kind": "circle", "radius": 2.5 },
    });
    assert_eq!(serde_json::to_value(&args).unwrap(), written);
    assert_eq!(decode::<types::Args>(written).unwrap(), args);
}

#[test]
fn a_variant_that_the_contract_does_not_know_is_refused_at_its_place() {
    assert_eq!(
        refused::<types::Args>(json!({ "figure": { "kind": "cube" } })),
        [("/figure".to_owned(), "oneOf")]
    );
    assert_eq!(
        refused::<types::Args>(json!({ "figure": { "kind": "circle", "radius": 0 } })),
        [("/figure".to_owned(), "oneOf")]
    );
}

#[test]
fn variants_without_a_tag_are_told_apart_by_their_json_type() {
    let recipient = |recipient: Value| {
        let value = json!({ "figure": { "kind": "group" }, "recipient": recipient });
        decode::<types::Args>(value).unwrap().recipient.unwrap()
    };
    let address = Address {
        street: "Main".to_owned(),
        lines: None,
    };
    assert_eq!(recipient(Value::Null), None);
    assert_eq!(recipient(json!(7.0)), Some(RecipientValue::Integer(7)));
    assert_eq!(
        recipient(json!({ "street": "Main" })),
        Some(RecipientValue::Address(address))
    );
    // An array with an item for each field of the struct is an array all the same.
    assert_eq!(
        recipient(json!(["Main", "x"])),
        Some(RecipientValue::Array(vec!["Main".into(), "x".into()]))
    );
}

#[test]
fn a_merged_struct_has_the_fields_of_all_parts_and_the_checks_of_all() {
    let derived = Derived::builder().id(1).name("ada").build();
    let value = json!({ "id": 1, "name": "ada" });
    assert_eq!(serde_json::to_value(&derived).unwrap(), value);
    let value = json!({
        "figure": { "kind": "group" },
        "derived": { "name": "a", "note": "long", "refined": { "a": 1 } },
    });
    assert_eq!(
        refused::<types::Args>(value),
        [
            ("/derived".to_owned(), "required"),
            ("/derived/name".to_owned(), "minLength"),
            ("/derived/note".to_owned(), "maxLength"),
            ("/derived/refined".to_owned(), "required"),
        ]
    );
}

#[test]
fn a_recursive_value_is_walked_once_a_level_and_no_deeper_than_a_row_holds() {
    let nested = |depth: usize| {
        let innermost = json!({ "kind": "group" });
        let frame = |inner: Value, _| json!({ "kind": "group", "frame": inner });
        json!({ "figure": (1..depth).fold(innermost, frame) })
    };
    // On the stack of a worker's thread.
    let in_a_row = decode::<types::Args>(nested(126)).unwrap();
    assert!(matches!(in_a_row.figure, Figure::Group(_)));
    let too_deep = refused::<types::Args>(nested(140));
    assert_eq!(too_deep, [("/figure".to_owned(), "oneOf")]);
}
