//! Generated code as its users write it.
#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use soniq_generated::company::billing::{self, Currency, Money, send_invoice};
use soniq_generated::shapes::aliases::renamed;
use soniq_generated::shapes::shapes::{self, defaults, scalars};
use soniq_generated::{company, consumer, producer};
use soniq_runtime::__private::decode;
use soniq_runtime::{Enqueued, Enqueuer, Error, Handlers, JobContext, JobError, NewJob, TaskArgs};
use uuid::Uuid;

const ID: &str = "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11";

/// A queue that only remembers.
#[derive(Default)]
struct Recorder(Mutex<Vec<NewJob>>);

impl Recorder {
    fn take(&self) -> Vec<NewJob> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Enqueuer for &Recorder {
    async fn insert(self, job: NewJob) -> Result<Enqueued, Error> {
        let id = job.id;
        self.0.lock().unwrap().push(job);
        Ok(Enqueued::new(id, false))
    }

    async fn insert_many(self, jobs: Vec<NewJob>) -> Result<Vec<Enqueued>, Error> {
        let ids = jobs
            .iter()
            .map(|job| Enqueued::new(job.id, false))
            .collect();
        self.0.lock().unwrap().extend(jobs);
        Ok(ids)
    }
}

/// Runs a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("nothing here waits"),
    }
}

fn invoice() -> send_invoice::Args {
    send_invoice::Args::builder()
        .invoice_id(ID.parse::<Uuid>().unwrap())
        .customer("ada@example.com")
        .total(
            Money::builder()
                .amount_minor(1999)
                .currency(Currency::Eur)
                .build(),
        )
        .build()
        .unwrap()
}

#[test]
fn a_job_is_written_as_the_contract_says() {
    let queue = Recorder::default();
    now(send_invoice::enqueue(&queue, invoice())).unwrap();
    let job = queue.take().remove(0);
    assert_eq!(job.name, "billing.send_invoice.v2");
    assert_eq!(job.queue.as_deref(), Some("billing"));
    assert_eq!(job.priority, Some(50));
    assert_eq!(job.max_attempts, Some(5));
    assert_eq!(
        job.dedup_key.as_deref(),
        Some(format!("invoice:{ID}").as_str())
    );
    assert_eq!(job.fingerprint.map(|text| text.len()), Some(64));
    assert_eq!(
        job.args,
        json!({
            "invoice_id": ID,
            "customer": "ada@example.com",
            "total": { "amount_minor": 1999, "currency": "EUR" },
            "copies": 1,
        })
    );
}

#[test]
fn options_win_over_the_contract() {
    let queue = Recorder::default();
    let enqueued = send_invoice::task()
        .queue("bulk")
        .priority(10)
        .enqueue(&queue, invoice());
    now(enqueued).unwrap();
    now(send_invoice::enqueue_many(&queue, [invoice(), invoice()])).unwrap();
    let jobs = queue.take();
    assert_eq!(
        (jobs[0].queue.as_deref(), jobs[0].priority),
        (Some("bulk"), Some(10))
    );
    assert_eq!(jobs.len(), 3);
}

#[test]
fn arguments_that_break_the_contract_are_not_written() {
    let broken = send_invoice::Args {
        customer: "nobody".to_owned(),
        copies: 0,
        ..invoice()
    };
    let queue = Recorder::default();
    let error = now(send_invoice::enqueue(&queue, broken)).unwrap_err();
    assert!(queue.take().is_empty());
    assert_eq!(
        error.to_string(),
        "arguments of billing.send_invoice.v2 break its contract: \
         /customer is not a valid email (format); \
         /copies is 0, but must be at least 1 (minimum)"
    );
    let built = send_invoice::Args::builder()
        .invoice_id(Uuid::nil())
        .customer("nobody")
        .total(invoice().total)
        .copies(0)
        .build();
    assert_eq!(built.unwrap_err().to_string(), error.to_string());
}

#[test]
fn an_open_enum_keeps_what_it_does_not_know() {
    let text = json!({ "amount_minor": 1, "currency": "CHF" });
    let money: Money = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(money.currency.as_str(), "CHF");
    assert!(matches!(money.currency, Currency::Other(_)));
    assert_eq!(serde_json::to_value(&money).unwrap(), text);
    assert_eq!(format!("{:>5}", Currency::Usd), "  USD");
}

