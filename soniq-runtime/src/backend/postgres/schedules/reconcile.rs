//! Makes the stored schedules what the contracts say, and marks those that they have no more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use super::super::connect::failed;
use super::super::lock;
use super::stored::{self, Stored};
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::scheduler::{Contracts, ScheduleChange, Wanted};

const LOCK_NAME: &str = include_str!("../sql/lock_name.sql");
const NOW: &str = include_str!("../sql/now.sql");
const INSERT_RECURRING: &str = include_str!("../sql/insert_recurring_job.sql");
const INSERT_SCHEDULE: &str = include_str!("../sql/insert_schedule.sql");
const DELETE: &str = include_str!("../sql/delete_schedules.sql");
const OWN: &str = include_str!("../sql/own_schedule.sql");
const DROP: &str = include_str!("../sql/drop_schedules.sql");
const DISOWN: &str = include_str!("../sql/disown_schedules.sql");

const STORING: &str = "storing a schedule";

/// How long a schedule whose row somebody has locked holds up the others.
const PATIENCE: Duration = Duration::from_millis(200);

pub(crate) async fn reconcile(
    client: &mut Client,
    contracts: &[Contracts],
    defaults: ScheduleDefaults,
) -> Result<Vec<ScheduleChange>, Error> {
    let mut changes = Vec::new();
    for contracts in contracts {
        let wanted = contracts.wanted(defaults)?;
        for wanted in &wanted {
            match store(wanted, client, contracts.owner.as_deref()).await {
                Ok(change) => changes.extend(change),
                Err(error) if is_locked(&error) => {
                    changes.push(ScheduleChange::Postponed(wanted.task.to_owned()));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(owner) = &contracts.owner {
            let names: Vec<&str> = wanted.iter().map(|wanted| wanted.task).collect();
            changes.extend(orphans(client, owner, &names).await?);
        }
    }
    Ok(changes)
}

fn is_locked(error: &Error) -> bool {
    matches!(error, Error::Database { source, .. }
        if source.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}

/// Marks what `owner` had and has no more; those of them that nobody has.
async fn orphans(
    client: &mut Client,
    owner: &str,
    names: &[&str],
) -> Result<Vec<ScheduleChange>, Error> {
    let doing = "looking for orphaned schedules";
    client
        .execute_typed(DISOWN, &[])
        .await
        .map_err(failed(doing))?;
    let rows = client
        .query_typed(DROP, &[(&owner, Type::TEXT), (&names, Type::TEXT_ARRAY)])
        .await
        .map_err(failed(doing))?;
    Ok(rows
        .iter()
        .map(|row| ScheduleChange::Orphaned(row.get("job_name")))
        .collect())
}

/// Has `wanted` stored, under the lock that Soniq for Python takes to replace a schedule.
async fn store(
    wanted: &Wanted,
    client: &mut Client,
    owner: Option<&str>,
) -> Result<Option<ScheduleChange>, Error> {
    let transaction = client.transaction().await.map_err(failed(STORING))?;
    lock::bound_waits(&transaction, PATIENCE)
        .await
        .map_err(failed(STORING))?;
    transaction
        .query_typed(LOCK_NAME, &[(&wanted.task, Type::TEXT)])
        .await
        .map_err(failed(STORING))?;
    let found = stored::find(&transaction, Some(wanted.task))
        .await
        .map_err(failed(STORING))?;
    let (id, change) = match found.as_slice() {
        [same] if wanted.is(&same.schedule) && same.plain == wanted.is_plain() => {
            (same.schedule.id, None)
        }
        [] => {
            let id = insert(wanted, &transaction, None).await?;
            (id, Some(ScheduleChange::Added(wanted.task.to_owned())))
        }
        [first, ..] => {
            transaction
                .query_typed(DELETE, &[(&wanted.task, Type::TEXT)])
                .await
                .map_err(failed(STORING))?;
            let id = insert(wanted, &transaction, Some(first)).await?;
            (id, Some(ScheduleChange::Changed(wanted.task.to_owned())))
        }
    };
    if let Some(owner) = owner {
        transaction
            .execute_typed(OWN, &[(&id, Type::UUID), (&owner, Type::TEXT)])
            .await
            .map_err(failed(STORING))?;
    }
    transaction.commit().await.map_err(failed(STORING))?;
    Ok(change)
}

/// Writes the row; its id.
async fn insert(
    wanted: &Wanted,
    transaction: &Transaction<'_>,
    replaced: Option<&Stored>,
) -> Result<Uuid, Error> {
    let now: DateTime<Utc> = transaction
        .query_typed_one(NOW, &[])
        .await
        .map_err(failed(STORING))?
        .get(0);
    let row = wanted.in_place_of(replaced.map(|stored| &stored.schedule), now)?;
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
        (&row.id, Type::UUID),
        (&row.job_name, Type::TEXT),
        (&row.schedule_type, Type::TEXT),
        (&row.schedule_value, Type::TEXT),
        (&row.priority, Type::INT4),
        (&row.queue, Type::TEXT),
        (&row.max_attempts, Type::INT4),
        (&row.args, Type::JSONB),
        (&row.unique_job, Type::BOOL),
        (&row.next_run, Type::TIMESTAMPTZ),
        (&row.status, Type::TEXT),
        (&row.created_at, Type::TIMESTAMPTZ),
        (&row.last_run, Type::TIMESTAMPTZ),
        (&row.run_count, Type::INT4),
        (&row.last_job_id, Type::UUID),
    ];
    let statement = if wanted.is_plain() {
        INSERT_RECURRING
    } else {
        parameters.push((&row.timezone, Type::TEXT));
        parameters.push((&row.catch_up, Type::TEXT));
        INSERT_SCHEDULE
    };
    transaction
        .execute_typed(statement, &parameters)
        .await
        .map_err(failed(STORING))?;
    Ok(row.id)
}
