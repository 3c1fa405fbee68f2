//! What an operator does with a schedule.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Transaction};

use super::super::connect::failed;
use super::stored::{self, Stored};
use crate::error::Error;
use crate::scheduler::next_regular;

const NOW: &str = include_str!("../sql/now.sql");
const PAUSE: &str = include_str!("../sql/pause_schedule.sql");
const RESUME: &str = include_str!("../sql/resume_schedule.sql");
const DELETE: &str = include_str!("../sql/delete_schedules.sql");
const DISOWN: &str = include_str!("../sql/disown_schedules.sql");

/// Whether it was active; `None` where there is no schedule of this task.
pub(crate) async fn pause(client: &impl GenericClient, task: &str) -> Result<Option<bool>, Error> {
    let row = client
        .query_typed_one(PAUSE, &[(&task, Type::TEXT)])
        .await
        .map_err(failed("pausing a schedule"))?;
    Ok(row.get::<_, bool>("known").then(|| row.get("changed")))
}

/// Whether it was paused; `None` where there is no schedule of this task.
pub(crate) async fn resume(
    transaction: &Transaction<'_>,
    task: &str,
) -> Result<Option<bool>, Error> {
    let doing = "resuming a schedule";
    let found = stored::find(transaction, Some(task))
        .await
        .map_err(failed(doing))?;
    let now: DateTime<Utc> = transaction
        .query_typed_one(NOW, &[])
        .await
        .map_err(failed(doing))?
        .get(0);
    let mut resumed = false;
    for Stored { schedule, .. } in &found {
        let row = transaction
            .query_typed_one(
                RESUME,
                &[
                    (&schedule.id, Type::UUID),
                    (&next_regular(schedule, now), Type::TIMESTAMPTZ),
                ],
            )
            .await
            .map_err(failed(doing))?;
        resumed |= row.get::<_, bool>(0);
    }
    Ok((!found.is_empty()).then_some(resumed))
}

/// Whether it was there.
pub(crate) async fn remove(client: &impl GenericClient, task: &str) -> Result<bool, Error> {
    let doing = "removing a schedule";
    let row = client
        .query_typed_one(DELETE, &[(&task, Type::TEXT)])
        .await
        .map_err(failed(doing))?;
    client
        .execute_typed(DISOWN, &[])
        .await
        .map_err(failed(doing))?;
    Ok(row.get::<_, i64>(0) > 0)
}
