//! Stored schedules: kept as the contracts say, fired when due.
//!
//! Plain ones (an interval, or cron in UTC) are in the table that every Soniq's scheduler reads;
//! those with a time zone or a catch-up policy are in one of ours.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient, Row, Transaction};
use uuid::Uuid;

use super::connect::failed;
use super::lock;
use super::times::time;
use crate::advisory;
use crate::args_hash::args_hash;
use crate::backend::ScheduleDefaults;
use crate::error::Error;
use crate::scheduler::{Due, Firing, RecurringJob, Rule, ScheduleChange};
use crate::task::{CatchUp, ScheduleSpec, TaskSpec, Trigger};

const LOCK_NAME: &str = include_str!("sql/lock_name.sql");
const NOW: &str = include_str!("sql/now.sql");
const DUE_SCHEDULES: &str = include_str!("sql/due_schedules.sql");
const FIRE: &str = include_str!("sql/fire_schedule.sql");
const ADVANCE_RECURRING: &str = include_str!("sql/advance_recurring_jobs.sql");
const ADVANCE_SCHEDULE: &str = include_str!("sql/advance_schedules.sql");
const LIST: &str = include_str!("sql/list_schedules.sql");
const NEXT_FIRING: &str = include_str!("sql/next_firing.sql");
const FIND: &str = include_str!("sql/find_schedule.sql");
const INSERT_RECURRING: &str = include_str!("sql/insert_recurring_job.sql");
const INSERT_SCHEDULE: &str = include_str!("sql/insert_schedule.sql");
const DELETE: &str = include_str!("sql/delete_schedules.sql");

/// When a schedule that cannot be read is looked at again.
const UNREADABLE: chrono::Duration = chrono::Duration::minutes(1);

const FIRING: &str = "firing schedules";
/// The other schedules wait with the one that waits, for a twin that is not committed yet.
const BOUNDS: lock::Bounds = lock::Bounds {
    lock: Duration::from_millis(500),
    statement: Duration::from_secs(30),
};

const STORING: &str = "storing a schedule";

/// Enqueues what is due and moves it on, all in the transaction that holds the scheduler's lock.
pub(crate) async fn fire(
    client: &mut Client,
    producer_id: &str,
) -> Result<Option<Vec<Firing>>, Error> {
    let key = advisory::scheduler();
    let Some(mut transaction) = lock::begin(client, key, BOUNDS, FIRING).await? else {
        return Ok(None);
    };
    let rows = transaction
        .query_typed(DUE_SCHEDULES, &[])
        .await
        .map_err(failed(FIRING))?;
    let mut firings = Vec::new();
    for row in &rows {
        fire_one(&mut transaction, row, producer_id, &mut firings).await?;
    }
    transaction.commit().await.map_err(failed(FIRING))?;
    Ok(Some(firings))
}

/// What a due row asks for.
struct Planned {
    due: Due,
    args: Value,
    /// Of a task that is unique by its arguments.
    args_hash: Option<String>,
}

/// The reason, where the row cannot be read.
fn plan(row: &Row, now: DateTime<Utc>) -> Result<Planned, String> {
    let rule = Rule::parse(
        row.get("schedule_type"),
        row.get("schedule_value"),
        row.get("timezone"),
    )?;
    let due = match time(row, "next_run") {
        Some(planned) => rule.due(planned, now, row.get("catch_up"))?,
        None => Due {
            firings: Vec::new(),
            next: rule.next_after(now)?,
        },
    };
    let args: Value = row
        .try_get("job_kwargs")
        .map_err(|error| format!("its args: {error}"))?;
    let unique: bool = row.get("unique_job");
    Ok(Planned {
        due,
        args_hash: unique.then(|| args_hash(&args)),
        args,
    })
}