#[test]
fn defaults_are_those_of_the_contract_and_always_written() {
    let built = defaults::Args::builder().build().unwrap();
    let decoded: defaults::Args = decode(json!({})).unwrap();
    assert_eq!(built, decoded);
    assert_eq!(built.negative, -128);
    assert_eq!(built.pair, (1, None));
    assert_eq!(built.day, NaiveDate::from_ymd_opt(2026, 2, 28).unwrap());
    assert_eq!(
        serde_json::to_value(&built).unwrap(),
        json!({
            "text": "a \"text\"",
            "negative": -128,
            "whole": 2,
            "ratio": -0.5,
            "id": ID,
            "day": "2026-02-28",
            "at": "2026-02-28T12:00:00.500Z",
            "level": "high",
            "open": "middle",
            "list": ["a", "b"],
            "pair": [1, null],
            "map": { "a": 1, "b": 2 },
            "nullable": null,
            "inner": { "a": 1, "b": 4 },
            "any": { "deep": [1, "x"] },
        })
    );
}

fn scalars() -> scalars::Args {
    scalars::Args::builder()
        .text("t{}")
        .number8(-5)
        .flag(true)
        .id(Uuid::nil())
        .day(NaiveDate::from_ymd_opt(2026, 2, 28).unwrap())
        .at("2026-02-28T12:00:00.5Z".parse::<DateTime<Utc>>().unwrap())
        .level(scalars::Level::Low)
        .inner(scalars::Inner {
            name: "n".to_owned(),
        })
        .any(Value::Null)
        .nothing(())
        .nullable(None)
        .build()
        .unwrap()
}

#[test]
fn a_dedup_key_writes_fields_as_json_has_them() {
    let args = scalars();
    let json = serde_json::to_value(&args).unwrap();
    let field = |name: &str| match &json[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let expected = format!(
        "{{{}:{}:{}:{}:{}:{}:{}:n}}",
        field("text"),
        field("number8"),
        field("flag"),
        field("id"),
        field("day"),
        field("at"),
        field("level"),
    );
    assert_eq!(args.dedup_key(), Some(expected));
}

#[test]
fn a_constant_is_filled_in_and_checked() {
    assert_eq!(scalars().kind, "scalars");
    let mut args = scalars();
    args.kind = "other".to_owned();
    let queue = Recorder::default();
    let error = now(scalars::enqueue(&queue, args)).unwrap_err().to_string();
    assert!(
        error.contains("/kind is \"other\", but must be \"scalars\" (const)"),
        "{error}"
    );
}

#[test]
fn absent_and_null_are_told_apart_where_the_schema_does() {
    let mut args = scalars();
    assert!(serde_json::to_value(&args).unwrap().get("maybe").is_none());
    args.maybe = Some(None);
    let value = serde_json::to_value(&args).unwrap();
    assert_eq!(value["maybe"], Value::Null);
    let decoded: scalars::Args = decode(value).unwrap();
    assert_eq!(decoded.maybe, Some(None));
    // A required property is there, null or not.
    assert!(
        serde_json::to_value(scalars())
            .unwrap()
            .get("nullable")
            .is_some()
    );
}

#[test]
fn a_whole_float_is_an_integer() {
    let mut value = serde_json::to_value(invoice()).unwrap();
    value["copies"] = json!(2.0);
    let args: send_invoice::Args = decode(value).unwrap();
    assert_eq!(args.copies, 2);
}

#[test]
fn a_type_may_contain_itself() {
    let leaf = json!({ "name": "leaf", "left": null });
    let value = json!({
        "name": "root",
        "left": { "node": leaf },
        "children": [leaf],
        "by_name": { "a": leaf },
        "pair": [{ "node": leaf }, 1],
    });
    let node: shapes::Node = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&node).unwrap(), value);
}

