//! The constants of a task: what the runtime needs to know of it beside its arguments.

use std::time::Duration;

use soniq_schema::contract::{
    Backoff, CatchUp, Concurrency, Retry, Schedule, Task, TemplatePart, Trigger,
};
use soniq_schema::json_schema::{SchemaId, SchemaRef};

use super::Scope;
use super::literal::{grouped, json_text, quoted, quoted_list};
use crate::shape::{ItemId, ItemKind, Presence, Shape, TaskShapes};

impl Scope<'_> {
    /// `SPEC`, `TASK` and `impl TaskArgs`.
    pub(super) fn task(self, task: &Task, shapes: &TaskShapes) -> String {
        let dedup_key = task
            .dedup_key
            .as_ref()
            .map_or_else(String::new, |template| {
                let key = self.key(&template.parts, shapes.args);
                format!("fn dedup_key(&self) -> Option<String> {{\nSome({key})\n}}\n")
            });
        let docs = self.input.docs(
            None,
            &format!("The task `{}`: its name, version and defaults.", task.name),
            &task.location,
        );
        let spec = self.spec(task);
        format!(
            "\
{spec}
{docs}
pub const TASK: ::soniq_runtime::TaskRef<Args> = ::soniq_runtime::TaskRef::new(&SPEC);
impl ::soniq_runtime::TaskArgs for Args {{
    const TASK: ::soniq_runtime::TaskRef<Self> = TASK;
    {dedup_key}
}}
"
        )
    }

    /// What the contract says of the task, as a chain of calls.
    fn spec(self, task: &Task) -> String {
        let args = self.input.contracts.schemas.get(task.args);
        let new = format!(
            "{},\n{},\n{},\n",
            quoted(&task.name),
            task.version,
            quoted(&soniq_schema::fingerprint(args))
        );
        let start = "static SPEC: ::soniq_runtime::TaskSpec = ::soniq_runtime::TaskSpec::new(\n";
        let options = options(task, args);
        if options.is_empty() {
            return format!("{start}{new});\n");
        }
        // In a chain, all but its first line is a level deeper.
        let rest = format!("{new})\n{options}").replace('\n', "\n\t");
        format!("{start}\t{rest};\n")
    }

    /// `format!(..)` of a key's template. A field is written as JSON has it, without quotes.
    fn key(self, parts: &[TemplatePart], args: ItemId) -> String {
        let mut text = String::new();
        let mut values = Vec::new();
        for part in parts {
            match part {
                TemplatePart::Literal(literal) => {
                    text.push_str(&literal.replace('{', "{{").replace('}', "}}"));
                }
                TemplatePart::Field(path) => {
                    text.push_str("{}");
                    values.push(self.key_field(path, args).unwrap_or_else(|| {
                        let message = format!("{} has no text for a key", path.join("."));
                        format!("compile_error!({})", quoted(&message))
                    }));
                }
            }
        }
        if values.is_empty() {
            let text = text.replace("{{", "{").replace("}}", "}");
            format!("{}.to_owned()", quoted(&text))
        } else {
            format!("format!({}, {})", quoted(&text), values.join(", "))
        }
    }

    /// A field of the arguments as something with the right `Display`; `None` if it has none.
    pub(crate) fn key_field(self, path: &[String], args: ItemId) -> Option<String> {
        let mut expression = "self".to_owned();
        let mut shape = &Shape::Item(args);
        for key in path {
            let ItemKind::Struct(fields) = &self.input.shapes.item(self.named(shape)?).kind else {
                return None;
            };
            let field = fields.fields.iter().find(|field| field.key == *key)?;
            if field.presence == Presence::Optional {
                return None;
            }
            expression.push('.');
            expression.push_str(&field.ident);
            shape = &field.shape;
        }
        match self.through_aliases(shape) {
            Shape::Text | Shape::Uuid | Shape::Date | Shape::Int(_) | Shape::Bool => {
                Some(expression)
            }
            Shape::DateTime => Some(format!(
                "{expression}.to_rfc3339_opts(::soniq_runtime::__private::SecondsFormat::AutoSi, true)"
            )),
            Shape::Item(id) => {
                matches!(self.input.shapes.item(*id).kind, ItemKind::Enum(_)).then_some(expression)
            }
            _ => None,
        }
    }

    /// The schema of the last field on the way, as far as fields lead.
    pub(crate) fn last_field(self, path: &[String], args: ItemId) -> Option<SchemaId> {
        let mut shape = &Shape::Item(args);
        let mut last = None;
        for key in path {
            let Some(id) = self.named(shape) else { break };
            let ItemKind::Struct(fields) = &self.input.shapes.item(id).kind else {
                break;
            };
            let field = fields.fields.iter().find(|field| field.key == *key)?;
            last = Some(field.schema);
            shape = &field.shape;
        }
        last
    }

    fn named(self, shape: &Shape) -> Option<ItemId> {
        match self.through_aliases(shape) {
            Shape::Item(id) => Some(*id),
            Shape::Boxed(inner) => self.named(inner),
            _ => None,
        }
    }

    pub(super) fn through_aliases<'s>(self, shape: &'s Shape) -> &'s Shape
    where
        Self: 's,
    {
        let mut shape = shape;
        while let Shape::Item(id) = shape
            && let ItemKind::Alias(inner) = &self.input.shapes.item(*id).kind
        {
            shape = inner;
        }
        shape
    }
}

