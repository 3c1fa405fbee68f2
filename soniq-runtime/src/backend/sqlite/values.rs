//! How ids, times and JSON stand in the columns.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, SubsecRound as _, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde_json::Value;
use uuid::Uuid;

use crate::backend::LONGEST_DELAY;

/// An id: lower-case text with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) Uuid);

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let id = Uuid::parse_str(value.as_str()?);
        id.map(Id)
            .map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// A time: whole microseconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) DateTime<Utc>);

impl Time {
    /// By this machine's clock, as the columns would hold it.
    pub(crate) fn now() -> Self {
        let now = DateTime::<Utc>::from(SystemTime::now());
        Time(now.trunc_subsecs(6))
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        let duration = duration.min(LONGEST_DELAY);
        Time(
            self.0
                .checked_add_signed(signed(duration))
                .unwrap_or(self.0),
        )
    }

    pub(crate) fn minus(self, duration: Duration) -> Self {
        let duration = duration.min(LONGEST_DELAY);
        Time(
            self.0
                .checked_sub_signed(signed(duration))
                .unwrap_or(self.0),
        )
    }

    /// How long after `other`, in seconds.
    pub(crate) fn seconds_since(self, other: Time) -> f64 {
        let micros = self.0.timestamp_micros() - other.0.timestamp_micros();
        #[expect(clippy::cast_precision_loss, reason = "exact for three centuries")]
        let micros = micros as f64;
        micros / 1e6
    }

    /// From now until then; nothing where that is past.
    pub(crate) fn until(self, then: Time) -> Duration {
        (then.0 - self.0).to_std().unwrap_or_default()
    }
}

fn signed(duration: Duration) -> chrono::Duration {
    chrono::Duration::from_std(duration).unwrap_or_default()
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_micros().into())
    }
}

impl FromSql for Time {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        DateTime::from_timestamp_micros(micros)
            .map(Time)
            .ok_or(FromSqlError::OutOfRange(micros))
    }
}

/// JSON: its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json(pub(crate) Value);

impl ToSql for Json {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Json {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let value = serde_json::from_str(value.as_str()?);
        value
            .map(Json)
            .map_err(|error| FromSqlError::Other(error.into()))
    }
}

/// A list, as a statement takes it: `IN (SELECT value FROM json_each(?1))`.
pub(crate) fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items = items.iter().map(|item| Value::from(item.as_ref()));
    Value::Array(items.collect()).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn times_ids_and_json_come_back_as_they_went() {
        let connection = Connection::open_in_memory().unwrap();
        let now = Time::now();
        for time in [now, now.plus(Duration::MAX), now.minus(Duration::MAX)] {
            let back: Time = connection
                .query_row("SELECT ?1", [time], |row| row.get(0))
                .unwrap();
            assert_eq!(back, time);
        }
        let id = Id(Uuid::now_v7());
        let back: Id = connection
            .query_row("SELECT ?1", [id], |row| row.get(0))
            .unwrap();
        assert_eq!(back, id);
        let json = Json(serde_json::json!({ "a": [1.5, null, "\"\u{1F980}"] }));
        let back: Json = connection
            .query_row("SELECT ?1", [&json], |row| row.get(0))
            .unwrap();
        assert_eq!(back, json);
    }

    #[test]
    fn a_time_reads_well_with_sqlites_own_function() {
        let connection = Connection::open_in_memory().unwrap();
        let time = Time("2026-11-23T12:00:00.25Z".parse().unwrap());
        let text: String = connection
            .query_row(
                "SELECT datetime(?1 / 1000000, 'unixepoch')",
                [time],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(text, "2026-11-23 12:00:00");
    }
}
