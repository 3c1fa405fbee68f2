//! Completes a job in a transaction that its handler has opened.

use super::executor::{Executor, Parameter, Statement};
use super::times::seconds;
use crate::complete::Completion;
use crate::error::Error;

const COMPLETE_IN: Statement = Statement {
    doing: "completing a job",
    sql: include_str!("sql/complete_in.sql"),
    is_call: false,
};

/// Writes that the job is done; whether its claim still held.
pub(super) async fn complete(mut db: impl Executor, completion: Completion) -> Result<bool, Error> {
    let Completion { fence, result, ttl } = completion;
    let parameters = [
        Parameter::Uuid(Some(fence.id)),
        Parameter::Uuid(fence.worker),
        Parameter::BigInt(fence.claim_id),
        Parameter::Int(fence.attempts),
        Parameter::Json(result.as_ref()),
        Parameter::Float(Some(seconds(ttl))),
    ];
    Ok(!db.ids(&COMPLETE_IN, &parameters).await?.is_empty())
}
