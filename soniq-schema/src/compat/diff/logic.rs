//! Keywords that only a proof can judge, in one spelling each.

use super::view::View;
use crate::fingerprint::canonical;
use crate::json_schema::{Keywords, SchemaId};

/// A keyword with all that it says.
pub(super) type Said = (&'static str, Vec<String>);

/// Every such keyword, those that say nothing included.
pub(super) fn logic(view: &View<'_>) -> Vec<Said> {
    let mut all = of_schemas(view);
    all.extend(of_texts(view));
    all
}

/// Those whose value is one schema.
fn of_schemas(view: &View<'_>) -> Vec<Said> {
    type Child = fn(&Keywords) -> Option<SchemaId>;
    let keywords: [(&'static str, Child); 7] = [
        ("not", |k| k.not),
        ("if", |k| k.condition.map(|one| one.test)),
        ("then", |k| k.condition.and_then(|one| one.then)),
        ("else", |k| k.condition.and_then(|one| one.otherwise)),
        ("contains", |k| k.contains),
        ("propertyNames", |k| k.property_names),
        ("unevaluatedItems", |k| k.unevaluated_items),
    ];
    let said = keywords.into_iter().map(|(keyword, child)| {
        let schemas = view.parts.iter().filter_map(|part| {
            let id = child(&part.node().keywords)?;
            Some(canonical(part.at(id)))
        });
        let mut texts: Vec<_> = schemas.collect();
        texts.sort();
        (keyword, texts)
    });
    said.collect()
}

/// The others.
fn of_texts(view: &View<'_>) -> Vec<Said> {
    type Text = fn(&View<'_>, &Keywords) -> Option<String>;
    let keywords: [(&'static str, Text); 7] = [
        ("pattern", |_, k| {
            k.pattern.as_ref().map(|one| one.source.clone())
        }),
        ("multipleOf", |_, k| {
            let text = k.multiple_of.as_ref()?.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
        }),
        ("minContains", |_, k| {
            k.min_contains.map(|count| count.to_string())
        }),
        ("maxContains", |_, k| {
            k.max_contains.map(|count| count.to_string())
        }),
        ("dependentRequired", |_, k| {
            lines(k.dependent_required.iter().map(|(name, needed)| {
                let mut needed = needed.clone();
                needed.sort();
                format!("{name} {}", needed.join(" "))
            }))
        }),
        ("dependentSchemas", |view, k| {
            let named = k.dependent_schemas.iter();
            lines(named.map(|(name, id)| format!("{name} {}", canonical(view.schema.at(*id)))))
        }),
        ("patternProperties", |view, k| {
            lines(k.pattern_properties.iter().map(|one| {
                let schema = canonical(view.schema.at(one.schema));
                format!("{} {schema}", one.pattern.source)
            }))
        }),
    ];
    let said = keywords.into_iter().map(|(keyword, text)| {
        let parts = view.parts.iter();
        let mut texts: Vec<_> = parts
            .filter_map(|part| text(view, &part.node().keywords))
            .collect();
        texts.sort();
        (keyword, texts)
    });
    said.collect()
}

/// Sorted; none where there are none.
fn lines(all: impl Iterator<Item = String>) -> Option<String> {
    let mut all: Vec<_> = all.collect();
    all.sort();
    (!all.is_empty()).then(|| all.join("\n"))
}
