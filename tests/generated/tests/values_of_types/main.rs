//! Values of generated types: those that `example()` gives, and those that are drawn.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod drawn;
mod examples;

use std::fmt::Debug;
use std::fs;

use serde_json::Value;
use soniq_runtime::__private::decode;
use soniq_runtime::__private::serde::Serialize;
use soniq_runtime::Checked;

/// Calls a macro with every type that has an example and strategies.
macro_rules! for_each_type {
    ($callback:ident) => {
        $callback! {
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
    };
}
use for_each_type;

/// Takes a value through the check and the type.
fn holds<T: Checked + Serialize + PartialEq + Debug>(value: &T) -> Value {
    let encoded = serde_json::to_value(value).unwrap();
    let again: T = decode(encoded.clone())
        .unwrap_or_else(|broken| unreachable!("{value:?} is refused: {broken:?}"));
    assert_eq!(&again, value);
    encoded
}

/// How often generated code says this.
fn occurrences(text: &str) -> usize {
    ["drawn", "shapes", "imported"]
        .iter()
        .flat_map(|folder| fs::read_dir(format!("{}/{folder}", env!("OUT_DIR"))).unwrap())
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .map(|code| code.matches(text).count())
        .sum()
}
