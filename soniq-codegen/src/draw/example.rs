//! One value of a schema that shows what its values look like.

use serde_json::Value;
use soniq_schema::json_schema::{SchemaId, Schemas};
use soniq_schema::{evaluate, fill_defaults};

use super::sample::{Choices, Sampler};

/// How many candidates are looked at.
const CANDIDATES: u64 = 100;

/// What `written` makes of a value of the schema, as a producer would write it: of the first of
/// `given`, which a contract says itself, or else of the plainest that was drawn. `None` if it makes
/// nothing of any that was found.
///
/// The same schema gives the same value.
pub(crate) fn example<'e, T>(
    schemas: &Schemas,
    schema: SchemaId,
    given: impl Iterator<Item = &'e Value>,
    written: impl Fn(&Value) -> Option<T>,
) -> Option<T> {
    let mut sampler = Sampler::new(schemas);
    let mut drawn = (0..CANDIDATES).filter_map(|seed| {
        let mut choices = match seed {
            0 => Choices::plain(),
            seed => Choices::random(seed),
        };
        sampler.value(schema, &mut choices)
    });
    given.cloned().chain(&mut drawn).find_map(|mut value| {
        let schema = schemas.get(schema);
        fill_defaults(schema, &mut value);
        let is_accepted = evaluate(schema, &value).is_empty();
        is_accepted.then(|| written(&value)).flatten()
    })
}
