//! Money as a binary fraction, which cannot hold a cent.

use super::site::Site;
use super::words::words;
use crate::diagnostic::{Diagnostic, codes};

/// Words of names that stand for money, singular.
const MONEY: &[&str] = &[
    "amount", "balance", "charge", "cost", "fee", "price", "salary", "subtotal", "total", "wage",
];

/// Words that make it a number of something else: `price_ratio`, `total_seconds`.
const NOT_MONEY: &[&str] = &[
    "byte",
    "count",
    "day",
    "distance",
    "duration",
    "factor",
    "gib",
    "hour",
    "kg",
    "kib",
    "km",
    "length",
    "meter",
    "mib",
    "millis",
    "minute",
    "ms",
    "pct",
    "percent",
    "percentage",
    "quantity",
    "rate",
    "ratio",
    "score",
    "sec",
    "second",
    "share",
    "size",
    "weight",
];

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let name = site.property()?;
    let types = site.schema.resolved().keywords.types?;
    let words = words(name);
    let has = |list: &[&str]| {
        words.iter().any(|word| {
            let singular = word.strip_suffix('s').unwrap_or(word);
            list.contains(&word.as_str()) || list.contains(&singular)
        })
    };
    if !types.number || !has(MONEY) || has(NOT_MONEY) {
        return None;
    }
    let message = format!("`{name}` is a floating-point number, which cannot hold a cent exactly");
    let at = &site.schema.key;
    Some(Diagnostic::new(codes::FLOAT_MONEY, message, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_and_singular() {
        for list in [MONEY, NOT_MONEY] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
