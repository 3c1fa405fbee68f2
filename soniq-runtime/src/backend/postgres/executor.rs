//! Whoever runs a statement in somebody's transaction: our driver, or the library that the caller
//! has the transaction in. So each statement is written once, whatever carries it.

use std::future::Future;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;

/// One of our statements. Its rows begin with the id of a job, or null for none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement {
    /// For an error's text.
    pub(super) doing: &'static str,
    pub(super) sql: &'static str,
    /// Whether all it does is to call a function: then a plan of it never grows old.
    pub(super) is_call: bool,
}

/// Runs statements on one connection.
pub(super) trait Executor: Send {
    /// The ids that the statement's rows begin with.
    fn ids(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> impl Future<Output = Result<Vec<Uuid>, Error>> + Send;
}

/// A value with the type that the statement is sent with; an array is a column of many jobs.
#[derive(Debug)]
pub(super) enum Parameter<'a> {
    Bool(bool),
    Float(Option<f64>),
    Int(Option<i32>),
    BigInt(Option<i64>),
    Json(Option<&'a Value>),
    Text(Option<&'a str>),
    Timestamp(Option<DateTime<Utc>>),
    Uuid(Option<Uuid>),
    Bools(Vec<bool>),
    Floats(Vec<Option<f64>>),
    Ints(Vec<i32>),
    Jsons(Vec<Option<&'a Value>>),
    Texts(Vec<Option<&'a str>>),
    Timestamps(Vec<Option<DateTime<Utc>>>),
    Uuids(Vec<Uuid>),
}
