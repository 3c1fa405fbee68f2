//! Draft 2019-09: `contains` does not evaluate the items that it finds, as it does since 2020-12.

use soniq_schema::json_text::JsonNode;

use crate::cli::import::convert::Converter;
use crate::cli::import::draft::Draft;
use crate::cli::import::keywords::children;
use crate::cli::import::pointer::{child, member};

impl Converter<'_, '_> {
    /// Refuses what would mean something else now: items that are left over in one draft and not in
    /// the other.
    pub(in crate::cli::import) fn evaluated_items(&mut self, pointer: &str, node: &JsonNode) {
        let is_2019 = self.dialect.draft == Draft::Of2019;
        if is_2019 && member(node, "unevaluatedItems").is_some() && has_contains(node) {
            let message =
                "2019-09 counts what `contains` finds among `unevaluatedItems`, 2020-12 does not";
            let help = "say what the items are by `items` alone, or in terms of 2020-12";
            let at = child(pointer, "unevaluatedItems");
            self.report.refuse(&at, message, help);
        }
    }
}

/// Whether a `contains` stands in a schema, or in one that is applied beside it.
fn has_contains(node: &JsonNode) -> bool {
    member(node, "contains").is_some()
        || children("", node)
            .iter()
            .any(|(_, part)| has_contains(part))
}
