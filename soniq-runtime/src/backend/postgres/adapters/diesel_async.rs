//! `diesel-async`. The library prepares each statement under a name and closes it at once, which takes a
//! second round trip.

use diesel::pg::Pg;
use diesel::query_builder::BoxedSqlQuery;
use diesel::result::DatabaseErrorKind;
use diesel::sql_types::{
    Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl as _, TransactionManager as _,
};
use uuid::Uuid;

use crate::backend::postgres::executor::{Executor, Parameter, Statement};
use crate::error::Error;

enqueuer! {
    /// The job exists as soon as the call returns; within `transaction(..)`, if and only if that
    /// commits.
    &mut AsyncPgConnection, |connection| connection
}

completer! {
    /// The job is done if and only if the transaction commits that the connection is in.
    &mut AsyncPgConnection, |connection| in_transaction(connection)?
}

/// A row of any of our statements.
#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
}

impl Executor for &mut AsyncPgConnection {
    async fn ids(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Uuid>, Error> {
        let query = diesel::sql_query(statement.sql).into_boxed::<Pg>();
        let query = parameters.iter().fold(query, bind);
        let rows: Vec<Row> = query
            .load(&mut **self)
            .await
            .map_err(|error| super::failed(statement.doing, code(&error), error))?;
        Ok(rows.into_iter().filter_map(|row| row.id).collect())
    }
}

type Query<'a> = BoxedSqlQuery<'a, Pg, diesel::query_builder::SqlQuery>;

fn bind<'a>(query: Query<'a>, parameter: &'a Parameter<'_>) -> Query<'a> {
    match parameter {
        Parameter::Bool(value) => query.bind::<Bool, _>(value),
        Parameter::Float(value) => query.bind::<Nullable<Double>, _>(value),
        Parameter::Int(value) => query.bind::<Nullable<Integer>, _>(value),
        Parameter::BigInt(value) => query.bind::<Nullable<BigInt>, _>(value),
        Parameter::Json(value) => query.bind::<Nullable<Jsonb>, _>(value),
        Parameter::Text(value) => query.bind::<Nullable<Text>, _>(value),
        Parameter::Timestamp(value) => query.bind::<Nullable<Timestamptz>, _>(value),
        Parameter::Uuid(value) => query.bind::<Nullable<SqlUuid>, _>(value),
        Parameter::Bools(values) => query.bind::<Array<Bool>, _>(values),
        Parameter::Floats(values) => query.bind::<Array<Nullable<Double>>, _>(values),
        Parameter::Ints(values) => query.bind::<Array<Integer>, _>(values),
        Parameter::Jsons(values) => query.bind::<Array<Nullable<Jsonb>>, _>(values),
        Parameter::Texts(values) => query.bind::<Array<Nullable<Text>>, _>(values),
        Parameter::Timestamps(values) => query.bind::<Array<Nullable<Timestamptz>>, _>(values),
        Parameter::Uuids(values) => query.bind::<Array<SqlUuid>, _>(values),
    }
}

/// The library has no type of a transaction: a connection is in one, or not.
fn in_transaction(connection: &mut AsyncPgConnection) -> Result<&mut AsyncPgConnection, Error> {
    let depth =
        AnsiTransactionManager::transaction_manager_status_mut(connection).transaction_depth();
    match depth {
        Ok(None) => Err(Error::NoTransaction),
        // A transaction that has failed says so itself, to the statement.
        Ok(Some(_)) | Err(_) => Ok(connection),
    }
}

/// The library tells kinds of errors, not the server's codes: those that can be told.
fn code(error: &diesel::result::Error) -> Option<String> {
    let diesel::result::Error::DatabaseError(kind, _) = error else {
        return None;
    };
    let code = match kind {
        DatabaseErrorKind::SerializationFailure => "40001",
        DatabaseErrorKind::ReadOnlyTransaction => "25006",
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            super::CONNECTION_LOST
        }
        _ => return None,
    };
    Some(code.to_owned())
}
