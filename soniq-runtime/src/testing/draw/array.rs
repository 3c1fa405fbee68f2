//! Lists.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::BoxedStrategy;
use serde_json::Value;

use super::Draw;

/// How many more than it must a list has.
const MORE: usize = 4;

/// Lists; a builder.
#[derive(Debug, Clone)]
pub struct Array {
    first: Vec<Draw>,
    rest: Draw,
    min: usize,
    max: Option<usize>,
    is_unique: bool,
}

/// A list of such elements.
pub fn array(rest: Draw) -> Array {
    Array {
        first: Vec::new(),
        rest,
        min: 0,
        max: None,
        is_unique: false,
    }
}

impl Array {
    /// The next of the first elements, which have draws of their own.
    #[must_use]
    pub fn first(mut self, draw: Draw) -> Self {
        self.first.push(draw);
        self
    }

    /// So many elements at least.
    #[must_use]
    pub fn min(mut self, elements: usize) -> Self {
        self.min = elements;
        self
    }

    /// So many elements at most.
    #[must_use]
    pub fn max(mut self, elements: usize) -> Self {
        self.max = Some(elements);
        self
    }

    /// No two elements are equal.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    /// The finished draw.
    pub fn draw(self) -> Draw {
        let most = self.max.unwrap_or(usize::MAX);
        let first: Vec<BoxedStrategy<Value>> =
            self.first.into_iter().map_while(|draw| draw.0).collect();
        let first_count = first.len();
        let least_more = self.min.saturating_sub(first_count);
        let rest: BoxedStrategy<Vec<Value>> = match self.rest.0 {
            Some(rest) => {
                let most_more = most.saturating_sub(first_count);
                // Of equal elements only one stays.
                let spare = if self.is_unique { least_more * 2 } else { 0 };
                let wanted = least_more.saturating_add(MORE + spare).min(most_more);
                vec(rest, least_more.min(wanted)..=wanted).boxed()
            }
            None if least_more > 0 => return super::none(),
            None => Just(Vec::new()).boxed(),
        };
        let is_unique = self.is_unique;
        Draw::new((first, rest).prop_map(move |(first, rest)| {
            let mut items: Vec<Value> = Vec::new();
            for item in first.into_iter().chain(rest) {
                let mut others = items.iter();
                if !is_unique || !others.any(|other| soniq_rules::equal(other, &item)) {
                    items.push(item);
                }
            }
            items.truncate(most);
            Value::Array(items)
        }))
    }
}
