//! What generated `Arbitrary` implementations draw passes the checks, and comes out of its type as
//! it went in.

use std::collections::BTreeSet;
use std::fmt::Debug;

use soniq_generated::{drawn, imported, shapes};
use soniq_runtime::__private::serde::Serialize;
use soniq_runtime::Checked;
use soniq_runtime::testing::proptest::arbitrary::Arbitrary;
use soniq_runtime::testing::proptest::strategy::{Strategy as _, ValueTree as _};
use soniq_runtime::testing::proptest::test_runner::TestRunner;

use super::{for_each_type, holds, occurrences};

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
        seen.insert(holds(&value).to_string());
    }
    seen.len()
}

/// Types that have few values.
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

macro_rules! drawn {
    ($($type:path;)*) => {
        #[test]
        fn each_is_accepted() {
            let counts = [$((stringify!($type).replace(' ', ""), different::<$type>(stringify!($type)))),*];
            let few = counts.iter().filter(|(_, count)| *count < 50);
            let few: Vec<&String> = few.map(|(name, _)| name).collect();
            assert_eq!(few, FEW, "{counts:?}");
        }

        #[test]
        fn none_is_left_out() {
            let count = occurrences("::Arbitrary for ");
            assert_eq!(count, [$(stringify!($type)),*].len());
        }
    };
}

for_each_type!(drawn);
