//! Makes the stored schedules what the contracts say, and marks those that they have no more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use super::super::connect::failed;
use super::super::lock;
use super::stored::{self, Stored};
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::scheduler::{Contracts, Rule, ScheduleChange};
use crate::task::{CatchUp, ScheduleSpec, TaskSpec, Trigger};

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
    for Contracts { owner, tasks } in contracts {
        let mut names = Vec::new();
        for task in tasks {
            let Some(schedule) = &task.schedule else {
                continue;
            };
            names.push(task.name);
            let wanted = Wanted::of_contract(task, schedule, defaults)?;
            match wanted.store(client, owner.as_deref()).await {
                Ok(change) => changes.extend(change),
                Err(error) if is_locked(&error) => {
                    changes.push(ScheduleChange::Postponed(task.name.to_owned()));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(owner) = owner {
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

/// A schedule as a contract has it.
#[derive(Debug)]
struct Wanted {
    task: &'static str,
    kind: &'static str,
    value: String,
    timezone: &'static str,
    catch_up: &'static str,
    rule: Rule,
    priority: i32,
    queue: &'static str,
    max_attempts: i32,
    unique: bool,
    args: Value,
}

impl Wanted {
    fn of_contract(
        task: &TaskSpec,
        schedule: &ScheduleSpec,
        defaults: ScheduleDefaults,
    ) -> Result<Self, Error> {
        let bad = |reason| Error::Schedule {
            task: task.name.to_owned(),
            reason,
        };
        let (kind, value) = match schedule.trigger {
            Trigger::Cron(expression) => ("cron", expression.to_owned()),
            Trigger::Every(every) => ("interval", every.as_secs_f64().to_string()),
        };
        let timezone = schedule.timezone.unwrap_or("UTC");
        Ok(Wanted {
            task: task.name,
            rule: Rule::parse(kind, &value, timezone).map_err(bad)?,
            kind,
            value,
            timezone,
            catch_up: match schedule.catch_up {
                CatchUp::One => "one",
                CatchUp::All => "all",
                CatchUp::None => "none",
            },
            priority: task.priority.map_or(defaults.priority, i32::from),
            queue: task.queue.unwrap_or("default"),
            max_attempts: task.retry.max_attempts.map_or(defaults.max_attempts, |n| {
                i32::try_from(n).unwrap_or(i32::MAX)
            }),
            unique: task.unique,
            args: serde_json::from_str(schedule.args)
                .map_err(|error| bad(format!("its args are no JSON: {error}")))?,
        })
    }

    /// What every Soniq's scheduler understands.
    fn is_plain(&self) -> bool {
        self.timezone == "UTC" && self.catch_up == "one"
    }

    fn fires_as(&self, Stored { schedule, .. }: &Stored) -> bool {
        schedule.schedule_type == self.kind
            && schedule.schedule_value == self.value
            && schedule.timezone == self.timezone
    }

    fn is(&self, stored: &Stored) -> bool {
        let schedule = &stored.schedule;
        self.fires_as(stored)
            && stored.plain == self.is_plain()
            && schedule.catch_up == self.catch_up
            && schedule.priority == self.priority
            && schedule.queue == self.queue
            && schedule.max_attempts == self.max_attempts
            && schedule.unique_job == self.unique
            && schedule.args == self.args
    }

    /// Has it stored, under the lock that Soniq for Python takes to replace a schedule.
    async fn store(
        &self,
        client: &mut Client,
        owner: Option<&str>,
    ) -> Result<Option<ScheduleChange>, Error> {
        let transaction = client.transaction().await.map_err(failed(STORING))?;
        lock::bound_waits(&transaction, PATIENCE)
            .await
            .map_err(failed(STORING))?;
        transaction
            .query_typed(LOCK_NAME, &[(&self.task, Type::TEXT)])
            .await
            .map_err(failed(STORING))?;
        let found = stored::find(&transaction, Some(self.task))
            .await
            .map_err(failed(STORING))?;
        let (id, change) = match found.as_slice() {
            [same] if self.is(same) => (same.schedule.id, None),
            [] => {
                let id = self.insert(&transaction, None).await?;
                (id, Some(ScheduleChange::Added(self.task.to_owned())))
            }
            [first, ..] => {
                transaction
                    .query_typed(DELETE, &[(&self.task, Type::TEXT)])
                    .await
                    .map_err(failed(STORING))?;
                let id = self.insert(&transaction, Some(first)).await?;
                (id, Some(ScheduleChange::Changed(self.task.to_owned())))
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

    /// Writes the row. What it replaces keeps its history and its pause, and its next firing unless
    /// that is what changed: a deploy must not lose one that an outage has delayed.
    async fn insert(
        &self,
        transaction: &Transaction<'_>,
        replaced: Option<&Stored>,
    ) -> Result<Uuid, Error> {
        let planned = replaced
            .filter(|stored| self.fires_as(stored))
            .and_then(|stored| stored.schedule.next_run);
        let next = if let Some(planned) = planned {
            planned
        } else {
            let now: DateTime<Utc> = transaction
                .query_typed_one(NOW, &[])
                .await
                .map_err(failed(STORING))?
                .get(0);
            self.rule
                .next_after(now)
                .map_err(|reason| Error::Schedule {
                    task: self.task.to_owned(),
                    reason,
                })?
        };
        let replaced = replaced.map(|stored| &stored.schedule);
        let id = replaced.map_or_else(Uuid::now_v7, |old| old.id);
        let status = replaced.map_or("active", |old| &old.status);
        let created_at = replaced.and_then(|old| old.created_at);
        let last_run = replaced.and_then(|old| old.last_run);
        let run_count = replaced.map_or(0, |old| old.run_count);
        let last_job_id = replaced.and_then(|old| old.last_job_id);
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![
            (&id, Type::UUID),
            (&self.task, Type::TEXT),
            (&self.kind, Type::TEXT),
            (&self.value, Type::TEXT),
            (&self.priority, Type::INT4),
            (&self.queue, Type::TEXT),
            (&self.max_attempts, Type::INT4),
            (&self.args, Type::JSONB),
            (&self.unique, Type::BOOL),
            (&next, Type::TIMESTAMPTZ),
            (&status, Type::TEXT),
            (&created_at, Type::TIMESTAMPTZ),
            (&last_run, Type::TIMESTAMPTZ),
            (&run_count, Type::INT4),
            (&last_job_id, Type::UUID),
        ];
        let statement = if self.is_plain() {
            INSERT_RECURRING
        } else {
            parameters.push((&self.timezone, Type::TEXT));
            parameters.push((&self.catch_up, Type::TEXT));
            INSERT_SCHEDULE
        };
        transaction
            .execute_typed(statement, &parameters)
            .await
            .map_err(failed(STORING))?;
        Ok(id)
    }
}
