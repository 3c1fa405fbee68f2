//! The smallest value for which something still holds.

use serde_json::Value;

/// How many smaller values are tried.
const MAX_TRIES: usize = 800;

/// Makes the value smaller, step by step, as long as `holds` does.
pub(super) fn shrink(value: Value, holds: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut value = value;
    let mut tries = 0;
    'again: loop {
        for smaller in smaller(&value) {
            tries += 1;
            if tries > MAX_TRIES {
                return value;
            }
            if holds(&smaller) {
                value = smaller;
                continue 'again;
            }
        }
        return value;
    }
}

/// Values that are one step smaller, the boldest steps first.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => {
            let simple = [0, 1, -1, 2].map(Value::from);
            let rank = |value: &Value| simple.iter().position(|one| soniq_rules::equal(one, value));
            let own = rank(value).unwrap_or(simple.len());
            let mut all: Vec<Value> = simple[..own].to_vec();
            if let Some(whole) = number.as_i64().filter(|_| own == simple.len()) {
                // Towards zero in ever smaller steps, which ends at a bound.
                let mut step = whole / 2;
                while step != 0 {
                    all.push(Value::from(whole - step));
                    step /= 4;
                }
                all.push(Value::from(whole - whole.signum()));
            }
            if let Some(float) = number
                .as_f64()
                .filter(|float| float.fract() != 0.0 && *float != 0.5)
            {
                all.push(Value::from(0.5));
                if (float * 10.0).fract() != 0.0 {
                    all.push(Value::from((float * 10.0).round() / 10.0));
                }
            }
            all
        }
        Value::String(text) => {
            let length = text.chars().count();
            let mut all = Vec::new();
            // No smaller, but easier to see.
            if length == 0 {
                all.push("a".to_owned());
            }
            if length > 1 {
                all.push("a".to_owned());
                all.push(text.chars().take(length / 2).collect());
                all.push(text.chars().take(length - 1).collect());
            }
            if length > 0 && text != "a" && !text.bytes().all(|byte| byte == b'a') {
                all.push("a".repeat(length));
            }
            all.into_iter().map(Value::from).collect()
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for index in (0..items.len()).rev() {
                let mut fewer = items.clone();
                fewer.remove(index);
                all.push(Value::Array(fewer));
            }
            if let Some((first, rest)) = items.split_first()
                && !rest.is_empty()
                && rest.iter().all(|item| item == first)
            {
                let simpler = smaller(first).into_iter();
                all.extend(simpler.map(|item| Value::Array(vec![item; items.len()])));
            }
            for (index, item) in items.iter().enumerate() {
                for other in smaller(item) {
                    let mut simpler = items.clone();
                    simpler[index] = other;
                    all.push(Value::Array(simpler));
                }
            }
            all
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for name in members.keys() {
                let mut fewer = members.clone();
                fewer.remove(name);
                all.push(Value::Object(fewer));
            }
            for (name, member) in members {
                for other in smaller(member) {
                    let mut simpler = members.clone();
                    simpler.insert(name.clone(), other);
                    all.push(Value::Object(simpler));
                }
            }
            all
        }
    }
}
