//! Objects with older names of properties (`x-aliases`): read as if they had the present ones.

use std::borrow::Cow;

use serde_json::Value;

use super::Checker;

impl Checker {
    /// The value as a schema looks at it: `names` holds the older names of its properties, each
    /// with the present one. An older name counts as evaluated, for it is that of a declared
    /// property.
    pub fn present_names<'v>(
        &mut self,
        value: &'v Value,
        names: &[(&str, &str)],
    ) -> Cow<'v, Value> {
        let renamed = value
            .as_object()
            .and_then(|object| soniq_rules::renamed(object, names));
        let Some(renamed) = renamed else {
            return Cow::Borrowed(value);
        };
        for (old, present) in renamed.doubled {
            self.step(old);
            self.violation(
                "x-aliases",
                format!("is an older name of {present:?}, which is there as well"),
            );
            self.leave();
            self.evaluates_property(old);
        }
        for old in renamed.read {
            self.evaluates_property(old);
        }
        self.tried.forget();
        Cow::Owned(renamed.object)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use std::borrow::Cow;

    use serde_json::json;

    use super::Checker;

    const NAMES: [(&str, &str); 2] = [("old", "new"), ("older", "new")];

    #[test]
    fn a_value_without_older_names_is_not_copied() {
        let mut c = Checker::default();
        for value in [json!({ "new": 1 }), json!(["old"]), json!("old")] {
            assert!(matches!(c.present_names(&value, &NAMES), Cow::Borrowed(_)));
        }
        assert!(c.finish().is_empty());
    }

    #[test]
    fn each_name_too_many_is_told_and_none_is_left_over() {
        let mut c = Checker::default();
        let value = json!({ "new": 1, "old": 2, "older": 3, "x": 4 });
        c.observe();
        let present = c.present_names(&value, &NAMES);
        assert_eq!(*present, json!({ "new": 1, "x": 4 }));
        assert_eq!(c.unevaluated(value.as_object().unwrap()), ["new", "x"]);
        c.observed();
        let found: Vec<_> = c.finish().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                r#"/old is an older name of "new", which is there as well (x-aliases)"#,
                r#"/older is an older name of "new", which is there as well (x-aliases)"#,
            ]
        );
    }
}
