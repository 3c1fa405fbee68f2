//! Keywords that try schemas on the value they stand at: `anyOf`, `oneOf`, `not`, `if`, `contains`.
//!
//! What a tried schema finds wrong is not reported: one violation says that the keyword is broken.

use serde_json::Value;

use super::Checker;
use super::tried::Outcome;

/// The check of one tried schema, as generated code writes it.
pub type Branch = fn(&Value, &mut Checker);

impl Checker {
    /// Whether the value at the current place fits a schema. What the schema evaluated counts only
    /// if it does.
    pub fn fits(&mut self, value: &Value, branch: Branch) -> bool {
        let is_observed = self.is_observed();
        if let Some(known) = self.tried.outcome(branch, value).cloned()
            && (known.evaluated.is_some() || !is_observed || !known.fits)
        {
            if let Some((properties, items)) = known.evaluated {
                self.mark(properties, items);
            }
            return known.fits;
        }
        let found = self.violations.len();
        let marks = self.marks();
        let outer = self.tried_from.replace(found);
        branch(value, self);
        self.tried_from = outer;
        let fits = self.violations.len() == found;
        self.violations.truncate(found);
        if !fits {
            self.unmark(marks);
        }
        // Alone, it is not tried twice.
        if self.tried_from.is_some() {
            let evaluated = marks.map(|marks| self.marked_since(marks));
            let outcome = Outcome { fits, evaluated };
            self.tried.note(branch, value, outcome);
        }
        fits
    }

    /// `anyOf`
    pub fn any_of(&mut self, value: &Value, branches: &[Branch]) {
        let mut fits = false;
        for branch in branches {
            fits |= self.fits(value, *branch);
            // An observer counts what every branch that fits has evaluated.
            if fits && !self.is_observed() {
                return;
            }
        }
        if !fits {
            let message = format!("fits none of the {} schemas", branches.len());
            self.violation("anyOf", message);
        }
    }

    /// `oneOf`
    pub fn exactly_one_of(&mut self, value: &Value, branches: &[Branch]) {
        let mut fitting = 0;
        for branch in branches {
            fitting += usize::from(self.fits(value, *branch));
        }
        if fitting != 1 {
            let message = match fitting {
                0 => format!("fits none of the {} schemas", branches.len()),
                _ => format!("fits {fitting} of the schemas, where one is allowed"),
            };
            self.violation("oneOf", message);
        }
    }

    /// `not`
    pub fn not(&mut self, value: &Value, branch: Branch) {
        let marks = self.marks();
        if self.fits(value, branch) {
            self.unmark(marks);
            self.violation("not", "fits a schema that it must not fit");
        }
    }

    /// `contains`, with `minContains` and `maxContains` where they are given
    pub fn contains(
        &mut self,
        items: &[Value],
        min: Option<u64>,
        max: Option<u64>,
        branch: Branch,
    ) {
        let mut fitting = Vec::new();
        for (index, item) in items.iter().enumerate() {
            self.step(&index.to_string());
            if self.fits(item, branch) {
                fitting.push(index);
            }
            self.leave();
        }
        let count = fitting.len() as u64;
        self.evaluates_items(fitting);
        match min {
            None if count == 0 => self.violation("contains", "has no item that fits `contains`"),
            Some(min) if count < min => {
                let message = format!("has {count} that fit `contains`, at least {min} are needed");
                self.violation("minContains", message);
            }
            None | Some(_) => {}
        }
        if let Some(max) = max.filter(|max| count > *max) {
            let message = format!("has {count} that fit `contains`, at most {max} are allowed");
            self.violation("maxContains", message);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Branch, Checker};

    const TEXT: Branch = |value, c| {
        c.string(value);
    };
    const SHORT: Branch = |value, c| {
        if let Some(text) = value.as_str() {
            c.max_length(text, 1);
        }
    };

    fn broken(check: impl FnOnce(&mut Checker)) -> Vec<(String, &'static str)> {
        let mut c = Checker::default();
        check(&mut c);
        let violations = c.finish().into_iter();
        violations.map(|v| (v.pointer, v.rule)).collect()
    }

    fn rules(value: &Value, check: fn(&mut Checker, &Value)) -> Vec<&'static str> {
        let found = broken(|c| check(c, value));
        found.into_iter().map(|(_, rule)| rule).collect()
    }

    #[test]
    fn branches_report_nothing_of_their_own() {
        let any: fn(&mut Checker, &Value) = |c, value| c.any_of(value, &[TEXT, SHORT]);
        assert!(rules(&json!("ab"), any).is_empty());
        assert!(rules(&json!(1), any).is_empty());
        let one: fn(&mut Checker, &Value) = |c, value| c.exactly_one_of(value, &[TEXT, SHORT]);
        assert!(rules(&json!("ab"), one).is_empty());
        assert_eq!(rules(&json!("a"), one), ["oneOf"]);
        let not: fn(&mut Checker, &Value) = |c, value| c.not(value, TEXT);
        assert_eq!(rules(&json!("a"), not), ["not"]);
        assert!(rules(&json!(1), not).is_empty());
        let none: fn(&mut Checker, &Value) = |c, value| c.any_of(value, &[TEXT]);
        assert_eq!(rules(&json!(1), none), ["anyOf"]);
    }

    #[test]
    fn contained_items_are_counted() {
        let items = [json!("a"), json!(1), json!("b")];
        assert_eq!(broken(|c| c.contains(&items, None, Some(2), TEXT)), []);
        let found = broken(|c| {
            c.contains(&items, Some(3), Some(1), TEXT);
            c.contains(&[], None, None, TEXT);
        });
        assert_eq!(
            found,
            ["minContains", "maxContains", "contains"].map(|rule| (String::new(), rule))
        );
    }
}
