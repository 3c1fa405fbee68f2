//! A worker's rows: who it is, and which tasks it handles.

use serde_json::json;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient};
use uuid::Uuid;

use super::connect::failed;
use super::times::seconds;
use crate::advisory;
use crate::backend::WorkerRow;
use crate::error::Error;
use crate::fleet::RUNTIME;

const REGISTER: &str = include_str!("sql/register_worker.sql");
const REGISTER_TASKS: &str = include_str!("sql/register_tasks.sql");
const ADVERTISE_LOCK: &str = include_str!("sql/advertise_lock.sql");
const UNREGISTER: &str = include_str!("sql/unregister_worker.sql");

/// Workers of one process beyond this many are refused.
const HOSTNAMES: u32 = 1000;

/// Writes the rows of a new worker. One that does not advertise its liveness lock is rescued by its
/// heartbeat alone.
pub(crate) async fn register(
    client: &mut Client,
    worker: &WorkerRow,
    advertises: bool,
) -> Result<(), Error> {
    let doing = "registering the worker";
    let transaction = client.transaction().await.map_err(failed(doing))?;
    let mut metadata = json!({
        "runtime": RUNTIME,
        "heartbeat_interval": seconds(worker.heartbeat_interval),
    });
    if advertises {
        metadata["liveness_lock"] = advisory::worker(worker.id).into();
    }
    let pid = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
    let concurrency = i32::try_from(worker.concurrency).unwrap_or(i32::MAX);
    let mut registered = false;
    for number in 1..=HOSTNAMES {
        // (hostname, pid) is unique. A second worker of this process, and the row that a dead one
        // left under the same pid, are told apart by a number.
        let hostname = match number {
            1 => worker.hostname.clone(),
            number => format!("{}#{number}", worker.hostname),
        };
        let row = transaction
            .query_typed_opt(
                REGISTER,
                &[
                    (&worker.id, Type::UUID),
                    (&hostname, Type::TEXT),
                    (&pid, Type::INT4),
                    (&worker.queues, Type::TEXT_ARRAY),
                    (&concurrency, Type::INT4),
                    (&env!("CARGO_PKG_VERSION"), Type::TEXT),
                    (&metadata, Type::JSONB),
                ],
            )
            .await
            .map_err(failed(doing))?;
        if row.is_some() {
            registered = true;
            break;
        }
    }
    if !registered {
        return Err(Error::TooManyWorkers {
            hostname: worker.hostname.clone(),
        });
    }
    let (names, fingerprints): (Vec<&str>, Vec<&str>) = worker
        .tasks
        .iter()
        .map(|(name, fingerprint)| (name.as_str(), fingerprint.as_str()))
        .unzip();
    transaction
        .execute_typed(
            REGISTER_TASKS,
            &[
                (&worker.id.to_string(), Type::TEXT),
                (&names, Type::TEXT_ARRAY),
                (&fingerprints, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed(doing))?;
    transaction.commit().await.map_err(failed(doing))
}

/// Says in a registered worker's row whether its lock tells that it lives.
pub(crate) async fn advertise(
    client: &Client,
    worker: Uuid,
    advertises: bool,
) -> Result<(), Error> {
    let lock = advertises.then(|| advisory::worker(worker));
    client
        .execute_typed(
            ADVERTISE_LOCK,
            &[(&worker, Type::UUID), (&lock, Type::INT8)],
        )
        .await
        .map_err(failed("registering the worker"))?;
    Ok(())
}

/// Removes a worker's rows.
pub(crate) async fn unregister(client: &impl GenericClient, worker: Uuid) -> Result<(), Error> {
    client
        .execute_typed(UNREGISTER, &[(&worker, Type::UUID)])
        .await
        .map_err(failed("removing the worker"))?;
    Ok(())
}
