//! Generated checks and `soniq_schema::evaluate` give the same answer to every value: the same
//! pointers and rules in the same order. What they accept decodes, and what it encodes to is
//! accepted again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

mod values;

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use soniq_generated::shapes::shapes::collections::Args as Collections;
use soniq_generated::shapes::unions::types::Args as Types;
use soniq_generated::{company, shapes};
use soniq_runtime::__private::{Checker, decode};
use soniq_runtime::Checked;
use soniq_schema::Contracts;
use soniq_schema::contract::Task;
use soniq_schema::json_schema::SchemaRef;
use values::Choices;

static COMPANY: LazyLock<Contracts> = LazyLock::new(|| load("../../contracts"));
static SHAPES: LazyLock<Contracts> = LazyLock::new(|| load("contracts"));

fn load(folder: &str) -> Contracts {
    let loaded = soniq_schema::load(folder.as_ref());
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

fn task<'c>(contracts: &'c Contracts, name: &str) -> &'c Task {
    let mut tasks = contracts.contracts.iter().flat_map(|c| &c.tasks);
    tasks.find(|task| task.name == name).unwrap()
}

fn checked<T: Checked>(value: &Value) -> Vec<(String, &'static str)> {
    let mut checker = Checker::default();
    T::check(value, &mut checker);
    let violations = checker.finish().into_iter();
    violations.map(|v| (v.pointer, v.rule)).collect()
}

fn evaluated(schema: SchemaRef<'_>, value: &Value) -> Vec<(String, &'static str)> {
    let violations = soniq_schema::evaluate(schema, value).into_iter();
    violations.map(|v| (v.pointer, v.rule)).collect()
}