async fn fire_one(
    transaction: &mut Transaction<'_>,
    row: &Row,
    producer_id: &str,
    firings: &mut Vec<Firing>,
) -> Result<(), Error> {
    let id: Uuid = row.get("id");
    let name: String = row.get("job_name");
    let now: DateTime<Utc> = row.get("now");
    let Planned {
        due,
        args,
        args_hash,
    } = plan(row, now).unwrap_or_else(|reason| {
        // One schedule that cannot be read must not stop the others, nor be due all the time.
        tracing::error!(
            task = name,
            reason,
            "a stored schedule cannot be read; looking again in a minute"
        );
        Planned {
            due: Due {
                firings: Vec::new(),
                next: now + UNREADABLE,
            },
            args: Value::Null,
            args_hash: None,
        }
    });
    let mut last_job = None;
    let mut fired: i32 = 0;
    for firing in &due.firings {
        let job_id = Uuid::now_v7();
        let savepoint = transaction.transaction().await.map_err(failed(FIRING))?;
        let inserted = savepoint
            .query_typed_opt(
                FIRE,
                &[
                    (&job_id, Type::UUID),
                    (&name, Type::TEXT),
                    (&args, Type::JSONB),
                    (&row.get::<_, &str>("queue"), Type::TEXT),
                    (&row.get::<_, i32>("priority"), Type::INT4),
                    (&row.get::<_, i32>("max_attempts"), Type::INT4),
                    (&producer_id, Type::TEXT),
                    (&args_hash, Type::TEXT),
                ],
            )
            .await;
        match inserted {
            Ok(Some(_)) => savepoint.commit().await.map_err(failed(FIRING))?,
            Err(error) if error.code() != Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                return Err(failed(FIRING)(error));
            }
            // A twin is queued, or about to be: it stands for this firing too.
            _ => {
                savepoint.rollback().await.map_err(failed(FIRING))?;
                continue;
            }
        }
        fired += 1;
        last_job = Some(job_id);
        firings.push(Firing {
            job_name: name.clone(),
            job_id,
            due: *firing,
        });
    }
    let advance = match row.get("source") {
        "soniq_schedules" => ADVANCE_SCHEDULE,
        _ => ADVANCE_RECURRING,
    };
    transaction
        .execute_typed(
            advance,
            &[
                (&id, Type::UUID),
                (&due.next, Type::TIMESTAMPTZ),
                (&fired, Type::INT4),
                (&last_job, Type::UUID),
            ],
        )
        .await
        .map_err(failed(FIRING))?;
    Ok(())
}

/// A schedule as it is stored, for comparison and for writing.
#[derive(Debug, PartialEq)]
struct Stored {
    plain: bool,
    kind: String,
    value: String,
    timezone: String,
    catch_up: String,
    priority: i32,
    queue: String,
    max_attempts: i32,
    args: Value,
    unique: bool,
}

impl Stored {
    fn of_contract(
        task: &TaskSpec,
        schedule: &ScheduleSpec,
        defaults: ScheduleDefaults,
    ) -> Result<Self, Error> {
        let (kind, value) = match schedule.trigger {
            Trigger::Cron(expression) => ("cron", expression.to_owned()),
            Trigger::Every(every) => ("interval", every.as_secs_f64().to_string()),
        };
        let timezone = schedule.timezone.unwrap_or("UTC");
        Ok(Stored {
            plain: timezone == "UTC" && schedule.catch_up == CatchUp::One,
            kind: kind.to_owned(),
            value,
            timezone: timezone.to_owned(),
            catch_up: match schedule.catch_up {
                CatchUp::One => "one",
                CatchUp::All => "all",
                CatchUp::None => "none",
            }
            .to_owned(),
            priority: task.priority.map_or(defaults.priority, i32::from),
            queue: task.queue.unwrap_or("default").to_owned(),
            max_attempts: task.retry.max_attempts.map_or(defaults.max_attempts, |n| {
                i32::try_from(n).unwrap_or(i32::MAX)
            }),
            unique: task.unique,
            args: serde_json::from_str(schedule.args).map_err(|error| Error::Schedule {
                task: task.name.to_owned(),
                reason: format!("its args are no JSON: {error}"),
            })?,
        })
    }

    /// `None` where the row's args cannot be read, which is as good as another schedule.
    fn of_row(row: &Row) -> Option<Self> {
        Some(Stored {
            plain: row.get::<_, &str>("source") == "soniq_recurring_jobs",
            kind: row.get("schedule_type"),
            value: row.get("schedule_value"),
            timezone: row.get("timezone"),
            catch_up: row.get("catch_up"),
            priority: row.get("priority"),
            queue: row.get("queue"),
            max_attempts: row.get("max_attempts"),
            unique: row.get("unique_job"),
            args: row.try_get("job_kwargs").ok()?,
        })
    }
}