/// The calls that say what the contract says beyond the name, one a line.
fn options(task: &Task, args: SchemaRef<'_>) -> String {
    let mut out = Vec::new();
    if let Some(queue) = &task.queue {
        out.push(format!(".queue({})", quoted(queue)));
    }
    if let Some(priority) = task.priority {
        out.push(format!(".priority({priority})"));
    }
    if let Some(timeout) = task.timeout {
        out.push(format!(".timeout({})", duration(timeout)));
    }
    if let Some(ttl) = task.result_ttl {
        out.push(format!(".result_ttl({})", duration(ttl)));
    }
    if task.retry != Retry::default() {
        out.push(retry(&task.retry));
    }
    if task.unique {
        out.push(".unique()".to_owned());
    }
    if let Some(concurrency) = &task.concurrency {
        out.push(limit(concurrency));
    }
    if !task.aliases.is_empty() {
        out.push(format!(".aliases({})", quoted_list(&task.aliases)));
    }
    if let Some(schedule) = &task.schedule {
        out.push(scheduled(schedule, args));
    }
    out.join("\n")
}

fn limit(concurrency: &Concurrency) -> String {
    let parts = concurrency.key.iter().flat_map(|template| &template.parts);
    let parts: Vec<String> = parts
        .map(|part| match part {
            TemplatePart::Literal(text) => {
                format!("::soniq_runtime::KeyPart::Literal({})", quoted(text))
            }
            TemplatePart::Field(path) => {
                format!("::soniq_runtime::KeyPart::Field({})", quoted_list(path))
            }
        })
        .collect();
    format!(
        "\
.concurrency(::soniq_runtime::ConcurrencySpec {{
limit: {},
key: &[{}],
}})",
        concurrency.limit,
        parts.join(", ")
    )
}

fn retry(retry: &Retry) -> String {
    let mut fields = Vec::new();
    if let Some(attempts) = retry.max_attempts {
        fields.push(format!("max_attempts: Some({attempts}),"));
    }
    if let Some(backoff) = &retry.backoff {
        let backoff = match backoff {
            Backoff::Fixed(delay) => format!("Fixed(\n{},\n)", duration(*delay)),
            Backoff::Exponential(delay) => format!("Exponential(\n{},\n)", duration(*delay)),
            Backoff::List(delays) => {
                let delays: Vec<String> = delays.iter().map(|delay| duration(*delay)).collect();
                format!("List(\n&[{}],\n)", delays.join(", "))
            }
        };
        fields.push(format!("backoff: ::soniq_runtime::Backoff::{backoff},"));
    }
    if let Some(max_delay) = retry.max_delay {
        fields.push(format!("max_delay: Some({}),", duration(max_delay)));
    }
    if let Some(jitter) = retry.jitter {
        fields.push(format!("jitter: {jitter},"));
    }
    if fields.len() < 4 {
        fields.push("..::soniq_runtime::RetrySpec::DEFAULT".to_owned());
    }
    format!(
        ".retry(::soniq_runtime::RetrySpec {{\n{}\n}})",
        fields.join("\n")
    )
}

fn scheduled(schedule: &Schedule, args: SchemaRef<'_>) -> String {
    let trigger = match &schedule.trigger {
        Trigger::Cron(expression) => format!("Cron({})", quoted(expression)),
        Trigger::Every(interval) => format!("Every(\n{},\n)", duration(*interval)),
    };
    let timezone = schedule.timezone.as_ref().map_or_else(
        || "None".to_owned(),
        |name| format!("Some({})", quoted(name)),
    );
    let catch_up = match schedule.catch_up {
        None | Some(CatchUp::One) => "One",
        Some(CatchUp::All) => "All",
        Some(CatchUp::None) => "None",
    };
    let mut value = schedule.args.clone();
    soniq_schema::fill_defaults(args, &mut value);
    let text = json_text(&value);
    format!(
        "\
.schedule(::soniq_runtime::ScheduleSpec {{
trigger: ::soniq_runtime::Trigger::{trigger},
timezone: {timezone},
catch_up: ::soniq_runtime::CatchUp::{catch_up},
args: {text},
}})"
    )
}

/// In the largest unit that is exact.
fn duration(duration: Duration) -> String {
    let seconds = grouped(duration.as_secs().into(), "");
    match duration.subsec_nanos() {
        0 => format!("::core::time::Duration::from_secs({seconds})"),
        nanos => {
            let nanos = grouped(nanos.into(), "");
            format!("::core::time::Duration::new({seconds}, {nanos})")
        }
    }
}