/// Holds `T` to `schema` for one value; says whether the value was accepted.
fn agree<T>(schema: SchemaRef<'_>, value: &Value) -> bool
where
    T: Checked + soniq_runtime::__private::serde::Serialize + PartialEq + std::fmt::Debug,
{
    let expected = evaluated(schema, value);
    assert_eq!(checked::<T>(value), expected, "{value}");
    if !expected.is_empty() {
        return false;
    }
    let decoded: T = decode(value.clone())
        .unwrap_or_else(|violations| panic!("accepted, yet not decoded: {value}: {violations:?}"));
    let encoded = serde_json::to_value(&decoded).unwrap();
    let broken = evaluated(schema, &encoded);
    assert_eq!(broken, [], "{value} became {encoded}");
    let again: T = decode(encoded).unwrap();
    assert_eq!(again, decoded, "{value}");
    true
}

/// Arguments of `unions.types` with `inner` at the end of a chain of so many in all.
fn chain(key: &str, count: usize, inner: Value) -> Value {
    let chain = (1..count).fold(inner, |inner, _| json!({ "next": inner }));
    json!({ "figure": { "kind": "group" }, key: chain })
}

/// The work does not double with each level, and both stop at the same one.
#[test]
fn deep_and_ambiguous_values() {
    let schema = SHAPES.schemas.get(task(&SHAPES, "unions.types.v1").args);
    for key in ["ambiguous", "ambiguous_rest"] {
        for (count, inner, accepted) in [
            (126, json!({}), true),
            (127, json!({}), false),
            (200, json!({}), false),
            (100, json!({ "next": {}, "other": 1 }), false),
        ] {
            let value = chain(key, count, inner);
            assert_eq!(agree::<Types>(schema, &value), accepted, "{key} {count}");
        }
    }
    let plain = (0..200).fold(
        json!({ "name": "n" }),
        |inner, _| json!({ "name": "n", "left": null, "children": [inner] }),
    );
    let schema = SHAPES
        .schemas
        .get(task(&SHAPES, "shapes.collections.v1").args);
    let found = evaluated(schema, &json!({ "node": plain }));
    assert_eq!(checked::<Collections>(&json!({ "node": plain })), found);
    let rules: Vec<_> = found.iter().map(|(_, rule)| *rule).collect();
    assert_eq!(rules, ["depth"]);
}

/// One test per type: values made for its schema from random choices.
macro_rules! agreement {
    ($($test:ident: $type:ty, $contracts:ident, $task:literal, $schema:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

            $(#[test]
            fn $test(choices in proptest::collection::vec(any::<u32>(), 1..160)) {
                let pick: fn(&Task) -> soniq_schema::json_schema::SchemaId = $schema;
                let schema = $contracts.schemas.get(pick(task(&$contracts, $task)));
                let value = values::for_schema(schema, &mut Choices::new(&choices));
                agree::<$type>(schema, &value);
            })*
        }

        /// Without values that are accepted the properties above would say little.
        #[test]
        fn each_schema_has_values_of_both_kinds() {
            $({
                let pick: fn(&Task) -> soniq_schema::json_schema::SchemaId = $schema;
                let schema = $contracts.schemas.get(pick(task(&$contracts, $task)));
                let mut accepted = 0;
                for seed in 0..400_u32 {
                    let choices: Vec<u32> = (0..160).map(|step| values::mixed(seed, step)).collect();
                    let value = values::for_schema(schema, &mut Choices::new(&choices));
                    accepted += u32::from(agree::<$type>(schema, &value));
                }
                println!("{}: {accepted} of 400", stringify!($test));
                assert!((20..400).contains(&accepted), "{}: {accepted}", stringify!($test));
            })*
        }
    };
}

agreement! {
    send_invoice: company::billing::send_invoice::Args, COMPANY, "billing.send_invoice.v2", |t| t.args;
    send_invoice_output: company::billing::send_invoice::Output, COMPANY, "billing.send_invoice.v2", |t| t.result.unwrap();
    send_invoice_v1: company::billing::send_invoice::v1::Args, COMPANY, "billing.send_invoice.v2", |t| t.retired[0].args;
    refund_payment: company::billing::refund_payment::Args, COMPANY, "billing.refund_payment.v1", |t| t.args;
    close_month: company::billing::close_month::Args, COMPANY, "billing.close_month.v1", |t| t.args;
    send_welcome: company::emails::send_welcome::Args, COMPANY, "emails.send_welcome.v1", |t| t.args;
    send_receipt: company::emails::send_receipt::Args, COMPANY, "emails.send_receipt.v1", |t| t.args;
    send_receipt_output: company::emails::send_receipt::Output, COMPANY, "emails.send_receipt.v1", |t| t.result.unwrap();
    send_digest: company::emails::send_digest::Args, COMPANY, "emails.send_digest.v1", |t| t.args;
    render_report: company::reports::render_report::Args, COMPANY, "reports.render_report.v1", |t| t.args;
    render_report_output: company::reports::render_report::Output, COMPANY, "reports.render_report.v1", |t| t.result.unwrap();
    refresh_dashboard: company::reports::refresh_dashboard::Args, COMPANY, "reports.refresh_dashboard.v1", |t| t.args;
    scalars: shapes::shapes::scalars::Args, SHAPES, "shapes.scalars.v1", |t| t.args;
    defaults: shapes::shapes::defaults::Args, SHAPES, "shapes.defaults.v3", |t| t.args;
    defaults_output: shapes::shapes::defaults::Output, SHAPES, "shapes.defaults.v3", |t| t.result.unwrap();
    defaults_v1: shapes::shapes::defaults::v1::Args, SHAPES, "shapes.defaults.v3", |t| t.retired[0].args;
    defaults_v2: shapes::shapes::defaults::v2::Args, SHAPES, "shapes.defaults.v3", |t| t.retired[1].args;
    collections: shapes::shapes::collections::Args, SHAPES, "shapes.collections.v1", |t| t.args;
    collections_output: shapes::shapes::collections::Output, SHAPES, "shapes.collections.v1", |t| t.result.unwrap();
    by_reference: shapes::shapes::by_reference::Args, SHAPES, "shapes.by_reference.v1", |t| t.args;
    sync_customer: shapes::legacy::sync_customer::Args, SHAPES, "crm.customer_sync", |t| t.args;
    sync_customer_v1: shapes::legacy::sync_customer::v1::Args, SHAPES, "crm.customer_sync", |t| t.retired[0].args;
    reindex: shapes::legacy::reindex::Args, SHAPES, "legacy.reindex.v1", |t| t.args;
    unions_types: shapes::unions::types::Args, SHAPES, "unions.types.v1", |t| t.args;
    unions_objects: shapes::unions::objects::Args, SHAPES, "unions.objects.v1", |t| t.args;
    unions_names: shapes::unions::names::Args, SHAPES, "unions.names.v1", |t| t.args;
    unions_conditions: shapes::unions::conditions::Args, SHAPES, "unions.conditions.v1", |t| t.args;
    unions_values: shapes::unions::values::Args, SHAPES, "unions.values.v1", |t| t.args;
    aliases_renamed: shapes::aliases::renamed::Args, SHAPES, "aliases.renamed.v1", |t| t.args;
    aliases_renamed_output: shapes::aliases::renamed::Output, SHAPES, "aliases.renamed.v1", |t| t.result.unwrap();
    aliases_together: shapes::aliases::together::Args, SHAPES, "aliases.together.v1", |t| t.args;
    by_reference_output: shapes::shapes::by_reference::Output, SHAPES, "shapes.by_reference.v1", |t| t.result.unwrap();
}
