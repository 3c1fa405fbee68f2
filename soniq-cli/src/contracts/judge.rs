//! What contracts alone can say of a row: what generated code would say, except for upgrades.

use std::collections::BTreeMap;

use serde_json::Value;
use soniq_runtime::Violation;
use soniq_runtime::rows::{Judge, Standing, Verdict};
use soniq_schema::Contracts;
use soniq_schema::json_schema::SchemaId;

/// Contracts, by the wire names of rows.
pub(super) struct ContractJudge<'a> {
    contracts: &'a Contracts,
    names: BTreeMap<&'a str, (Standing, SchemaId)>,
}

impl<'a> ContractJudge<'a> {
    pub(super) fn new(contracts: &'a Contracts) -> Self {
        let mut names = BTreeMap::new();
        for (_, task) in contracts.tasks() {
            names.insert(task.name.as_str(), (Standing::Current, task.args));
            for alias in &task.aliases {
                let standing = Standing::Alias(task.name.clone());
                names.insert(alias, (standing, task.args));
            }
            for retired in &task.retired {
                let standing = Standing::Retired(task.name.clone());
                names.insert(&retired.name, (standing, retired.args));
            }
        }
        ContractJudge { contracts, names }
    }
}

impl Judge for ContractJudge<'_> {
    fn names(&self) -> BTreeMap<String, Standing> {
        let names = self.names.iter();
        names
            .map(|(name, (standing, _))| ((*name).to_owned(), standing.clone()))
            .collect()
    }

    fn judge(&self, task: &str, args: Value) -> Verdict {
        let Some((standing, schema)) = self.names.get(task) else {
            return Verdict::Runs;
        };
        let schema = self.contracts.schemas.get(*schema);
        let violations = soniq_schema::evaluate(schema, &args);
        if !violations.is_empty() {
            return Verdict::Fails(violations.into_iter().map(violation).collect());
        }
        match standing {
            Standing::Retired(_) => Verdict::NeedsUpgrade,
            _ => Verdict::Runs,
        }
    }
}

/// The runtime's own type of the same.
pub(crate) fn violation(violation: soniq_schema::Violation) -> Violation {
    Violation {
        pointer: violation.pointer,
        rule: violation.rule,
        message: violation.message,
    }
}
