//! What somebody writes who has the runtime and no generator.

/// The arguments, their checks, and how the task is run.
pub(super) fn types(namespace: &str, task: usize) -> String {
    format!(
        "\
use std::time::Duration;

use chrono::{{DateTime, Utc}};
use serde::{{Deserialize, Serialize}};
use serde_json::Value;
use soniq_runtime::check::Checker;
use soniq_runtime::{{Backoff, Checked, RetrySpec, TaskArgs, TaskRef, TaskSpec}};
use uuid::Uuid;

static SPEC: TaskSpec = TaskSpec::new(\"{namespace}.work_{task:03}.v1\", 1, \"by hand\")
    .queue(\"team\")
    .priority(50)
    .timeout(Duration::from_secs(30))
    .retry(RetrySpec {{
        max_attempts: Some(5),
        backoff: Backoff::Exponential(Duration::from_secs(2)),
        max_delay: Some(Duration::from_secs(600)),
        ..RetrySpec::DEFAULT
    }});
{ARGS}"
    )
}

const ARGS: &str = r#"
/// Does the work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Args {
    /// Which order.
    pub order_id: Uuid,
    /// Where it goes.
    pub customer: String,
    /// Not before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_after: Option<DateTime<Utc>>,
    /// How many times.
    #[serde(default = "one")]
    pub copies: i64,
    /// In kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// For the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How far it is.
    pub state: State,
    /// Where the goods go.
    pub address: Address,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open,
    Paid,
    Lost,
}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub line: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

fn one() -> i64 {
    1
}

impl TaskArgs for Args {
    const TASK: TaskRef<Self> = TaskRef::new(&SPEC);
}

/// Bounds and patterns; of the types, serde says what is wrong.
impl Checked for Args {
    fn check(value: &Value, checker: &mut Checker) {
        if let Some(customer) = value["customer"].as_str() {
            if !customer.contains('@') || customer.chars().count() > 320 {
                checker.violation("format", format!("customer: {customer:?} is no address"));
            }
        }
        if let Some(copies) = value["copies"].as_i64() {
            if !(1..=9).contains(&copies) {
                checker.violation("maximum", format!("copies: {copies} is not from 1 to 9"));
            }
        }
        if value["weight"].as_f64().is_some_and(|weight| weight <= 0.0) {
            checker.violation("exclusiveMinimum", "weight: must be above 0");
        }
        if let Some(note) = value["note"].as_str() {
            if !(1..=500).contains(&note.chars().count()) {
                checker.violation("maxLength", "note: has 1 to 500 characters");
            }
        }
        let address = &value["address"];
        if let Some(line) = address["line"].as_str() {
            if !(1..=80).contains(&line.chars().count()) {
                checker.violation("maxLength", "address.line: has 1 to 80 characters");
            }
        }
        if let Some(country) = address["country"].as_str() {
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                checker.violation("pattern", format!("address.country: {country:?}"));
            }
        }
    }
}
"#;

/// The handler of the module `name`, and how it is enqueued.
pub(super) fn handler(name: &str) -> String {
    let work = super::WORK;
    format!(
        "\
use soniq_runtime::{{
    EnqueueOptions, Error, JobContext, JobError, TaskHandler, TaskHandlerBuilder,
}};
use tokio_postgres::Transaction;

use crate::tasks::{name}::Args;

async fn handle(args: Args, _context: JobContext) -> Result<(), JobError> {{
    {{
{work}    }}
    Ok(())
}}

pub fn handler() -> TaskHandler {{
    TaskHandlerBuilder::new(handle).build()
}}

pub async fn enqueue(transaction: &Transaction<'_>, args: Args) -> Result<(), Error> {{
    EnqueueOptions::default().enqueue(transaction, args).await?;
    Ok(())
}}
"
    )
}
