//! Whether a reader takes all that a writer writes, and if not, what it refuses.

use serde_json::Value;

use super::proof::{Failure, Proof};
use super::reader::Reader;
use super::witness::Search;
use super::writer::{Typing, Writer};
use crate::json_schema::SchemaRef;

/// Whether every value that one side writes is one that the other side takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is: proven.
    Safe,
    /// It is not: this value is written by the one side and refused by the other.
    Breaking(Value),
    /// Neither could be shown.
    Unproven,
}

/// Something that the reader refuses, or may refuse.
#[derive(Debug, Clone)]
pub(super) struct Break {
    /// From the root to the place of the value: names, and `*` for any item or undeclared property.
    pub(super) path: Vec<String>,
    /// The keyword that refuses.
    pub(super) keyword: &'static str,
    /// The property that it is about, where it is about one.
    pub(super) name: Option<String>,
    /// A confirmed value; without one, the break is not proven.
    pub(super) witness: Option<Value>,
}

/// Holds the values of `writer` against `reader`.
///
/// `writer` is read as the producer of it writes: by a generated type, which leaves undeclared
/// properties out and fills defaults in. With `is_args`, that type is the struct of a task's
/// arguments.
///
/// ```
/// use serde_json::json;
/// use soniq_schema::compat::{Verdict, containment};
///
/// let text = "
///     edition = '2026'
///     namespace = 'a'
///     [types]
///     Old = { type = 'string', maxLength = 40 }
///     New = { type = 'string', maxLength = 2 }
/// ";
/// let contracts = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
/// let schema = |index: usize| contracts.schemas.get(contracts.contracts[0].types[index].schema);
/// let (new, old) = (schema(0), schema(1));
/// assert_eq!(containment(new, old, false), Verdict::Safe);
/// assert_eq!(containment(old, new, false), Verdict::Breaking(json!("aaa")));
/// ```
pub fn containment(writer: SchemaRef<'_>, reader: SchemaRef<'_>, is_args: bool) -> Verdict {
    let breaks = breaks(writer, reader, is_args);
    if breaks.is_empty() {
        return Verdict::Safe;
    }
    let witness = breaks.into_iter().find_map(|one| one.witness);
    witness.map_or(Verdict::Unproven, Verdict::Breaking)
}

/// All that the reader refuses, each with a witness where one was found. None: it takes everything.
pub(super) fn breaks(written: SchemaRef<'_>, read: SchemaRef<'_>, is_args: bool) -> Vec<Break> {
    breaks_by(
        written,
        read,
        if is_args { Typing::Args } else { Typing::Typed },
    )
}

/// The same of rows that no generated type wrote: with any undeclared property, and without
/// defaults.
pub(super) fn breaks_of_json(written: SchemaRef<'_>, read: SchemaRef<'_>) -> Vec<Break> {
    breaks_by(written, read, Typing::Json)
}

fn breaks_by(written: SchemaRef<'_>, read: SchemaRef<'_>, typing: Typing) -> Vec<Break> {
    let mut writer = Writer::new(written.schemas());
    let reader = Reader::new(read.schemas());
    let set = writer.set([written.id], typing);
    // A reader looks at a value as it is, and then fills defaults in. What is filled in must not
    // make the value one that the schema refuses either.
    let mut failures: Vec<Failure> = Vec::new();
    let mut is_cut = false;
    for fills in [false, true] {
        let outcome = Proof::run(&mut writer, &set, reader, read.id, fills);
        is_cut |= outcome.is_cut;
        let is_known = |failure: &Failure| {
            let mut known = failures.iter();
            known.any(|one| {
                (&one.path, one.keyword, &one.name)
                    == (&failure.path, failure.keyword, &failure.name)
            })
        };
        let new: Vec<_> = outcome
            .failures
            .into_iter()
            .filter(|one| !is_known(one))
            .collect();
        failures.extend(new);
    }
    if failures.is_empty() && !is_cut {
        return Vec::new();
    }
    let mut search = Search::new(&mut writer, set, reader, read.id);
    let mut breaks: Vec<Break> = Vec::new();
    for failure in failures {
        let witness = search.witness(&failure);
        let known = breaks.iter_mut().find(|one| {
            (&one.path, one.keyword, &one.name) == (&failure.path, failure.keyword, &failure.name)
        });
        if let Some(known) = known {
            known.witness = known.witness.take().or(witness);
            continue;
        }
        breaks.push(Break {
            path: failure.path,
            keyword: failure.keyword,
            name: failure.name,
            witness,
        });
    }
    if breaks.iter().all(|one| one.witness.is_none())
        && let Some(witness) = search.any()
    {
        breaks.push(Break {
            path: Vec::new(),
            keyword: "$ref",
            name: None,
            witness: Some(witness),
        });
    } else if breaks.is_empty() {
        breaks.push(Break {
            path: Vec::new(),
            keyword: "$ref",
            name: None,
            witness: None,
        });
    }
    breaks
}
