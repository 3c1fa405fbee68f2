//! What `unevaluatedProperties` and `unevaluatedItems` need to know: which properties and items of
//! the value the keywords beside them have looked at, through `$ref`, `allOf` and every branch that
//! fits.
//!
//! Such a schema opens an observer for its value. Whatever looks at a part of the same value then
//! marks it, and a branch that does not fit takes its marks back. Observers of one value nest, and
//! an inner one hands its marks on; it does not see those of the outer one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Checker;

/// The marks of one observer.
#[derive(Debug)]
pub(super) struct Observer {
    /// How deep its value lies: marks made deeper are about other values.
    depth: usize,
    properties: Vec<String>,
    items: Vec<usize>,
}

/// How many marks there were, to take later ones back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    properties: usize,
    items: usize,
}

impl Checker {
    /// Starts to note what is evaluated of the value at the current place.
    pub fn observe(&mut self) {
        self.observers.push(Observer {
            depth: self.depths.len(),
            properties: Vec::new(),
            items: Vec::new(),
        });
    }

    /// Ends what [`observe`](Self::observe) began; an outer observer of the same value takes over.
    pub fn observed(&mut self) {
        let Some(inner) = self.observers.pop() else {
            return;
        };
        if let Some(outer) = self.observer() {
            outer.properties.extend(inner.properties);
            outer.items.extend(inner.items);
        }
    }

    /// Marks those of the `declared` properties that are there.
    pub fn evaluates(&mut self, object: &Map<String, Value>, declared: &[&str]) {
        if let Some(observer) = self.observer() {
            let present = declared.iter().filter(|name| object.contains_key(**name));
            observer.properties.extend(present.map(ToString::to_string));
        }
    }

    /// Marks one property.
    pub fn evaluates_property(&mut self, name: &str) {
        if let Some(observer) = self.observer() {
            observer.properties.push(name.to_owned());
        }
    }

    /// Marks all properties.
    pub fn evaluates_all(&mut self, object: &Map<String, Value>) {
        if let Some(observer) = self.observer() {
            observer.properties.extend(object.keys().cloned());
        }
    }

    /// Marks items.
    pub fn evaluates_items(&mut self, indices: impl IntoIterator<Item = usize>) {
        if let Some(observer) = self.observer() {
            observer.items.extend(indices);
        }
    }

    /// The properties without a mark, sorted. From now on they have one.
    pub fn unevaluated<'v>(&mut self, object: &'v Map<String, Value>) -> Vec<&'v str> {
        let Some(observer) = self.observer() else {
            return Vec::new();
        };
        let seen: BTreeSet<&str> = observer.properties.iter().map(String::as_str).collect();
        let keys = object.keys().map(String::as_str);
        let mut rest: Vec<&str> = keys.filter(|key| !seen.contains(key)).collect();
        rest.sort_unstable();
        let names = rest.iter().map(ToString::to_string);
        observer.properties.extend(names);
        rest
    }

    /// The indices of the items without a mark. From now on they have one.
    pub fn unevaluated_items(&mut self, items: &[Value]) -> Vec<usize> {
        let Some(observer) = self.observer() else {
            return Vec::new();
        };
        let seen: BTreeSet<usize> = observer.items.iter().copied().collect();
        let rest: Vec<usize> = (0..items.len()).filter(|i| !seen.contains(i)).collect();
        observer.items.extend(&rest);
        rest
    }

    /// Whether marks at the current place are of use.
    pub(super) fn is_observed(&mut self) -> bool {
        self.observer().is_some()
    }

    pub(super) fn marks(&mut self) -> Option<Marks> {
        self.observer().map(|observer| Marks {
            properties: observer.properties.len(),
            items: observer.items.len(),
        })
    }

    pub(super) fn unmark(&mut self, marks: Option<Marks>) {
        if let Some((observer, marks)) = self.observer().zip(marks) {
            observer.properties.truncate(marks.properties);
            observer.items.truncate(marks.items);
        }
    }

    /// What was marked since then.
    pub(super) fn marked_since(&mut self, marks: Marks) -> (Vec<String>, Vec<usize>) {
        let marked = self.observer().map(|observer| {
            let properties = observer.properties.get(marks.properties..);
            let items = observer.items.get(marks.items..);
            (properties.map(<[_]>::to_vec), items.map(<[_]>::to_vec))
        });
        let (properties, items) = marked.unwrap_or_default();
        (properties.unwrap_or_default(), items.unwrap_or_default())
    }

    /// Marks what another walk over the same value has marked.
    pub(super) fn mark(&mut self, properties: Vec<String>, items: Vec<usize>) {
        if let Some(observer) = self.observer() {
            observer.properties.extend(properties);
            observer.items.extend(items);
        }
    }

    /// The innermost observer, if it is one of the value at the current place.
    fn observer(&mut self) -> Option<&mut Observer> {
        let depth = self.depths.len();
        self.observers.last_mut().filter(|one| one.depth == depth)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use serde_json::json;

    use super::Checker;

    #[test]
    fn marks_are_of_one_value_and_of_branches_that_fit() {
        let value = json!({"a": {"b": 1}, "b": 1, "c": 1, "d": 1});
        let object = value.as_object().unwrap();
        let mut c = Checker::default();
        c.observe();
        c.evaluates(object, &["a", "x"]);
        let inner = c.enter(object, "a").unwrap();
        c.evaluates(inner.as_object().unwrap(), &["b"]);
        c.leave();
        assert!(c.fits(&value, |_, c| c.evaluates_property("c")));
        let fits = c.fits(&value, |_, c| {
            c.evaluates_property("d");
            c.violation("x", "");
        });
        assert!(!fits);
        assert_eq!(c.unevaluated(object), ["b", "d"]);
        assert!(c.unevaluated(object).is_empty());
        c.observed();
        assert!(c.observers.is_empty());
    }

    #[test]
    fn an_inner_observer_hands_its_marks_on() {
        let items = [json!(1), json!(2), json!(3)];
        let mut c = Checker::default();
        c.observe();
        c.evaluates_items([0]);
        c.observe();
        c.evaluates_items([2]);
        assert_eq!(c.unevaluated_items(&items), [0, 1]);
        c.observed();
        assert!(c.unevaluated_items(&items).is_empty());
        c.observed();
        // Without an observer nothing is left over.
        c.evaluates_items([0]);
        assert!(c.unevaluated_items(&items).is_empty());
    }
}
