//! `SeaORM`, whose values know no null in an array: arrays are sent as text, in Postgres' own notation,
//! which the statements cast.

use std::fmt::Write as _;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseConnectionType, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, TransactionTrait as _, Value,
};
use uuid::Uuid;

use crate::backend::postgres::enqueue::{self, ENQUEUEING};
use crate::backend::postgres::executor::{Executor, Parameter, Statement};
use crate::enqueue::{Enqueued, Enqueuer, NewJob};
use crate::error::Error;
use crate::soniq::process_settings;

enqueuer! {
    /// The job exists if and only if this transaction commits.
    ///
    /// [`Error::NotPostgres`] when it is one of another database.
    &DatabaseTransaction, |transaction| Orm::of(transaction)?
}

completer! {
    /// The job is done if and only if this transaction commits.
    &DatabaseTransaction, |transaction| Orm::of(transaction)?
}

/// The job exists as soon as the call returns.
///
/// [`Error::NotPostgres`] when it is a connection to another database.
impl Enqueuer for &DatabaseConnection {
    async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
        enqueue::insert(Orm::connected(self)?, job, process_settings()?).await
    }

    /// Each statement may take another connection of the pool, so several get a transaction.
    async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
        let db = Orm::connected(self)?;
        if !enqueue::needs_several_statements(&jobs) {
            return enqueue::insert_many(db, jobs, process_settings()?).await;
        }
        let failed = |error| failed(ENQUEUEING, error);
        let transaction = self.begin().await.map_err(failed)?;
        let answers = transaction.insert_many(jobs).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(answers)
    }
}

/// A connection or a transaction, to Postgres.
struct Orm<'a, C>(&'a C);

impl<'a> Orm<'a, DatabaseConnection> {
    /// The library panics when asked which database a connection leads to that leads nowhere.
    fn connected(connection: &'a DatabaseConnection) -> Result<Self, Error> {
        if let DatabaseConnectionType::Disconnected = connection.inner {
            let nowhere = RuntimeErr::Internal("it was never connected".to_owned());
            return Err(failed(ENQUEUEING, DbErr::Conn(nowhere)));
        }
        Orm::of(connection)
    }
}

impl<'a, C: ConnectionTrait> Orm<'a, C> {
    fn of(connection: &'a C) -> Result<Self, Error> {
        match connection.get_database_backend() {
            DbBackend::Postgres => Ok(Orm(connection)),
            other => Err(Error::NotPostgres {
                found: format!("{other:?}"),
            }),
        }
    }
}

impl<C: ConnectionTrait + Sync> Executor for Orm<'_, C> {
    async fn ids(
        &mut self,
        statement: &Statement,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Uuid>, Error> {
        let failed = |error| failed(statement.doing, error);
        let query = sea_orm::Statement::from_sql_and_values(
            DbBackend::Postgres,
            statement.sql,
            parameters.iter().map(value),
        );
        let rows = self.0.query_all_raw(query).await.map_err(failed)?;
        rows.iter()
            .filter_map(|row| row.try_get_by_index(0).map_err(failed).transpose())
            .collect()
    }
}

fn value(parameter: &Parameter<'_>) -> Value {
    match parameter {
        Parameter::Bool(value) => (*value).into(),
        Parameter::Float(value) => (*value).into(),
        Parameter::Int(value) => (*value).into(),
        Parameter::BigInt(value) => (*value).into(),
        Parameter::Json(value) => value.cloned().into(),
        Parameter::Text(value) => value.map(str::to_owned).into(),
        Parameter::Timestamp(value) => (*value).into(),
        Parameter::Uuid(value) => (*value).into(),
        Parameter::Bools(values) => array(values.iter().map(Some)),
        Parameter::Floats(values) => array(values.iter().map(Option::as_ref)),
        Parameter::Ints(values) => array(values.iter().map(Some)),
        Parameter::Jsons(values) => array(values.iter().copied()),
        Parameter::Texts(values) => array(values.iter().copied()),
        Parameter::Timestamps(values) => {
            array(values.iter().map(|time| time.map(|time| time.to_rfc3339())))
        }
        Parameter::Uuids(values) => array(values.iter().map(Some)),
    }
}

/// `{"a","b",NULL}`, see "Array Input and Output Syntax" in the manual of Postgres.
fn array<T: ToString>(elements: impl Iterator<Item = Option<T>>) -> Value {
    let mut text = String::from("{");
    for (index, element) in elements.enumerate() {
        if index > 0 {
            text.push(',');
        }
        let Some(element) = element else {
            text.push_str("NULL");
            continue;
        };
        let element = element
            .to_string()
            .replace('\\', r"\\")
            .replace('"', "\\\"");
        write!(text, "\"{element}\"").expect("a string takes all that is written to it");
    }
    text.push('}');
    text.into()
}

fn failed(doing: &'static str, error: DbErr) -> Error {
    let code = match &error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => super::sqlx::code(cause),
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Some(super::CONNECTION_LOST.to_owned()),
        _ => None,
    };
    super::failed(doing, code, error)
}
