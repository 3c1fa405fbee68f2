//! Keywords of numbers.

use std::cmp::Ordering;

use serde_json::Number;

use super::Checker;

/// A number that a contract names as a bound.
pub trait Bound {
    /// The number; `None` for a float that JSON cannot write.
    fn number(self) -> Option<Number>;
}

impl Bound for i64 {
    fn number(self) -> Option<Number> {
        Some(self.into())
    }
}

impl Bound for u64 {
    fn number(self) -> Option<Number> {
        Some(self.into())
    }
}

impl Bound for f64 {
    fn number(self) -> Option<Number> {
        Number::from_f64(self)
    }
}

impl Checker {
    /// `format` of a number: an integer's width, `float` or `double`.
    pub fn number_format(&mut self, number: &Number, format: &str) {
        let fits = match soniq_rules::integer_width(format) {
            Some(range) => soniq_rules::in_range(number, &range),
            None => soniq_rules::float_fits(format, number).unwrap_or(true),
        };
        if !fits {
            let message = format!("is {number}, outside the range of {format}");
            self.violation("format", message);
        }
    }

    fn bound(
        &mut self,
        number: &Number,
        bound: Option<Number>,
        (rule, words): (&'static str, &str),
        broken: fn(Ordering) -> bool,
    ) {
        let Some(bound) = bound else { return };
        if broken(soniq_rules::compare(number, &bound)) {
            self.violation(rule, format!("is {number}, but must be {words} {bound}"));
        }
    }

    /// `minimum`
    pub fn minimum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("minimum", "at least");
        self.bound(number, bound.number(), rule, Ordering::is_lt);
    }

    /// `maximum`
    pub fn maximum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("maximum", "at most");
        self.bound(number, bound.number(), rule, Ordering::is_gt);
    }

    /// `exclusiveMinimum`
    pub fn exclusive_minimum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("exclusiveMinimum", "more than");
        self.bound(number, bound.number(), rule, Ordering::is_le);
    }

    /// `exclusiveMaximum`
    pub fn exclusive_maximum(&mut self, number: &Number, bound: impl Bound) {
        let rule = ("exclusiveMaximum", "less than");
        self.bound(number, bound.number(), rule, Ordering::is_ge);
    }

    /// `multipleOf`
    pub fn multiple_of(&mut self, number: &Number, divisor: impl Bound) {
        let Some(divisor) = divisor.number() else {
            return;
        };
        if !soniq_rules::is_multiple_of(number, &divisor) {
            let message = format!("is {number}, not a multiple of {divisor}");
            self.violation("multipleOf", message);
        }
    }
}
