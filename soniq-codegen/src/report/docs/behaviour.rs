//! How a task is run, in words.

use soniq_schema::contract::{CatchUp, Schedule, Task, Template, TemplatePart, Trigger};

use super::page::Fact;
use super::retry;
use super::text::Text;

/// What there is to say of a task beside its arguments; `declared` is its place in the contract.
pub(super) fn facts(task: &Task, declared: &str, fingerprint: String) -> Vec<Fact> {
    let mut facts = Facts(Vec::new());
    facts.add("Version", Text::new(task.version.to_string()));
    facts.add("Queue", queue(task));
    facts.add("Priority", priority(task));
    facts.add("Timeout", timeout(task));
    facts.add("Result kept", result_ttl(task));
    facts.add("Retry", Text::new(retry::in_words(&task.retry)));
    if let Some(schedule) = &task.schedule {
        scheduled(schedule, &mut facts);
    }
    if let Some(concurrency) = &task.concurrency {
        let text = Text::new(format!("{} at once", concurrency.limit));
        facts.add(
            "Concurrency",
            match &concurrency.key {
                Some(key) => text.plain(" per ").code(template(key)),
                None => text,
            },
        );
    }
    if task.unique {
        facts.add(
            "Unique",
            Text::new("one queued job with the same arguments"),
        );
    }
    if let Some(key) = &task.dedup_key {
        let text = Text::new("one queued job per ").code(template(key));
        facts.add("Dedup key", text);
    }
    facts.add_codes("Aliases", task.aliases.iter());
    facts.add_codes("Retired versions", task.retired.iter().map(|old| &old.name));
    facts.add_codes("Reserved names", task.reserved.iter());
    facts.add("Declared", Text::of_code(declared));
    facts.add("Fingerprint", Text::of_code(fingerprint));
    facts.0
}

struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, label: &'static str, text: Text) {
        self.0.push(Fact { label, text });
    }

    fn add_codes<'n>(&mut self, label: &'static str, codes: impl Iterator<Item = &'n String>) {
        let text = Text::joined(codes.map(Text::of_code), ", ");
        if !text.is_empty() {
            self.add(label, text);
        }
    }
}

/// The queue that a task goes to.
pub(super) fn queue(task: &Task) -> Text {
    Text::of_code(task.queue.as_deref().unwrap_or("default"))
}

fn priority(task: &Task) -> Text {
    match task.priority {
        Some(priority) => Text::new(format!("{priority} (lower runs first)")),
        None => by_setting("SONIQ_PRIORITY", "100"),
    }
}

fn timeout(task: &Task) -> Text {
    match task.timeout {
        Some(timeout) if timeout.is_zero() => Text::new("none"),
        Some(timeout) => Text::new(format!("{} an attempt", retry::duration(timeout))),
        None => by_setting("SONIQ_JOB_TIMEOUT", "5m an attempt"),
    }
}

fn result_ttl(task: &Task) -> Text {
    match task.result_ttl {
        Some(ttl) if ttl.is_zero() => Text::new("not at all"),
        Some(ttl) => Text::new(retry::duration(ttl)),
        None => by_setting("SONIQ_RESULT_TTL", "5m"),
    }
}

/// What a service decides where the contract does not.
fn by_setting(variable: &str, default: &str) -> Text {
    Text::new("as ")
        .code(variable)
        .plain(format!(" says, {default} by default"))
}

/// When a task runs by itself; empty if it does not.
pub(super) fn schedule(task: &Task) -> Text {
    task.schedule.as_ref().map(when).unwrap_or_default()
}

fn when(schedule: &Schedule) -> Text {
    match &schedule.trigger {
        Trigger::Cron(expression) => {
            let zone = schedule.timezone.as_deref().unwrap_or("UTC");
            Text::of_code(expression).plain(format!(" ({zone})"))
        }
        Trigger::Every(interval) => Text::new(format!("every {}", retry::duration(*interval))),
    }
}

fn scheduled(schedule: &Schedule, facts: &mut Facts) {
    facts.add("Schedule", when(schedule));
    let missed = match schedule.catch_up {
        None | Some(CatchUp::One) => "one job for all that were missed",
        Some(CatchUp::All) => "one job for each that was missed",
        Some(CatchUp::None) => "no job for those that were missed",
    };
    facts.add("Catch-up", Text::new(missed));
    facts.add(
        "Scheduled arguments",
        Text::of_code(schedule.args.to_string()),
    );
}

/// As contracts write it.
fn template(template: &Template) -> String {
    let parts = template.parts.iter().map(|part| match part {
        TemplatePart::Literal(text) => text.replace('{', "{{").replace('}', "}}"),
        TemplatePart::Field(path) => format!("{{{}}}", path.join(".")),
    });
    parts.collect()
}
