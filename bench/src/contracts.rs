//! Contracts by the thousand, of two shapes.

use std::fmt::Write as _;

/// Tasks in one file, and so in one namespace.
pub const TASKS_A_FILE: usize = 50;

/// What the tasks are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Six scalar fields with formats and bounds, an enum, a nested object, an example: what a team
    /// writes by hand.
    Plain,
    /// Unions, maps, patterns, nested and shared types as well: what a large schema brings along.
    Rich,
}

impl Kind {
    /// Both, with the plain one first.
    pub const ALL: [Kind; 2] = [Kind::Plain, Kind::Rich];

    /// As a word for tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Rich => "rich",
        }
    }
}

/// The names and texts of contract files that hold `tasks` tasks together.
pub fn files(kind: Kind, tasks: usize) -> Vec<(String, String)> {
    (0..tasks.div_ceil(TASKS_A_FILE))
        .map(|file| {
            let first = file * TASKS_A_FILE;
            let count = TASKS_A_FILE.min(tasks - first);
            (format!("team_{file:03}.toml"), text(kind, file, count))
        })
        .collect()
}

fn text(kind: Kind, file: usize, tasks: usize) -> String {
    let mut text = format!(
        r#"edition     = "2026"
namespace   = "team_{file:03}"
owner       = "team-{file}"
description = "Tasks of team {file}."

[defaults]
queue   = "team"
timeout = "30s"

[types.Money]
type        = "object"
description = "An amount of money in the smallest unit of its currency."
required    = ["amount_minor", "currency"]
[types.Money.properties]
amount_minor = {{ type = "integer", minimum = 0, description = "Cents, pence." }}
currency     = {{ type = "string", pattern = "^[A-Z]{{3}}$", description = "ISO 4217." }}
"#
    );
    for task in 0..tasks {
        plain(&mut text, task);
        if kind == Kind::Rich {
            rich(&mut text, task);
        }
    }
    text
}

/// One task; the text ends inside of its properties' table.
fn plain(out: &mut String, task: usize) {
    // Writing to a `String` does not fail.
    let _ = write!(
        out,
        r#"
[tasks.work_{task:03}]
version     = 1
description = "Does the work number {task}."
priority    = 50
retry       = {{ max_attempts = 5, backoff = "exponential", delay = "2s", max_delay = "10m" }}

[[tasks.work_{task:03}.examples]]
order_id = "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11"
customer = "ada@example.com"
state    = "paid"
address  = {{ line = "Long Street 1", country = "DE" }}

[tasks.work_{task:03}.args]
type     = "object"
required = ["order_id", "customer", "state", "address"]
[tasks.work_{task:03}.args.properties]
order_id   = {{ type = "string", format = "uuid", description = "Which order." }}
customer   = {{ type = "string", format = "email", maxLength = 320, description = "Where it goes." }}
send_after = {{ type = "string", format = "date-time", description = "Not before this instant." }}
copies     = {{ type = "integer", default = 1, minimum = 1, maximum = 9, description = "How many times." }}
weight     = {{ type = "number", exclusiveMinimum = 0, description = "In kilograms." }}
note       = {{ type = "string", minLength = 1, maxLength = 500, description = "For the customer." }}
state      = {{ type = "string", enum = ["open", "paid", "lost"], description = "How far it is." }}
[tasks.work_{task:03}.args.properties.address]
type        = "object"
description = "Where the goods go."
required    = ["line", "country"]
[tasks.work_{task:03}.args.properties.address.properties]
line    = {{ type = "string", minLength = 1, maxLength = 80, description = "Street and number." }}
country = {{ type = "string", pattern = "^[A-Z]{{2}}$", description = "ISO 3166-1 alpha-2." }}
"#
    );
}

/// More properties for the task that [`plain`] has begun.
fn rich(out: &mut String, task: usize) {
    let _ = write!(
        out,
        r##"
[tasks.work_{task:03}.args.properties.total]
"$ref" = "#/types/Money"
[tasks.work_{task:03}.args.properties.labels]
type                 = "object"
description          = "Free labels."
additionalProperties = {{ type = "string", maxLength = 40 }}
propertyNames        = {{ pattern = "^[a-z_]+$" }}
[tasks.work_{task:03}.args.properties.lines]
type        = "array"
description = "What was ordered."
minItems    = 1
[tasks.work_{task:03}.args.properties.lines.items]
type     = "object"
title    = "Line"
required = ["sku", "price"]
[tasks.work_{task:03}.args.properties.lines.items.properties]
sku      = {{ type = "string", pattern = "^[A-Z0-9-]{{4,20}}$", description = "Stock number." }}
price    = {{ "$ref" = "#/types/Money" }}
quantity = {{ type = "integer", format = "uint32", default = 1, minimum = 1 }}
[tasks.work_{task:03}.args.properties.payment]
description = "How it was paid."
oneOf = [
  {{ type = "object", title = "Card", required = ["kind", "last4"], properties = {{ kind = {{ const = "card" }}, last4 = {{ type = "string", pattern = "^[0-9]{{4}}$" }} }} }},
  {{ type = "object", title = "Transfer", required = ["kind", "iban"], properties = {{ kind = {{ const = "transfer" }}, iban = {{ type = "string", minLength = 15, maxLength = 34 }} }} }},
]
"##
    );
}
