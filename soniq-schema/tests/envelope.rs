//! What a contract says arrives in the model, with defaults applied.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use serde_json::json;
use soniq_schema::contract::{Backoff, CatchUp, Contracts, Retry, Task, TemplatePart, Trigger};
use soniq_schema::diagnostic::{Style, render};
use soniq_schema::load_sources;

const TEXT: &str = r#"
edition = "2026"
namespace = "billing"
owner = "payments-team"
description = "Invoicing."

[defaults]
queue = "billing"
priority = 70
timeout = "30s"
result_ttl = "1h30m"
unique = true
retry = { max_attempts = 3, backoff = "fixed", delay = "1s" }
concurrency = { limit = 2 }

[types]
Zed = { type = "string" }
Abc = { type = "string" }

[tasks.plain]
version = 1
args.type = "object"

[tasks.own]
version = 3
name = "legacy.send_it"
description = "Says everything itself."
deprecated = "use plain"
queue = "bulk"
priority = 1
timeout = "0s"
result_ttl = "0s"
unique = false
dedup_key = "{{x}}:{who.id}:{n}"
retry = { delay = ["1s", "250ms"], max_delay = "1d", jitter = false }
concurrency = { limit = 1, key = "{n}" }
reserved = ["old"]
aliases = ["legacy.other"]
schedule = { every = "15m", catch_up = "all", args = { n = 1, who = { id = "a" } } }

[tasks.own.args]
type = "object"
required = ["who"]
[tasks.own.args.properties]
who = { type = "object", required = ["id"], properties = { id = { type = "string" } } }
n = { type = "integer", default = 0 }
any = { type = ["object", "null"] }

[tasks.own.result]
type = "boolean"

[tasks.own.retired.v2]
args = { type = "object" }
[tasks.own.retired.v1]
name = "legacy.first"
args = { type = "object" }

[[tasks.own.examples]]
who = { id = "a" }
any = { x-json = '{"b": [1.50, null]}' }

[[tasks.own.compat.allow]]
rule = "property-removed"
path = "/properties/old"
reason = "never written"
owner = "payments-team"
expires = "2027-01-31"

[tasks.monthly]
version = 1
args.type = "object"
retry = { backoff = "exponential", delay = "2s" }
schedule = { cron = "0 3 1 * *", timezone = "Europe/Berlin" }
"#;

fn contracts() -> Contracts {
    let loaded = load_sources([("contracts/billing.toml".to_owned(), TEXT.to_owned())]);
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert_eq!(text, "");
    loaded.contracts
}

fn task<'a>(contracts: &'a Contracts, key: &str) -> &'a Task {
    let mut tasks = contracts.tasks().map(|(_, task)| task);
    tasks.find(|task| task.key == key).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_file() {
    let contracts = contracts();
    let contract = &contracts.contracts[0];
    assert_eq!(contract.namespace, "billing");
    assert_eq!(contract.owner.as_deref(), Some("payments-team"));
    assert_eq!(contract.description.as_deref(), Some("Invoicing."));
    let types: Vec<_> = contract
        .types
        .iter()
        .map(|named| named.name.as_str())
        .collect();
    assert_eq!(types, ["Abc", "Zed"]);
    let tasks: Vec<_> = contract
        .tasks
        .iter()
        .map(|task| task.key.as_str())
        .collect();
    assert_eq!(tasks, ["monthly", "own", "plain"]);
    assert_eq!(contracts.sources.line_column(&contract.location), (3, 13));
}

#[test]
fn defaults_apply_to_what_a_task_leaves_out() {
    let contracts = contracts();
    let task = task(&contracts, "plain");
    assert_eq!(task.name, "billing.plain.v1");
    assert_eq!(task.queue.as_deref(), Some("billing"));
    assert_eq!(task.priority, Some(70));
    assert_eq!(task.timeout, Some(seconds(30)));
    assert_eq!(task.result_ttl, Some(seconds(5400)));
    assert!(task.unique);
    assert_eq!(task.retry.max_attempts, Some(3));
    assert_eq!(task.retry.backoff, Some(Backoff::Fixed(seconds(1))));
    assert_eq!(task.concurrency.as_ref().unwrap().limit, 2);
    assert!(task.schedule.is_none() && task.dedup_key.is_none() && task.result.is_none());
    assert_eq!(contracts.sources.line_column(&task.location), (20, 8));
}

