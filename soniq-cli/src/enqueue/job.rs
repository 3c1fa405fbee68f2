//! A job as its task's contract has it.

use serde_json::Value;
use soniq_runtime::{NewJob, Violation};
use soniq_schema::Contracts;
use soniq_schema::contract::{Task, Template, TemplatePart};

use super::normal_form::normalize;
use crate::contracts::violation;
use crate::error::Error;

/// Checks `args` and makes the job that the task's generated producer would make of them.
pub(super) fn by_contract(
    contracts: &Contracts,
    task: &Task,
    mut args: Value,
) -> Result<NewJob, Error> {
    let schema = contracts.schemas.get(task.args);
    let violations: Vec<Violation> = soniq_schema::evaluate(schema, &args)
        .into_iter()
        .map(violation)
        .collect();
    if !violations.is_empty() {
        return Err(Error::Runtime(soniq_runtime::Error::InvalidArgs {
            task: task.name.clone(),
            violations,
        }));
    }
    soniq_schema::fill_defaults(schema, &mut args);
    normalize(schema, &mut args);
    let dedup_key = task.dedup_key.as_ref().map(|template| key(template, &args));
    let mut job = NewJob::new(task.name.clone(), args)?;
    job.queue.clone_from(&task.queue);
    job.priority = task.priority.map(i32::from);
    job.max_attempts = task
        .retry
        .max_attempts
        .map(|attempts| i32::try_from(attempts).unwrap_or(i32::MAX));
    job.unique = task.unique;
    job.dedup_key = dedup_key;
    job.fingerprint = Some(soniq_schema::fingerprint(schema).into());
    Ok(job)
}

/// The template with its fields filled in, as JSON has them, strings without quotes.
fn key(template: &Template, args: &Value) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => text.clone(),
        TemplatePart::Field(path) => {
            let field = path.iter().try_fold(args, |value, step| value.get(step));
            match field {
                Some(Value::String(text)) => text.clone(),
                // The contract has the field as required or defaulted: it is there.
                Some(value) => value.to_string(),
                None => String::new(),
            }
        }
    };
    template.parts.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn job(args: Value) -> Result<NewJob, Error> {
        let text = r#"
            edition = "2026"
            namespace = "billing"
            [tasks.charge]
            version = 3
            queue = "money"
            priority = 7
            unique = true
            dedup_key = "charge:{account.id}:{try}:{live}"
            retry = { max_attempts = 2 }
            [tasks.charge.args]
            type = "object"
            required = ["account"]
            properties.try = { type = "integer", default = 1 }
            properties.live = { type = "boolean", default = true }
            [tasks.charge.args.properties.account]
            type = "object"
            required = ["id"]
            properties.id = { type = "string", format = "uuid", x-aliases = ["number"] }
        "#;
        let loaded = soniq_schema::load_sources([("billing.toml".to_owned(), text.to_owned())]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        by_contract(
            &loaded.contracts,
            &loaded.contracts.contracts[0].tasks[0],
            args,
        )
    }

    #[test]
    fn a_job_is_what_its_contract_says() {
        let id = "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11";
        let job = job(json!({ "account": { "id": id }, "try": 2.0 })).unwrap();
        assert_eq!(job.name, "billing.charge.v3");
        assert_eq!(job.queue.as_deref(), Some("money"));
        assert_eq!(job.priority, Some(7));
        assert_eq!(job.max_attempts, Some(2));
        assert!(job.unique);
        let id = id.to_lowercase();
        assert_eq!(
            job.args,
            json!({ "account": { "id": id }, "try": 2, "live": true })
        );
        assert_eq!(job.dedup_key, Some(format!("charge:{id}:2:true")));
        assert_eq!(job.fingerprint.map(|text| text.len()), Some(64));
    }

    #[test]
    fn present_names_are_written() {
        let id = "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11";
        let job = job(json!({ "account": { "number": id } })).unwrap();
        assert_eq!(job.args["account"], json!({ "id": id }));
        assert_eq!(job.dedup_key, Some(format!("charge:{id}:1:true")));
    }

    #[test]
    fn every_broken_rule_is_named() {
        let error = job(json!({ "account": { "id": "x" }, "try": "no" })).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("arguments of billing.charge.v3 break its contract: "),
            "{text}"
        );
        assert!(
            text.contains("/account/id is not a valid uuid (format)"),
            "{text}"
        );
        assert!(
            text.contains("/try is a string, expected integer (type)"),
            "{text}"
        );
    }
}
