//! Every `example()` of generated code is a value that its contract accepts, and comes out of its
//! type as it went in.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fmt::Debug;
use std::fs;

use serde_json::Value;
use soniq_generated::{company, imported, shapes};
use soniq_runtime::__private::decode;
use soniq_runtime::__private::serde::Serialize;
use soniq_runtime::Checked;

/// Takes an example through the check and the type.
fn holds<T: Checked + Serialize + PartialEq + Debug>(example: &T) -> Value {
    let encoded = serde_json::to_value(example).unwrap();
    let again: T = decode(encoded.clone())
        .unwrap_or_else(|broken| unreachable!("{example:?} is refused: {broken:?}"));
    assert_eq!(&again, example);
    encoded
}

macro_rules! examples {
    ($($type:path;)*) => {
        #[test]
        fn each_is_accepted() {
            $(holds(&<$type>::example());)*
        }

        /// Every type that has an example is in the list above.
        #[test]
        fn none_is_left_out() {
            let out = env!("OUT_DIR");
            let count: usize = ["soniq", "shapes", "imported"]
                .iter()
                .flat_map(|folder| fs::read_dir(format!("{out}/{folder}")).unwrap())
                .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
                .map(|text| text.matches("pub fn example()").count())
                .sum();
            assert_eq!(count, [$(stringify!($type)),*].len());
        }
    };
}

examples! {
    company::billing::close_month::Args;
    company::billing::refund_payment::Args;
    company::billing::send_invoice::Args;
    company::billing::send_invoice::Output;
    company::billing::send_invoice::v1::Args;
    company::emails::send_digest::Args;
    company::emails::send_receipt::Args;
    company::emails::send_receipt::Output;
    company::emails::send_welcome::Args;
    company::reports::refresh_dashboard::Args;
    company::reports::render_report::Args;
    company::reports::render_report::Output;
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

/// What a contract itself gives goes before what is made up.
#[test]
fn the_contracts_own_example_is_taken() {
    let value = holds(&company::billing::send_invoice::Args::example());
    assert_eq!(value["customer"], "ada@example.com");
    assert_eq!(value["total"]["amount_minor"], 1999);
    assert_eq!(value["copies"], 1);
}