#[test]
fn a_task_s_own_keys_win() {
    let contracts = contracts();
    let task = task(&contracts, "own");
    assert_eq!((task.name.as_str(), task.version), ("legacy.send_it", 3));
    assert_eq!(task.deprecated.as_deref(), Some("use plain"));
    assert_eq!(task.queue.as_deref(), Some("bulk"));
    assert_eq!(task.priority, Some(1));
    assert_eq!(task.timeout, Some(seconds(0)));
    assert_eq!(task.result_ttl, Some(seconds(0)));
    assert!(!task.unique);
    // The default policy's `max_attempts` does not shine through.
    let retry = Retry {
        max_attempts: None,
        backoff: Some(Backoff::List(vec![seconds(1), Duration::from_millis(250)])),
        max_delay: Some(seconds(86400)),
        jitter: Some(false),
    };
    assert_eq!(task.retry, retry);
    let concurrency = task.concurrency.as_ref().unwrap();
    assert_eq!(concurrency.limit, 1);
    assert!(concurrency.key.is_some());
    assert_eq!(task.reserved, ["old"]);
    assert_eq!(task.aliases, ["legacy.other"]);
    assert!(task.result.is_some());
}

#[test]
fn templates_schedules_and_examples() {
    let contracts = contracts();
    let own = task(&contracts, "own");
    let field = |path: &[&str]| TemplatePart::Field(path.iter().map(|s| (*s).to_owned()).collect());
    assert_eq!(
        own.dedup_key.as_ref().unwrap().parts,
        [
            TemplatePart::Literal("{x}:".to_owned()),
            field(&["who", "id"]),
            TemplatePart::Literal(":".to_owned()),
            field(&["n"]),
        ]
    );
    let schedule = own.schedule.as_ref().unwrap();
    assert_eq!(schedule.trigger, Trigger::Every(seconds(900)));
    assert_eq!(
        (schedule.timezone.as_deref(), schedule.catch_up),
        (None, Some(CatchUp::All))
    );
    assert_eq!(schedule.args, json!({ "n": 1, "who": { "id": "a" } }));
    assert_eq!(
        own.examples[0].args,
        json!({ "who": { "id": "a" }, "any": { "b": [1.5, null] } })
    );

    let monthly = task(&contracts, "monthly");
    let schedule = monthly.schedule.as_ref().unwrap();
    assert_eq!(schedule.trigger, Trigger::Cron("0 3 1 * *".to_owned()));
    assert_eq!(
        (schedule.timezone.as_deref(), schedule.catch_up),
        (Some("Europe/Berlin"), None)
    );
    assert_eq!(schedule.args, json!({}));
    assert_eq!(
        monthly.retry.backoff,
        Some(Backoff::Exponential(seconds(2)))
    );
}

#[test]
fn retired_versions_and_waivers() {
    let contracts = contracts();
    let task = task(&contracts, "own");
    let retired: Vec<_> = task
        .retired
        .iter()
        .map(|r| (r.version, r.name.as_str()))
        .collect();
    assert_eq!(retired, [(1, "legacy.first"), (2, "billing.own.v2")]);
    let waiver = &task.waivers[0];
    assert_eq!(
        (waiver.rule.as_str(), waiver.expires.as_str()),
        ("property-removed", "2027-01-31")
    );
}

#[test]
fn tasks_are_found_by_wire_name_and_alias() {
    let contracts = contracts();
    let key = |name: &str| contracts.task(name).map(|task| task.key.as_str());
    assert_eq!(key("legacy.send_it"), Some("own"));
    assert_eq!(key("legacy.other"), Some("own"));
    assert_eq!(key("legacy.first"), None);
    assert_eq!(key("billing.own.v3"), None);
}

#[test]
fn schemas_know_their_place_and_follow_references() {
    let text = "
        edition = '2026'
        namespace = 'a'
        [types]
        Id     = { '$ref' = '#/types/Text', default = 'x' }
        Text   = { type = 'string', default = 'y' }
        Short  = { '$ref' = '#/types/Text', maxLength = 3 }
        [tasks.t]
        version = 1
        [tasks.t.args]
        type = 'object'
        properties.'a/b' = { '$ref' = '#/types/Id', description = 'Prose.' }
        properties.short = { '$ref' = '#/types/Short' }
        properties.own   = { '$ref' = '#/types/Id', default = 'z' }
    ";
    let loaded = load_sources([("a.toml".to_owned(), text.to_owned())]);
    assert!(loaded.is_ok());
    let contracts = &loaded.contracts;
    let args = contracts
        .schemas
        .get(contracts.task("a.t.v1").unwrap().args);
    let names: Vec<_> = args
        .keywords
        .properties
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["a/b", "short", "own"]);
    let [first, short, own] = [0, 1, 2].map(|i| args.at(args.keywords.properties[i].1));
    assert_eq!(first.pointer, "/properties/a~1b");
    assert_eq!(contracts.sources.line_column(&first.location), (12, 28));

    // Annotations are passed over, a rule beside `$ref` is not.
    assert!(first.resolved().keywords.types.is_some());
    assert_eq!(short.resolved().keywords.max_length, Some(3));
    assert_eq!(first.default_value(), Some(&json!("x")));
    assert_eq!(short.default_value(), Some(&json!("y")));
    assert_eq!(own.default_value(), Some(&json!("z")));
}
