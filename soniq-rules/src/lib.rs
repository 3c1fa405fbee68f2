//! The rules of JSON Schema over JSON values, one function each.
//!
//! `soniq_schema::evaluate` walks a schema and calls these functions; the code that
//! `soniq-codegen` writes has the schema unrolled and calls the same ones. The two can therefore
//! never disagree about what, say, a `date-time` is.
//!
//! Numbers are compared by value and exactly: `1`, `1.0` and `1e0` are one number, and a 64-bit
//! integer is never rounded to a float to be compared with one.
//!
//! ```
//! use serde_json::json;
//!
//! assert!(soniq_rules::format_matches("date-time", "2026-11-23T09:30:00Z"));
//! assert!(!soniq_rules::format_matches("date-time", "yesterday"));
//! assert!(soniq_rules::equal(&json!({ "a": 1, "b": 2 }), &json!({ "b": 2.0, "a": 1 })));
//! ```

mod format;
mod number;
mod pattern;
mod rename;
mod value;

pub use format::{format_is_known, format_matches, length};
pub use number::{compare, float_fits, in_range, integer_width, is_integer, is_multiple_of};
pub use pattern::rust_regex;
pub use rename::{Renamed, renamed};
pub use value::{equal, has_duplicates, kind, repeated};
