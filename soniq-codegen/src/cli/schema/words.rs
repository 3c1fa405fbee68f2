//! Words that stand for values of their own: names, durations, choices.
#![allow(dead_code, reason = "described, never made")]

use schemars::JsonSchema;

/// Numbers with units (ms, s, m, h, d), largest first: "250ms", "30s", "1h30m", "7d".
#[derive(JsonSchema)]
pub(super) struct Duration(
    #[schemars(
        length(min = 1),
        regex(pattern = "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$")
    )]
    String,
);

/// Lower-case letters, digits and underscores, beginning with a letter.
#[derive(JsonSchema)]
pub(super) struct Segment(#[schemars(regex(pattern = "^[a-z][a-z0-9_]*$"))] String);

/// The name of a task on the wire: segments joined by dots.
#[derive(JsonSchema)]
pub(super) struct WireName(
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"))] String,
);

/// A text with fields of the args in braces: `invoice:{invoice_id}`; `{{` and `}}` are literal
/// braces.
#[derive(JsonSchema)]
pub(super) struct Template(String);

/// How the delay between attempts grows.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum Backoff {
    /// The same delay each time.
    Fixed,
    /// Doubles from the first delay on.
    Exponential,
    /// One delay per retry; the last one repeats.
    List,
}

/// One duration, or with `backoff = "list"` one per retry.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Delay {
    One(Duration),
    List(#[schemars(length(min = 1))] Vec<Duration>),
}

/// What happens to firings missed while no scheduler ran.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(super) enum CatchUp {
    /// One job for all of them.
    One,
    /// One job each, bounded.
    All,
    /// None.
    None,
}
