//! [`tokio_postgres`], which the runtime itself goes by. Statements are unnamed, so that they work behind
//! a pooler, and typed, so that they take one round trip.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use crate::backend::postgres::connect::failed;
use crate::backend::postgres::executor::{Executor, Parameter, Statement};
use crate::backend::postgres::repeated::{Repeated, Run};
use crate::error::Error;

enqueuer! {
    /// The job exists as soon as the call returns, or when the transaction commits that was begun on
    /// this connection by a statement.
    &Client, |client| client
}

enqueuer! {
    /// The job exists if and only if this transaction commits.
    &Transaction<'_>, |transaction| transaction
}

completer! {
    /// The job is done if and only if this transaction commits.
    &Transaction<'_>, |transaction| transaction
}

macro_rules! executor {
    ($connection:ty) => {
        impl Executor for $connection {
            async fn ids(
                &mut self,
                statement: &Statement,
                parameters: &[Parameter<'_>],
            ) -> Result<Vec<Uuid>, Error> {
                let parameters: Vec<_> = parameters.iter().map(typed).collect();
                let rows = self
                    .query_typed(statement.sql, &parameters)
                    .await
                    .map_err(failed(statement.doing))?;
                Ok(rows.iter().filter_map(|row| row.get(0)).collect())
            }
        }
    };
}

executor!(&Client);
executor!(&Transaction<'_>);

/// A connection of the handle's own, outside of any transaction: where it keeps its backend, calls are prepared.
impl Executor for &Repeated<'_> {
    async fn ids(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Uuid>, Error> {
        let parameters: Vec<_> = parameters.iter().map(typed).collect();
        let rows = if statement.is_call {
            self.rows(statement.sql, &parameters).await
        } else {
            self.client.query_typed(statement.sql, &parameters).await
        };
        let rows = rows.map_err(failed(statement.doing))?;
        Ok(rows.iter().filter_map(|row| row.get(0)).collect())
    }
}

fn typed<'a>(parameter: &'a Parameter<'_>) -> (&'a (dyn ToSql + Sync), Type) {
    match parameter {
        Parameter::Bool(value) => (value, Type::BOOL),
        Parameter::Float(value) => (value, Type::FLOAT8),
        Parameter::Int(value) => (value, Type::INT4),
        Parameter::BigInt(value) => (value, Type::INT8),
        Parameter::Json(value) => (value, Type::JSONB),
        Parameter::Text(value) => (value, Type::TEXT),
        Parameter::Timestamp(value) => (value, Type::TIMESTAMPTZ),
        Parameter::Uuid(value) => (value, Type::UUID),
        Parameter::Bools(values) => (values, Type::BOOL_ARRAY),
        Parameter::Floats(values) => (values, Type::FLOAT8_ARRAY),
        Parameter::Ints(values) => (values, Type::INT4_ARRAY),
        Parameter::Jsons(values) => (values, Type::JSONB_ARRAY),
        Parameter::Texts(values) => (values, Type::TEXT_ARRAY),
        Parameter::Timestamps(values) => (values, Type::TIMESTAMPTZ_ARRAY),
        Parameter::Uuids(values) => (values, Type::UUID_ARRAY),
    }
}
