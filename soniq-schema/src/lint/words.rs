//! The words that a name is made of.

use heck::ToSnakeCase as _;

/// `unitPrices` is `unit` and `prices`.
pub(super) fn words(name: &str) -> Vec<String> {
    name.to_snake_case().split('_').map(str::to_owned).collect()
}
