//! Equality of JSON values, as `enum`, `const` and `uniqueItems` need it, and their types in words.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::number::{compare, is_integer};

/// A value's type in words, for messages.
///
/// ```
/// # use serde_json::json;
/// assert_eq!(soniq_rules::kind(&json!(1.0)), "an integer");
/// assert_eq!(soniq_rules::kind(&json!({})), "an object");
/// ```
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if is_integer(number) => "an integer",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Whether two values are the same JSON: numbers by value, objects whatever their key order.
///
/// ```
/// # use serde_json::json;
/// assert!(soniq_rules::equal(&json!([1]), &json!([1.0])));
/// assert!(!soniq_rules::equal(&json!(1), &json!(true)));
/// ```
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        // Most are, and most differ in length.
        (Value::String(left), Value::String(right)) => left == right,
        _ => order(left, right) == Ordering::Equal,
    }
}

/// Whether any two items are [`equal`].
///
/// Sorts references, so a long array costs `n log n` comparisons, not `n * n`.
///
/// ```
/// # use serde_json::json;
/// assert!(soniq_rules::has_duplicates(&[json!(1), json!("a"), json!(1.0)]));
/// ```
pub fn has_duplicates(items: &[Value]) -> bool {
    let mut sorted: Vec<&Value> = items.iter().collect();
    sorted.sort_unstable_by(|left, right| order(left, right));
    sorted.windows(2).any(|pair| equal(pair[0], pair[1]))
}

/// Which items are [`equal`] to an earlier one, in ascending order; as fast as [`has_duplicates`].
///
/// ```
/// # use serde_json::json;
/// let (one, other, again) = (json!(1), json!("a"), json!(1.0));
/// assert_eq!(soniq_rules::repeated(&[&one, &other, &again]), [2]);
/// ```
pub fn repeated(items: &[&Value]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..items.len()).collect();
    // Stable, so of equal items the first stays the first.
    sorted.sort_by(|&left, &right| order(items[left], items[right]));
    let pairs = sorted.windows(2);
    let equal = pairs.filter(|pair| equal(items[pair[0]], items[pair[1]]));
    let mut repeated: Vec<usize> = equal.map(|pair| pair[1]).collect();
    repeated.sort_unstable();
    repeated
}

/// A total order whose equality is JSON's; the order itself means nothing.
fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => compare(left, right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => order_arrays(left, right),
        (Value::Object(left), Value::Object(right)) => order_objects(left, right),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn order_arrays(left: &[Value], right: &[Value]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| {
        let pairs = left.iter().zip(right);
        first_difference(pairs.map(|(left, right)| order(left, right)))
    })
}

fn order_objects(left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| {
        let pairs = sorted_entries(left).into_iter().zip(sorted_entries(right));
        first_difference(pairs.map(|((left_key, left), (right_key, right))| {
            left_key.cmp(right_key).then_with(|| order(left, right))
        }))
    })
}

/// `serde_json` keeps keys sorted or in the file's order, as some crate of the build chose.
fn sorted_entries(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn equality() {
        assert!(equal(
            &json!({ "a": [1, null] }),
            &json!({ "a": [1.0, null] })
        ));
        assert!(!equal(&json!({ "a": 1 }), &json!({ "b": 1 })));
        assert!(!equal(&json!({ "a": 1 }), &json!({ "a": 1, "b": 2 })));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
        assert!(!equal(&json!(0), &json!(false)));
        assert!(!equal(&json!("1"), &json!(1)));
        assert!(!equal(&json!([]), &json!({})));
    }

    #[test]
    fn duplicates() {
        assert!(!has_duplicates(&[]));
        assert!(!has_duplicates(&[
            json!(1),
            json!("1"),
            json!(true),
            json!(null),
            json!([1])
        ]));
        assert!(has_duplicates(&[
            json!({ "a": 1 }),
            json!(2),
            json!({ "a": 1.0 })
        ]));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..3).prop_map(Value::from),
            (-3_i32..3).prop_map(|n| Value::from(f64::from(n) / 2.0)),
            "[ab]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::btree_map("[ab]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_equals_itself(value in any_value()) {
            prop_assert!(equal(&value, &value.clone()));
        }

        #[test]
        fn order_is_antisymmetric_and_transitive(a in any_value(), b in any_value(), c in any_value()) {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            if order(&a, &b).is_le() && order(&b, &c).is_le() {
                prop_assert!(order(&a, &c).is_le());
            }
        }

        #[test]
        fn duplicates_agree_with_comparing_all_pairs(items in proptest::collection::vec(any_value(), 0..8)) {
            let pairs = (0..items.len()).any(|i| (0..i).any(|j| equal(&items[i], &items[j])));
            prop_assert_eq!(has_duplicates(&items), pairs);
        }
    }
}