/// Makes the stored schedules of these tasks what their contracts say.
pub(crate) async fn reconcile(
    client: &mut Client,
    tasks: &[&'static TaskSpec],
    defaults: ScheduleDefaults,
) -> Result<Vec<ScheduleChange>, Error> {
    let mut changes = Vec::new();
    for task in tasks {
        let Some(schedule) = &task.schedule else {
            continue;
        };
        let wanted = Stored::of_contract(task, schedule, defaults)?;
        let bad = |reason| Error::Schedule {
            task: task.name.to_owned(),
            reason,
        };
        let rule = Rule::parse(&wanted.kind, &wanted.value, &wanted.timezone).map_err(bad)?;
        let transaction = client.transaction().await.map_err(failed(STORING))?;
        transaction
            .query_typed(LOCK_NAME, &[(&task.name, Type::TEXT)])
            .await
            .map_err(failed(STORING))?;
        let rows = transaction
            .query_typed(FIND, &[(&task.name, Type::TEXT)])
            .await
            .map_err(failed(STORING))?;
        if let [row] = rows.as_slice()
            && Stored::of_row(row).as_ref() == Some(&wanted)
        {
            continue;
        }
        let replaced = transaction
            .query_typed(DELETE, &[(&task.name, Type::TEXT)])
            .await
            .map_err(failed(STORING))?;
        let status = match replaced.first() {
            Some(row) => row.get::<_, String>(0),
            None => "active".to_owned(),
        };
        let now: DateTime<Utc> = transaction
            .query_typed_one(NOW, &[])
            .await
            .map_err(failed(STORING))?
            .get(0);
        let next = rule.next_after(now).map_err(bad)?;
        insert(&transaction, task.name, &wanted, next, &status).await?;
        transaction.commit().await.map_err(failed(STORING))?;
        changes.push(if replaced.is_empty() {
            ScheduleChange::Added(task.name.to_owned())
        } else {
            ScheduleChange::Changed(task.name.to_owned())
        });
    }
    Ok(changes)
}

async fn insert(
    transaction: &Transaction<'_>,
    name: &str,
    wanted: &Stored,
    next: DateTime<Utc>,
    status: &str,
) -> Result<(), Error> {
    let id = Uuid::now_v7();
    let mut parameters: Vec<(&(dyn tokio_postgres::types::ToSql + Sync), Type)> = vec![
        (&id, Type::UUID),
        (&name, Type::TEXT),
        (&wanted.kind, Type::TEXT),
        (&wanted.value, Type::TEXT),
        (&wanted.priority, Type::INT4),
        (&wanted.queue, Type::TEXT),
        (&wanted.max_attempts, Type::INT4),
        (&wanted.args, Type::JSONB),
        (&next, Type::TIMESTAMPTZ),
        (&status, Type::TEXT),
        (&wanted.unique, Type::BOOL),
    ];
    let statement = if wanted.plain {
        INSERT_RECURRING
    } else {
        parameters.push((&wanted.timezone, Type::TEXT));
        parameters.push((&wanted.catch_up, Type::TEXT));
        INSERT_SCHEDULE
    };
    transaction
        .execute_typed(statement, &parameters)
        .await
        .map_err(failed(STORING))?;
    Ok(())
}

pub(crate) async fn list(client: &impl GenericClient) -> Result<Vec<RecurringJob>, Error> {
    let rows = client
        .query_typed(LIST, &[])
        .await
        .map_err(failed("listing schedules"))?;
    Ok(rows
        .iter()
        .map(|row| RecurringJob {
            id: row.get("id"),
            job_name: row.get("job_name"),
            schedule_type: row.get("schedule_type"),
            schedule_value: row.get("schedule_value"),
            timezone: row.get("timezone"),
            catch_up: row.get("catch_up"),
            queue: row.get("queue"),
            priority: row.get("priority"),
            args: row.try_get("job_kwargs").unwrap_or(Value::Null),
            status: row.get("status"),
            last_run: time(row, "last_run"),
            next_run: time(row, "next_run"),
            run_count: row.get("run_count"),
            last_job_id: row.get("last_job_id"),
        })
        .collect())
}

pub(crate) async fn next_firing(client: &impl GenericClient) -> Result<Option<Duration>, Error> {
    let row = client
        .query_typed_one(NEXT_FIRING, &[])
        .await
        .map_err(failed("looking for the next schedule"))?;
    Ok(row
        .get::<_, Option<f64>>(0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()))
}
