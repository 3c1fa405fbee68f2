//! Every example of the company's contracts, through the generated producer, the database and the
//! generated consumer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use soniq_generated::company::{billing, emails, reports};
use soniq_runtime::__private::decode;
use soniq_runtime::{Enqueued, Error, Handlers, JobContext, JobError, Soniq, Status, TaskArgs};
use soniq_schema::Contracts;
use uuid::Uuid;

use crate::bed::Bed;

const QUEUES: [&str; 4] = ["billing", "emails", "emails_bulk", "reports"];

/// Handles every task of the company: keeps the arguments that came, as JSON.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<BTreeMap<Uuid, Value>>>);

/// `Keeper` as the handler of tasks, and `enqueue` by wire name.
macro_rules! tasks {
    ($($task:path => $module:ident, $output:expr, { $($upgrades:tt)* };)*) => {
        $(const _: () = {
            use $task as $module;

            impl $module::Handler for Keeper {
                async fn handle(
                    &self,
                    args: $module::Args,
                    ctx: &JobContext,
                ) -> Result<$module::Output, JobError> {
                    let args = serde_json::to_value(args)?;
                    self.0.lock().unwrap().insert(ctx.id(), args);
                    Ok($output)
                }

                $($upgrades)*
            }
        };)*

        /// Enqueues an example by the producer of its task; what was enqueued, as JSON.
        async fn enqueue(soniq: &Soniq, task: &str, example: Value) -> Result<(Enqueued, Value), Error> {
            $({
                use $task as $module;

                if task == $module::TASK.name() {
                    let args = args::<$module::Args>(example);
                    let value = serde_json::to_value(&args).unwrap();
                    return Ok(($module::enqueue(soniq, args).await?, value));
                }
            })*
            unreachable!("{task} is handled by nobody here")
        }
    };
}

fn args<A: TaskArgs + soniq_runtime::__private::serde::de::DeserializeOwned>(example: Value) -> A {
    decode(example).unwrap()
}

tasks! {
    billing::send_invoice => send_invoice,
        send_invoice::Output::builder().message_id("<1@billing.example>").build(),
        {
            fn upgrade_v1(&self, _: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
                Err(JobError::permanent("no example is of version 1"))
            }
        };
    billing::refund_payment => refund_payment, (), {};
    billing::close_month => close_month, (), {};
    emails::send_welcome => send_welcome, (), {};
    emails::send_receipt => send_receipt,
        send_receipt::Output::builder().message_id("<2@emails.example>").size_kib(1.5).build(),
        {};
    emails::send_digest => send_digest, (), {};
    reports::render_report => render_report,
        render_report::Output::builder().url("https://files.example/1.csv").rows(u64::MAX).build(),
        {};
    reports::refresh_dashboard => refresh_dashboard, (), {};
}

fn contracts() -> Contracts {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../contracts");
    let loaded = soniq_schema::load(folder.as_ref());
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

fn handlers(keeper: &Keeper) -> [Handlers; 3] {
    [
        billing::handlers(keeper.clone()),
        emails::handlers(keeper.clone()),
        reports::handlers(keeper.clone()),
    ]
}

#[tokio::test]
async fn every_example_arrives_as_it_was_written() {
    let bed = Bed::new().await;
    let contracts = contracts();
    let mut sent = BTreeMap::new();
    for (_, task) in contracts.tasks() {
        assert!(!task.examples.is_empty(), "{} has no example", task.name);
        for example in &task.examples {
            let enqueued = enqueue(&bed.soniq, &task.name, example.args.clone());
            let (enqueued, value) = enqueued.await.unwrap();
            let row = bed.job(enqueued.id()).await;
            assert_eq!(row.job_name, task.name);
            assert_eq!(row.args, value, "{}", task.name);
            let schema = contracts.schemas.get(task.args);
            assert_eq!(soniq_schema::evaluate(schema, &row.args), []);
            // Nothing is left for a later default to decide.
            let mut filled = row.args.clone();
            soniq_schema::fill_defaults(schema, &mut filled);
            assert_eq!(filled, row.args, "{}", task.name);
            sent.insert(enqueued.id(), value);
        }
    }

    let keeper = Keeper::default();
    let mut will_run = 0;
    for handlers in handlers(&keeper) {
        let report = bed.soniq.rows().check(&handlers, None, |_| {}).await;
        let report = report.unwrap();
        assert_eq!(report.would_fail, 0, "{report}");
        will_run += report.would_run;
    }
    assert_eq!(will_run, sent.len() as u64);
    for handlers in handlers(&keeper) {
        bed.run(handlers, &QUEUES).await;
    }
    assert_eq!(*keeper.0.lock().unwrap(), sent);

    for id in sent.keys() {
        let row = bed.job(*id).await;
        assert_eq!(row.status, Status::Done, "{row:?}");
        let task = contracts.task(&row.job_name).unwrap();
        let Some(result) = task.result else {
            assert_eq!(row.result, None, "{}", row.job_name);
            continue;
        };
        let schema = contracts.schemas.get(result);
        assert_eq!(soniq_schema::evaluate(schema, &row.result.unwrap()), []);
    }
}

#[tokio::test]
async fn a_service_tells_which_old_rows_it_cannot_upgrade() {
    let bed = Bed::new().await;
    let row = serde_json::json!({ "invoice_id": "7" });
    bed.insert("billing.send_invoice.v1", "billing", row).await;
    let [billing, ..] = handlers(&Keeper::default());
    let report = bed.soniq.rows().check(&billing, None, |_| {}).await;
    let report = report.unwrap();
    assert_eq!(report.would_fail, 1);
    let broken = &report.tasks[0].broken[0];
    assert_eq!((broken.rule, broken.pointer.as_str()), ("upgrade", ""));
    let message = &broken.examples[0].message;
    assert_eq!(message, "cannot be upgraded: no example is of version 1");
}

#[tokio::test]
async fn a_result_comes_back_whole() {
    let bed = Bed::new().await;
    let contracts = contracts();
    let task = contracts.task("reports.render_report.v1").unwrap();
    let example = task.examples[0].args.clone();
    let (enqueued, _) = enqueue(&bed.soniq, &task.name, example).await.unwrap();
    bed.run(reports::handlers(Keeper::default()), &QUEUES).await;
    let result = bed.job(enqueued.id()).await.result.unwrap();
    let output: reports::render_report::Output = decode(result).unwrap();
    assert_eq!(output.rows, u64::MAX);
    assert_eq!(output.url, "https://files.example/1.csv");
}
