//! The examples of every contract, and values that are drawn, pass its checks and come out of its
//! types as they went in.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fmt::Debug;

use serde_json::Value;
use soniq_real_world::contracts as c;
use soniq_runtime::__private::decode;
use soniq_runtime::__private::serde::Serialize;
use soniq_runtime::Checked;
use soniq_runtime::testing::proptest::arbitrary::Arbitrary;
use soniq_runtime::testing::proptest::strategy::{Strategy as _, ValueTree as _};
use soniq_runtime::testing::proptest::test_runner::TestRunner;
use soniq_schema::contract::Task;
use soniq_schema::json_schema::SchemaRef;
use soniq_schema::{Contracts, evaluate, fill_defaults};

fn contracts() -> Contracts {
    let loaded = soniq_schema::load("contracts".as_ref());
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

/// Takes the examples of a task through `T`, whose `example()` is the first of them.
fn round_trip<T>(contracts: &Contracts, task: &Task, shown: &T)
where
    T: Checked + Serialize + PartialEq + Debug,
{
    let schema = contracts.schemas.get(task.args);
    assert!(!task.examples.is_empty(), "{} has examples", task.name);
    assert_eq!(&decode::<T>(task.examples[0].args.clone()).unwrap(), shown);
    for example in task.examples.iter().map(|example| &example.args) {
        let decoded: T = decode(example.clone())
            .unwrap_or_else(|broken| unreachable!("{}: {example}: {broken:?}", task.name));
        let mut expected = example.clone();
        fill_defaults(schema, &mut expected);
        let encoded = serde_json::to_value(&decoded).unwrap();
        assert_eq!(evaluate(schema, &encoded), [], "{}", task.name);
        assert!(
            is_the_same(&encoded, &expected),
            "{expected}\nbecame\n{encoded}"
        );
    }
}

/// Equal but for the kind of number, and for what stands in an alternative that is not known before.
fn is_the_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(l, r)| is_the_same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => right
            .iter()
            .all(|(name, r)| left.get(name).is_some_and(|l| is_the_same(l, r))),
        _ => left == right,
    }
}

/// Draws values of `T`, each of which comes out of it as it went in.
fn drawn<T>(schema: SchemaRef<'_>)
where
    T: Arbitrary + Checked + Serialize + PartialEq + Debug,
{
    let mut runner = TestRunner::deterministic();
    let strategy = T::arbitrary();
    for _ in 0..100 {
        let value = strategy.new_tree(&mut runner).unwrap().current();
        let encoded = serde_json::to_value(&value).unwrap();
        assert_eq!(evaluate(schema, &encoded), [], "{encoded}");
        assert_eq!(decode::<T>(encoded).unwrap(), value);
    }
}

macro_rules! examples {
    ($($task:literal: $args:ty;)*) => {
        #[test]
        fn examples_and_values_round_trip() {
            let contracts = contracts();
            let find = |name: &str| {
                let mut tasks = contracts.contracts.iter().flat_map(|one| &one.tasks);
                tasks.find(|task| task.name == name).unwrap()
            };
            $(round_trip(&contracts, find($task), &<$args>::example());)*
            $(drawn::<$args>(contracts.schemas.get(find($task).args));)*
            let with_examples = contracts.contracts.iter().flat_map(|one| &one.tasks);
            let with_examples = with_examples.filter(|task| !task.examples.is_empty()).count();
            assert_eq!(with_examples, [$($task),*].len(), "each of them is listed here");
        }
    };
}

examples! {
    "deployments.apply.v1": c::deployments::apply::Args;
    "health.import_questionnaire.v1": c::health::import_questionnaire::Args;
    "i18n.translate.v1": c::i18n::translate::Args;
    "keywords.async.v1": c::keywords::r#async::Args;
    "maps.index.v1": c::maps::index::Args;
    "metrics.record.v1": c::metrics::record::Args;
    "payments.handle_event.v1": c::payments::handle_event::Args;
    "profiles.save.v1": c::profiles::save::Args;
    "shop.place_order.v1": c::shop::place_order::Args;
    "users.track.v1": c::users::track::Args;
    "webhooks.receive.v3": c::webhooks::receive::Args;
    "wide.load_sheet.v1": c::wide::load_sheet::Args;
}
