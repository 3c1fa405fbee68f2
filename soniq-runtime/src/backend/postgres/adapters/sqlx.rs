//! `sqlx`. Statements are unnamed, so that they work behind a pooler; the library has the server look at
//! each before it is run, which takes a second round trip.

use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, Row as _, Transaction};
use uuid::Uuid;

use crate::backend::postgres::executor::{Executor, Parameter, Statement};
use crate::error::Error;

enqueuer! {
    /// The job exists as soon as the call returns; if the connection is in a transaction (`&mut *tx`),
    /// if and only if that commits.
    &mut PgConnection, |connection| connection
}

enqueuer! {
    /// The job exists if and only if this transaction commits.
    &mut Transaction<'_, Postgres>, |transaction| &mut **transaction
}

completer! {
    /// The job is done if and only if this transaction commits.
    &mut Transaction<'_, Postgres>, |transaction| &mut **transaction
}

impl Executor for &mut PgConnection {
    async fn ids(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Uuid>, Error> {
        let mut query = sqlx::query(statement.sql).persistent(false);
        for parameter in parameters {
            query = match parameter {
                Parameter::Bool(value) => query.bind(value),
                Parameter::Float(value) => query.bind(value),
                Parameter::Int(value) => query.bind(value),
                Parameter::BigInt(value) => query.bind(value),
                Parameter::Json(value) => query.bind(value),
                Parameter::Text(value) => query.bind(value),
                Parameter::Timestamp(value) => query.bind(value),
                Parameter::Uuid(value) => query.bind(value),
                Parameter::Bools(values) => query.bind(values),
                Parameter::Floats(values) => query.bind(values),
                Parameter::Ints(values) => query.bind(values),
                Parameter::Jsons(values) => query.bind(
                    values
                        .iter()
                        .map(|value| value.map(Json))
                        .collect::<Vec<_>>(),
                ),
                Parameter::Texts(values) => query.bind(values),
                Parameter::Timestamps(values) => query.bind(values),
                Parameter::Uuids(values) => query.bind(values),
            };
        }
        let failed = |error| failed(statement.doing, error);
        let rows = query.fetch_all(&mut **self).await.map_err(failed)?;
        rows.iter()
            .filter_map(|row| row.try_get(0).map_err(failed).transpose())
            .collect()
    }
}

fn failed(doing: &'static str, error: sqlx::Error) -> Error {
    super::failed(doing, code(&error), error)
}

/// The server's code, or that of a lost connection.
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    match error {
        sqlx::Error::Database(error) => error.code().map(Into::into),
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            Some(super::CONNECTION_LOST.to_owned())
        }
        _ => None,
    }
}
