//! What generated `Arbitrary` implementations draw passes the checks, and comes out of its type as
//! it went in.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;

use soniq_generated::{drawn, imported, shapes};
use soniq_runtime::__private::decode;
use soniq_runtime::__private::serde::Serialize;
use soniq_runtime::Checked;
use soniq_runtime::testing::proptest::arbitrary::Arbitrary;
use soniq_runtime::testing::proptest::strategy::{Strategy as _, ValueTree as _};
use soniq_runtime::testing::proptest::test_runner::TestRunner;

/// Draws values; how many different ones they are.
fn different<T>(name: &str) -> usize
where
    T: Arbitrary + Checked + Serialize + PartialEq + Debug,
{
    let mut runner = TestRunner::deterministic();
    let strategy = T::arbitrary();
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        let tree = strategy.new_tree(&mut runner);
        let value = tree
            .unwrap_or_else(|reason| unreachable!("{name}: {reason}"))
            .current();
        let encoded = serde_json::to_value(&value).unwrap();
        let again: T = decode(encoded.clone())
            .unwrap_or_else(|broken| unreachable!("{name}: {encoded} is refused: {broken:?}"));
        assert_eq!(again, value, "{name}");
        seen.insert(encoded.to_string());
    }
    seen.len()
}

macro_rules! drawn {
    ($($type:path;)*) => {
        #[test]
        fn each_is_accepted() {
            let counts = [$((stringify!($type), different::<$type>(stringify!($type)))),*];
            let few = counts.iter().filter(|(_, count)| *count < 50);
            let few: Vec<&str> = few.map(|(name, _)| *name).collect();
            assert_eq!(few, FEW, "{counts:?}");
        }

        /// Every type that has strategies is in the list above.
        #[test]
        fn none_is_left_out() {
            let out = env!("OUT_DIR");
            let count: usize = ["drawn", "shapes", "imported"]
                .iter()
                .flat_map(|folder| fs::read_dir(format!("{out}/{folder}")).unwrap())
                .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
                .map(|text| text.matches("::Arbitrary for ").count())
                .sum();
            assert_eq!(count, [$(stringify!($type)),*].len());
        }
    };
}

/// The types below that have few values.
const FEW: [&str; 8] = [
    "drawn::billing::close_month::Args",
    "drawn::emails::send_digest::Args",
    "shapes::limits::rebuild_index::Args",
    "shapes::limits::right_to_left::Args",
    "shapes::shapes::defaults::Output",
    "shapes::shapes::defaults::v1::Args",
    "shapes::shapes::defaults::v2::Args",
    "shapes::shapes::r#match::Args",
];

drawn! {
    drawn::billing::close_month::Args;
    drawn::billing::refund_payment::Args;
    drawn::billing::send_invoice::Args;
    drawn::billing::send_invoice::Output;
    drawn::billing::send_invoice::v1::Args;
    drawn::emails::send_digest::Args;
    drawn::emails::send_receipt::Args;
    drawn::emails::send_receipt::Output;
    drawn::emails::send_welcome::Args;
    drawn::reports::refresh_dashboard::Args;
    drawn::reports::render_report::Args;
    drawn::reports::render_report::Output;
    shapes::aliases::renamed::Args;
    shapes::aliases::renamed::Output;
    shapes::aliases::together::Args;
    shapes::legacy::forget_customer::Args;
    shapes::legacy::reindex::Args;
    shapes::legacy::sync_customer::Args;
    shapes::legacy::sync_customer::Output;
    shapes::legacy::sync_customer::v1::Args;
    shapes::legacy::sync_customer::v2::Args;
    shapes::limits::rebuild_index::Args;
    shapes::limits::right_to_left::Args;
    shapes::limits::sync_customer::Args;
    shapes::shapes::by_reference::Args;
    shapes::shapes::by_reference::Output;
    shapes::shapes::collections::Args;
    shapes::shapes::collections::Output;
    shapes::shapes::defaults::Args;
    shapes::shapes::defaults::Output;
    shapes::shapes::defaults::v1::Args;
    shapes::shapes::defaults::v2::Args;
    shapes::shapes::r#match::Args;
    shapes::shapes::scalars::Args;
    shapes::unions::conditions::Args;
    shapes::unions::names::Args;
    shapes::unions::objects::Args;
    shapes::unions::types::Args;
    shapes::unions::values::Args;
    imported::billing::invoice::Args;
    imported::naming::things::Args;
    imported::pets::adopted::Args;
    imported::reports::make::Args;
    imported::shipping::book::Args;
    imported::shop::place_order::Args;
    imported::trees::grow::Args;
    imported::users::sync_profile::Args;
}
