//! The functions for producers that speak SQL: `soniq_enqueue`, `soniq_get_job`, `soniq_args_hash`.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use soniq_runtime::check::Checker;
use soniq_runtime::{Checked, EnqueueOptions, JobError, Soniq, TaskArgs, TaskRef, TaskSpec};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::support::{Bed, Running, bed, counting, handler, probe, quick, task};

static ANYTHING: TaskSpec = TaskSpec::new("test.anything.v1", 1, "anything").unique();

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Anything(Map<String, Value>);

impl Checked for Anything {
    fn check(_: &Value, _: &mut Checker) {}
}

impl TaskArgs for Anything {
    const TASK: TaskRef<Self> = TaskRef::new(&ANYTHING);
}

#[tokio::test]
async fn the_hash_is_the_one_of_the_vectors() {
    let bed = bed().await;
    let text = include_str!("../vectors/args_hash.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 5);
    for case in cases {
        let hash = bed
            .client
            .query_one(
                "SELECT soniq_args_hash($1), soniq_canonical_args($1)",
                &[&case["args"]],
            )
            .await
            .unwrap();
        assert_eq!(hash.get::<_, &str>(1), case["canonical"]);
        assert_eq!(hash.get::<_, &str>(0), case["sha256"], "{case}");
    }
}

/// Any JSON but floats: jsonb's text is the authority on how those are spelled, and Postgres keeps
/// no NUL.
fn json() -> impl Strategy<Value = Value> {
    let text = proptest::collection::vec(any::<char>().prop_filter("no NUL", |c| *c != '\0'), 0..8)
        .prop_map(|chars| chars.into_iter().collect::<String>());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000_i32..1_000_000).prop_map(|n| Value::from(f64::from(n) / 64.0)),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(text.clone(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[tokio::test]
async fn rust_and_sql_hash_alike() {
    let bed = bed().await;
    let mut runner = TestRunner::default();
    let objects = proptest::collection::vec(json(), 1_000);
    let values = objects.new_tree(&mut runner).unwrap().current();
    let args = values
        .into_iter()
        .enumerate()
        .map(|(n, value)| Anything(Map::from_iter([(format!("é{n}"), value)])));
    EnqueueOptions::<Anything>::default()
        .enqueue_many(&bed.soniq, args)
        .await
        .unwrap();
    let alike = bed
        .count("SELECT count(*) FROM soniq_jobs WHERE args_hash = soniq_args_hash(args)")
        .await;
    if alike != 1_000 {
        let row = bed
            .client
            .query_one(
                "SELECT args, soniq_canonical_args(args) FROM soniq_jobs
                 WHERE args_hash <> soniq_args_hash(args) LIMIT 1",
                &[],
            )
            .await
            .unwrap();
        panic!(
            "{alike} of 1000 alike; not {} as {}",
            row.get::<_, Value>(0),
            row.get::<_, &str>(1)
        );
    }
}

#[tokio::test]
async fn a_rust_worker_wakes_for_what_sql_enqueues() {
    let mut bed = bed().await;
    let mut settings = quick(bed.database.url());
    settings.poll_interval = Duration::from_secs(3600);
    bed.soniq = Soniq::with_settings(settings).unwrap();
    let (handler, runs) = counting();
    let running = Running::start(bed.worker(handler));
    bed.wait_for(
        "SELECT count(*) FROM soniq_workers WHERE status = 'active'",
        1,
    )
    .await;
    // The second finds a worker that has already looked once and sleeps.
    for n in 0..2 {
        let sql = format!("SELECT soniq_enqueue('test.probe.v1', '{{\"n\": {n}}}', priority => 5)");
        let id: Uuid = bed.client.query_one(&sql, &[]).await.unwrap().get(0);
        bed.wait_for("SELECT count(*) FROM soniq_jobs WHERE status <> 'done'", 0)
            .await;
        let row = bed
            .client
            .query_one("SELECT * FROM soniq_get_job($1)", &[&id])
            .await
            .unwrap();
        assert_eq!(row.get::<_, Uuid>("id"), id);
        assert_eq!(row.get::<_, &str>("job_name"), "test.probe.v1");
        assert_eq!(row.get::<_, &str>("status"), "done");
        assert_eq!(row.get::<_, i32>("attempts"), 1);
        assert_eq!(row.get::<_, i32>("max_attempts"), 4);
    }
    assert_eq!(*runs.lock().unwrap(), [0, 1]);
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_was_given_up_is_found_among_the_dead_letters() {
    let bed = bed().await;
    let id = bed
        .sql_enqueue("'test.probe.v1', '{\"n\": 1}'")
        .await
        .unwrap();
    let failing = handler(|_, _| async { Err::<(), _>(JobError::permanent("no")) });
    bed.worker(failing).run_once().await.unwrap();
    let row = bed
        .client
        .query_one("SELECT * FROM soniq_get_job($1)", &[&id])
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>("status"), "dead_letter");
    assert_eq!(
        row.get::<_, &str>("dead_letter_reason"),
        "permanent_failure"
    );
    let nobody = bed
        .client
        .query("SELECT * FROM soniq_get_job($1)", &[&Uuid::nil()])
        .await
        .unwrap();
    assert!(nobody.is_empty());
}

#[tokio::test]
async fn twins_meet_across_languages() {
    let bed = bed().await;
    let unique = EnqueueOptions::<Anything>::default();
    let args = Map::from_iter([("é".to_owned(), json!([1, { "b": 2, "a": 0.5 }]))]);
    let first = unique.enqueue(&bed.soniq, Anything(args)).await.unwrap();
    let twin = "'test.anything.v1', '{\"é\": [1, {\"a\": 0.5, \"b\": 2}]}', unique_job => true";
    assert_eq!(bed.sql_enqueue(twin).await.unwrap(), first.id());

    let keyed = bed
        .sql_enqueue("'test.probe.v1', '{\"n\": 1}', dedup_key => 'k'")
        .await
        .unwrap();
    let again = task()
        .dedup_key("k")
        .enqueue(&bed.soniq, probe(2))
        .await
        .unwrap();
    assert!(again.is_duplicate());
    assert_eq!(again.id(), keyed);
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 2);
}

#[tokio::test]
async fn what_sql_may_not_enqueue_is_refused_by_a_code() {
    let bed = bed().await;
    let refusals = [
        (
            "'Test'",
            SqlState::INVALID_PARAMETER_VALUE,
            Some("SONIQ_INVALID_TASK_NAME"),
        ),
        (
            "NULL",
            SqlState::INVALID_PARAMETER_VALUE,
            Some("SONIQ_INVALID_TASK_NAME"),
        ),
        (
            "'a', '[]'",
            SqlState::INVALID_PARAMETER_VALUE,
            Some("SONIQ_TASK_ARGS_INVALID"),
        ),
        (
            "'a', NULL",
            SqlState::INVALID_PARAMETER_VALUE,
            Some("SONIQ_TASK_ARGS_INVALID"),
        ),
        (
            "'a', max_attempts => 0",
            SqlState::INVALID_PARAMETER_VALUE,
            None,
        ),
    ];
    for (arguments, state, hint) in refusals {
        let error = bed.sql_enqueue(arguments).await.unwrap_err();
        let error = error.as_db_error().unwrap();
        assert_eq!((error.code(), error.hint()), (&state, hint), "{arguments}");
    }
    let id = bed.sql_enqueue("'a'").await.unwrap();
    let taken = bed
        .sql_enqueue(&format!("'a', job_id => '{id}'"))
        .await
        .unwrap_err();
    assert_eq!(taken.code(), Some(&SqlState::UNIQUE_VIOLATION));
    assert_eq!(bed.count("SELECT count(*) FROM soniq_jobs").await, 1);

    let pattern = format!(
        "ALTER DATABASE {} SET soniq.task_name_pattern = '^[A-Z]+$'",
        bed.database.name()
    );
    bed.client.batch_execute(&pattern).await.unwrap();
    bed.sql_enqueue("'ABC'").await.unwrap();
    bed.sql_enqueue("'a'").await.unwrap_err();
}

#[tokio::test]
async fn execute_alone_is_enough_to_enqueue_and_to_look_and_for_nothing_else() {
    let bed = bed().await;
    let role = bed.database.name();
    let grants = format!(
        "CREATE ROLE {role};
         GRANT EXECUTE ON FUNCTION soniq_enqueue, soniq_get_job TO {role};
         CREATE SCHEMA decoy AUTHORIZATION {role};
         CREATE TABLE decoy.soniq_jobs (LIKE soniq_jobs INCLUDING DEFAULTS);
         GRANT ALL ON decoy.soniq_jobs TO {role};
         SET ROLE {role};
         SET search_path = decoy, public;"
    );
    bed.client.batch_execute(&grants).await.unwrap();
    let id = bed
        .sql_enqueue("'test.probe.v1', '{\"n\": 1}', unique_job => true")
        .await
        .unwrap();
    let sql = "SELECT count(*) FROM soniq_get_job($1)";
    let seen: i64 = bed.client.query_one(sql, &[&id]).await.unwrap().get(0);
    assert_eq!(
        seen, 1,
        "a table in front of ours in the caller's search_path is not looked at"
    );
    for forbidden in [
        "SELECT * FROM public.soniq_jobs",
        "UPDATE public.soniq_jobs SET status = 'done'",
        "DELETE FROM public.soniq_jobs",
        "INSERT INTO public.soniq_jobs (id, job_name, args) VALUES (gen_random_uuid(), 'a', '{}')",
        "SELECT * FROM public.soniq_dead_letter_jobs",
    ] {
        let error = bed.client.batch_execute(forbidden).await.unwrap_err();
        assert_eq!(
            error.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{forbidden}"
        );
    }
    let stranger = format!(
        "RESET ROLE; DROP OWNED BY {role} CASCADE; SET ROLE {role}; SET search_path = public;"
    );
    bed.client.batch_execute(&stranger).await.unwrap();
    for forbidden in [
        "SELECT soniq_enqueue('a')",
        "SELECT soniq_get_job(gen_random_uuid())",
    ] {
        let error = bed.client.batch_execute(forbidden).await.unwrap_err();
        assert_eq!(
            error.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{forbidden}"
        );
    }
    bed.client
        .batch_execute(&format!("RESET ROLE; DROP ROLE {role}"))
        .await
        .unwrap();
}

impl Bed {
    /// Calls `soniq_enqueue` with these arguments, as SQL writes them.
    async fn sql_enqueue(&self, arguments: &str) -> Result<Uuid, tokio_postgres::Error> {
        let sql = format!("SELECT soniq_enqueue({arguments})");
        Ok(self.client.query_one(&sql, &[]).await?.get(0))
    }
}
