//! Objects whose keys are older names of properties: `x-aliases`.

use serde_json::{Map, Value};

/// An object as it reads with the present names of its properties.
#[derive(Debug, Clone, PartialEq)]
pub struct Renamed<'n> {
    /// The object, a `Value::Object`. What was under an older name is under the present one.
    pub object: Value,
    /// The older names that were read.
    pub read: Vec<&'n str>,
    /// The older names, each with the present one, whose property was there already. They are left
    /// out of [`object`](Self::object).
    pub doubled: Vec<(&'n str, &'n str)>,
}

/// Reads `object` by the present names of its properties; `None` where no older name is in it.
///
/// `names` holds pairs of an older and the present name. Where an object has a property under
/// several names, the present one counts, or else the one that `names` has first.
///
/// ```
/// # use serde_json::json;
/// let value = json!({ "mail": "ada@example.com", "copies": 1 });
/// let names = [("mail", "email")];
/// let renamed = soniq_rules::renamed(value.as_object().unwrap(), &names).unwrap();
/// assert_eq!(renamed.object, json!({ "email": "ada@example.com", "copies": 1 }));
/// ```
pub fn renamed<'n, N: AsRef<str>>(
    object: &Map<String, Value>,
    names: &'n [(N, N)],
) -> Option<Renamed<'n>> {
    let mut read: Vec<(&str, &str)> = Vec::new();
    let mut doubled = Vec::new();
    for (old, present) in names {
        let (old, present) = (old.as_ref(), present.as_ref());
        if !object.contains_key(old) {
            continue;
        }
        let is_there =
            object.contains_key(present) || read.iter().any(|(_, taken)| *taken == present);
        if is_there {
            doubled.push((old, present));
        } else {
            read.push((old, present));
        }
    }
    if read.is_empty() && doubled.is_empty() {
        return None;
    }
    let present = |key: &str| {
        read.iter()
            .find(|(old, _)| *old == key)
            .map(|(_, name)| *name)
    };
    let members = object
        .iter()
        .filter(|(key, _)| !doubled.iter().any(|(old, _)| old == key))
        .map(|(key, value)| (present(key).unwrap_or(key).to_owned(), value.clone()));
    Some(Renamed {
        object: Value::Object(members.collect()),
        read: read.iter().map(|(old, _)| *old).collect(),
        doubled,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    const NAMES: [(&str, &str); 3] = [("old", "new"), ("older", "new"), ("b", "a")];

    fn of(value: &Value) -> Option<Renamed<'static>> {
        renamed(value.as_object().unwrap(), &NAMES)
    }

    #[test]
    fn an_object_without_older_names_is_not_copied() {
        assert_eq!(of(&json!({})), None);
        assert_eq!(of(&json!({ "new": 1, "a": 2, "other": 3 })), None);
    }

    #[test]
    fn each_older_name_gives_way_to_the_present_one() {
        let renamed = of(&json!({ "older": 1, "b": { "old": 2 }, "x": 3 })).unwrap();
        assert_eq!(
            renamed.object,
            json!({ "new": 1, "a": { "old": 2 }, "x": 3 })
        );
        assert_eq!(renamed.read, ["older", "b"]);
        assert!(renamed.doubled.is_empty());
    }

    #[test]
    fn a_property_counts_once() {
        let renamed = of(&json!({ "new": 1, "old": 2, "older": 3 })).unwrap();
        assert_eq!(renamed.object, json!({ "new": 1 }));
        assert_eq!(renamed.doubled, [("old", "new"), ("older", "new")]);
        let renamed = of(&json!({ "older": 3, "old": 2 })).unwrap();
        assert_eq!(renamed.object, json!({ "new": 2 }));
        assert_eq!(renamed.doubled, [("older", "new")]);
    }
}
