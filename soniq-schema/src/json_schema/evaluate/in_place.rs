//! The keywords that apply other schemas to the same value.

use serde_json::Value;

use super::Walk;
use super::evaluated::Evaluated;
use crate::json_schema::{SchemaId, SchemaRef};

impl Walk {
    pub(super) fn in_place<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        evaluated: &mut Evaluated<'v>,
    ) {
        let keywords = &schema.node().keywords;
        for id in keywords.reference.iter().chain(&keywords.all_of) {
            self.schema(schema.at(*id), value, evaluated);
        }
        self.any_of(schema, value, evaluated);
        self.one_of(schema, value, evaluated);
        if let Some(id) = keywords.not
            && self.fits(schema.at(id), value, &mut Evaluated::new(false))
        {
            self.report("not", "is what it must not be".to_owned());
        }
        if let Some(condition) = keywords.condition {
            let branch = if self.fits(schema.at(condition.test), value, evaluated) {
                condition.then
            } else {
                condition.otherwise
            };
            if let Some(id) = branch {
                self.schema(schema.at(id), value, evaluated);
            }
        }
        if let Value::Object(map) = value {
            for (name, id) in &keywords.dependent_schemas {
                if map.contains_key(name) {
                    self.schema(schema.at(*id), value, evaluated);
                }
            }
        }
    }

    fn any_of<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        evaluated: &mut Evaluated<'v>,
    ) {
        let branches = &schema.node().keywords.any_of;
        let mut fits = branches.is_empty();
        for id in branches {
            fits |= self.fits(schema.at(*id), value, evaluated);
            // Further branches matter only for what they evaluate.
            if fits && !evaluated.is_wanted() {
                return;
            }
        }
        if !fits {
            self.report("anyOf", none_of(branches));
        }
    }

    fn one_of<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        evaluated: &mut Evaluated<'v>,
    ) {
        let branches = &schema.node().keywords.one_of;
        if branches.is_empty() {
            return;
        }
        let count = branches
            .iter()
            .filter(|id| self.fits(schema.at(**id), value, evaluated))
            .count();
        match count {
            1 => {}
            0 => self.report("oneOf", none_of(branches)),
            _ => {
                let all = branches.len();
                let message = format!("fits {count} of the {all} alternatives, but must fit one");
                self.report("oneOf", message);
            }
        }
    }

    /// Whether a value fits a schema, without a word about why not. What the schema evaluates
    /// counts only if it does.
    pub(super) fn fits<'v>(
        &mut self,
        schema: SchemaRef<'_>,
        value: &'v Value,
        evaluated: &mut Evaluated<'v>,
    ) -> bool {
        let mut walk = self.silent();
        let mut branch = evaluated.like();
        walk.schema(schema, value, &mut branch);
        self.is_cut_off |= walk.is_cut_off;
        self.tried = walk.tried;
        let fits = walk.violations.is_empty();
        if fits {
            evaluated.add(branch);
        }
        fits
    }
}

fn none_of(branches: &[SchemaId]) -> String {
    match branches.len() {
        1 => "does not fit the one alternative".to_owned(),
        count => format!("fits none of the {count} alternatives"),
    }
}