#[test]
fn names_that_are_taken_step_aside() {
    let args: shapes::collections::Args = decode(json!({
        "additional": "a", "build": "b", "type": "t", "self": "s", "2nd": "2", "größe": "g",
        "camelCase": "c", "node": { "name": "n", "left": null }, "extra": 7,
    }))
    .unwrap();
    assert_eq!(args.additional.as_deref(), Some("a"));
    assert_eq!(args.r#type.as_deref(), Some("t"));
    assert_eq!(args.self_.as_deref(), Some("s"));
    assert_eq!(args._2nd.as_deref(), Some("2"));
    assert_eq!(args.camel_case.as_deref(), Some("c"));
    assert_eq!(args.additional_.get("extra"), Some(&7));
    let built = shapes::collections::Args::builder()
        .node(args.node)
        .build_("b")
        .build();
    assert_eq!(built.unwrap().build.as_deref(), Some("b"));
}

#[test]
fn older_names_are_read_and_present_ones_written() {
    let old = json!({
        "mail": "ada@b.c", "class": "renamed", "home": { "stadt": "Bonn", "plz": 53 },
        "sort": null, "more": { "alpha": "x", "b": 1 }, "remark": "r",
    });
    let args: renamed::Args = decode(old).unwrap();
    assert_eq!(args.dedup_key().as_deref(), Some("ada@b.c:Bonn"));
    assert_eq!(args.r#type, Some(None));
    let present = json!({
        "email": "ada@b.c", "kind": "renamed", "place": { "town": "Bonn", "zip": 53 },
        "type": null, "extra": { "a": "x", "b": 1 }, "note": "r",
        "fixed": { "town": "Bonn", "zip": 1 },
    });
    assert_eq!(serde_json::to_value(&args).unwrap(), present);
    assert_eq!(decode::<renamed::Args>(present).unwrap(), args);
}

#[test]
fn a_property_under_two_names_is_refused() {
    let value = json!({
        "email": "ada@b.c", "to": "x", "kind": "renamed", "place": { "city": "a", "stadt": "b" },
        "note": "four properties are needed",
    });
    let violations = decode::<renamed::Args>(value).unwrap_err();
    let violations: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert_eq!(
        violations,
        [
            r#"/to is an older name of "email", which is there as well (x-aliases)"#,
            r#"/place/stadt is an older name of "town", which is there as well (x-aliases)"#,
        ]
    );
}

/// One state for all tasks of a namespace.
struct Billing;

impl billing::send_invoice::Handler for Billing {
    async fn handle(
        &self,
        args: send_invoice::Args,
        _ctx: &JobContext,
    ) -> Result<send_invoice::Output, JobError> {
        let message_id = Some(args.customer);
        Ok(send_invoice::Output { message_id })
    }

    fn upgrade_v1(&self, old: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
        let invoice_id: Uuid = old.invoice_id.parse()?;
        Ok(send_invoice::Args {
            invoice_id,
            ..invoice()
        })
    }
}

impl billing::refund_payment::Handler for Billing {
    async fn handle(
        &self,
        _args: billing::refund_payment::Args,
        _ctx: &JobContext,
    ) -> Result<billing::refund_payment::Output, JobError> {
        Err(JobError::permanent("no refunds"))
    }
}

impl billing::close_month::Handler for Billing {
    async fn handle(
        &self,
        _args: billing::close_month::Args,
        _ctx: &JobContext,
    ) -> Result<billing::close_month::Output, JobError> {
        Ok(())
    }
}

#[test]
fn handlers_share_one_state() {
    let handlers: Handlers = billing::handlers(Billing);
    let text = format!("{handlers:?}");
    for name in [
        "billing.send_invoice.v2",
        "billing.send_invoice.v1",
        "billing.close_month.v1",
    ] {
        assert!(text.contains(name), "{text}");
    }
    let shared = Arc::new(Billing);
    let one = send_invoice::handler(Arc::clone(&shared));
    let other = billing::close_month::handler(shared);
    assert_ne!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn halves_have_what_they_need() {
    // A producer of reports, with the type of another namespace that it refers to.
    let recipient = producer::emails::Recipient::builder()
        .email("a@b.example")
        .build();
    let args = producer::reports::render_report::Args::builder()
        .report("churn")
        .period(producer::reports::Period {
            from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            to: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
        })
        .notify(vec![recipient])
        .build()
        .unwrap();
    let queue = Recorder::default();
    now(producer::reports::render_report::enqueue(&queue, args)).unwrap();
    assert_eq!(queue.take()[0].name, "reports.render_report.v1");
    // The names are those of the whole.
    assert_eq!(
        consumer::billing::send_invoice::TASK.fingerprint(),
        company::billing::send_invoice::TASK.fingerprint()
    );
}

#[test]
fn a_schedule_carries_the_defaults_of_its_arguments() {
    let text = format!("{:?}", defaults::TASK.spec());
    assert!(text.contains("Every(3600s)"), "{text}");
    assert!(
        text.contains(r#"\"text\":\"scheduled\",\"whole\":2"#),
        "{text}"
    );
    assert!(text.contains("List([1s, 250ms])"), "{text}");
    assert!(text.contains("shapes.old_defaults"), "{text}");
}
